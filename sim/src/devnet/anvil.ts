import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { OrienError, isOrienError } from '@orien/protocol'
import { LOCAL_CHAIN_ID } from './addresses.ts'
import { Child, type ChildExit } from './child.ts'
import { DEVNET_LIMITS } from './limits.ts'
import { httpRpc, type Rpc } from './rpc.ts'

export interface AnvilOptions {
  /** Folder of its log and, with `stateFile`, of its state. Made when absent. */
  readonly home: string
  /** Default: a free one, kept over `restart`. */
  readonly port?: number
  readonly chainId?: number
  /**
   * Keep the chain in `home` over `stop`, `kill9` and `restart`. It can then be read at its last 64 blocks only (logs,
   * receipts and transactions: all of it). Default false.
   */
  readonly stateFile?: boolean
  /** Base fee of the first block. It falls by an eighth with each empty block, below Arc's floor of 20 gwei too. */
  readonly baseFeeGwei?: number
  /** Blocks by the clock; default: one block per transaction, at once. */
  readonly blockTimeMs?: number
}

const READY = /^Listening on (127\.0\.0\.1):(\d+)$/
const GWEI = 1_000_000_000n

/**
 * Starts an anvil on 127.0.0.1 and waits until it answers. It has no account of its own: money comes from the faucet
 * of `arc.ts` alone. It refuses a transaction above EIP-7825's 16,777,216 gas.
 * Throws `partMissing` (no anvil on this machine, or it ends at once), `timedOut`, `storeCorrupt` (its state file).
 *
 * @example
 * const anvil = await startAnvil({ home: '/tmp/chain', stateFile: true })
 * await anvil.rpc('eth_chainId') // '0x7a69'
 * await anvil.stop()
 */
export async function startAnvil(options: AnvilOptions): Promise<Anvil> {
  mkdirSync(options.home, { recursive: true, mode: 0o700 })
  return new Anvil(options, await spawnAnvil(options, options.port ?? 0))
}

/** A running anvil; see `startAnvil`. */
export class Anvil {
  readonly port: number
  readonly url: string
  readonly chainId: number
  readonly rpc: Rpc
  readonly #options: AnvilOptions
  #child: Child<number>

  constructor(options: AnvilOptions, child: Child<number>) {
    this.#options = options
    this.#child = child
    this.port = child.ready
    this.url = `http://127.0.0.1:${this.port}`
    this.chainId = options.chainId ?? LOCAL_CHAIN_ID
    this.rpc = httpRpc(this.url)
  }

  /** Changes with `restart`. */
  get pid(): number {
    return this.#child.pid
  }

  get running(): boolean {
    return this.#child.running
  }

  /** Resolves when the process that runs now has gone. */
  get exit(): Promise<ChildExit> {
    return this.#child.exit
  }

  /** Base fee of the next block; later ones follow EIP-1559 from there. */
  async setBaseFeeGwei(gwei: bigint): Promise<void> {
    await this.rpc('anvil_setNextBlockBaseFeePerGas', `0x${(gwei * GWEI).toString(16)}`)
  }

  /** Ends it in order; with `stateFile` the chain is written first. */
  async stop(): Promise<void> {
    await this.#child.stop()
  }

