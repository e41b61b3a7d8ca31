/** What stops a running tool before it exits by itself. */
export type StopReason = 'cap' | 'maxMs' | 'expired' | 'cancelled' | 'ended' | 'tickAck' | 'output' | 'stopped'

/** A confined process to start. No shell ever sees it: `argv` goes to exec as it is. */
export interface Job {
  /** Unique among running jobs; the runner's tag for everything about this one. */
  readonly jobId: string
  /** Absolute program path or a name looked up on the provider's PATH, then its arguments. */
  readonly argv: readonly [string, ...string[]]
  /** The call's own folder. */
  readonly cwd: string
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  /** Bytes for standard input; closed after them. */
  readonly stdin?: Uint8Array
  readonly limits: JobLimits
}

export interface JobLimits {
  /** Wall limit from release, enforced by the runner too, so that a daemon that hangs bills nothing more. */
  readonly maxMs: number
  /** stdout + stderr together; more stops the tool. */
  readonly outputBytes: number
  readonly memoryBytes?: number
  readonly pids?: number
  readonly cpuMillis?: number
}

/** How a tool ended, with the meter (DESIGN §5) and its evidence. */
export interface JobExit {
  /** `exited`: by itself, with `exitCode` or `signal`. `stopped`: by us, `stop` says why. `failed`: the runner could not run it. */
  readonly kind: 'exited' | 'stopped' | 'failed'
  readonly exitCode?: number
  readonly signal?: string
  readonly stop?: StopReason
  /** For `failed`: why, in the runner's words. */
  readonly failure?: string
  /** Monotonic ms from release until the main process exited, rounded up. 0 when it never ran. */
  readonly effectiveMs: number
  readonly cpuMs: number
  readonly throttledMs: number
  readonly maxRssBytes: number
}

/** A tool that runs, or waits to be released. */
export interface RunningJob {
  /** Resolves when the process was released to run; effective time starts here. One that failed resolves it too, just before `exited`. Never rejects. */
  readonly started: Promise<void>
  /** Never rejects. All output was delivered before it resolves, also what was held back by a pause. */
  readonly exited: Promise<JobExit>
  /** Stops the whole process group. Only the first reason counts. */
  stop(reason: StopReason): void
  /** Back-pressure: output is not read while paused, so the tool blocks on its pipe. */
  pauseOutput(): void
  resumeOutput(): void
}

export type OutputStream = 'stdout' | 'stderr'
export type OutputListener = (stream: OutputStream, bytes: Uint8Array) => void

/** Starts jobs. Adapters: a separate keyless process (real), in-process functions (benchmarks, simulator). */
export interface Runner {
  start(job: Job, onOutput: OutputListener): RunningJob
  /** Stops everything that runs. */
  close(): Promise<void>
}
