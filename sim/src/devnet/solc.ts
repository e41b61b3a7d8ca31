import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { OrienError } from '@orien/protocol'
import type { Abi, Hex } from 'viem'
import { DEVNET_LIMITS } from './limits.ts'
import { packageRoot } from './paths.ts'
import { isRecord } from './rpc.ts'

/** One compiled contract. */
export interface Contract {
  readonly abi: Abi
  /** Code to deploy with a transaction. */
  readonly creation: Hex
  /** Code as it stands on the chain; complete only when `immutables` is false. */
  readonly runtime: Hex
  readonly immutables: boolean
}

export interface Compiled {
  /** sha256 over compiler version, settings and sources: the name of the cache file. */
  readonly hash: string
  /** False when the compiler ran. */
  readonly cached: boolean
  readonly contracts: Readonly<Record<string, Contract>>
}

export interface CompileOptions {
  /** Folder of `.sol` files; default: ours. */
  readonly sourceDir?: string
  /** Folder of the cache; default: `dist/contracts` of this package, never committed. */
  readonly cacheDir?: string
}

/** What the worker is given: the compiler's standard JSON input. */
export interface CompilerInput {
  readonly language: 'Solidity'
  readonly sources: Readonly<Record<string, { readonly content: string }>>
  readonly settings: object
}

// Cancun is the oldest EVM the contracts need, so that an older anvil on PATH runs them too.
const SETTINGS = {
  evmVersion: 'cancun',
  optimizer: { enabled: true, runs: 200 },
  outputSelection: {
    '*': {
      '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object', 'evm.deployedBytecode.immutableReferences'],
    },
  },
} as const

/**
 * The contracts of the devnet. The first call compiles them, in a worker; later calls, of any process, read the cache.
 * Two processes may compile at once: each writes its own file and renames it into place.
 * Throws `internal` with the compiler's words when a source does not compile.
 */
export async function compileContracts(options: CompileOptions = {}): Promise<Compiled> {
  const sourceDir = options.sourceDir ?? join(packageRoot(), 'src', 'devnet', 'contracts')
  const cacheDir = options.cacheDir ?? join(packageRoot(), 'dist', 'contracts')
  const input = inputOf(sourceDir)
  const hash = createHash('sha256').update(compilerVersion()).update(JSON.stringify(input)).digest('hex')
  const file = join(cacheDir, `${hash}.json`)
  const stored = readCache(file)
  if (stored !== undefined) return { hash, cached: true, contracts: stored }
  const contracts = contractsOf(await runCompiler(input))
  writeCache(cacheDir, file, contracts)
  return { hash, cached: false, contracts }
}

/** The contract of that name. Throws `internal` when no source defines it. */
export function contractNamed(compiled: Compiled, name: string): Contract {
  const contract = compiled.contracts[name]
  if (contract === undefined) throw new OrienError('internal', { message: `no contract is named ${name}` })
  return contract
}

function inputOf(sourceDir: string): CompilerInput {
  const names = readdirSync(sourceDir)
    .filter((name) => name.endsWith('.sol'))
    .toSorted()
  const sources = names.map((name) => [name, { content: readFileSync(join(sourceDir, name), 'utf8') }] as const)
  return { language: 'Solidity', sources: Object.fromEntries(sources), settings: SETTINGS }
}

/** Read from its manifest: loading the compiler itself takes half a second. */
function compilerVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('solc/package.json')
  if (!isRecord(manifest) || typeof manifest['version'] !== 'string') {
    throw new OrienError('partMissing', { message: 'the package solc states no version' })
  }
  return manifest['version']
}

async function runCompiler(input: CompilerInput): Promise<unknown> {
  // In a worker: it takes two seconds of one core and 100 MB, and must not hold up whoever waits for processes.
  const script = import.meta.url.endsWith('.ts') ? './solc-worker.ts' : './solc-worker.js'
  // No flags of the process that happens to ask.
  const worker = new Worker(new URL(script, import.meta.url), { workerData: input, execArgv: [] })
  try {
    return await answerOf(worker)
  } finally {
    await worker.terminate()
  }
}

function answerOf(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const fail = (message: string, cause?: unknown): void => reject(new OrienError('internal', { message, cause }))
    const timer = setTimeout(() => fail(`solc took more than ${DEVNET_LIMITS.compileMs} ms`), DEVNET_LIMITS.compileMs)
    worker.once('message', (output: unknown) => {
      clearTimeout(timer)
      resolve(output)
    })
    worker.once('error', (cause) => fail('solc failed', cause))
    worker.once('exit', (code) => {
      clearTimeout(timer)
      fail(`solc ended without an answer (${code})`)
    })
  })
}

function contractsOf(output: unknown): Record<string, Contract> {
  const { contracts, errors } = isRecord(output) ? output : {}
  const said = Array.isArray(errors) ? errors.filter(isRecord).map((e) => String(e['formattedMessage'])) : []
  if (said.length > 0) throw new OrienError('internal', { message: `solc: ${said.join('\n')}` })
  const found: Record<string, Contract> = {}
  for (const file of recordsIn(contracts)) {
    for (const [name, parts] of Object.entries(file)) found[name] = contractOf(name, parts)
  }
  return found
}

function recordsIn(value: unknown): Record<string, unknown>[] {
  return isRecord(value) ? Object.values(value).filter(isRecord) : []
}

function contractOf(name: string, parts: unknown): Contract {
  const evm = isRecord(parts) && isRecord(parts['evm']) ? parts['evm'] : {}
  const creation = isRecord(evm['bytecode']) ? evm['bytecode']['object'] : undefined
  const deployed = isRecord(evm['deployedBytecode']) ? evm['deployedBytecode'] : {}
  const runtime = deployed['object']
  if (!isRecord(parts) || !isAbi(parts['abi']) || typeof creation !== 'string' || typeof runtime !== 'string') {
    throw new OrienError('internal', { message: `solc gave no code for ${name}` })
  }
  const references = deployed['immutableReferences']
  const immutables = isRecord(references) && Object.keys(references).length > 0
  return { abi: parts['abi'], creation: `0x${creation}`, runtime: `0x${runtime}`, immutables }
}

function isAbi(value: unknown): value is Abi {
  return Array.isArray(value) && value.every((item) => isRecord(item) && typeof item['type'] === 'string')
}

function isContract(value: unknown): value is Contract {
  return (
    isRecord(value) &&
    isAbi(value['abi']) &&
    [value['creation'], value['runtime']].every((code) => typeof code === 'string' && /^0x[0-9a-f]*$/.test(code)) &&
    typeof value['immutables'] === 'boolean'
  )
}

/** Undefined when there is none, or none that can be used: then it is made anew. */
function readCache(file: string): Record<string, Contract> | undefined {
  try {
    const stored: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isRecord(stored) && Object.values(stored).every(isContract)
      ? (stored as Record<string, Contract>)
      : undefined
  } catch (error) {
    if (error instanceof SyntaxError || (isRecord(error) && error['code'] === 'ENOENT')) return undefined
    throw error
  }
}

function writeCache(cacheDir: string, file: string, contracts: Record<string, Contract>): void {
  mkdirSync(cacheDir, { recursive: true })
  const temporary = `${file}.${randomUUID()}`
  try {
    writeFileSync(temporary, JSON.stringify(contracts))
    renameSync(temporary, file)
  } finally {
    rmSync(temporary, { force: true })
  }
}
