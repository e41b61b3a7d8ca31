import { floorMicros, micros, numerator, OrienError, TIMES, type Micros, type MoneyState } from '@orien/protocol'
import type { AgentSession } from './session.ts'

/** Times of one call at the agent. */
export const TIMES_OF_CALL = {
  /** From sending: the provider starts it by then or not at all. */
  startByMs: TIMES.startByMs,
  /** How often a call is authorised anew when its number was used up. */
  maxTries: 3,
} as const

/** A call that was sent and whose end is not known: it may run, up to its cap. */
export function callMoney(capMicros: Micros): MoneyState {
  return { where: 'running', minMicros: micros(0n), maxMicros: capMicros, delivered: false }
}

/** A call that was never sent: the session holds its allowance as before, of which `min` is owed for earlier calls. */
export function sessionMoney(session: AgentSession): MoneyState {
  const owed = floorMicros(numerator(session.accepted))
  return { where: 'reserved', minMicros: owed, maxMicros: session.grant.allowanceMicros, delivered: false }
}

/** The caller aborted. */
export function cancelled(message: string, money?: MoneyState): OrienError {
  return new OrienError('cancelled', { message, ...(money === undefined ? {} : { money }) })
}

/** The same error, saying where a session's money is when it says nothing of its own. */
export function withMoney(error: OrienError, money: MoneyState): OrienError {
  if (error.money.where !== 'wallet') return error
  const { message, hint, details, cause } = error
  return new OrienError(error.code, { message, hint, details, money, cause: cause ?? error })
}
