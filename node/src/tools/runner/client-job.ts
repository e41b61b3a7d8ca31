import type { Job, JobExit, OutputListener, OutputStream, RunningJob, StopReason } from '../port.ts'
import { failedExit, type RunnerFailure, type StartedMessage } from './messages.ts'

/** What a job asks of the link. */
export interface JobControls {
  stop(reason: StopReason): void
  pause(): void
  resume(): void
}

/** The daemon's side of one job: the port's face, and what the link tells it. */
export interface ClientJob extends RunningJob {
  readonly jobId: string
  /** The process group, once known; for sweeping when the runner died. */
  group(): StartedMessage | undefined
  onStarted(message: StartedMessage): void
  onOutput(stream: OutputStream, bytes: Uint8Array): void
  onExit(exit: JobExit): void
  fail(failure: RunnerFailure, words: string): void
}

/** A job in its three phases: sent, started, exited. The last is final. */
export function clientJob(job: Job, listener: OutputListener, controls: JobControls): ClientJob {
  const started = Promise.withResolvers<void>()
  const exited = Promise.withResolvers<JobExit>()
  let group: StartedMessage | undefined
  let done = false
  let paused = false
  const held: (readonly [OutputStream, Uint8Array])[] = []

  const deliver = (evenPaused: boolean): void => {
    for (let next = held.shift(); next !== undefined; next = held.shift()) {
      listener(...next)
      // The consumer may pause again in the middle.
      if (paused && !evenPaused) return
    }
  }
  const finish = (exit: JobExit): void => {
    if (done) return
    done = true
    // The rest is no more than the pipes held; a paused consumer must not delay a receipt.
    deliver(true)
    started.resolve()
    exited.resolve(exit)
  }
  return {
    jobId: job.jobId,
    started: started.promise,
    exited: exited.promise,
    stop(reason) {
      if (!done) controls.stop(reason)
    },
    pauseOutput() {
      if (paused || done) return
      paused = true
      controls.pause()
    },
    resumeOutput() {
      if (!paused || done) return
      paused = false
      deliver(false)
      if (!paused) controls.resume()
    },
    group: () => group,
    onStarted(message) {
      group = message
      started.resolve()
    },
    onOutput(stream, bytes) {
      if (done) return
      if (paused) held.push([stream, bytes])
      else listener(stream, bytes)
    },
    onExit: finish,
    fail: (failure, words) => finish(failedExit(failure, words)),
  }
}
