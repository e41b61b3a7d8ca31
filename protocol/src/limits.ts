/**
 * Every bound of the protocol's documents, with its reason. Relations between them are asserted when this module
 * loads, so that a change that breaks one cannot start.
 */
export const LIMITS = {
  /** An envelope in transit; an Open carries a whole Offer, a Fund a whole Quote. */
  maxEnvelopeBytes: 192 * 1024,
  /** An Offer must fit a gossip message, which is refused above 64 KiB. */
  maxOfferBytes: 48 * 1024,
  /** A proof of 10 steps covers a batch of 1 024 documents. */
  maxProofSteps: 10,
  maxToolsPerOffer: 64,
  /** A JSON Schema that needs more is a schema nobody reads. */
  maxSchemaBytes: 8 * 1024,
  maxArgsBytes: 64 * 1024,
  maxNameBytes: 64,
  maxDescriptionBytes: 1_024,
  maxMemoBytes: 256,
  maxTags: 16,
  maxGlobs: 32,
  maxCoordinators: 16,
  maxBindings: 4,
  maxFiles: 1_024,
  maxPathBytes: 1_024,
  /** A call's list of files; it shares a frame of 1 MiB with the arguments. */
  maxManifestBytes: 512 * 1024,
  /** One file in or out; larger ones wait for archives. */
  maxBlobBytes: 1024 * 1024 * 1024,
  /** Price bounds in micro-USDC a minute: 0.000001 … 1 000 USDC. */
  minPriceMicrosPerMin: 1n,
  maxPriceMicrosPerMin: 1_000_000_000n,
  /** A call runs a day at most. */
  maxCallMs: 24 * 3_600_000,
  /** Stopping takes a moment, so a call may measure a little more than its limit. */
  maxMeasuredMs: 24 * 3_600_000 + 60_000,
  /** A session holds a million USDC at most. */
  maxAllowanceMicros: 1_000_000_000_000n,
  maxSessionMs: 24 * 3_600_000,
  maxWindowCalls: 1_024,
  maxFundAttempts: 5,
  maxOpenMessages: 2,
  maxOpenMessageBytes: 16 * 1024,
  maxDefinitionBytes: 4 * 1024,
  maxSignatures: 4,
  maxChequeBytes: 1_024,
  maxExceptions: 1_024,
  maxPayoutLegs: 100,
  maxPayoutStatements: 1_024,
  /** Dates beyond this are nonsense: year 2255 in ms still fits a double exactly. */
  maxTimeMs: 9_000_000_000_000,
} as const

/** What clocks of two machines may differ by before documents are refused. */
export const CLOCK_SKEW_MS = 120_000

/** The agent's clock tolerance (DESIGN §5): measured time × 1.001 + 5 ms. */
export const AGENT_CLOCK = { perMille: 1_001, slackMs: 5 } as const

/** Times of the protocol; the Grant's own fields win where it has them. */
export const TIMES = {
  /** A running call shows its meter this often. */
  tickMs: 5_000,
  /** Without the agent's TickAck a call runs this much longer, and no more is ever paid unseen. */
  tickAckMs: 30_000,
  startByMs: 60_000,
  quoteMs: 60_000,
  collectMs: 15 * 60_000,
  contestMs: 10 * 60_000,
  sessionMs: 3_600_000,
  /** chequeTs = expiresAt + 30 d. */
  chequeMs: 30 * 24 * 3_600_000,
  payoutMs: 24 * 3_600_000,
  /** A co-signature of a debit or close is waited for this long. */
  cosignMs: 30_000,
  /** Debits of one session are at least this far apart. */
  debitGapMs: 1_000,
  newPayoutWalletMs: 72 * 3_600_000,
} as const

const NUMERATOR_MAX = (1n << 64n) - 1n
const relations: readonly [boolean, string][] = [
  [LIMITS.maxOfferBytes * 2 <= LIMITS.maxEnvelopeBytes, 'an Open carries an Offer, bindings and little else'],
  [LIMITS.maxCallMs < LIMITS.maxMeasuredMs, 'a call that is stopped at its limit still fits'],
  [LIMITS.maxManifestBytes + LIMITS.maxArgsBytes < 1024 * 1024, 'arguments and the list of files fit one frame'],
  [LIMITS.maxPriceMicrosPerMin * BigInt(LIMITS.maxMeasuredMs) <= NUMERATOR_MAX, 'one call fits a uint64 numerator'],
  [LIMITS.maxAllowanceMicros * 60_000n <= NUMERATOR_MAX, 'an allowance fits a uint64 numerator'],
  [1 << LIMITS.maxProofSteps >= LIMITS.maxWindowCalls, 'one batch covers a full window'],
  [TIMES.tickMs < TIMES.tickAckMs, 'a tick comes before its TickAck is missed'],
]
for (const [holds, what] of relations) if (!holds) throw new Error(`limits.ts: ${what}`)
