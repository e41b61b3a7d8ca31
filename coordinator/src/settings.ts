import {
  CLOCK_SKEW_MS,
  DEFAULT_SPLIT,
  LIMITS,
  micros,
  TIMES,
  type Address,
  type Micros,
  type SplitBps,
  type WindowLimits,
} from '@orien/protocol'

/** Times of a coordinator. All may be shortened for a demo. */
export interface CoordinatorTimes {
  readonly quoteMs: number
  /** Fields of every Grant. */
  readonly collectMs: number
  readonly contestMs: number
  readonly chequeMs: number
  readonly payoutMs: number
  /** A co-signature is waited for this long. */
  readonly cosignMs: number
  readonly debitGapMs: number
  /** What clocks may differ by when a message is past landing. */
  readonly skewMs: number
  /** A Fund is answered `pending` when its channel does not stand by then; the first frame of a stream is due after 3 s. */
  readonly pendingMs: number
  /** First pause before an effect with an unknown outcome is looked at again; doubled up to maxRetryMs. */
  readonly retryMs: number
  readonly maxRetryMs: number
  /** Open channels are read this often, to see what others did to them. */
  readonly watchMs: number
}

export interface PayoutSettings {
  /** Statements and transactions are looked at this often. */
  readonly everyMs: number
  /** A payout is made when so much is owed, or when the oldest Statement is so old. */
  readonly thresholdMicros: Micros
  readonly maxAgeMs: number
  /**
   * A payout wallet for which less than this waits is left out of payouts until more does, or for dustMaxAgeMs; others do not wait for it. Counts
   * only up to a tenth of the threshold.
   */
  readonly dustMicros: Micros
  readonly dustMaxAgeMs: number
  /** An authorisation is good for so long after chain time. */
  readonly validMs: number
  /** A transaction that is not mined by then gets a higher fee, on the same nonce. */
  readonly feeBumpMs: number
  /** First pause before a leg that failed is tried again; doubled up to maxRetryMs. */
  readonly retryMs: number
  readonly maxRetryMs: number
  /** Tests and slow machines may want smaller batches: 3, the legs of one Statement, to 100. */
  readonly maxLegs: number
}

/** Everything an operator decides. Built by config.ts from coordinator.toml. */
export interface CoordinatorConfig {
  readonly chainId: number
  readonly channel: { readonly url: string; readonly asset: string }
  readonly token: Address
  readonly platform: Address
  readonly reserve: Address
  readonly splitBps: SplitBps
  /** Own money that may be at risk: unpaid + Σ holds never exceed it. */
  readonly floatMicros: Micros
  readonly maxAllowanceMicros: Micros
  readonly maxSessionMs: number
  /** Windows of an agent that never paid here, and the most anyone gets; doubled with every paid session. */
  readonly windows: { readonly first: WindowLimits; readonly max: WindowLimits }
  readonly maxSessionsPerAgent: number
  readonly times: CoordinatorTimes
  readonly payout: PayoutSettings
}

export const DEFAULT_COORDINATOR_TIMES: CoordinatorTimes = {
  quoteMs: TIMES.quoteMs,
  collectMs: TIMES.collectMs,
  contestMs: TIMES.contestMs,
  chequeMs: TIMES.chequeMs,
  payoutMs: TIMES.payoutMs,
  cosignMs: TIMES.cosignMs,
  debitGapMs: TIMES.debitGapMs,
  skewMs: CLOCK_SKEW_MS,
  pendingMs: 2_000,
  retryMs: 500,
  maxRetryMs: 30_000,
  watchMs: 60_000,
}

export const DEFAULT_PAYOUT: PayoutSettings = {
  everyMs: 5_000,
  thresholdMicros: micros(5_000_000n),
  maxAgeMs: 3_600_000,
  dustMicros: micros(10_000n),
  dustMaxAgeMs: 7 * 24 * 3_600_000,
  validMs: 24 * 3_600_000,
  feeBumpMs: 30_000,
  retryMs: 60_000,
  maxRetryMs: 3_600_000,
  maxLegs: LIMITS.maxPayoutLegs,
}

/** What stands in a config unless the operator says otherwise. */
export const DEFAULT_SETTINGS = {
  splitBps: DEFAULT_SPLIT,
  maxAllowanceMicros: micros(1_000_000_000n),
  maxSessionMs: TIMES.sessionMs,
  windows: {
    first: { windowMicros: micros(1_000_000n), windowCalls: 16 },
    max: { windowMicros: micros(100_000_000n), windowCalls: LIMITS.maxWindowCalls },
  },
  maxSessionsPerAgent: 256,
} as const
