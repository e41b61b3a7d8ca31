import type {
  Address,
  Clock,
  FileEntry,
  Inputs,
  Micros,
  OfferAnswer,
  PeerText,
  Random,
  Scope,
  Signer,
  SplitBps,
  Tier,
  Timers,
  Tool,
  WindowLimits,
} from '@orien/protocol'
import type { Network } from '../network/port.ts'
import type { ChannelRails } from '../rails/channel.ts'
import type { Store } from '../store/port.ts'
import type { JobLimits, Runner } from '../tools/port.ts'

/** What a tool becomes for one call: a fixed command, never a shell line. */
export interface Command {
  readonly argv: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string>>
  readonly limits: Omit<JobLimits, 'maxMs'>
  /** Globs of the files to hand back. */
  readonly outputs: readonly string[]
}

/** The provider's own tools. */
export interface ToolBox {
  /** Offer entries of everything that can run now. */
  tools(): readonly Tool[]
  /** Checks the arguments and builds the command. Throws `unknownTool`, `badArguments`. */
  command(toolId: string, args: Uint8Array): Command
}

/** Working folders: one a session, a sub-folder a call. */
export interface CallFiles {
  /** Makes the call's folder with its input files. Throws `badInputs` when one is missing or not what its hash says. */
  prepare(sessionKey: string, callSeq: number, inputs: Inputs): Promise<string>
  /** The files a call left that match the globs, kept by hash for the agent. Throws `tooManyFiles`, `badOutput`. */
  collect(sessionKey: string, callSeq: number, globs: readonly string[]): Promise<readonly FileEntry[]>
  /** Deletes everything of a session. */
  remove(sessionKey: string): Promise<void>
}

/** Files by hash, of one session. */
export interface SessionBlobs {
  /** Bytes held of an upload so far; all of them when it is complete. */
  held(sessionKey: string, hash: Uint8Array): Promise<number>
  /** Takes an upload from `offset` on. Throws `badInputs` on a wrong hash, `tooLarge`, `tooManyFiles`. */
  write(
    sessionKey: string,
    hash: Uint8Array,
    size: number,
    offset: number,
    chunks: AsyncIterable<Uint8Array>,
  ): Promise<void>
  /** Size of a complete blob, or undefined. */
  size(sessionKey: string, hash: Uint8Array): Promise<number | undefined>
  read(sessionKey: string, hash: Uint8Array, offset: number): AsyncIterable<Uint8Array>
}

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
}

/** Everything a provider is made of; the daemon brings real parts, the simulator seeded ones. */
export interface ProviderParts {
  readonly network: Network
  readonly store: Store
  readonly scope: Scope
  readonly signer: Signer
  readonly channels: ChannelRails
  readonly runner: Runner
  readonly tools: ToolBox
  readonly files: CallFiles
  readonly blobs: SessionBlobs
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly log: LogEvent
}

export type { OfferAnswer, SplitBps }
