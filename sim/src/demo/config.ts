import { SHORT_TIMES } from '../cast/config.ts'

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

/** The demo's times, beside those that every local network has. */
export const DEMO_TIMES = {
  ...SHORT_TIMES,
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
