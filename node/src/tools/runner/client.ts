import { OrienError } from '@orien/protocol'
import type { Job, JobExit, OutputListener, Runner, StopReason } from '../port.ts'
import { clientJob, type ClientJob } from './client-job.ts'
import { FRAME } from './frames.ts'
import { RUNNER_LIMITS, type RunnerLimits } from './limits.ts'
import { startLink, type RunnerLink } from './link.ts'
import { decodeJson, encodeJson, encodeStart, type StartedMessage } from './messages.ts'
import { sweepGroup } from './proc.ts'

/** What really goes to exec for a job: the seam where a sandbox tier wraps the tool. */
export interface Confined {
  readonly argv: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string>>
}

export interface RunnerOptions {
  /** Absolute folders, separated as in PATH, where programs named without a slash are found. */
  readonly path: string
  /** Wraps a job before it is sent; throws to refuse it. Without it the tool runs unconfined (tier D). */
  readonly confine?: (job: Job) => Confined
  readonly limits?: Partial<RunnerLimits>
}

/** The runner of a daemon, with the process id of the process behind it (undefined while there is none). */
export interface ProcessRunner extends Runner {
  pid(): number | undefined
}

/**
 * Starts the separate, keyless process that starts tools, and resolves when it answers. When that process dies, its jobs exit as `failed`
 * (`runnerDied`, billed nothing), what they left is killed, and the next `start` brings up a new one.
 *
 * Throws `partMissing` when the runner process does not come up.
 *
 * @example
 * const runner = await startRunner({ path: '/usr/bin:/bin' })
 * const job = runner.start({ jobId: '1', argv: ['uname'], cwd: '/', env: {}, limits }, (_, bytes) => out.write(bytes))
 * const { exitCode, effectiveMs } = await job.exited
 */
export async function startRunner(options: RunnerOptions): Promise<ProcessRunner> {
  const runner = new RunnerClient(options)
  await runner.open()
  return runner
}

class RunnerClient implements ProcessRunner {
  readonly #options: RunnerOptions
  readonly #limits: RunnerLimits
  readonly #jobs = new Map<number, ClientJob>()
  readonly #watchdogs = new Map<number, NodeJS.Timeout>()
  #link: RunnerLink | undefined
  #lastNumber = 0
  #closed: Promise<void> | undefined

  constructor(options: RunnerOptions) {
    this.#options = options
    this.#limits = { ...RUNNER_LIMITS, ...options.limits }
  }

  async open(): Promise<void> {
    const link = this.#connect()
    const timer = setTimeout(() => link.kill(), this.#limits.readyTimeoutMs)
    const ready = await link.ready
    clearTimeout(timer)
    if (ready) return
    throw new OrienError('partMissing', { message: `the runner process did not start: ${await link.ended}` })
  }

  pid(): number | undefined {
    return this.#link?.pid
  }

  start(job: Job, onOutput: OutputListener): ClientJob {
    const number = ++this.#lastNumber
    const client = clientJob(job, onOutput, {
      stop: (reason) => this.#stop(number, reason),
      pause: () => this.#link?.send(FRAME.pause, number),
      resume: () => this.#link?.send(FRAME.resume, number),
    })
    if (this.#closed !== undefined) client.fail('runnerClosed', 'the runner is closed')
    else this.#send(number, job, client)
    return client
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  #send(number: number, job: Job, client: ClientJob): void {
    const fault = jobFault(job, this.#limits) ?? (this.#isRunning(job.jobId) ? 'its id is running already' : undefined)
    if (fault !== undefined) return client.fail('badJob', fault)
    const confined = this.#confine(job)
    if (confined instanceof Error) return client.fail('confineFailed', confined.message)
    const { stdin, cwd, limits } = job
    const { graceMs, drainMs } = this.#limits
    const { maxMs, outputBytes } = limits
    const message = { ...confined, cwd, hasStdin: stdin !== undefined, maxMs, outputBytes, graceMs, drainMs }
    const link = this.#link ?? this.#connect()
    this.#jobs.set(number, client)
    link.send(FRAME.start, number, encodeStart(message, stdin))
  }

  #confine(job: Job): Confined | Error {
    if (this.#options.confine === undefined) return { argv: job.argv, env: job.env }
    try {
      return this.#options.confine(job)
    } catch (error) {
      return error instanceof Error ? error : new Error('the sandbox refused')
    }
  }

  #isRunning(jobId: string): boolean {
    for (const job of this.#jobs.values()) if (job.jobId === jobId) return true
    return false
  }

  #stop(number: number, reason: StopReason): void {
    const link = this.#link
    if (link === undefined) return
    link.send(FRAME.stop, number, encodeJson(reason))
    if (this.#watchdogs.has(number)) return
    const limitMs = this.#limits.stopTimeoutMs + this.#limits.graceMs + this.#limits.drainMs
    this.#watchdogs.set(
      number,
      setTimeout(() => link.kill(), limitMs),
    )
  }

  #connect(): RunnerLink {
    const link = startLink(this.#options.path, (kind, number, body) => this.#onFrame(kind, number, body))
    this.#link = link
    void link.ended.then((why) => this.#onEnded(link, why))
    return link
  }

  #onFrame(kind: number, number: number, body: Uint8Array): void {
    const job = this.#jobs.get(number)
    if (job === undefined) return
    if (kind === FRAME.stdout) job.onOutput('stdout', body)
    else if (kind === FRAME.stderr) job.onOutput('stderr', body)
    else if (kind === FRAME.started) job.onStarted(decodeJson<StartedMessage>(body))
    else if (kind === FRAME.exit) this.#finish(number, () => job.onExit(decodeJson<JobExit>(body)))
  }

  #finish(number: number, tell: () => void): void {
    clearTimeout(this.#watchdogs.get(number))
    this.#watchdogs.delete(number)
    this.#jobs.delete(number)
    tell()
  }

  #onEnded(link: RunnerLink, why: string): void {
    if (this.#link !== link) return
    this.#link = undefined
    for (const [number, job] of this.#jobs) {
      const group = job.group()
      if (group !== undefined) sweepGroup(group.pid, group.startTicks)
      this.#finish(number, () => job.fail(this.#closed === undefined ? 'runnerDied' : 'runnerClosed', why))
    }
  }

  async #close(): Promise<void> {
    const link = this.#link
    if (link === undefined) return
    link.send(FRAME.close, 0)
    const timer = setTimeout(() => link.kill(), this.#limits.closeTimeoutMs)
    await link.ended
    clearTimeout(timer)
  }
}

function jobFault(job: Job, limits: RunnerLimits): string | undefined {
  const texts = [...job.argv, job.cwd, ...Object.keys(job.env), ...Object.values(job.env)]
  if (texts.some((text) => text.includes('\0'))) return 'it holds a zero character'
  if (!job.cwd.startsWith('/')) return 'its folder is not absolute'
  if ((job.stdin?.length ?? 0) > limits.maxStdinBytes) return 'its standard input is too large'
  const { maxMs, outputBytes } = job.limits
  if (!Number.isSafeInteger(maxMs) || maxMs < 1 || maxMs > MAX_TIMER_MS) return 'its time limit is not a timer'
  if (!Number.isSafeInteger(outputBytes) || outputBytes < 0) return 'its output limit is not a size'
  return undefined
}

/** setTimeout fires at once above this. */
const MAX_TIMER_MS = 0x7fff_ffff
