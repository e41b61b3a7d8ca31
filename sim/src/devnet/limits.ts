/** Bounds of the devnet, each with its reason. None of them is a wait: they end a wait that went wrong. */
export const DEVNET_LIMITS = {
  /** A part prints its ready line within this; anvil takes 0.1 s, a Node process 0.5 s, on a loaded machine ten times that. */
  readyMs: 20_000,
  /** After SIGTERM: anvil writes its state on exit, which grows with the chain. Then SIGKILL. */
  stopMs: 10_000,
  /** One JSON-RPC answer; a dump of a long chain is the slowest. */
  rpcMs: 15_000,
  /** A transaction of the devnet itself is mined within this, blocks by the clock included. */
  minedMs: 10_000,
  /** Between two looks for a receipt; anvil mines at once, but answers the send before it has. */
  receiptPollMs: 5,
  /** The compiler's worker: 2 s on an idle core. */
  compileMs: 120_000,
  /** Blocks whose state a kept chain can be read at: each costs its whole state again in the file (200 kB at 500 accounts). */
  keptStates: 64,
  /** Between two writings of a kept chain by anvil itself, which cost CPU with the size of the file. */
  stateIntervalS: 5,
  /** Of a part's log, shown when it does not start. */
  logTailBytes: 2_000,
} as const
