// A daemon that starts programs: through the runner process, as a provider does, or by itself.
import { spawn } from 'node:child_process'
import { startRunner, type Runner } from '@orien/node'
import { burst } from '../measure.ts'
import { payload, type BurstWish } from '../payload.ts'
import { serve } from '../serve.ts'

export interface JobsStart {
  readonly through: 'runner' | 'spawn'
  readonly ballastMib: number
}

const PROGRAM = '/bin/echo'
const PATH = '/usr/bin:/bin'
const ballast: Uint8Array[] = []
let runner: Runner | undefined
let jobs = 0

/** The same program, arguments and environment either way; over when its output and its end are here. */
async function throughRunner(): Promise<void> {
  let bytes = 0
  const job = runner?.start(
    {
      jobId: String(++jobs),
      argv: [PROGRAM, payload().message],
      cwd: '/',
      env: { PATH },
      limits: { maxMs: 60_000, outputBytes: 1 << 20 },
    },
    (_, chunk) => {
      bytes += chunk.length
    },
  )
  const exit = await job?.exited
  if (exit?.exitCode !== 0 || bytes <= payload().message.length) throw new Error(`the job ended as ${exit?.kind}`)
}

function bySpawn(): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(PROGRAM, [payload().message], { cwd: '/', env: { PATH }, stdio: ['ignore', 'pipe', 'pipe'] })
    let bytes = 0
    child.stdout.on('data', (chunk: Uint8Array) => {
      bytes += chunk.length
    })
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0 && bytes > payload().message.length) resolve()
      else reject(new Error(`the program ended with ${code}`))
    })
  })
}

let one: () => Promise<void> = bySpawn

serve({
  async start({ through, ballastMib }: JobsStart) {
    for (let at = 0; at < ballastMib; at++) ballast.push(new Uint8Array(1 << 20).fill(1))
    if (through === 'spawn') return
    runner = await startRunner({ path: PATH })
    one = throughRunner
  },
  burst: ({ calls, inFlight }: BurstWish) => burst(calls, inFlight, one),
  ballast: () => ballast.length,
  stop: () => runner?.close(),
})
