import type { SignedDebit } from '@orien/node/rails'
import type { Id, Micros, Numerator, Split } from '@orien/protocol'
import type { ChequeMark, CloseChoice } from './session.ts'

interface At {
  readonly nowMs: number
}

/** Everything that can happen to a session, with its time. Facts were checked before they become events. */
export type SessionEvent = At &
  (
    | { readonly type: 'tick' }
    /** The channel was read: open and full. `ceilingHeldMicros` is what the probe of cheque 1 found alive. */
    | { readonly type: 'opened'; readonly version: number; readonly base: number; readonly ceilingHeldMicros: Micros }
    /** Read twice: not open; the bytes were refused. `mayLand`: earlier ones of the same channel are still on their way. */
    | { readonly type: 'openVoid'; readonly mayLand: boolean }
    /** Read twice: not open, and nothing can land any more. */
    | { readonly type: 'notOpen' }
    | {
        readonly type: 'fundedAgain'
        readonly attempt: number
        readonly messages: readonly Uint8Array[]
        readonly tsMs: number
      }
    | { readonly type: 'probed'; readonly base: number; readonly ceilingMicros: Micros; readonly alive: boolean }
    | { readonly type: 'frozen'; readonly why: string }
    /** The operator answers for a book that is older than what happened. */
    | { readonly type: 'restored' }
    /** The operator knows that nothing is missing in the book. */
    | { readonly type: 'confirmed' }
    | { readonly type: 'ended'; readonly reason: string }
    | { readonly type: 'final' }
    | { readonly type: 'debitSigned'; readonly debit: SignedDebit; readonly nextCheque: ChequeMark }
    | { readonly type: 'debitLanded'; readonly version: number; readonly base: number }
    /** Past landing and not landed: it never will. */
    | { readonly type: 'debitExpired' }
    | { readonly type: 'debitRefused'; readonly why: string }
    | { readonly type: 'moved'; readonly version: number; readonly closed: boolean }
    | { readonly type: 'contested'; readonly throughSeq: number }
    | { readonly type: 'chosen'; readonly choice: CloseChoice; readonly base: number }
    | { readonly type: 'superseded'; readonly version: number; readonly base: number }
    | ({ readonly type: 'closed' } & ClosedFacts)
    /** Not closed at chequeTs, and no cheque can land any more. */
    | ({ readonly type: 'neverClosed' } & ClosedFacts)
    | ({ readonly type: 'lateClosed' } & ClosedFacts)
    | { readonly type: 'refundDrafted'; readonly bytes: Uint8Array }
    | { readonly type: 'refundPaid' }
    /** A transfer that the book did not know paid it. */
    | { readonly type: 'refundFound' }
    | { readonly type: 'refundDead' }
    | { readonly type: 'payoutDone'; readonly statementId: Id }
  )

export interface ClosedFacts {
  readonly version: number
  /** A, as the Statement was made from. */
  readonly settledNumerator: Numerator
  readonly totalMicros: Micros
  readonly receivedMicros: Micros
  readonly inChannelMicros: Micros
  readonly split: Split
  readonly statementSeq: number
  readonly statementId: Id
}

export type EventType = SessionEvent['type']
export type EventOf<T extends EventType> = Extract<SessionEvent, { readonly type: T }>
