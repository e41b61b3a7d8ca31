import type { Network } from '@orien/node/network'
import type { ChainRail, ChannelRail, Wallet } from '@orien/node/rails'
import type { Store } from '@orien/node/store'
import type { Clock, Crypto, Random, Signer, Timers, Verifier } from '@orien/protocol'
import type { CoordinatorConfig } from './settings.ts'

/** Structured events for the log and for whoever watches. Never keys, never raw text from a peer. */
export type LogEvent = (event: string, fields: Readonly<Record<string, string | number | boolean>>) => void

/** Everything a coordinator is made of: the daemon brings real parts, the simulator seeded ones. */
export interface CoordinatorParts {
  readonly config: CoordinatorConfig
  /** The peer key: signs every document. */
  readonly signer: Signer
  /** The wallet in the channel ledger. Its own signatures are made by the rail. */
  readonly wallet: Pick<Wallet, 'address'>
  /** WalletBinding envelopes (spend) of that wallet to this peer. */
  readonly bindings: readonly Uint8Array[]
  readonly network: Network
  readonly store: Store
  readonly crypto: Crypto
  /** Verifies the signatures of a batch; in-process by `crypto` when there is none. */
  readonly verifier?: Verifier
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly channel: ChannelRail
  readonly chain: ChainRail
  readonly log: LogEvent
}
