import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { withLock } from '../../bootstrap/lock.mjs'

const url = (name: string) => new URL(`../../bootstrap/${name}`, import.meta.url).href
let folder = ''
const started: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orien-bootstrap-'))
})
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Starts a program text; in a session of its own, so that it has no terminal whoever runs the tests. */
function start(text: string) {
  const args = ['--input-type=module', '-e', text]
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  started.push(child)
  return child
}

/** A process that hands over to `inner` as the bootstrap does. */
const handOver = (inner: string) =>
  start(`
    import { endLike, run } from '${url('run.mjs')}'
    endLike(await run(process.execPath, ['-e', ${JSON.stringify(inner)}], { stdio: 'inherit' }))
  `)

async function ended(child: ChildProcess) {
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  return { code, signal }
}

const waiting = (signal: string, code: number) =>
  `process.once('${signal}', () => process.exit(${code})); console.log('ready'); setInterval(() => {}, 1000)`

describe('handing over', () => {
  it('behavior: the exit code is the child’s', async () => {
    expect(await ended(handOver('process.exit(42)'))).toEqual({ code: 42, signal: null })
  })

  it('behavior: a child that dies by a signal takes the parent the same way', async () => {
    const end = await ended(handOver(`process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000)`))
    expect(end).toEqual({ code: null, signal: 'SIGTERM' })
  })

  it.each([
    ['SIGTERM', 7],
    ['SIGHUP', 8],
    ['SIGINT', 9],
  ] as const)('behavior: without a terminal %s reaches the child', async (signal, code) => {
    const parent = handOver(waiting(signal, code))
    await once(parent.stdout, 'data')
    parent.kill(signal)
    expect(await ended(parent)).toEqual({ code, signal: null })
  })
})

describe('the lock between processes', () => {
  const lock = () => join(folder, 'lock')

  it('behavior: no two processes hold it at once', async () => {
    const counter = join(folder, 'counter')
    writeFileSync(counter, '0')
    const children = [1, 2, 3].map(() =>
      start(`
        import { readFileSync, writeFileSync } from 'node:fs'
        import { withLock } from '${url('lock.mjs')}'
        for (let i = 0; i < 5; i++)
          await withLock('${lock()}', undefined, async () => {
            const seen = Number(readFileSync('${counter}', 'utf8'))
            await new Promise((resolve) => setTimeout(resolve, 2))
            writeFileSync('${counter}', String(seen + 1))
          })
      `),
    )
    expect((await Promise.all(children.map(ended))).every((end) => end.code === 0)).toBe(true)
    expect(readFileSync(counter, 'utf8')).toBe('15')
  })

  it('behavior: the lock of a killed process is taken away', async () => {
    const holder = start(`
      import { withLock } from '${url('lock.mjs')}'
      await withLock('${lock()}', undefined, () => new Promise((resolve) => { console.log('held'); setTimeout(resolve, 600_000) }))
    `)
    await once(holder.stdout, 'data')
    holder.kill('SIGKILL')
    await ended(holder)
    expect(await withLock(lock(), undefined, () => 'mine')).toBe('mine')
  })
})
