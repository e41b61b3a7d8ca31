import type { Clock, Micros, PeerText, Random, Scope, Signer, Tier, Timers } from '@orien/protocol'
import type { Network } from '../network/port.ts'
import type { ChannelRails, Wallet } from '../rails/channel.ts'
import type { Store } from '../store/port.ts'

/** Structured events for the log and for whoever watches. Never keys, never raw text from a peer. */
export type LogEvent = (event: string, fields: Readonly<Record<string, string | number | boolean>>) => void

/** What an agent allows itself. A spend cap is always on. */
export interface AgentPolicy {
  /** A call without its own `maxCost` may cost this much at most. */
  readonly maxCallMicros: Micros
  /** What one session may hold. */
  readonly sessionMicros: Micros
  /** Everything this agent may spend in one run, from its start to its stop. A crash does not end a run: what it spent counts on. */
  readonly totalMicros: Micros
  readonly sessionMs: number
  /** The weakest tier that is good enough. */
  readonly minTier: Tier
  /** The largest window asked for, in calls; providers and coordinators may grant less. */
  readonly windowCalls: number
  readonly maxCollectMs: number
  readonly maxContestMs: number
  readonly maxPayoutMs: number
  /** The provider's smallest share, in basis points: what the platform takes is ours to accept too. */
  readonly minProviderBps: number
  /** Files handed back by one call, together. */
  readonly maxOutputBytes: number
  /** How long a dropped stream is tried again before calls in flight are given up. */
  readonly reattachMs: number
}

/** The channel an agent pays through. */
export interface AgentChannel {
  readonly rail: string
  readonly url: string
  readonly asset: string
}

export interface AgentConfig {
  readonly chainId: number
  readonly channel: AgentChannel
  /** Coordinators to choose from, the first that an offer lists too. */
  readonly coordinators: readonly PeerText[]
  readonly policy: AgentPolicy
  /** WalletBinding envelopes (spend). */
  readonly bindings: readonly Uint8Array[]
}

/** Reads a local file for an upload. The daemon and the CLI bring the file system; a browser brings none. */
export interface LocalFiles {
  /** Size and bytes of a local file. Throws `badInputs`. */
  open(path: string): Promise<{ readonly bytes: number; read(offset: number): AsyncIterable<Uint8Array> }>
}

/** Everything an agent is made of. */
export interface AgentParts {
  readonly network: Network
  readonly store: Store
  readonly scope: Scope
  readonly signer: Signer
  readonly wallet: Wallet
  readonly channels: ChannelRails
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly files: LocalFiles
  readonly log: LogEvent
}
