import { hex, LIMITS, micros, type Grant, type SessionState } from '@orien/protocol'
import {
  close,
  debit,
  lateClose,
  refundDead,
  refundFound,
  refundPaid,
  refundSigned,
  release,
  type Posting,
} from '../ledger/postings.ts'
import type { Machine, Transition } from '../metrics.ts'
import type { ClosedFacts, EventOf, EventType, SessionEvent } from './events.ts'
import { closeTotal, type Session } from './session.ts'

/** What a row may look at besides session and event. */
export interface RowContext {
  readonly grant: Grant
}

/** What a row changes. */
export interface Change {
  readonly session: Session
  readonly postings?: readonly Posting[]
}

/** One row of PROTOCOL's table. Rows are tried in order; the first that fits is taken. */
export interface Row extends Transition {
  readonly from: readonly SessionState[]
  readonly on: EventType
  fits(session: Session, event: SessionEvent, context: RowContext): boolean
  take(session: Session, event: SessionEvent, context: RowContext): Change
}

type Body<T extends EventType> = (session: Session, event: EventOf<T>, context: RowContext) => Change
type Guard<T extends EventType> = (session: Session, event: EventOf<T>, context: RowContext) => boolean

const always = (): boolean => true

function row<T extends EventType>(
  name: string,
  from: readonly SessionState[],
  on: T,
  take: Body<T>,
  fits: Guard<T> = always,
): Row {
  // The machine hands a row only events of its own type.
  return { machine: MACHINES[on] ?? 'session', row: name, from, on, take, fits }
}

/** What else than the session itself an event moves: these are rows of that machine. */
const MACHINES: Readonly<Partial<Record<EventType, Machine>>> = {
  opened: 'channel',
  openVoid: 'channel',
  notOpen: 'channel',
  probed: 'channel',
  moved: 'channel',
  superseded: 'channel',
  debitSigned: 'debit',
  debitLanded: 'debit',
  debitExpired: 'debit',
  debitRefused: 'debit',
  contested: 'receipt',
  chosen: 'settlement',
  closed: 'settlement',
  neverClosed: 'settlement',
  lateClosed: 'settlement',
  payoutDone: 'settlement',
  refundDrafted: 'refund',
  refundDead: 'refund',
  refundPaid: 'refund',
  refundFound: 'refund',
}

/** More than a session ever has. */
const LOST_NOTICES = 1_000_000

/** Receipts may still come. */
const LIVE = ['OPEN', 'FROZEN'] as const
const BEFORE_CLOSE = ['OPEN', 'FROZEN', 'ENDING', 'SETTLING'] as const

