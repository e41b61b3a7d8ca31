import { readFile, writeFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import type { Copy } from '../mutants/copy.ts'
import { patchText, type Patch } from '../mutants/patch.ts'

const PROGRAM = 'sim/dist/campaign/liars-main.js'
/** Without a check a world may go on for ever: that is a finding too. */
const LONGEST_MS = 120_000

/** What a lie gained without the check that stops it: the first thing that an honest party lost; undefined when it gained nothing. */
export async function biteOf(
  copy: Copy,
  name: string,
  patches: readonly Patch[],
  worlds: number,
): Promise<string | undefined> {
  const restore = await patchBuilt(copy.root, patches)
  try {
    const signal = AbortSignal.timeout(LONGEST_MS)
    const { code, stdout, stderr } = await copy.run({ program: PROGRAM, args: [name, String(worlds)], signal })
    const last = stdout.trim().split('\n').at(-1) ?? ''
    const [beyond] = last === '' ? [] : (JSON.parse(last) as { beyond: readonly string[] }).beyond
    if (beyond !== undefined) return beyond
    if (code === 0) return undefined
    return code === undefined ? 'a world without the check does not end' : `a world broke: ${stderr.slice(-400)}`
  } finally {
    await restore()
  }
}

/** Puts patched sources in the place of what they were built to: Node itself takes their types away. Returns the way back. */
async function patchBuilt(root: string, patches: readonly Patch[]): Promise<() => Promise<void>> {
  const texts = new Map<string, string>()
  for (const patch of patches) {
    const before = texts.get(patch.file) ?? (await readFile(join(root, patch.file), 'utf8'))
    texts.set(patch.file, patchText(before, patch))
  }
  const built = new Map<string, string>()
  for (const [file, text] of texts) {
    const path = join(root, file.replace('/src/', '/dist/').replace(/\.ts$/, '.js'))
    built.set(path, await readFile(path, 'utf8'))
    const plain = quietly(() => stripTypeScriptTypes(text))
    await writeFile(path, plain.replaceAll(/(from|import\() ?'(\.[^']*)\.ts'/g, "$1 '$2.js'"))
  }
  return async () => {
    for (const [path, text] of built) await writeFile(path, text)
  }
}

/** Node warns once that its way to take types away is experimental; whoever asked for lies need not read that. */
function quietly<T>(strip: () => T): T {
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = () => undefined
  try {
    return strip()
  } finally {
    process.emitWarning = emitWarning
  }
}
