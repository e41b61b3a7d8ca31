/** What can be told apart in one demo. */
export type Variant = 'plain' | 'vanish' | 'exhaust' | 'lie'
export type Tamper = 'receipt' | 'ledger' | 'payout' | 'cheque'

export interface DemoOptions {
  readonly variant: Variant
  readonly tamper: Tamper | undefined
  /** One JSON line at the end, and nothing else on stdout. */
  readonly json: boolean
  /** Kept when given; a temporary folder, deleted at the end, when absent. */
  readonly home: string | undefined
}

/**
 * The demo's times. Short, so that a settlement can be watched; the rules are the same as with the real ones
 * (15 min to collect, 10 min to contest, a tick every 5 s).
 */
export const DEMO_TIMES = {
  tickMs: 400,
  tickAckMs: 2_000,
  collectMs: 1_500,
  contestMs: 800,
  cosignMs: 2_000,
  debitGapMs: 150,
  payoutEveryMs: 150,
  sessionMs: 60_000,
  /** An agent that vanishes ends nothing: its session ends by expiry. */
  vanishSessionMs: 5_000,
} as const

/** Prices in USDC a minute, as provider.toml has them. */
export const DEMO_PRICES = {
  compile_contract: '0.90',
  run_build: '0.60',
  render_chart: '0.30',
  count_primes: '6',
} as const

/** What an agent may run ahead before it ever paid. */
export const DEMO_FIRST_WINDOW = '0.50'
export const DEMO_FIRST_WINDOW_CALLS = 4
/** USDC each agent starts with in the channel ledger. */
export const DEMO_AGENT_USDC = '20'
/** USDC the coordinator's treasury starts with on the local Arc. */
export const DEMO_TREASURY_USDC = '50'
/** What the coordinator may have at risk, in USDC. */
export const DEMO_FLOAT_USDC = '100'
