import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { OrienError } from '@orien/protocol'
import { packageRoot } from '../devnet/paths.ts'
import { patchText, type Patch } from './patch.ts'

/** A copy of this repository's packages that can be changed and built, and is gone afterwards. */
export interface Copy {
  /** Its folder, laid out like the repository: `<root>/sim/dist/…`. */
  readonly root: string
  /**
   * Undoes what was patched before, applies these and builds. Throws `internal` when one does not match exactly once, or when the result does
   * not compile: a patch must be a mistake that the compiler lets through.
   */
  patch(patches: readonly Patch[]): Promise<void>
  /** Runs a program of the copy on this Node until it ends; a signal or the copy's end kills it. */
  run(options: RunOptions): Promise<ProgramEnd>
}

export interface RunOptions {
  /** Built file, from the root: `sim/dist/mutants/seeds-main.js`. */
  readonly program: string
  readonly args?: readonly string[]
  readonly signal?: AbortSignal
}

export interface ProgramEnd {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** What ends a program from outside; nothing of a copy stays behind then either. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const PACKAGES = ['protocol', 'node', 'coordinator', 'sim'] as const
const COPIED = ['package.json', 'tsconfig.json', 'src', 'dist'] as const
const BASE_CONFIG = 'scripts/config/tsconfig.base.json'

/** Makes a copy, hands it out, and removes it whatever happens. */
export async function withCopy<T>(run: (copy: Copy) => Promise<T>): Promise<T> {
  const repository = dirname(packageRoot())
  const root = await mkdtemp(join(tmpdir(), 'orien-copy-'))
  const ended = new AbortController()
  const onSignal = (signal: NodeJS.Signals): void => {
    ended.abort()
    rmSync(root, { recursive: true, force: true })
    process.kill(process.pid, signal)
  }
  for (const signal of SIGNALS) process.once(signal, onSignal)
  try {
    await copyTree(repository, root)
    return await run(createCopy(repository, root, ended.signal))
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal)
    ended.abort()
    await rm(root, { recursive: true, force: true })
  }
}

/** One copy for one set of patches. */
export function withPatchedCopy<T>(patches: readonly Patch[], run: (copy: Copy) => Promise<T>): Promise<T> {
  return withCopy(async (copy) => {
    await copy.patch(patches)
    return run(copy)
  })
}

function createCopy(repository: string, root: string, ended: AbortSignal): Copy {
  const changed = new Map<string, string>()
  return {
    root,
    async patch(patches) {
      for (const [file, text] of changed) await writeFile(join(root, file), text)
      changed.clear()
      for (const patch of patches) {
        const path = join(root, patch.file)
        const text = await readFile(path, 'utf8')
        const patched = patchText(text, patch)
        if (!changed.has(patch.file)) changed.set(patch.file, text)
        await writeFile(path, patched)
      }
      await build(repository, root, ended)
    },
    run: ({ program, args = [], signal }) =>
      runNode([join(root, program), ...args], root, signal === undefined ? ended : AbortSignal.any([ended, signal])),
  }
}

/** Sources, what they were last built to, and ways to everything they import: our own packages are the copies, the rest is the repository's. */
async function copyTree(repository: string, root: string): Promise<void> {
  for (const name of PACKAGES) {
    const present = new Set(await readdir(join(repository, name)))
    for (const part of COPIED) {
      if (!present.has(part)) continue
      // Times are kept: the build tells by them what is up to date.
      await cp(join(repository, name, part), join(root, name, part), { recursive: true, preserveTimestamps: true })
    }
    if (present.has('node_modules'))
      await symlink(join(repository, name, 'node_modules'), join(root, name, 'node_modules'))
  }
  await cp(join(repository, BASE_CONFIG), join(root, BASE_CONFIG), { preserveTimestamps: true })
  await cp(join(repository, 'package.json'), join(root, 'package.json'))
  const modules = join(root, 'node_modules')
  await mkdir(join(modules, '@orien'), { recursive: true })
  for (const name of await readdir(join(repository, 'node_modules'))) {
    if (name.startsWith('.') || name === '@orien') continue
    await symlink(join(repository, 'node_modules', name), join(modules, name))
  }
  for (const name of PACKAGES) await symlink(join(root, name), join(modules, '@orien', name))
}

async function build(repository: string, root: string, signal: AbortSignal): Promise<void> {
  const compiler = join(repository, 'node_modules/typescript/bin/tsc')
  const { code, stdout, stderr } = await runNode([compiler, '-b', 'sim'], root, signal)
  if (code === 0) return
  throw new OrienError('internal', {
    message: `the patched copy does not compile: ${`${stdout}${stderr}`.trim().slice(0, 2_000)}`,
    hint: 'A patch must be a mistake that the compiler lets through.',
  })
}

/** This Node with these arguments, until it ends; the signal kills it. */
function runNode(args: readonly string[], cwd: string, signal: AbortSignal): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    const text = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8')
      child[name].on('data', (chunk: string) => {
        text[name] += chunk
      })
    }
    const kill = (): void => void child.kill('SIGKILL')
    if (signal.aborted) kill()
    signal.addEventListener('abort', kill, { once: true })
    child.once('error', reject)
    child.once('close', (code) => {
      signal.removeEventListener('abort', kill)
      resolve({ code: code ?? undefined, ...text })
    })
  })
}
