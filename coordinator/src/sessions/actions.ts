import type { Grant } from '@orien/protocol'
import { COORDINATOR_LIMITS } from '../limits.ts'
import type { CoordinatorTimes } from '../settings.ts'
import { agreedTotal, isWithheld, type Session } from './session.ts'

/** What a session can call for. Each is done again after a crash: all begin by reading, or repeat the very same bytes. */
export type Action =
  /** Reads the channel; submits the open messages while they can land. */
  | 'open'
  /** The attempts are over: reads whether the channel opened after all. */
  | 'checkOpen'
  /** Asks the node whether the newest cheque is good. */
  | 'probe'
  /** Asks the agent to co-sign a debit, and for the cheque after it. */
  | 'askDebit'
  /** Submits the co-signed debit, or reads what became of it. */
  | 'checkpoint'
  /** Looks whether others moved the channel. */
  | 'watch'
  /** Tells the agent of receipts it has not acknowledged. */
  | 'contest'
  /** Settles what was contested long enough. */
  | 'rule'
  /** Asks for the exact close, and chooses the cheque that closes. */
  | 'close'
  /** Reads, and cashes the chosen cheque. */
  | 'cash'
  /** The choice is void: asks the agent, whenever it is there, for a close of what stands. */
  | 'askClose'
  /** Sends back what a cheque took above the total. */
  | 'refund'
  /** Looks whether a channel that was given up closed after all. */
  | 'watchUnclosed'

export interface ActionContext {
  readonly grant: Grant
  readonly times: CoordinatorTimes
}

/** A time that is waited for. */
export interface Wait {
  /** Wall time at which it comes. */
  readonly atMs: number
  /** The longest that it can be away: a time further off was stamped by a clock that ran ahead. */
  readonly withinMs?: number
}

/** What a session calls for, and from when. */
export interface Due extends Wait {
  readonly action: Action
}

/**
 * Everything a session calls for, each with the time from which it does. A pure function of the stored session: this is how
 * pending effects survive a crash.
 */
export function duesOf(session: Session, { grant, times }: ActionContext): readonly Due[] {
  switch (session.state) {
    case 'FUNDING':
      return session.opening.again ? [due('checkOpen', session.opening.validUntilMs)] : [due('open', 0)]
    case 'OPEN':
      return [...probes(session), ...debits(session, grant, times), ...contests(session, grant), ...watches(session)]
    case 'FROZEN':
      return [...probes(session), ...checkpoints(session), ...contests(session, grant), ...watches(session)]
    case 'ENDING':
      // No call can begin any more, so nobody needs to know what else a cheque would cover.
      return [...checkpoints(session), ...contests(session, grant), ...watches(session)]
    case 'SETTLING':
      if (session.debit !== undefined) return [...checkpoints(session), ...contests(session, grant)]
      return session.unsettled > 0 ? [...contests(session, grant), ...watches(session)] : [due('close', 0)]
    case 'CLOSING':
      return [due(session.stuck ? 'askClose' : 'cash', 0)]
    case 'CLOSED':
      return [
        ...(session.refund === undefined || isWithheld(session) ? [] : [due('refund', 0)]),
        ...(session.settlement?.unclosed === true ? [due('watchUnclosed', 0)] : []),
      ]
    case 'PAID':
    case 'VOID':
      return []
    default:
      return unreachable(session.state)
  }
}

/** When the session changes by time alone; undefined when it does not. */
export function tickDue({ state, endedAtMs = 0 }: Session, { expiresAtMs, collectMs }: Grant): Wait | undefined {
  if (state === 'OPEN' || state === 'FROZEN') return { atMs: expiresAtMs }
  if (state === 'ENDING') return { atMs: endedAtMs + collectMs, withinMs: collectMs }
  return undefined
}

function probes(session: Session): readonly Due[] {
  const { newestCheque, base, ceilingHeldMicros } = session
  const larger = newestCheque.base === base && newestCheque.ceilingMicros > ceilingHeldMicros
  return larger ? [due('probe', 0)] : []
}

function checkpoints(session: Session): readonly Due[] {
  return session.debit === undefined ? [] : [due('checkpoint', 0)]
}

function debits(session: Session, grant: Grant, times: CoordinatorTimes): readonly Due[] {
  if (session.debit !== undefined) return checkpoints(session)
  const waiting = agreedTotal(session, grant) - session.debitedMicros
  return waiting >= grant.windowMicros ? [wait('askDebit', session.lastDebitMs, times.debitGapMs)] : []
}

/** Three rounds within contestMs, the first after a quarter of it: an agent that is there acknowledges in milliseconds. */
function contests(session: Session, grant: Grant): readonly Due[] {
  const { oldestMs, contest } = session
  if (session.unsettled === 0 || oldestMs === undefined) return []
  const gapMs = grant.contestMs / (COORDINATOR_LIMITS.contestRounds + 1)
  if (contest === undefined) return [wait('contest', oldestMs, gapMs)]
  if (contest.rounds < COORDINATOR_LIMITS.contestRounds) return [wait('contest', contest.lastMs, gapMs)]
  return [wait('rule', oldestMs, grant.contestMs)]
}

function watches(session: Session): readonly Due[] {
  return session.debit === undefined && !session.closedByOthers ? [due('watch', 0)] : []
}

function due(action: Action, atMs: number): Due {
  return { action, atMs: Math.ceil(atMs) }
}

/** So long after something happened. */
function wait(action: Action, sinceMs: number, forMs: number): Due {
  return { ...due(action, sinceMs + forMs), withinMs: Math.ceil(forMs) }
}

function unreachable(state: never): never {
  throw new TypeError(`no such state: ${String(state)}`)
}