export const ROWS: readonly Row[] = [
  // FUNDING
  row('opened', ['FUNDING'], 'opened', (session, { version, base, ceilingHeldMicros }) => ({
    session: { ...session, state: 'OPEN', version, base, ceilingHeldMicros },
  })),
  row(
    'openVoid.again',
    ['FUNDING'],
    'openVoid',
    (session) => ({ session: { ...session, opening: { ...session.opening, again: true } } }),
    ({ opening }, { nowMs }) => nowMs < opening.validUntilMs && opening.attempt < LIMITS.maxFundAttempts,
  ),
  row('openVoid.over', ['FUNDING'], 'openVoid', voided, (_session, { mayLand }) => !mayLand),
  row(
    'fundedAgain',
    ['FUNDING'],
    'fundedAgain',
    (session, { attempt, messages, tsMs }) => ({
      session: { ...session, opening: { ...session.opening, attempt, messages, tsMs, again: false } },
    }),
    ({ opening }, { attempt }) => opening.again && attempt === opening.attempt + 1,
  ),
  row('notOpen', ['FUNDING'], 'notOpen', voided),

  row(
    'restored',
    ['FUNDING', ...BEFORE_CLOSE, 'CLOSING', 'CLOSED'],
    'restored',
    // The parties have newer Notices than this book: ours go on above all of theirs.
    (session) => ({ session: { ...session, restored: true, noticeSeq: session.noticeSeq + LOST_NOTICES } }),
    ({ restored }) => restored === undefined,
  ),
  row(
    'confirmed',
    ['FUNDING', ...BEFORE_CLOSE, 'CLOSING', 'CLOSED'],
    'confirmed',
    (session) => ({ session: without(session, 'restored') }),
    ({ restored }) => restored === true,
  ),

  // OPEN, FROZEN
  row(
    'probed.alive',
    LIVE,
    'probed',
    (session, { ceilingMicros }) => ({ session: { ...session, ceilingHeldMicros: ceilingMicros } }),
    (session, event) => event.alive && event.base === session.base && event.ceilingMicros > session.ceilingHeldMicros,
  ),
  row(
    'probed.dead',
    ['OPEN'],
    'probed',
    (session) => froze(session, 'chequeDead'),
    (session, event) => !event.alive && event.base === session.base,
  ),
  row('frozen', ['OPEN'], 'frozen', (session, { why }) => froze(session, why)),
  row('debitRefused.open', ['OPEN'], 'debitRefused', (session, { why }) => froze(without(session, 'debit'), why)),
  row('debitRefused.later', ['FROZEN', 'ENDING', 'SETTLING'], 'debitRefused', (session) => ({
    session: without(session, 'debit'),
  })),
  row(
    'debitSigned',
    ['OPEN'],
    'debitSigned',
    (session, { debit: signed, nextCheque, nowMs }) => ({
      session: { ...session, debit: { ...signed, nextCheque }, lastDebitMs: nowMs },
    }),
    (session, event) => session.debit === undefined && event.debit.version === session.version + 1,
  ),
  row('debitExpired', BEFORE_CLOSE, 'debitExpired', (session) => ({ session: without(session, 'debit') })),
  row(
    'debitLanded',
    BEFORE_CLOSE,
    'debitLanded',
    (session, { version, base }) => {
      const landed = session.debit?.totalMicros ?? session.debitedMicros
      const { nextCheque = session.newestCheque } = session.debit ?? {}
      const newestCheque =
        nextCheque.base === session.base && nextCheque.seq < session.newestCheque.seq
          ? session.newestCheque
          : nextCheque
      return {
        session: { ...without(session, 'debit'), version, base, newestCheque, debitedMicros: landed },
        postings: [debit(hex(session.sessionId), micros(landed - session.debitedMicros))],
      }
    },
    (session) => session.debit !== undefined,
  ),
  row('ended', LIVE, 'ended', (session, { reason, nowMs }) => ended(session, reason, nowMs)),
  row('final', ['OPEN', 'FROZEN', 'ENDING'], 'final', (session) => ({ session: { ...session, final: true } })),
  row('moved.live', LIVE, 'moved', (session, { version, closed, nowMs }) =>
    ended(moved(session, version, closed), 'channelMoved', nowMs),
  ),
  row('moved.ending', ['ENDING', 'SETTLING'], 'moved', (session, { version, closed }) => ({
    session: moved(session, version, closed),
  })),
  row(
    'contested',
    BEFORE_CLOSE,
    'contested',
    (session, { throughSeq, nowMs }) => {
      const { contest } = session
      const rounds = (contest?.rounds ?? 0) + 1
      return {
        session: { ...session, contest: { throughSeq: contest?.throughSeq ?? throughSeq, rounds, lastMs: nowMs } },
      }
    },
    ({ unsettled }) => unsettled > 0,
  ),

  // Times and what follows from what stands
  row(
    'expired',
    LIVE,
    'tick',
    (session, { nowMs }) => ended(session, 'expired', nowMs),
    (_session, { nowMs }, { grant }) => nowMs >= grant.expiresAtMs,
  ),
  row(
    'frozenFinal',
    ['FROZEN'],
    'tick',
    (session, { nowMs }) => ended(session, 'final', nowMs),
    (session) => session.final,
  ),
  row(
    'collected',
    ['ENDING'],
    'tick',
    (session) => ({ session: { ...session, state: 'SETTLING' } }),
    (session, { nowMs }, { grant }) => session.final || nowMs >= (session.endedAtMs ?? 0) + grant.collectMs,
  ),

  // SETTLING, CLOSING
  row(
    'chosen',
    ['SETTLING', 'CLOSING'],
    'chosen',
    (session, { choice, base }) => ({ session: { ...session, state: 'CLOSING', choice, base, stuck: false } }),
    // An Ack may have raised the total while the agent was asked.
    (session, { choice }, { grant }) => !choice.exact || choice.ceilingMicros === closeTotal(session, grant),
  ),
  row('superseded', ['SETTLING', 'CLOSING'], 'superseded', (session, { version, base }) => ({
    session: { ...without(session, 'choice'), state: 'CLOSING', version, base, stuck: true },
  })),
  row(
    'closed',
    ['SETTLING', 'CLOSING'],
    'closed',
    (session, event, context) => closed(session, event, context, false),
    isCurrent,
  ),
  row(
    'neverClosed',
    ['CLOSING'],
    'neverClosed',
    (session, event, context) => closed(session, event, context, true),
    isCurrent,
  ),

  // CLOSED
  row(
    'lateClosed',
    ['CLOSED'],
    'lateClosed',
    (session, event, context) => closedLate(session, event, context),
    (session) => session.settlement?.unclosed === true,
  ),
  row(
    'refundDrafted',
    ['CLOSED'],
    'refundDrafted',
    (session, { bytes }, { grant }) => ({
      session: { ...session, refund: { micros: session.refund?.micros ?? micros(0n), bytes } },
      postings: [refundSigned(hex(session.sessionId), grant.agentWallet, session.refund?.micros ?? micros(0n))],
    }),
    ({ refund }) => refund !== undefined && refund.bytes === undefined,
  ),
  row(
    'refundDead',
    ['CLOSED'],
    'refundDead',
    (session, _event, { grant }) => ({
      session: { ...session, refund: { micros: session.refund?.micros ?? micros(0n) } },
      postings: [refundDead(hex(session.sessionId), grant.agentWallet, session.refund?.micros ?? micros(0n))],
    }),
    ({ refund }) => refund?.bytes !== undefined,
  ),
  row(
    'refundPaid',
    ['CLOSED'],
    'refundPaid',
    (session) => ({
      session: without(session, 'refund'),
      postings: [refundPaid(hex(session.sessionId), session.refund?.micros ?? micros(0n))],
    }),
    ({ refund }) => refund?.bytes !== undefined,
  ),
  row(
    'refundFound',
    ['CLOSED'],
    'refundFound',
    (session, _event, { grant }) => ({
      session: without(session, 'refund'),
      postings: [refundFound(hex(session.sessionId), grant.agentWallet, session.refund?.micros ?? micros(0n))],
    }),
    ({ refund }) => refund !== undefined && refund.bytes === undefined,
  ),
  row(
    'payoutDone',
    ['CLOSED'],
    'payoutDone',
    (session) => ({
      session:
        session.settlement === undefined
          ? session
          : { ...session, settlement: { ...session.settlement, payoutDone: true } },
    }),
    ({ settlement }, { statementId }) => settlement !== undefined && hex(settlement.statementId) === hex(statementId),
  ),
  row('paid', ['CLOSED'], 'tick', (session) => ({ session: { ...session, state: 'PAID' } }), isPaid),
]

