import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generate } from 'protons'

/**
 * First lines of every `*.wire.ts`. protons knows neither exactOptionalPropertyTypes nor our lint rules; the types it
 * declares are still checked wherever they are used.
 */
const header = (proto: string): string =>
  [
    `// Generated from ${basename(proto)} by "npm run check -- --fix"; do not edit.`,
    '/* oxlint-disable */',
    '// @ts-nocheck',
    '',
  ].join('\n')

/** The text of the `*.wire.ts` that belongs to the file `proto`, a path. Works offline; throws what protons throws. */
export async function generateWire(proto: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'orien-wire-'))
  try {
    await generate(proto, { output: folder })
    const text = readFileSync(join(folder, basename(proto).replace(/\.proto$/, '.ts')), 'utf8')
    return header(proto) + mended(text, proto)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const UINT64 = fileURLToPath(new URL('../../protocol/src/wire/uint64.ts', import.meta.url))

/**
 * protons-runtime 7.1.2 writes bigints from 2³¹ to 2³² − 1 as zeros. Its code calls our own writer instead, which knows the way round
 * (protocol/src/wire/uint64.ts).
 */
function mended(text: string, proto: string): string {
  const body = text.replaceAll('w.uint64(', 'writeUint64(w, ')
  if (body === text) return text
  const path = relative(dirname(proto), UINT64)
  return `import { writeUint64 } from '${path.startsWith('.') ? path : `./${path}`}'\n${body}`
}

/** What follows the leading comments: the part of a `*.wire.ts` that protons alone decides. */
export function wireBody(text: string): string {
  return text.replace(/^(?:\s*(?:\/\/[^\n]*\n|\/\*[\s\S]*?\*\/))*\s*/, '')
}
