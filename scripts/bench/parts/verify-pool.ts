// The ceiling of a coordinator: signatures a pool of `cores` workers verifies when it does nothing else.
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { serve } from '../serve.ts'

const workers = Array.from(
  { length: availableParallelism() },
  () => new Worker(new URL('./verify-worker.ts', import.meta.url)),
)

async function share(worker: Worker, count: number): Promise<void> {
  worker.postMessage(count)
  // Rejects when the worker ends with an error instead.
  await once(worker, 'message')
}

serve({
  start: () => workers.length,
  /** Verifications a second. */
  async verify(count: number): Promise<number> {
    const each = Math.ceil(count / workers.length)
    const from = performance.now()
    await Promise.all(workers.map((worker) => share(worker, each)))
    return (each * workers.length * 1_000) / (performance.now() - from)
  },
  stop: () => Promise.all(workers.map((worker) => worker.terminate())),
})
