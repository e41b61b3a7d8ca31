import type { StoreOp } from '@orien/node/store'
import { floorMicros, hex, micros, numerator, type Numerator, type PeerText } from '@orien/protocol'
import type { Core } from '../core.ts'
import { keys } from '../keys.ts'
import { COORDINATOR_LIMITS } from '../limits.ts'
import { earn, type Posting } from '../ledger/postings.ts'
import type { SessionEvent } from '../sessions/events.ts'
import type { Live } from '../sessions/live.ts'
import { step } from '../sessions/machine.ts'
import type { Decision } from '../sessions/registry.ts'
import type { Session } from '../sessions/session.ts'
import type { Standings } from '../standing/standing.ts'

/**
 * One decision in the making. Each document is checked first and applied last, so whatever refuses one leaves the draft with
 * exactly the documents before it.
 */
export interface Draft {
  readonly core: Core
  readonly standings: Standings
  readonly live: Live
  readonly nowMs: number
  /** Who sent the documents. */
  readonly from: PeerText
  session: Session
  readonly ops: StoreOp[]
  readonly postings: Posting[]
  /** What its receipts add to the session's total: one journal entry, however many Acks they are settled by. */
  earnedMicros: bigint
}

export function beginDraft(core: Core, standings: Standings, live: Live, from: PeerText): Draft {
  const nowMs = core.clock.wallMs()
  return { core, standings, live, from, nowMs, session: live.session, ops: [], postings: [], earnedMicros: 0n }
}

/** Takes an event through the state table within the same decision. */
export function happen(draft: Draft, event: SessionEvent): void {
  const { session, postings, rows } = step(draft.session, event, draft.live)
  draft.core.metrics.took(rows)
  draft.session = session
  draft.postings.push(...postings)
}

/** Receipts settled: A grows, and with it what the session owes. */
export function settle(draft: Draft, amount: Numerator, receipts: number): void {
  const { session } = draft
  const settledNumerator = numerator(session.settledNumerator + amount)
  draft.earnedMicros += floorMicros(settledNumerator) - floorMicros(session.settledNumerator)
  draft.session = { ...session, settledNumerator, unsettled: session.unsettled - receipts }
}

/** Keeps a document that proves a breach or a wish; bounded, because the first ones are what matters. */
export function keepEvidence(draft: Draft, id: Uint8Array, bytes: Uint8Array): void {
  const { session } = draft
  if (session.evidence >= COORDINATOR_LIMITS.maxEvidence) return
  draft.session = { ...session, evidence: session.evidence + 1 }
  draft.ops.push({ type: 'put', key: keys.evidence(draft.live.sid, hex(id)), value: bytes })
}

/** The draft as a decision; undefined when it changes nothing. */
export function finishDraft(draft: Draft): Decision | undefined {
  // While the book is read-only nothing ends by time alone: what was lost comes again.
  happen(draft, { type: 'tick', nowMs: draft.core.book.doubts.any ? 0 : draft.nowMs })
  draft.session = withOldest(draft.session, draft.live)
  if (draft.session === draft.live.session && draft.ops.length === 0) return undefined
  const earned = draft.earnedMicros > 0n ? [earn(draft.live.sid, micros(draft.earnedMicros))] : []
  return { session: draft.session, ops: draft.ops, postings: [...earned, ...draft.postings] }
}

/** When the oldest receipt that is not settled came, and whether the contest of its cycle goes on. */
function withOldest(session: Session, live: Live): Session {
  let oldestMs: number | undefined
  let lowestSeq = Infinity
  if (session.unsettled > 0) {
    for (const { ruled, firstSeenMs, receiptSeq } of live.unacked.values()) {
      if (ruled !== undefined) continue
      lowestSeq = receiptSeq
      oldestMs = firstSeenMs
      break
    }
  }
  const contestOver = session.contest !== undefined && session.contest.throughSeq < lowestSeq
  if (session.oldestMs === oldestMs && !contestOver) return session
  const { oldestMs: _old, contest, ...rest } = session
  return {
    ...rest,
    ...(oldestMs === undefined ? {} : { oldestMs }),
    ...(contest === undefined || contestOver ? {} : { contest }),
  }
}