  /**
   * SIGKILL. With `stateFile` no mined block is lost: a real chain does not lose final blocks either, so the state is
   * taken before. Transactions not yet mined are lost. (Killed by somebody else, or when it does not answer, it loses up
   * to five seconds.)
   */
  async kill9(): Promise<void> {
    if (!this.#child.running) return
    const state = await this.#takeState()
    await this.#child.kill9()
    // Written now, when anvil's own writer can no longer interfere.
    if (state !== undefined) replaceFile(stateFileOf(this.#options), state)
  }

  /** Starts it again on the same port, with its state when it has one. Throws `locked` while it runs, else as `startAnvil`. */
  async restart(): Promise<void> {
    if (this.#child.running) throw new OrienError('locked', { message: 'anvil still runs; stop it first' })
    this.#child = await spawnAnvil(this.#options, this.port)
  }

  /** The chain as it stands, and no block after it; undefined when it keeps none or does not answer. */
  async #takeState(): Promise<Buffer | undefined> {
    if (this.#options.stateFile !== true) return undefined
    try {
      await this.rpc('evm_setAutomine', false)
      await this.rpc('evm_setIntervalMining', 0)
      return gunzipSync(Buffer.from(String(await this.rpc('anvil_dumpState', true)).slice(2), 'hex'))
    } catch (error) {
      if (isOrienError(error, 'unreachable')) return undefined
      throw error
    }
  }
}

async function spawnAnvil(options: AnvilOptions, port: number): Promise<Child<number>> {
  if (options.stateFile === true) checkState(stateFileOf(options))
  const child = await Child.start({
    role: 'anvil',
    command: findAnvil(),
    args: argsOf(options, port),
    logFile: join(options.home, 'anvil.log'),
    ready: (line) => {
      const listening = READY.exec(line)
      return listening === null ? undefined : Number(listening[2])
    },
  })
  try {
    // Nobody reads what it prints from here on.
    await httpRpc(`http://127.0.0.1:${child.ready}`)('anvil_setLoggingEnabled', false)
    return child
  } catch (error) {
    await child.kill9()
    throw error
  }
}

function argsOf(options: AnvilOptions, port: number): string[] {
  const baseFee = BigInt(options.baseFeeGwei ?? 20) * GWEI
  const args = ['--host', '127.0.0.1', '--port', String(port), '--accounts', '0', '--enable-tx-gas-limit']
  args.push('--chain-id', String(options.chainId ?? LOCAL_CHAIN_ID), '--block-base-fee-per-gas', String(baseFee))
  if (options.blockTimeMs !== undefined) args.push('--block-time', String(options.blockTimeMs / 1_000))
  // Without historical states a restarted chain could not be read at the block of an older receipt.
  if (options.stateFile === true) {
    args.push('--state', stateFileOf(options), '--state-interval', String(DEVNET_LIMITS.stateIntervalS))
    args.push('--preserve-historical-states', '--prune-history', String(DEVNET_LIMITS.keptStates))
  }
  return args
}

function stateFileOf(options: AnvilOptions): string {
  return join(options.home, 'anvil-state.json')
}

/** anvil does not write its file in one step: an anvil killed by others in that moment leaves half a file. */
function checkState(file: string): void {
  if (!existsSync(file)) return
  try {
    JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new OrienError('storeCorrupt', {
      message: `${file} is not whole`,
      hint: 'Remove the devnet folder and start anew; a devnet holds no real money.',
      cause,
    })
  }
}

function replaceFile(file: string, content: Buffer): void {
  writeFileSync(`${file}.new`, content, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

/** Where anvil is looked for; the defaults are this machine's. */
export interface AnvilPlaces {
  readonly platform?: string
  readonly path?: string
}

/** The anvil program: of its platform package, else on PATH. Throws `partMissing`. */
export function findAnvil(places: AnvilPlaces = {}): string {
  const platform = places.platform ?? `${process.platform}-${process.arch}`
  const packaged = platform === 'linux-x64' ? packagedAnvil() : undefined
  if (packaged !== undefined) return packaged
  const path = places.path ?? process.env['PATH'] ?? ''
  const found = path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'anvil'))
    .find(isExecutable)
  if (found !== undefined) return found
  throw new OrienError('partMissing', {
    message: 'anvil, the local chain, is not on this machine',
    hint: 'On Linux x64 run `npm ci --include=optional`; elsewhere install Foundry (anvil 1.7 or newer) so that `anvil` is on PATH.',
    details: { part: 'anvil', platform },
  })
}

function packagedAnvil(): string | undefined {
  // The program itself, not the wrapper script of @foundry-rs/anvil: no Node process in between, the pid is anvil's.
  const paths = createRequire(import.meta.url).resolve.paths('@foundry-rs/anvil-linux-amd64') ?? []
  return paths.map((folder) => join(folder, '@foundry-rs', 'anvil-linux-amd64', 'bin', 'anvil')).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false
    throw error
  }
}