/** The Statement was made from what still stands. */
function isCurrent(session: Session, facts: ClosedFacts): boolean {
  return facts.settledNumerator === session.settledNumerator
}

function isPaid({ settlement, refund }: Session): boolean {
  if (settlement === undefined || settlement.unclosed || refund !== undefined) return false
  return settlement.payoutDone || settlement.payableMicros === 0n
}

function voided(session: Session, _event: SessionEvent, { grant }: RowContext): Change {
  return { session: { ...session, state: 'VOID' }, postings: [release(hex(session.sessionId), grant.allowanceMicros)] }
}

function froze(session: Session, why: string): Change {
  return { session: { ...session, state: 'FROZEN', frozen: why } }
}

function ended(session: Session, reason: string, nowMs: number): Change {
  return { session: { ...session, state: 'ENDING', endReason: reason, endedAtMs: nowMs } }
}

/** Others moved the channel: what we waited for on the old version is void. */
function moved(session: Session, version: number, closedByOthers: boolean): Session {
  return { ...without(session, 'debit'), version, closedByOthers }
}

function closed(session: Session, facts: ClosedFacts, { grant }: RowContext, unclosed: boolean): Change {
  const { over, posting } = close(figures(session, facts, grant))
  return { session: settled(session, facts, over, unclosed), postings: [posting] }
}

function closedLate(session: Session, facts: ClosedFacts, { grant }: RowContext): Change {
  const { over, posting } = lateClose(figures(session, facts, grant))
  return { session: settled(session, facts, over, false), postings: [posting] }
}

function figures(session: Session, facts: ClosedFacts, grant: Grant) {
  return {
    sid: hex(session.sessionId),
    allowance: grant.allowanceMicros,
    debited: session.debitedMicros,
    total: facts.totalMicros,
    received: facts.receivedMicros,
    inChannel: facts.inChannelMicros,
    split: facts.split,
    payoutWallet: grant.payoutWallet,
  }
}

function settled(session: Session, facts: ClosedFacts, over: bigint, unclosed: boolean): Session {
  const { totalMicros, receivedMicros, statementSeq, statementId, version, split } = facts
  const payableMicros = micros(split.providerMicros + split.platformMicros + split.reserveMicros)
  const rest = without(without(without(session, 'contest'), 'refund'), 'debit')
  return {
    ...rest,
    state: 'CLOSED',
    version,
    stuck: false,
    settlement: { totalMicros, receivedMicros, statementSeq, statementId, payableMicros, payoutDone: false, unclosed },
    ...(over > 0n ? { refund: { micros: micros(over) } } : {}),
  }
}

function without<K extends 'debit' | 'choice' | 'contest' | 'refund' | 'restored'>(session: Session, key: K): Session {
  if (session[key] === undefined) return session
  const { [key]: _gone, ...rest } = session
  return rest as Session
}
