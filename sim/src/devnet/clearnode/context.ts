import type { Challenges } from './challenges.ts'
import type { Json, Writable } from './json.ts'
import type { Asset, Network } from './options.ts'
import type { Broker } from './signing.ts'
import type { Store } from './store.ts'
import type { CachedKey } from './tables.ts'

/** What the handlers share: one per running node. */
export interface Node {
  readonly store: Store
  readonly nowMs: () => number
  readonly broker: Broker
  readonly assets: readonly Asset[]
  readonly networks: readonly Network[]
  readonly challenges: Challenges
  readonly keyCache: Map<string, CachedKey>
  /** When a wallet was last active on any socket; a day without, and it must log in again. In memory. */
  readonly lastActiveMs: Map<string, number>
  /** Transfers already executed: hash of the request to the time of execution. In memory only, as on the real node. */
  readonly transfersSeen: Map<string, number>
  readonly history: HistoryRow[]
  readonly pushTo: (wallet: string, method: string, params: Writable) => Promise<void>
}

export interface HistoryRow {
  readonly id: number
  readonly sender: string
  readonly request: Request
  readonly response: string
}

/** One WebSocket. `login` is set by auth_verify. */
export interface Socket {
  login: Login | undefined
}

export interface Login {
  readonly wallet: string
  readonly sessionKey: string
}

export interface Request {
  readonly id: bigint
  readonly method: string
  readonly params: Json
  readonly tsMs: bigint
  /** Exact text of `req`: what signatures cover. */
  readonly text: string
  readonly signatures: readonly string[]
}

export interface Answer {
  readonly method: string
  readonly params: Writable
}

export type Handler = (node: Node, socket: Socket, request: Request) => Promise<Answer>

/** RFC 3339 with the fraction of a second. */
export const isoTime = (ms: number): string => new Date(ms).toISOString()

/** RFC 3339 in whole seconds. */
export const isoSeconds = (ms: number): string => isoTime(ms).replace(/\.\d+Z$/, 'Z')
