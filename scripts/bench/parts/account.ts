import { NUMERATOR_PER_MICRO } from '@orien/protocol'

/** What an agent accepted, by its own records. */
export interface Account {
  readonly sessions: readonly string[]
  /** Calls that came back, and calls that were countersigned. */
  readonly made: number
  readonly calls: number
  /** Each session's sum is floored once, as it is settled. */
  readonly acceptedMicros: bigint
}

interface Accepted {
  readonly key: string
  readonly accepted: bigint
  readonly ackedThrough: number
}

export function accountOf(sessions: readonly Accepted[], made: number): Account {
  return {
    made,
    sessions: sessions.map((one) => one.key),
    calls: sessions.reduce((sum, one) => sum + one.ackedThrough, 0),
    acceptedMicros: sessions.reduce((sum, one) => sum + one.accepted / NUMERATOR_PER_MICRO, 0n),
  }
}
