import type { Clock, Timers } from '@orien/protocol'
import type { Job, JobExit, OutputListener, OutputStream, Runner, RunningJob, StopReason } from '../port.ts'
import { failedExit } from './messages.ts'

/** What a program in this process is given. */
export interface ProgramContext {
  readonly argv: readonly [string, ...string[]]
  readonly stdin: Uint8Array
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Aborts when the job is stopped; what a program writes later goes nowhere. */
  readonly signal: AbortSignal
  /** Resolves when there is room for more: at once, or when the consumer resumes. */
  readonly write: (stream: OutputStream, bytes: Uint8Array) => Promise<void>
}

/** A tool as a function. Its result is the exit code (none: 0); one that throws exits with 1. */
export type Program = (context: ProgramContext) => Promise<number | void>

/**
 * The runner port over functions, for benchmarks and the deterministic world: same meter, caps and reasons, no process. `argv[0]` names
 * the program.
 */
export function inProcessRunner(
  programs: Readonly<Record<string, Program>>,
  components: { readonly clock: Clock; readonly timers: Timers },
): Runner {
  const running = new Map<string, RunningJob>()
  let closed = false

  return {
    start(job, onOutput) {
      const program = Object.hasOwn(programs, job.argv[0]) ? programs[job.argv[0]] : undefined
      if (closed) return failed(failedExit('runnerClosed', 'the runner is closed'))
      if (running.has(job.jobId)) return failed(failedExit('badJob', 'its id is running already'))
      if (program === undefined) return failed(failedExit('toolMissing', `${job.argv[0]} is not a program here`))
      const started = runProgram(job, program, onOutput, components, () => running.delete(job.jobId))
      running.set(job.jobId, started)
      return started
    },
    async close() {
      closed = true
      const jobs = [...running.values()]
      for (const job of jobs) job.stop('stopped')
      await Promise.all(jobs.map((job) => job.exited))
    },
  }
}

function failed(exit: JobExit): RunningJob {
  const nothing = (): void => undefined
  return {
    started: Promise.resolve(),
    exited: Promise.resolve(exit),
    stop: nothing,
    pauseOutput: nothing,
    resumeOutput: nothing,
  }
}

function runProgram(
  job: Job,
  program: Program,
  onOutput: OutputListener,
  { clock, timers }: { readonly clock: Clock; readonly timers: Timers },
  onExit: () => void,
): RunningJob {
  const releasedAtMs = clock.monoMs()
  const aborter = new AbortController()
  const exited = Promise.withResolvers<JobExit>()
  const output = meteredOutput(job.limits.outputBytes, onOutput, () => finish({ kind: 'stopped', stop: 'output' }))
  let done = false

  const finish = (how: Pick<JobExit, 'kind' | 'exitCode' | 'stop'>): void => {
    if (done) return
    done = true
    cancelLimit()
    output.end()
    const effectiveMs = Math.ceil(clock.monoMs() - releasedAtMs)
    if (how.kind === 'stopped') aborter.abort()
    onExit()
    exited.resolve({ ...how, effectiveMs, cpuMs: 0, throttledMs: 0, maxRssBytes: 0 })
  }
  const stop = (reason: StopReason): void => finish({ kind: 'stopped', stop: reason })
  const cancelLimit = timers.after(job.limits.maxMs, () => stop('maxMs'))
  const { argv, cwd, env, stdin = new Uint8Array(0) } = job
  const context: ProgramContext = { argv, cwd, env, stdin, signal: aborter.signal, write: output.write }
  // Off the caller's stack, so that it holds the job before the first output.
  void Promise.resolve()
    .then(() => (done ? undefined : program(context)))
    .then(
      (code) => finish({ kind: 'exited', exitCode: code ?? 0 }),
      () => finish({ kind: 'exited', exitCode: 1 }),
    )
  return { started: Promise.resolve(), exited: exited.promise, stop, ...output.flow }
}

/** Output up to the cap, held back while the consumer paused; `end` delivers what is held. */
function meteredOutput(
  capBytes: number,
  onOutput: OutputListener,
  overflow: () => void,
): Pick<ProgramContext, 'write'> & { end(): void; flow: Pick<RunningJob, 'pauseOutput' | 'resumeOutput'> } {
  let leftBytes = capBytes
  let ended = false
  let paused: PromiseWithResolvers<void> | undefined
  const held: (readonly [OutputStream, Uint8Array])[] = []

  const deliver = (): void => {
    const next = held.shift()
    if (next !== undefined) onOutput(...next)
  }
  const resume = (): void => {
    paused?.resolve()
    paused = undefined
    // The consumer may pause again in the middle.
    while (paused === undefined && held.length > 0) deliver()
  }
  return {
    async write(stream, bytes) {
      if (ended) return
      const kept = bytes.length <= leftBytes ? bytes : bytes.subarray(0, leftBytes)
      leftBytes -= kept.length
      if (kept.length > 0) {
        if (paused === undefined) onOutput(stream, kept)
        else held.push([stream, kept])
      }
      if (kept.length < bytes.length) overflow()
      else await paused?.promise
    },
    end() {
      ended = true
      while (held.length > 0) deliver()
      paused?.resolve()
    },
    flow: {
      pauseOutput: () => {
        if (!ended) paused ??= Promise.withResolvers()
      },
      resumeOutput: resume,
    },
  }
}
