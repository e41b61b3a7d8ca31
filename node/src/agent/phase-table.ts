import type { AgentPhase } from './session.ts'

/**
 * What moves a session on at its agent: it is `frozen` (Notice), `ended` by us, `over` by others (Notice, its time, the coordinator's Close), its
 * channel is `closed` and everybody is `paid` (Notices, once the Statements and Payouts are here), or it was closed with the provider: `exited`.
 */
export type AgentSessionEvent = 'frozen' | 'ended' | 'over' | 'closed' | 'paid' | 'exited'

export interface AgentSessionTransition {
  /** `from/on`: stable, for whoever counts which rows were seen. */
  readonly name: `${AgentPhase}/${AgentSessionEvent}`
  readonly from: AgentPhase
  readonly on: AgentSessionEvent
  readonly to: AgentPhase
}

function row(from: AgentPhase, on: AgentSessionEvent, to: AgentPhase): AgentSessionTransition {
  return { name: `${from}/${on}`, from, on, to }
}

/** Every change of a session at its agent. What has no row changes nothing: it came late, or twice. */
export const AGENT_SESSION_TRANSITIONS: readonly AgentSessionTransition[] = [
  row('open', 'frozen', 'frozen'),
  row('open', 'ended', 'ending'),
  row('open', 'over', 'ending'),
  row('open', 'exited', 'paid'),
  row('frozen', 'ended', 'ending'),
  row('frozen', 'over', 'ending'),
  row('frozen', 'exited', 'paid'),
  row('ending', 'closed', 'closed'),
  row('ending', 'paid', 'paid'),
  row('ending', 'exited', 'paid'),
  row('closed', 'paid', 'paid'),
  row('closed', 'exited', 'paid'),
]

const byName = new Map(AGENT_SESSION_TRANSITIONS.map((one) => [one.name, one]))

/** The row of an event, when there is one. */
export function agentTransition(from: AgentPhase, on: AgentSessionEvent): AgentSessionTransition | undefined {
  return byName.get(`${from}/${on}`)
}
