/** Times of a network whose settlement can be watched; PROTOCOL's rules with shorter waits. All in ms. */
export interface CastTimes {
  readonly tickMs: number
  readonly tickAckMs: number
  readonly collectMs: number
  readonly contestMs: number
  readonly cosignMs: number
  readonly debitGapMs: number
  readonly payoutEveryMs: number
}

/** Short, so that a settlement can be watched: the real ones are 15 min to collect, 10 min to contest, a tick every 5 s. */
export const SHORT_TIMES: CastTimes = {
  tickMs: 400,
  tickAckMs: 2_000,
  collectMs: 1_500,
  contestMs: 800,
  cosignMs: 2_000,
  debitGapMs: 150,
  payoutEveryMs: 150,
}

/** Who starts with what, in USDC. */
export const CAST_USDC = {
  /** Each agent, in the channel ledger. */
  agent: '20',
  /** The coordinator's treasury on the local Arc. */
  treasury: '50',
  /** What the coordinator may have at risk. */
  float: '100',
  /** What an agent may run ahead before it ever paid. */
  firstWindow: '0.50',
} as const
/** Calls in flight of an agent that never paid. */
export const FIRST_WINDOW_CALLS = 4
