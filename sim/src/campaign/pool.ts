import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { textOf, type JobResult, type WorldJob } from './job.ts'

/** Runs worlds on all cores. */
export interface Pool {
  /** Runs each world and hands over its result as it comes; stops early when `onResult` says false. */
  run<J extends WorldJob>(worlds: Iterable<J>, onResult: (result: JobResult, job: J) => boolean): Promise<void>
  /** Runs one world. */
  play(job: WorldJob): Promise<JobResult>
  close(): Promise<void>
}

export interface PoolOptions {
  readonly size?: number
  /** What runs in a worker. */
  readonly program?: URL
}

/** A place for one worker. A worker that dies, or in which a world broke and may still go on, is replaced; its world is `thrown`. */
interface Seat {
  play(job: WorldJob): Promise<JobResult>
  close(): Promise<void>
}

export function createPool({
  size = availableParallelism(),
  program = new URL('seed-worker.js', import.meta.url),
}: PoolOptions = {}): Pool {
  const seats = Array.from({ length: size }, () => createSeat(program))
  const pool: Pool = {
    async run(worlds, onResult) {
      const rest = worlds[Symbol.iterator]()
      let going = true
      const work = async (seat: Seat): Promise<void> => {
        for (let next = rest.next(); going && next.done !== true; next = rest.next())
          if (!onResult(await seat.play(next.value), next.value)) going = false
      }
      await Promise.all(seats.map(work))
    },
    async play(job) {
      let answer: JobResult = {}
      await pool.run([job], (result) => {
        answer = result
        return true
      })
      return answer
    },
    async close() {
      await Promise.all(seats.map((seat) => seat.close()))
    },
  }
  return pool
}

function createSeat(program: URL): Seat {
  let worker: Worker | undefined
  const hire = (): Worker => {
    const hired = new Worker(program)
    // Whoever waits for it hears its errors too; one between two worlds must not end the campaign.
    hired.on('error', () => undefined)
    hired.once('exit', () => {
      if (worker === hired) worker = undefined
    })
    return hired
  }
  const close = async (): Promise<void> => {
    const old = worker
    worker = undefined
    await old?.terminate()
  }
  return {
    async play(job) {
      worker ??= hire()
      const result = await ask(worker, job)
      if (result.thrown !== undefined) await close()
      return result
    },
    close,
  }
}

/** What a worker says to a job, or why it says nothing. */
function ask(worker: Worker, job: WorldJob): Promise<JobResult> {
  return new Promise((resolve) => {
    const onError = (error: unknown): void => done({ thrown: textOf(error) })
    const onExit = (code: number): void => done({ thrown: `its worker ended with code ${code}` })
    const done = (result: JobResult): void => {
      worker.off('message', done).off('error', onError).off('exit', onExit)
      resolve(result)
    }
    worker.on('message', done).on('error', onError).on('exit', onExit)
    worker.postMessage(job)
  })
}
