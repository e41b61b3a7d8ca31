// The compiler's worker thread: standard JSON input as workerData, standard JSON output as its one message.
import { parentPort, workerData } from 'node:worker_threads'
import solc from 'solc'

// solc types its interface as `any`.
const { compile } = solc as { compile: (input: string) => string }
const output: unknown = JSON.parse(compile(JSON.stringify(workerData)))
parentPort?.postMessage(output)
