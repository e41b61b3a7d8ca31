/** Bounds of the Arc rail, each with its reason. */
export const ARC_LIMITS = {
  /** One JSON-RPC answer. Arc's own nodes answer in well under a second; ten cover a bad line. */
  rpcMs: 10_000,
  /** Blocks of one eth_getLogs: public endpoints refuse 10 000 and more. */
  logRangeBlocks: 9_000n,
  /** How far back a used authorisation is looked for before its validBefore: signatures are good for a day. */
  lookBackS: 3 * 86_400,
  /** Tip as a share of the whole fee, so that a replacement raises both, as nodes want. */
  tipShare: 20n,
  /** The base fee may double in six blocks, three seconds on Arc. */
  baseFeeTimes: 2n,
} as const
