import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock, Timers } from '@orien/protocol'
import { inProcessRunner, type Program } from '../../../src/tools/runner/in-process.ts'
import { runnerConformance } from '../../conformance/runner.ts'

const FOLDER = '/calls/1'
const clock: Clock = { wallMs: () => Date.now(), monoMs: () => performance.now() }
const timers: Timers = {
  after(delayMs, fire) {
    const timer = setTimeout(fire, delayMs)
    return () => clearTimeout(timer)
  },
}

const programs: Record<string, Program> = {
  async cat({ stdin, write }) {
    await write('stdout', stdin)
  },
  async args({ argv, write }) {
    for (const arg of argv.slice(1)) await write('stdout', Buffer.from(`${arg}\0`))
  },
  exit: async ({ argv }) => Number(argv[1]),
  async env({ env, write }) {
    for (const [name, value] of Object.entries(env)) await write('stdout', Buffer.from(`${name}=${value}\n`))
  },
  async cwd({ cwd, write }) {
    await write('stdout', Buffer.from(`${cwd}\n`))
  },
  async flood({ signal, write }) {
    while (!signal.aborted) {
      await write('stdout', new Uint8Array(4_096))
      await new Promise((resolve) => setImmediate(resolve))
    }
  },
  async produce({ argv, write }) {
    for (let left = Number(argv[1]); left > 0; left -= 65_536)
      await write('stdout', new Uint8Array(Math.min(left, 65_536)))
  },
  async sleep({ signal }) {
    await sleep(60_000, undefined, { signal })
  },
  async interleave({ write }) {
    await write('stdout', Buffer.from('1'))
    await write('stderr', Buffer.from('2'))
    await write('stdout', Buffer.from('3'))
  },
}

runnerConformance('functions in this process', async () => {
  const runner = inProcessRunner(programs, { clock, timers })
  return { runner, folder: FOLDER, argv: (tool, ...args) => [tool, ...args], cleanup: () => runner.close() }
})
