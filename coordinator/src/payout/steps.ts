import type { Transition } from '../metrics.ts'
import type { LegState } from './record.ts'

/** What can be learnt of a leg: how a mined transaction of ours treated it, or one reading of its authorisation. */
export type LegEvent = 'minedPaid' | 'minedFailed' | 'dropped' | 'readPaid' | 'readUnused' | 'readDead' | 'readUnproved'

/** What a leg calls for after a row. */
export type LegEffect = 'book' | 'wait' | 'sendAgain' | 'newAttempt'

export interface LegRow extends Transition {
  readonly from: LegState
  readonly on: LegEvent
  readonly to: LegState
  readonly effect: LegEffect
}

function leg(row: string, from: LegState, on: LegEvent, to: LegState, effect: LegEffect): LegRow {
  return { machine: 'payout', row, from, on, to, effect }
}

/** What becomes of a leg. A leg that is paid stays paid: there is no row for it. */
export const LEG_ROWS: readonly LegRow[] = [
  leg('leg.paid', 'sent', 'minedPaid', 'paid', 'book'),
  leg('leg.failed', 'sent', 'minedFailed', 'blocked', 'wait'),
  leg('leg.dropped', 'sent', 'dropped', 'blocked', 'wait'),
  leg('leg.retryPaid', 'blocked', 'minedPaid', 'paid', 'book'),
  leg('leg.failedAgain', 'blocked', 'minedFailed', 'blocked', 'wait'),
  leg('leg.paidByOthers', 'blocked', 'readPaid', 'paid', 'book'),
  leg('leg.sendAgain', 'blocked', 'readUnused', 'blocked', 'sendAgain'),
  leg('leg.newAttempt', 'blocked', 'readDead', 'blocked', 'newAttempt'),
  leg('leg.unproved', 'blocked', 'readUnproved', 'blocked', 'wait'),
]

/** The row for a leg; undefined when the event changes nothing of it. */
export function legRow(from: LegState, on: LegEvent): LegRow | undefined {
  return LEG_ROWS.find((row) => row.from === from && row.on === on)
}

/** What is known of the transaction in flight when it is looked at. */
export interface FlightFacts {
  readonly mined: boolean
  /** Turns in a row in which its account nonce was used up and nothing of ours was found. */
  readonly lostTurns: number
  /** This turn's answer to sending it again was that. */
  readonly superseded: boolean
  /** Since its newest transaction was made. */
  readonly ageMs: number
  readonly feeBumpMs: number
  /** It waits behind account nonces that nobody used. Only asked when it is old. */
  readonly gap: boolean
}

export type FlightEffect = 'book' | 'drop' | 'wait' | 'redraft' | 'raise'

export interface FlightRow extends Transition {
  readonly effect: FlightEffect
  fits(facts: FlightFacts): boolean
}

/** Turns in a row in which the nonce was used up and no transaction of ours was found, before the flight is given up. */
const LOST_TURNS = 3

function flight(row: string, effect: FlightEffect, fits: (facts: FlightFacts) => boolean): FlightRow {
  return { machine: 'payout', row, effect, fits }
}

/** What is done with the transaction in flight: the first row that fits. */
export const FLIGHT_ROWS: readonly FlightRow[] = [
  flight('flight.mined', 'book', ({ mined }) => mined),
  flight('flight.dropped', 'drop', ({ lostTurns }) => lostTurns >= LOST_TURNS),
  flight('flight.superseded', 'wait', ({ superseded }) => superseded),
  flight('flight.sameBytes', 'wait', ({ ageMs, feeBumpMs }) => ageMs < feeBumpMs),
  flight('flight.redrafted', 'redraft', ({ gap }) => gap),
  flight('flight.raised', 'raise', () => true),
]

export function flightRow(facts: FlightFacts): FlightRow {
  const row = FLIGHT_ROWS.find((one) => one.fits(facts))
  // The last row fits always.
  if (row === undefined) throw new TypeError('no row for a flight')
  return row
}

/** A set was made durable and sent for the first time; legs that failed were sent again. */
export const LAUNCH_ROWS = {
  launched: { machine: 'payout', row: 'launched' },
  relaunched: { machine: 'payout', row: 'relaunched' },
} as const satisfies Record<string, Transition>
