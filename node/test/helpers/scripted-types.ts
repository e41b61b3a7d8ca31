import type {
  Ack,
  Address,
  Authorisation,
  Cheque,
  ErrorCode,
  Grant,
  Id,
  Outgoing,
  Payout,
  Receipt,
  Scope,
  SessionAnswer,
  SessionState,
  Signed,
  Signer,
  Statement,
} from '@orien/protocol'
import type { Network } from '../../src/network/port.ts'
import type { ChannelRail, Lane } from '../../src/rails/channel.ts'

/** A receipt as it was collected. */
export interface SeenReceipt extends Signed<Receipt> {
  readonly authorisation: Authorisation
  readonly authorisationBytes: Uint8Array
}

/** What the scripted coordinator saw of one session. */
export interface SeenSession {
  readonly grant: Grant
  readonly grantBytes: Uint8Array
  readonly id: Id
  readonly lane: Lane
  state: SessionState
  ceiling: bigint
  base: number
  noticeSeq: number
  readonly cheques: Cheque[]
  readonly receipts: SeenReceipt[]
  readonly acks: Ack[]
  readonly ends: string[]
  final: boolean
  settled: Settled | undefined
}

export interface ScriptedParts {
  readonly network: Network
  readonly scope: Scope
  readonly signer: Signer
  readonly rail: ChannelRail
  readonly wallet: Address
  readonly bindings: readonly Uint8Array[]
  readonly nowMs: () => number
  readonly railName: string
  readonly url: string
  readonly asset: string
}

/** What a test makes the coordinator do differently. */
export interface Script {
  /** Changes the Grant that is quoted. */
  grant?: (grant: Grant) => Grant
  /** Changes the Quote's end. */
  quoteMs?: number
  /** Answers an Open with this. */
  refuseOpen?: ErrorCode
  /**
   * Answers the nth Fund or ask (from 1) instead of opening the channel. `drop`: it is lost on its way. `lose`: its answer is. `pending`: it is
   * taken, and not known yet.
   */
  fund?: (attempt: number) => Partial<Outgoing<SessionAnswer>> | 'drop' | 'lose' | 'pending' | undefined
  /** Does not take larger ceilings over: cheques stay unconfirmed. */
  holdsNothing?: boolean
  /** Takes batches and never answers. */
  silent?: boolean
}

/** What the coordinator of a test signs at the end of a session. */
export interface Settled {
  readonly statement: Signed<Statement>
  readonly payout: Signed<Payout> | undefined
  /** Payouts of the same set by later transactions: of legs that were blocked. */
  readonly later?: readonly Signed<Payout>[]
}
