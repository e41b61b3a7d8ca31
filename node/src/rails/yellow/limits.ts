/** Bounds of the Yellow v0 rail, each with its reason. Times in ms. */
export const YELLOW_LIMITS = {
  /** A WebSocket on the same continent opens in well under a second. */
  connectMs: 10_000,
  /** The node answers in 5 to 18 ms and serves one request of a socket at a time; what takes this long is lost. */
  answerMs: 15_000,
  /** A read changes nothing and is asked again, each time on a new socket. */
  readAttempts: 3,
  /** Before the second attempt; a node is back 100 ms after a restart. Doubles from there. */
  retryMs: 150,
  /**
   * After a close or an operate without an answer nothing that moves the same channel's money is sent for this long: the
   * node pays both of two that race on two sockets, and a hung one may still be working on the first. After a start no Exit
   * is sent for as long: an earlier process may have sent one.
   */
  quietMs: 60_000,
  /** The node refuses a request whose timestamp is older than this by its own clock. */
  landingMs: 60_000,
  /** Between the node's check of a timestamp and its commit. */
  landedMarginMs: 10_000,
  /** The node's largest page. */
  pageSize: 100,
  /** 100 000 rows: more is no ledger of ours, and reading on would never end. */
  maxPages: 1_000,
  /** Readings until two looks at the version agree; each takes a few round trips. */
  readingAttempts: 5,
  /** The node's answers are a page of 100 rows of about 600 bytes; pushes are smaller. */
  maxMessageBytes: 1024 * 1024,
} as const

/** The same limits, of which a test may change some. */
export type YellowLimits = { readonly [Key in keyof typeof YELLOW_LIMITS]: number }

if (YELLOW_LIMITS.quietMs <= YELLOW_LIMITS.answerMs)
  throw new Error('limits.ts: a lost answer is waited for longer than its channel stays quiet')
