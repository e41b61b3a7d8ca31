/**
 * What a ClearNode of tag `clearnode/v0.5.2` bounds, and the bounds of this stand-in itself.
 * Source of the first group: notes on the real node. Times in ms.
 */
export const clearnodeLimits = {
  /** A request of a logged-in socket older than this is refused; there is no bound on the future. */
  requestAgeMs: 60_000,
  /** Transfer hashes are remembered this long, in memory only: a restart forgets them. */
  transferMemoryMs: 60_000,
  /** More challenges than this, pending or just answered, and nobody logs in by signature. */
  challenges: 1_000,
  challengeTtlMs: 300_000,
  /** An answered challenge is kept at least so long. */
  answeredTtlMs: 30_000,
  /** Dead challenges are swept this often, so the block above lasts 5 to 15 minutes. */
  challengeSweepMs: 600_000,
  jwtTtlMs: 86_400_000,
  /** A wallet without any request for so long must log in again. */
  idleMs: 86_400_000,
  pageDefault: 10,
  pageMax: 100,
  /** Statements of one transaction of the real node: between check and commit this many turns of the event loop pass. */
  turnsBeforeCommit: 8,
  /** One WebSocket message; session_data of 100 kB is accepted by the real node, so this must be larger. */
  maxMessageBytes: 4 * 1024 * 1024,
  /** One faucet request body. */
  maxFaucetBytes: 4_096,
  /** Remembered requests per process for get_rpc_history. */
  historyRows: 1_000,
  /** Fraction digits the ledger's columns keep; more are rounded when stored. */
  storedScale: 18,
  /** Digits a decimal may need: far above any balance, low enough that an exponent cannot exhaust memory. */
  decimalDigits: 1_000,
} as const
