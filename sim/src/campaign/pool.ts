import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { JobResult, WorldJob } from './job.ts'

/** Runs worlds on all cores. */
export interface Pool {
  /** Runs each world and hands over its result as it comes; stops early when `onResult` says false. */
  run(worlds: Iterable<WorldJob>, onResult: (result: JobResult, options: WorldJob) => boolean): Promise<void>
  close(): Promise<void>
}

interface Seat {
  readonly worker: Worker
  /** Resolves with the result of the world it runs. */
  answer: ((result: JobResult) => void) | undefined
}

export function createPool(size = availableParallelism()): Pool {
  const seats = Array.from({ length: size }, (): Seat => {
    const worker = new Worker(new URL('seed-worker.js', import.meta.url))
    const seat: Seat = { worker, answer: undefined }
    worker.on('message', (result: JobResult) => seat.answer?.(result))
    worker.on('error', (error: unknown) => seat.answer?.({ id: -1, thrown: String(error) }))
    return seat
  })
  let id = 0
  const ask = (seat: Seat, options: WorldJob): Promise<JobResult> =>
    new Promise((resolve) => {
      seat.answer = resolve
      seat.worker.postMessage({ id: ++id, options })
    })
  return {
    async run(worlds, onResult) {
      const rest = worlds[Symbol.iterator]()
      let going = true
      const work = async (seat: Seat): Promise<void> => {
        for (let next = rest.next(); going && next.done !== true; next = rest.next())
          if (!onResult(await ask(seat, next.value), next.value)) going = false
      }
      await Promise.all(seats.map(work))
    },
    async close() {
      await Promise.all(seats.map(({ worker }) => worker.terminate()))
    },
  }
}
