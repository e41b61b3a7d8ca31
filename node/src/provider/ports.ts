import type {
  Address,
  Clock,
  Micros,
  PeerText,
  Random,
  Scope,
  Signer,
  Tier,
  Timers,
  WindowLimits,
} from '@orien/protocol'
import type { Network } from '../network/port.ts'
import type { ChannelRails, Wallet } from '../rails/channel.ts'
import type { Store } from '../store/port.ts'
import type { Runner } from '../tools/port.ts'
import type { SessionBlobs } from '../tools/session-blobs.ts'
import type { ToolBox } from '../tools/tool-box.ts'
import type { Workspaces } from '../tools/workspace.ts'

/** Working folders: one a session, a sub-folder a call. */
export type CallFiles = Pick<Workspaces, 'prepare' | 'collect' | 'remove' | 'sweep'>

/** Structured events for the log and for whoever watches. Never keys, never raw text from a peer. */
export type LogEvent = (event: string, fields: Readonly<Record<string, string | number | boolean>>) => void

/** What a provider accepts of a Grant. */
export interface GrantPolicy {
  readonly asset: string
  /** The provider's smallest share, in basis points. */
  readonly minProviderBps: number
  readonly maxSessionMs: number
  readonly maxCollectMs: number
  readonly maxContestMs: number
  readonly maxPayoutMs: number
}

export interface ProviderConfig {
  readonly chainId: number
  readonly name: string
  readonly description: string
  readonly region?: string
  readonly ensName?: string
  readonly tier: Tier
  readonly selfTestDigest?: Uint8Array
  /** Calls run at a time, and calls that may wait. */
  readonly capacity: number
  readonly queue: number
  readonly coordinators: readonly PeerText[]
  /** Unpaid at one coordinator, running calls included, at most. */
  readonly maxUnpaidMicros: Micros
  /** Windows of an agent that never paid here; doubled with every paid session, up to maxWindow. */
  readonly firstWindow: WindowLimits
  readonly maxWindow: WindowLimits
  readonly providerWallet: Address
  readonly payoutWallet: Address
  /** WalletBinding envelopes: spend for the channel, payout for being paid. */
  readonly bindings: readonly Uint8Array[]
  readonly policy: GrantPolicy
  /** How long an offer is good. */
  readonly offerMs: number
  readonly tickMs: number
  readonly tickAckMs: number
  /** Receipts and Acks wait so long for others before they are collected; at once when absent. */
  readonly collectLingerMs?: number
}

/** Everything a provider is made of; the daemon brings real parts, the simulator seeded ones. */
export interface ProviderParts {
  readonly network: Network
  readonly store: Store
  readonly scope: Scope
  readonly signer: Signer
  readonly channels: ChannelRails
  /** The channel wallet. It signs Exits only; without it the provider never leaves a channel without its coordinator. */
  readonly wallet?: Wallet
  readonly runner: Runner
  readonly tools: ToolBox
  readonly files: CallFiles
  readonly blobs: SessionBlobs
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly log: LogEvent
}
