import type { Lane } from '@orien/node/rails'
import type { Ack, Cheque, Grant, Id, Micros, Numerator, Signed } from '@orien/protocol'
import type { Ranges } from '../collect/ranges.ts'
import { keys } from '../keys.ts'
import { COORDINATOR_LIMITS } from '../limits.ts'
import type { ChequeMark, Session } from './session.ts'

/** What is remembered of a collected receipt until it is acknowledged. */
export interface Brief {
  readonly receiptSeq: number
  readonly id: Id
  readonly priceMicrosPerMin: Micros
  readonly numerator: Numerator
  readonly lastTick?: number
  readonly firstSeenMs: number
  /** False when its Authorisation is not signed by the agent: an Ack vouched for the receipt, as `unknown`. */
  readonly authorised: boolean
  /** What it settled at without an Ack. */
  readonly ruled?: Numerator
}

/** A cheque that was verified and is kept. */
export interface KeptCheque {
  readonly cheque: Cheque
  readonly bytes: Uint8Array
}

/** Messages whose answer we do not have: their own time, and the monotonic time after which they can land no more. */
export interface Unanswered {
  readonly tsMs: number
  readonly landsByMonoMs: number
}

/** A session in memory: its record, and what is derived from its documents. */
export interface Live {
  readonly sid: string
  readonly grant: Grant
  /** The lane of the Grant; its base is the first one. */
  readonly firstLane: Lane
  /** With the decision that is being written, if there is one: what is decided next starts from it. */
  session: Session
  /** As it is on disk: only this is told to anybody. */
  durable: Session
  /** Receipts after `ackedThrough`, by receiptSeq. */
  readonly unacked: Map<number, Brief>
  /** The callSeqs that have a receipt. */
  readonly calls: Ranges
  cheques: readonly KeptCheque[]
  /** Acks ahead of their receipts, by id in hex. */
  readonly waitingAcks: Map<string, Signed<Ack>>
  /**
   * The newest open messages that were sent and not answered, or sent before a restart: they may still land, whatever is refused later.
   * Undefined when every one was refused.
   */
  openUnsure: Unanswered | undefined
}

/** The lane as cheques must be drawn on it now. */
export function laneOf(live: Live): Lane {
  return { ...live.firstLane, base: live.session.base }
}

/**
 * The cheques a close can still choose: the newest of each base that can stand again, and those that cover what is settled, which only
 * grows; of too many the smallest go, so that a close may take more and send it back. The others stay in the store until CLOSED: one may be
 * needed to finish a half that somebody else cashed.
 */
export function worthKeeping(cheques: readonly KeptCheque[], total: Micros, newest: ChequeMark): readonly KeptCheque[] {
  const kept = cheques.filter(({ cheque }) => {
    if (cheque.base < newest.base) return false
    const old = cheque.base === newest.base && cheque.chequeSeq < newest.seq
    return !old || cheque.ceilingMicros >= total
  })
  if (kept.length <= COORDINATOR_LIMITS.maxCheques) return kept
  return kept.sort(largestFirst).slice(0, COORDINATOR_LIMITS.maxCheques)
}

function largestFirst({ cheque: a }: KeptCheque, { cheque: b }: KeptCheque): number {
  if (a.ceilingMicros !== b.ceilingMicros) return a.ceilingMicros > b.ceilingMicros ? -1 : 1
  return b.chequeSeq - a.chequeSeq
}

/** Where a cheque is stored. One that has the number of another, by a wallet that gives two, does not take its place. */
export function chequeKey({ sid, cheques }: Live, { base, chequeSeq, ceilingMicros }: Cheque): string {
  const key = keys.cheque(sid, base, chequeSeq)
  const twin = cheques.some(
    ({ cheque }) => cheque.base === base && cheque.chequeSeq === chequeSeq && cheque.ceilingMicros !== ceilingMicros,
  )
  return twin ? `${key}/${ceilingMicros}` : key
}

/** The largest ceiling the agent ever gave. */
export function topCeiling(live: Live): Micros {
  let top = 0n
  for (const { cheque } of live.cheques) if (cheque.ceilingMicros > top) top = cheque.ceilingMicros
  return top as Micros
}
