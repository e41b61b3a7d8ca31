import type { AuthorizationReading, MinedBatch } from '@orien/node/rails'
import { equalBytes, hex, micros } from '@orien/protocol'
import { legBlocked, legPaid, type Posting } from '../ledger/postings.ts'
import type { PayoutSettings } from '../settings.ts'
import type { Flight, PayoutLegRecord, PayoutRecord } from './record.ts'
import { legRow, type LegEvent, type LegRow } from './steps.ts'

/** A payout after something was proved, and what that moves. */
export interface LegsChange {
  readonly record: PayoutRecord
  readonly postings: readonly Posting[]
  readonly rows: readonly LegRow[]
}

/**
 * A transaction is mined: legs its logs prove are paid, the others wait with their authorisation. Whatever the batch call itself said
 * proves nothing.
 */
export function applyMined(
  record: PayoutRecord,
  flight: Flight,
  mined: MinedBatch,
  transaction: string,
  nowMs: number,
  settings: PayoutSettings,
): LegsChange {
  const postings: Posting[] = []
  const rows: LegRow[] = []
  const legs = record.legs.map((leg) => {
    if (!flight.recipients.includes(leg.recipient)) return leg
    const proof = mined.legs.find(({ nonce }) => equalBytes(nonce, leg.nonce))
    const row = legRow(leg.state, proof?.outcome === 'paid' ? 'minedPaid' : 'minedFailed')
    if (row === undefined) return leg
    rows.push(row)
    if (row.to === 'paid') return paid(record, leg, transaction, postings)
    return blocked(record, leg, nowMs, settings, postings)
  })
  return { record: { ...record, legs }, postings, rows }
}

/** The transaction can never be mined: its legs wait, and are read one by one. */
export function dropFlight(record: PayoutRecord, flight: Flight, nowMs: number): LegsChange {
  const postings: Posting[] = []
  const rows: LegRow[] = []
  const legs = record.legs.map((leg) => {
    const row = flight.recipients.includes(leg.recipient) ? legRow(leg.state, 'dropped') : undefined
    if (row === undefined) return leg
    rows.push(row)
    postings.push(legBlocked(hex(record.payoutId), leg.recipient, leg.micros))
    return { ...leg, state: row.to, retryAtMs: nowMs }
  })
  return { record: { ...record, legs }, postings, rows }
}

/** Somebody else's transaction paid a leg: it counts. */
export function applyForeign(record: PayoutRecord, leg: PayoutLegRecord, transaction: string): LegsChange {
  const postings: Posting[] = []
  const legs = record.legs.map((one) =>
    one.recipient === leg.recipient ? paid(record, one, transaction, postings) : one,
  )
  return { record: { ...record, legs }, postings, rows: [] }
}

/**
 * The same authorisation while it can be used; a new attempt only when it never can: out of date and unused, or a cancellation was
 * mined. Used with a proof is paid. Used without either proves nothing: it may have paid, so nothing is sent.
 */
export function readingEvent(leg: Pick<PayoutLegRecord, 'validBeforeS'>, reading: AuthorizationReading): LegEvent {
  if (reading.used && reading.paidBy !== undefined) return 'readPaid'
  if (reading.used) return reading.cancelled === true ? 'readDead' : 'readUnproved'
  return reading.chainTimeS >= leg.validBeforeS ? 'readDead' : 'readUnused'
}

/** A leg that could not be decided on is looked at again later. */
export function postpone(record: PayoutRecord, leg: PayoutLegRecord, retryAtMs: number): PayoutRecord {
  return { ...record, legs: record.legs.map((one) => (one.recipient === leg.recipient ? { ...one, retryAtMs } : one)) }
}

/** What signed legs that are not paid could still take from the treasury. */
export function outstandingOf(records: Iterable<PayoutRecord>): bigint {
  let sum = 0n
  for (const { legs } of records) for (const leg of legs) if (leg.state !== 'paid') sum += leg.micros
  return sum
}

export function isFinished({ legs }: PayoutRecord): boolean {
  return legs.every(({ state }) => state === 'paid')
}

function paid(record: PayoutRecord, leg: PayoutLegRecord, transaction: string, postings: Posting[]): PayoutLegRecord {
  if (leg.state === 'paid') return leg
  postings.push(legPaid(hex(record.payoutId), leg.recipient, micros(leg.micros), leg.state === 'blocked'))
  return { ...leg, state: 'paid', paidBy: transaction }
}

function blocked(
  record: PayoutRecord,
  leg: PayoutLegRecord,
  nowMs: number,
  { retryMs, maxRetryMs }: PayoutSettings,
  postings: Posting[],
): PayoutLegRecord {
  if (leg.state === 'sent') postings.push(legBlocked(hex(record.payoutId), leg.recipient, leg.micros))
  const failures = leg.failures + 1
  const waitMs = Math.min(maxRetryMs, retryMs * 2 ** Math.min(30, failures - 1))
  return { ...leg, state: 'blocked', failures, retryAtMs: nowMs + waitMs }
}
