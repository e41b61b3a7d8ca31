import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isOrienError } from '@orien/protocol'
import { lockHome } from '../../../src/daemon/index.ts'

type Child = ChildProcessByStdio<null, Readable, Readable>

interface Daemon {
  readonly child: Child
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>
  /** Resolves once stdout has this text. */
  said(text: string): Promise<void>
}

let folder: string
let running: Child[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orien-daemon-'))
})
afterEach(async () => {
  for (const child of running) if (child.exitCode === null) child.kill('SIGKILL')
  running = []
  await rm(folder, { recursive: true, force: true })
})

const module = (name: string): string =>
  JSON.stringify(fileURLToPath(new URL(`../../../dist/${name}`, import.meta.url)))

/** A daemon program whose body is `body`; it may use everything of the daemon module, `home` and `OrienError`. */
function launch(body: string): Daemon {
  const program = `import { announceReady, lockHome, runDaemon } from ${module('daemon/index.js')}
    import { OrienError } from '@orien/protocol'
    const home = ${JSON.stringify(join(folder, 'home'))}
    const facts = { peer: 'p', addrs: ['/a/p2p/p'], home }
    const forever = () => setInterval(() => {}, 1000)
    ${body}`
  const cwd = fileURLToPath(new URL('../../..', import.meta.url))
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.push(child)
  let stdout = ''
  let stderr = ''
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()))
  const heard = new Set<() => void>()
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes.toString()
    for (const look of heard) look()
  })
  return {
    child,
    ended: once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr })),
    said: (text) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (stdout.includes(text)) resolve()
        }
        heard.add(look)
        look()
      }),
  }
}

test('behavior: says it is ready in one line of stdout, and a signal stops it in order with exit 0', async () => {
  const daemon = launch(`await runDaemon(async () => {
    const lock = await lockHome(home)
    forever()
    announceReady(facts)
    return { async stop() { await lock.release(); process.stderr.write('stopped in order') } }
  })`)
  await daemon.said('\n')
  daemon.child.kill('SIGTERM')
  const { code, stdout, stderr } = await daemon.ended
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toEqual({
    event: 'ready',
    peer: 'p',
    addrs: ['/a/p2p/p'],
    home: join(folder, 'home'),
    pid: daemon.child.pid,
  })
  expect(stdout.split('\n')).toHaveLength(2)
  expect(stderr).toBe('stopped in order')
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('behavior: a second %s forces the exit with %i', async (signal, code) => {
  const daemon = launch(`await runDaemon(async () => {
    forever()
    announceReady(facts)
    return { stop: () => { process.stdout.write('stopping'); return new Promise(() => {}) } }
  })`)
  await daemon.said('ready')
  daemon.child.kill('SIGTERM')
  await daemon.said('stopping')
  daemon.child.kill(signal)
  expect((await daemon.ended).code).toBe(code)
})

test('behavior: a signal aborts the start and ends by it, without an error', async () => {
  const daemon = launch(`await runDaemon((signal) => new Promise((_, reject) => {
    forever()
    signal.addEventListener('abort', () => reject(new OrienError('cancelled', { message: 'told to stop' })))
    process.stdout.write('starting')
  }))`)
  await daemon.said('starting')
  daemon.child.kill('SIGINT')
  expect(await daemon.ended).toEqual({ code: 130, stdout: 'starting', stderr: '' })
})

test('error: a failed start is printed for people and gives its exit code', async () => {
  const daemon = launch(
    `await runDaemon(async () => { throw new OrienError('badConfig', { message: 'no such tool' }) })`,
  )
  const { code, stdout, stderr } = await daemon.ended
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain('code   badConfig')
  expect(stderr).not.toContain(' at ')
})

test('error: a daemon that cannot go on is stopped in order and ends with its error', async () => {
  const daemon = launch(`await runDaemon(async () => ({
    ended: Promise.reject(new OrienError('storeFull', { message: 'full' })),
    async stop() { process.stdout.write('stopped in order') },
  }))`)
  expect(await daemon.ended).toMatchObject({ code: 1, stdout: 'stopped in order' })
})

test('error: a second daemon of one home is refused and told who has it; after kill -9 the home is free', async () => {
  const home = join(folder, 'home')
  const daemon = launch(`const lock = await lockHome(home); forever(); process.stdout.write('locked')`)
  await daemon.said('locked')
  const error = await lockHome(home).catch((cause: unknown) => cause)
  expect(isOrienError(error, 'locked') ? error.details : error).toEqual({ home, pid: daemon.child.pid })
  daemon.child.kill('SIGKILL')
  await daemon.ended
  const lock = await lockHome(home)
  await lock.release()
})
