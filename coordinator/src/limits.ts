/** Bounds of the coordinator, each with its reason. What an operator may want otherwise is in settings.ts. */
export const COORDINATOR_LIMITS = {
  /**
   * Journal entries from one checkpoint to the next: what a start verifies at most before it serves, and what the audit verifies in one go. 256 are some
   * milliseconds of hashing; a checkpoint of 150 bytes is below 1 % of what it covers.
   */
  checkpointEvery: 256,
  /** Pause of the audit between two segments: it gets about a third of one core, and is through 10^6 entries in a minute. */
  auditPauseMs: 10,
  /** Receipts neither acknowledged nor ruled on, per session: they wait in memory. Windows hold 1 024 calls at most. */
  maxUnsettled: 4_096,
  /** Ranges of used callSeqs in a session's record. Calls are numbered one by one, so more than a few are made on purpose. */
  maxUsedRanges: 16,
  /** Acks ahead of their receipts, per session. An agent acknowledges in order, so more than a few is a flood. */
  maxWaitingAcks: 64,
  /** Cheques of a session that a close could still choose. One is given per half window; those below what is settled do not count. */
  maxCheques: 4_096,
  /** Documents of one batch: what a frame of 1 MiB holds anyway, so that one decision stays short. */
  maxBatchReceipts: 1_024,
  maxBatchCheques: 16,
  maxBatchAcks: 256,
  maxBatchEnds: 4,
  /** Batches of one stream that are being decided at a time; the stream is not read beyond. */
  maxBatchesInFlight: 64,
  /** And so many bytes of them: 64 frames of 1 MiB on each of a peer's streams would be a GiB. */
  maxBatchBytesInFlight: 2 * 1024 * 1024,
  /** Sum of all claims of a session: a Statement's total must still be an amount. */
  maxClaimedNumerator: 1_000_000_000_000n * 60_000n,
  /** Evidence documents kept per session. The first two of a breach are the ones that matter. */
  maxEvidence: 64,
  /** Receipts shown to the agent in one contest round: a whole window, as long as it answers, or it would owe what it was never shown. */
  contestReceipts: 1_024,
  contestRounds: 3,
  /** Opens of one peer, and as many Funds: a burst, then so many a second. Each costs some signatures to check. */
  openBurst: 64,
  opensPerSecond: 8,
  /** Peers whose open rates are remembered. */
  maxRatePeers: 10_000,
  /** Notices pushed to a peer that opens a receipts stream. */
  maxGreetings: 64,
  /** Frames waiting for one slow reader before its stream is dropped: Notices replace each other, so nothing is lost. */
  maxPushed: 256,
  heartbeatMs: 10_000,
  /** The longest sleep of a session's timer: the wall clock may jump meanwhile. */
  maxSleepMs: 60_000,
  /** A Statement's words on the close. */
  maxEvidenceText: 1_024,
  /** Statements one payout takes; its document holds as many. */
  maxPayoutStatements: 1_024,
  maxPayoutLegs: 100,
  /** Waiting Statements of which a payout that was lost with a newer book is looked for: one question to the chain each. */
  maxLostPrefix: 256,
} as const
