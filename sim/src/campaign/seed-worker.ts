import { parentPort } from 'node:worker_threads'
import { runJob, type Job } from './job.ts'

/** A worker of the pool: one world after another. */
const unhandled: unknown[] = []
process.on('unhandledRejection', (error) => unhandled.push(error))
parentPort?.on('message', (job: Job) => {
  void runJob(job, unhandled).then((result) => parentPort?.postMessage(result))
})
