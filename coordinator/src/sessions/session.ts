import type { SignedDebit } from '@orien/node/rails'
import {
  floorMicros,
  least,
  MONEY_UNTOUCHED,
  micros,
  type Grant,
  type Id,
  type Micros,
  type MoneyState,
  type Numerator,
  type PeerText,
  type SessionState,
} from '@orien/protocol'

/** The agent's messages that open the channel, as its newest Fund gave them. */
export interface Opening {
  readonly attempt: number
  readonly messages: readonly Uint8Array[]
  readonly tsMs: number
  readonly validUntilMs: number
  /** True while another attempt is waited for. */
  readonly again: boolean
}

/** Every attempt to tell the agent of receipts it has not acknowledged. */
export interface ContestCycle {
  /** The receipts told of. */
  readonly throughSeq: number
  readonly rounds: number
  readonly lastMs: number
}

/** The cheque that closes the channel, chosen once. */
export interface CloseChoice {
  readonly cheque: Uint8Array
  readonly ceilingMicros: Micros
  readonly exact: boolean
}

/** A debit that the agent signed, and the cheque that is good after it: kept among the cheques. */
export interface PendingDebit extends SignedDebit {
  readonly nextCheque: ChequeMark
}

export interface PendingRefund {
  readonly micros: Micros
  /** The transfer, once it is drafted. */
  readonly bytes?: Uint8Array
}

/** The newest cheque on a base. */
export interface ChequeMark {
  readonly base: number
  readonly seq: number
  readonly ceilingMicros: Micros
}

/** What was stated of a closed session. */
export interface Settlement {
  readonly totalMicros: Micros
  readonly receivedMicros: Micros
  readonly statementSeq: number
  readonly statementId: Id
  /** What of it goes to payout; 0 when nothing does. */
  readonly payableMicros: Micros
  readonly payoutDone: boolean
  /** True when the channel was given up while it stood open: a later close is still looked for. */
  readonly unclosed: boolean
}

/**
 * One session as it is stored. Replaced whole at every decision; what it calls for next is a function of it (actions.ts), so
 * nothing else has to be remembered over a crash.
 */
export interface Session {
  readonly sessionId: Id
  readonly agent: PeerText
  readonly provider: PeerText
  /** Payload bytes of the Grant. */
  readonly grant: Uint8Array
  readonly state: SessionState
  readonly opening: Opening
  readonly noticeSeq: number
  /** The channel's version as last read or landed, and the base that cheques must be drawn on. */
  readonly version: number
  readonly base: number
  readonly debitedMicros: Micros
  readonly ceilingHeldMicros: Micros
  readonly newestCheque: ChequeMark
  readonly collectedThrough: number
  readonly headId: Id
  /**
   * The callSeqs that have a receipt, as ranges, so that a start need not read every receipt; empty when they are too many to be kept here, and the
   * receipts say it.
   */
  readonly usedCalls?: readonly (readonly [number, number])[]
  readonly claimedNumerator: Numerator
  /** Through which receipt the agent acknowledged, and the sum it accepted: its own view. */
  readonly ackedThrough: number
  readonly ackedNumerator: Numerator
  /** A: the sum of everything settled. */
  readonly settledNumerator: Numerator
  /** Receipts not settled, and when the oldest of them came. */
  readonly unsettled: number
  readonly oldestMs?: number
  readonly contest?: ContestCycle
  readonly evidence: number
  /** A dispute counts once for a session, however many documents make it. */
  readonly disputed?: true
  /** The agent signed two Acks over one receipt: sums of later ones may follow either. */
  readonly twoAcks?: true
  /** It was open when the operator answered for a book that was older than chain and ledger. */
  readonly restored?: true
  readonly frozen?: string
  readonly endReason?: string
  readonly endedAtMs?: number
  readonly final: boolean
  /** Others closed the channel. */
  readonly closedByOthers: boolean
  readonly lastDebitMs: number
  readonly debit?: PendingDebit
  readonly choice?: CloseChoice
  /** The choice is void and nothing kept closes what stands: the agent is asked whenever it connects. */
  readonly stuck: boolean
  readonly settlement?: Settlement
  readonly refund?: PendingRefund
  /** When a payout wallet new to us may be paid. */
  readonly payoutFromMs: number
}

/** ⌊A / 60 000⌋. */
export function totalOf(session: Session): Micros {
  return floorMicros(session.settledNumerator)
}

/** What the agent is asked to co-sign: never more than it acknowledged. */
export function agreedTotal(session: Session, grant: Grant): Micros {
  const agreed = floorMicros(least(session.settledNumerator, session.ackedNumerator))
  return least(agreed, grant.allowanceMicros)
}

/** What a close pays at best. */
export function closeTotal(session: Session, grant: Grant): Micros {
  return least(totalOf(session), grant.allowanceMicros)
}

/** True while receipts, Acks and cheques are taken. */
export function collects(state: SessionState): boolean {
  return state === 'OPEN' || state === 'FROZEN' || state === 'ENDING'
}

/** True when nothing will change any more. */
export function isOver(state: SessionState): boolean {
  return state === 'PAID' || state === 'VOID'
}

/**
 * True when nothing may be paid of it, neither shares nor what a close took too much: receipts may have been lost with a newer book, its provider did
 * not say that these are all, and it may have been paid already. Its operator decides.
 */
export function isWithheld({ restored, final }: Session): boolean {
  return restored === true && !final
}

/** Where a session's money is, for errors and views (PROTOCOL, last section). */
export function moneyOf(session: Session, grant: Grant): MoneyState {
  const total = totalOf(session)
  const claimed = floorMicros(session.claimedNumerator)
  const max = claimed > total ? claimed : total
  const delivered = session.collectedThrough > 0
  switch (session.state) {
    case 'FUNDING':
      return { where: 'reserved', minMicros: micros(0n), maxMicros: grant.allowanceMicros, delivered }
    case 'VOID':
      return MONEY_UNTOUCHED
    case 'OPEN':
    case 'FROZEN':
    case 'ENDING':
    case 'SETTLING': {
      const where =
        session.unsettled > 0 && session.contest !== undefined
          ? 'contested'
          : session.debitedMicros > 0n
            ? 'debited'
            : 'owed'
      return { where, minMicros: total, maxMicros: max, delivered }
    }
    case 'CLOSING':
      return { where: 'inTransit', minMicros: total, maxMicros: total, delivered }
    case 'CLOSED': {
      const paid = session.settlement?.payableMicros ?? micros(0n)
      return {
        where: session.refund === undefined ? 'settled' : 'refunding',
        minMicros: paid,
        maxMicros: paid,
        delivered,
      }
    }
    case 'PAID': {
      const paid = session.settlement?.payableMicros ?? micros(0n)
      return { where: 'paid', minMicros: paid, maxMicros: paid, delivered }
    }
    default:
      return unreachable(session.state)
  }
}

function unreachable(state: never): never {
  throw new TypeError(`no such state: ${String(state)}`)
}
