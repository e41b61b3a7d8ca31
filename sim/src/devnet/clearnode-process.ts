import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { OrienError, formatUsdc, type Micros } from '@orien/protocol'
import type { Address } from 'viem'
import { Child, type ChildExit } from './child.ts'
import { DEVNET_LIMITS } from './limits.ts'
import { packageRoot } from './paths.ts'
import { isRecord } from './rpc.ts'

export interface ClearnodeOptions {
  /** Folder of its ledger and log. Made when absent. */
  readonly home: string
  /** Default: a free one, kept over `restart`. */
  readonly port?: number
  /** Its program; default: the built stand-in of this package. */
  readonly main?: string
}

/** What the process says in its ready line. */
interface ClearnodeReady {
  readonly url: string
  readonly faucetUrl: string
  readonly broker: string
}

/** Starts the ClearNode stand-in as a process. Throws `partMissing`, `timedOut`. */
export async function startClearnode(options: ClearnodeOptions): Promise<Clearnode> {
  mkdirSync(options.home, { recursive: true, mode: 0o700 })
  return new Clearnode(options, await spawnClearnode(options, options.port ?? 0))
}

/** A running ClearNode stand-in; see `startClearnode`. */
export class Clearnode {
  readonly #options: ClearnodeOptions
  #child: Child<ClearnodeReady>

  constructor(options: ClearnodeOptions, child: Child<ClearnodeReady>) {
    this.#options = options
    this.#child = child
  }

  /** Its WebSocket. */
  get url(): string {
    return this.#child.ready.url
  }

  /** Where `{wallet, asset, amount}` is posted. */
  get faucetUrl(): string {
    return this.#child.ready.faucetUrl
  }

  /** The node's own address: who signs its answers. */
  get broker(): string {
    return this.#child.ready.broker
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

  /** Adds USDC to a wallet's unified balance. Throws `railRefused` with the status, `unreachable`. */
  async credit(wallet: Address, amount: Micros): Promise<void> {
    const body = JSON.stringify({ wallet, asset: 'usdc', amount: formatUsdc(amount) })
    const response = await post(this.faucetUrl, body)
    if (response.ok) return
    throw new OrienError('railRefused', {
      message: `the faucet of the ClearNode stand-in answered ${response.status}`,
      details: { status: response.status, wallet },
    })
  }

  /** SIGTERM, its own orderly end. */
  async stop(): Promise<void> {
    await this.#child.stop()
  }

  /** SIGKILL; its ledger survives by its own means. */
  async kill9(): Promise<void> {
    await this.#child.kill9()
  }

  /** Starts it again on the same port and ledger. Throws `locked` while it runs. */
  async restart(): Promise<void> {
    if (this.#child.running)
      throw new OrienError('locked', { message: 'the ClearNode stand-in still runs; stop it first' })
    this.#child = await spawnClearnode(this.#options, Number(new URL(this.url).port))
  }
}

async function spawnClearnode(options: ClearnodeOptions, port: number): Promise<Child<ClearnodeReady>> {
  const main = options.main ?? join(packageRoot(), 'dist', 'devnet', 'clearnode', 'main.js')
  if (!existsSync(main)) {
    throw new OrienError('partMissing', {
      message: 'the ClearNode stand-in is not built',
      hint: 'Run `npm run build`.',
      details: { part: 'clearnode' },
    })
  }
  return Child.start({
    role: 'clearnode',
    command: process.execPath,
    args: [main, '--home', options.home, '--port', String(port)],
    logFile: join(options.home, 'clearnode.log'),
    ready: readyOf,
  })
}

function readyOf(line: string): ClearnodeReady | undefined {
  if (!line.startsWith('{')) return undefined
  const said: unknown = JSON.parse(line)
  if (!isRecord(said) || said['event'] !== 'ready') return undefined
  const { url, faucetUrl, broker } = said
  if (typeof url !== 'string' || typeof faucetUrl !== 'string' || typeof broker !== 'string') {
    throw new TypeError('the ready line lacks url, faucetUrl or broker')
  }
  return { url, faucetUrl, broker }
}

async function post(url: string, body: string): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body,
      signal: AbortSignal.timeout(DEVNET_LIMITS.rpcMs),
    })
    await response.arrayBuffer()
    return response
  } catch (cause) {
    throw new OrienError('unreachable', { message: `no answer from the faucet at ${url}`, cause })
  }
}
