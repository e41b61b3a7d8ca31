import type { SessionPhase } from './session.ts'

/**
 * What moves a session on at its provider: it is `frozen` (by a Notice, by two documents for one place), `ended` (by either side, a Notice, its time, a
 * revocation), its channel is `closed` and everybody is `paid` (by Notices), or it was closed with the agent: `exited`, or
 * `exitedUnpaid` when others closed it with nothing for us.
 */
export type SessionEvent = 'frozen' | 'ended' | 'closed' | 'paid' | 'exited' | 'exitedUnpaid'

export interface SessionTransition {
  /** `from/on`: stable, for whoever counts which rows were seen. */
  readonly name: `${SessionPhase}/${SessionEvent}`
  readonly from: SessionPhase
  readonly on: SessionEvent
  readonly to: SessionPhase
}

function row(from: SessionPhase, on: SessionEvent, to: SessionPhase): SessionTransition {
  return { name: `${from}/${on}`, from, on, to }
}

/** Every change of a session at its provider. What has no row changes nothing: it came late, or twice. */
export const PROVIDER_SESSION_TRANSITIONS: readonly SessionTransition[] = [
  row('open', 'frozen', 'frozen'),
  row('open', 'ended', 'ending'),
  row('frozen', 'ended', 'ending'),
  row('ending', 'closed', 'closed'),
  row('closed', 'paid', 'paid'),
  row('open', 'exited', 'paid'),
  row('frozen', 'exited', 'paid'),
  row('ending', 'exited', 'paid'),
  row('closed', 'exited', 'paid'),
  row('open', 'exitedUnpaid', 'closed'),
  row('frozen', 'exitedUnpaid', 'closed'),
  row('ending', 'exitedUnpaid', 'closed'),
]

const byName = new Map(PROVIDER_SESSION_TRANSITIONS.map((one) => [one.name, one]))

/** The row of an event, when there is one. */
export function sessionTransition(from: SessionPhase, on: SessionEvent): SessionTransition | undefined {
  return byName.get(`${from}/${on}`)
}
