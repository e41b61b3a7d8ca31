import { parentPort } from 'node:worker_threads'
import { brokenBy, newWatch, runJob, seeUnhandled, type JobResult, type WorldJob } from './job.ts'

/** A worker of the pool: one world after another. What is thrown where nobody can catch it breaks the world that runs. */
const watch = newWatch()
const answer = (result: JobResult): void => parentPort?.postMessage(result)
process.on('unhandledRejection', (error) => seeUnhandled(watch, error))
process.on('uncaughtException', (error) => answer(brokenBy(error, watch)))
parentPort?.on('message', (job: WorldJob) => {
  runJob(job, watch)
    .then(answer)
    .catch((error: unknown) => answer(brokenBy(error, newWatch())))
})
