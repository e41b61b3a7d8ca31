import type { Hex } from 'viem'
import type { Challenges } from './challenges.ts'
import { Refusal } from './errors.ts'
import type { JsonObject, Writable } from './json.ts'
import type { Asset, Network } from './options.ts'
import { signerOf, type Broker } from './signing.ts'
import type { Store } from './store.ts'

/** What the handlers share: one per running node. */
export interface Node {
  readonly store: Store
  readonly nowMs: () => number
  readonly broker: Broker
  readonly assets: readonly Asset[]
  readonly networks: readonly Network[]
  readonly challenges: Challenges
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
  readonly responseSignature: Hex
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
  readonly params: JsonObject
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

/** The wallet a signer speaks for: the one that registered it as session key, else itself. */
export const walletOf = (node: Node, signer: string): string => node.store.tables.keys.get(signer)?.wallet ?? signer

/** Signers of a request by the wallet they speak for. Each wallet counts once. */
export const walletsOf = async (node: Node, request: Request): Promise<ReadonlyMap<string, string>> => {
  const wallets = new Map<string, string>()
  for (const signature of request.signatures) {
    const signer = await signerOf(request.text, signature)
    if (signer === undefined) throw new Refusal('failed to get wallets from RPC message')
    wallets.set(walletOf(node, signer), signer)
  }
  return wallets
}

export const isoTime = (ms: number): string => new Date(ms).toISOString()
