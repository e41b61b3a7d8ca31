/** Limits of the runner and its link, each with its reason. */
export interface RunnerLimits {
  /** SIGTERM to SIGKILL after a stop that leaves the tool time to tidy up. Short: it is billed. */
  readonly graceMs: number
  /** After the main process exited, how long its pipes may stay open: a background child that holds them delays nothing more. */
  readonly drainMs: number
  /** A stop that brings no exit within this (plus the grace) means that the runner hangs: it is killed and replaced. */
  readonly stopTimeoutMs: number
  /** From start of the runner process to its first frame. Node needs about 50 ms; a busy machine much more. */
  readonly readyTimeoutMs: number
  /** How long `close` waits for the runner to end its jobs before it kills them itself. */
  readonly closeTimeoutMs: number
  /** Standard input of one job; it travels in one frame and is held in memory. */
  readonly maxStdinBytes: number
}

export const RUNNER_LIMITS: RunnerLimits = {
  graceMs: 200,
  drainMs: 100,
  stopTimeoutMs: 2_000,
  readyTimeoutMs: 10_000,
  closeTimeoutMs: 2_000,
  maxStdinBytes: 16 << 20,
}

/** A start frame holds standard input, argv (≤ 128 KiB by the kernel) and the environment. */
export const MAX_FRAME_BYTES = RUNNER_LIMITS.maxStdinBytes + (4 << 20)

/** How often running tools are sampled for memory: often enough for tools of a second, cheap for fifty at once. */
export const SAMPLE_MS = 100
