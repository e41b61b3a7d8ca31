import { OrienError, type Outcome } from '@orien/protocol'
import type { StopReason } from '../tools/port.ts'

/** Where an admitted call is. `starting` has its place and waits for its folder; a `running` one was handed to the runner. */
export type CallState = 'queued' | 'starting' | 'running' | 'done'

/**
 * What happens to a call: it gets a place (`slot`) and a process (`job`), which ends by itself, is stopped, or fails on our side; or it is
 * found at start, without receipt (`restart`). `expired` covers startBy and expiresAt.
 */
export type CallEvent = 'slot' | 'job' | 'exitZero' | 'exitNonZero' | 'signal' | 'failed' | 'restart' | StopReason

/** One row of PROTOCOL's table of a call at the provider. */
export interface CallTransition {
  /** `from/on`: stable, for whoever counts which rows were seen. */
  readonly name: `${CallState}/${CallEvent}`
  readonly from: CallState
  readonly on: CallEvent
  readonly to: CallState
  /** What the Receipt says, of a call that is done by this row. `notStarted` and `providerError` cost nothing. */
  readonly outcome: Outcome | undefined
}

function row(from: CallState, on: CallEvent, to: CallState, outcome?: Outcome): CallTransition {
  return { name: `${from}/${on}`, from, on, to, outcome }
}

/** Every change of a call, as PROTOCOL has them. A row to `done` takes effect with its Receipt: durable, then sent. */
export const CALL_TRANSITIONS: readonly CallTransition[] = [
  row('queued', 'slot', 'starting'),
  row('queued', 'expired', 'done', 'notStarted'),
  row('queued', 'cancelled', 'done', 'notStarted'),
  row('queued', 'ended', 'done', 'notStarted'),
  row('queued', 'stopped', 'done', 'providerError'),
  row('queued', 'failed', 'done', 'providerError'),

  row('starting', 'job', 'running'),
  row('starting', 'expired', 'done', 'notStarted'),
  row('starting', 'cancelled', 'done', 'notStarted'),
  row('starting', 'ended', 'done', 'notStarted'),
  row('starting', 'stopped', 'done', 'providerError'),
  row('starting', 'failed', 'done', 'providerError'),

  row('running', 'exitZero', 'done', 'ok'),
  row('running', 'exitNonZero', 'done', 'exitNonZero'),
  row('running', 'signal', 'done', 'signal'),
  row('running', 'cap', 'done', 'cap'),
  row('running', 'maxMs', 'done', 'maxMs'),
  row('running', 'expired', 'done', 'expired'),
  row('running', 'cancelled', 'done', 'cancelled'),
  row('running', 'ended', 'done', 'ended'),
  row('running', 'tickAck', 'done', 'tickAck'),
  row('running', 'output', 'done', 'output'),
  row('running', 'stopped', 'done', 'providerError'),
  row('running', 'failed', 'done', 'providerError'),
  row('running', 'restart', 'done', 'providerError'),
]

const byName = new Map(CALL_TRANSITIONS.map((one) => [one.name, one]))

/** The row of an event. Throws `internal` when there is none: an event that cannot happen in that state. */
export function callTransition(from: CallState, on: CallEvent): CallTransition {
  const found = byName.get(`${from}/${on}`)
  if (found === undefined) throw new OrienError('internal', { message: `a call that is ${from} cannot take ${on}` })
  return found
}
