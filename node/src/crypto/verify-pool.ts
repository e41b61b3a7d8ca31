import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { SignatureCheck, Verifier } from '@orien/protocol'
import { isPackable, packChecks } from './checks.ts'
import { nodeCrypto } from './ed25519.ts'

const LIMITS = {
  /** So few signatures are verified at once where they are, if nothing else waits: handing them over costs as much. */
  inlineChecks: 2,
  /** A job is large enough to pay for its message, and small enough that the last one does not keep the others waiting. */
  minJob: 4,
  maxJob: 64,
  /** A worker has its next job before it is done with the one at hand. */
  jobsAhead: 2,
  /** A worker that says nothing for so long is given up. Its job takes milliseconds. */
  answerMs: 10_000,
  /** A worker that died so often without ever answering in between is not started again. */
  maxDeaths: 3,
} as const

/** A verifier with threads of its own. */
export interface VerifyPool extends Verifier {
  /** Threads that run. None until there is work for them. */
  readonly running: number
  /** Ends the threads. What they had is verified in-process, and so is whatever comes later. */
  close(): Promise<void>
}

export interface VerifyPoolOptions {
  /** Threads at most; one for each core unless told. */
  readonly threads?: number
  /** Gives up on a silent thread after so long, ms. */
  readonly answerMs?: number
  /** The thread's script: tests bring worse ones. */
  readonly script?: URL
}

/**
 * Verifies on as many threads as there are cores. Work that comes in one turn of the event loop is shared out together, in jobs sized by how
 * much there is; little of it stays in-process. Threads start with the first load. One that dies or falls silent is replaced and its work done
 * in-process, so every question is answered, by the same `nodeCrypto.verify`.
 *
 * @example
 * const pool = createVerifyPool()
 * const answers = await pool.verifyAll(checks)
 * await pool.close()
 */
export function createVerifyPool(options: VerifyPoolOptions = {}): VerifyPool {
  return new Pool(options)
}

/** A question on its way, with the place its answer goes. */
interface Item {
  readonly check: SignatureCheck
  readonly answer: (good: boolean) => void
}

class Pool implements VerifyPool {
  readonly #seats: readonly Seat[]
  #queue: Item[] = []
  #scheduled = false
  #closed = false

  constructor({
    threads = availableParallelism(),
    answerMs = LIMITS.answerMs,
    script = defaultScript(),
  }: VerifyPoolOptions) {
    this.#seats = Array.from({ length: threads }, () => new Seat({ script, answerMs, freed: () => this.#share() }))
  }

  get running(): number {
    return this.#seats.filter((seat) => seat.isRunning).length
  }

  verifyAll(checks: readonly SignatureCheck[]): Promise<readonly boolean[]> {
    if (checks.length === 0) return Promise.resolve([])
    return new Promise((resolve) => {
      const answers = checks.map(() => false)
      let left = checks.length
      checks.forEach((check, at) => {
        this.#queue.push({
          check,
          answer: (good) => {
            answers[at] = good
            if (--left === 0) resolve(answers)
          },
        })
      })
      this.#schedule()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#seats.map((seat) => seat.close()))
    this.#share()
  }

  /** Everything that comes in this turn is shared out together. */
  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#share()
    })
  }

  #share(): void {
    const seats = this.#closed ? [] : this.#seats.filter((seat) => seat.isUsable)
    const isQuiet = seats.every((seat) => seat.jobs === 0)
    if (seats.length === 0 || (isQuiet && this.#queue.length <= LIMITS.inlineChecks)) {
      verifyHere(this.#queue.splice(0))
      return
    }
    const even = Math.ceil(this.#queue.length / (seats.length * LIMITS.jobsAhead))
    const size = Math.min(LIMITS.maxJob, Math.max(LIMITS.minJob, even))
    for (let ahead = 0; ahead < LIMITS.jobsAhead; ahead++) {
      for (const seat of seats) {
        if (this.#queue.length > 0 && seat.isUsable && seat.jobs === ahead) seat.give(this.#queue.splice(0, size))
      }
    }
  }
}

interface SeatOptions {
  readonly script: URL
  readonly answerMs: number
  /** Called when there is room for another job. */
  freed(): void
}

/** The place of one thread: its worker, if it runs, and the jobs the worker has. */
class Seat {
  readonly #options: SeatOptions
  #worker: Worker | undefined
  #jobs: (readonly Item[])[] = []
  #deaths = 0
  #watch: NodeJS.Timeout | undefined

  constructor(options: SeatOptions) {
    this.#options = options
  }

  get jobs(): number {
    return this.#jobs.length
  }

  get isRunning(): boolean {
    return this.#worker !== undefined
  }

  get isUsable(): boolean {
    return this.#deaths < LIMITS.maxDeaths
  }

  give(items: readonly Item[]): void {
    const job = items.filter(({ check }) => isPackable(check))
    for (const { check, answer } of items) if (!isPackable(check)) answer(false)
    if (job.length === 0) return
    this.#jobs.push(job)
    this.#worker ??= this.#start()
    const block = packChecks(job.map(({ check }) => check))
    this.#worker.postMessage(block, [block.buffer])
    this.#rewatch()
  }

  async close(): Promise<void> {
    const worker = this.#worker
    this.#deaths = LIMITS.maxDeaths
    this.#dropWorker()
    await worker?.terminate()
  }

  #start(): Worker {
    // No flags of the process that happens to ask.
    const worker = new Worker(this.#options.script, { execArgv: [], name: 'orien-verify' })
    worker.unref()
    worker.on('message', (answers: Uint8Array) => {
      if (worker === this.#worker) this.#answered(answers)
    })
    const died = (): void => {
      if (worker === this.#worker) this.#died()
    }
    worker.on('error', died)
    worker.on('messageerror', died)
    worker.on('exit', died)
    return worker
  }

  #answered(answers: Uint8Array): void {
    this.#deaths = 0
    const [job, ...rest] = this.#jobs
    this.#jobs = rest
    job?.forEach(({ answer }, at) => answer(answers[at] === 1))
    this.#rewatch()
    this.#options.freed()
  }

  #died(): void {
    this.#deaths += 1
    const worker = this.#worker
    this.#dropWorker()
    void worker?.terminate()
    this.#options.freed()
  }

  /** What the worker had is verified here. */
  #dropWorker(): void {
    this.#worker = undefined
    verifyHere(this.#jobs.splice(0).flat())
    this.#rewatch()
  }

  /** While a worker has work, its silence is timed; the timer also keeps the process alive, which the thread does not. */
  #rewatch(): void {
    clearTimeout(this.#watch)
    if (this.#jobs.length === 0) return
    this.#watch = setTimeout(() => this.#died(), this.#options.answerMs)
  }
}

function verifyHere(items: readonly Item[]): void {
  for (const { check, answer } of items) answer(nodeCrypto.verify(check.publicKey, check.message, check.signature))
}

function defaultScript(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './verify-worker.ts' : './verify-worker.js', import.meta.url)
}
