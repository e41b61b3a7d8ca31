import { spawn, type StdioOptions } from 'node:child_process'
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Job } from '../../../src/tools/port.ts'
import { startRunner, type ProcessRunner, type RunnerOptions } from '../../../src/tools/runner/client.ts'
import { failureOf } from '../../../src/tools/runner/messages.ts'

const PATH = '/usr/local/bin:/usr/bin:/bin'
const onLinux = process.platform === 'linux'
const cleanups: (() => unknown)[] = []
let lastId = 0

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function runnerOf(options: Partial<RunnerOptions> = {}): Promise<ProcessRunner> {
  const runner = await startRunner({ path: PATH, ...options })
  cleanups.push(() => runner.close())
  return runner
}

function jobOf(argv: readonly [string, ...string[]], over: Partial<Job> = {}): Job {
  const limits = { maxMs: 30_000, outputBytes: 1 << 20 }
  return { jobId: `job ${++lastId}`, argv, cwd: '/', env: {}, limits, ...over }
}

/** A shell as the tool itself; resolves with the first line it prints while it goes on running. */
function shell(runner: ProcessRunner, script: string, over: Partial<Job> = {}) {
  let text = ''
  const line = Promise.withResolvers<string>()
  const job = runner.start(jobOf(['sh', '-c', script], { env: { PATH }, ...over }), (_, bytes) => {
    text += Buffer.from(bytes).toString()
    if (text.includes('\n')) line.resolve(text.slice(0, text.indexOf('\n')))
  })
  return { job, firstLine: line.promise, text: () => text }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  // A zombie whose new parent does not reap is dead enough.
  return !onLinux || !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
}

/** A process that starts a runner and a tool, and prints the process ids of both. */
function daemonOf(stdio: StdioOptions) {
  const client = new URL('../../../src/tools/runner/client.ts', import.meta.url)
  const script = `
    import { startRunner } from '${client.href}'
    const runner = await startRunner({ path: '${PATH}' })
    const limits = { maxMs: 30000, outputBytes: 1000 }
    const env = { PATH: '${PATH}' }
    runner.start({ jobId: '1', argv: ['sh', '-c', 'echo $$; exec sleep 60'], cwd: '/', env, limits }, (_, bytes) =>
      process.stdout.write(runner.pid() + ' ' + Buffer.from(bytes).toString()))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio })
  cleanups.push(() => child.kill('SIGKILL'))
  const firstLine = new Promise<string>((resolve) => {
    child.stdout?.once('data', (line: Buffer) => resolve(line.toString().trim()))
  })
  return { child, firstLine }
}

const gone = (pid: number): Promise<void> =>
  expect.poll(() => isAlive(pid), { timeout: 20_000, interval: 5 }).toBe(false)

describe('tools that misbehave', () => {
  it('error: one that ignores SIGTERM is killed after the grace', async () => {
    const { job, firstLine } = shell(await runnerOf(), 'trap "" TERM; echo ready; while :; do sleep 1; done')
    await firstLine
    job.stop('cancelled')
    expect(await job.exited).toMatchObject({ kind: 'stopped', stop: 'cancelled', signal: 'SIGKILL' })
  })

  it('behavior: one that obeys SIGTERM may tidy up', async () => {
    const { job, firstLine, text } = shell(
      await runnerOf({ limits: { graceMs: 20_000 } }),
      'trap "echo tidy; exit 7" TERM; echo ready; while :; do sleep 0.01; done',
    )
    await firstLine
    job.stop('ended')
    expect(await job.exited).toMatchObject({ kind: 'stopped', stop: 'ended', exitCode: 7 })
    expect(text()).toContain('tidy\n')
  })

  it('error: the cap leaves no grace', async () => {
    const runner = await runnerOf({ limits: { graceMs: 20_000 } })
    const { job, firstLine } = shell(runner, 'trap "" TERM; echo ready; while :; do sleep 1; done')
    await firstLine
    job.stop('cancelled')
    job.stop('cap')
    expect(await job.exited).toMatchObject({ kind: 'stopped', stop: 'cancelled', signal: 'SIGKILL' })
  })

  it('error: a background child is killed when the tool exits', async () => {
    const { job, firstLine } = shell(await runnerOf(), 'sleep 60 & echo $!')
    expect(await job.exited).toMatchObject({ kind: 'exited', exitCode: 0 })
    await gone(Number(await firstLine))
  })

  it.runIf(onLinux)('error: a daemonised child that holds stdout delays neither meter nor exit', async () => {
    const cwd = realpathSync(mkdtempSync(join(tmpdir(), 'orien-runner-')))
    cleanups.push(() => rmSync(cwd, { recursive: true, force: true }))
    // The tool ends only when its child has left the group.
    const script = "setsid sh -c 'echo $$; : > left; exec sleep 60' & until [ -e left ]; do sleep 0.01; done"
    const { job, firstLine } = shell(await runnerOf(), script, { cwd })
    const exit = await job.exited
    const pid = Number(await firstLine)
    cleanups.push(() => process.kill(pid, 'SIGKILL'))
    expect(exit).toMatchObject({ kind: 'exited', exitCode: 0 })
    // It still lives and holds the pipe (tier D has no way to find it): nobody waited for it.
    expect(isAlive(pid)).toBe(true)
    expect(exit.effectiveMs).toBeLessThan(30_000)
  })

  it('error: a flood is cut at the cap and its whole group dies', async () => {
    const runner = await runnerOf()
    const { job, firstLine } = shell(runner, 'sleep 60 & echo $!; yes', {
      limits: { maxMs: 30_000, outputBytes: 1 << 20 },
    })
    expect(await job.exited).toMatchObject({ kind: 'stopped', stop: 'output' })
    await gone(Number(await firstLine))
  })

  it('behavior: death by a signal of its own is an exit, not a stop', async () => {
    const { job } = shell(await runnerOf(), 'kill -KILL $$')
    expect(await job.exited).toMatchObject({ kind: 'exited', signal: 'SIGKILL' })
  })

  it('error: a tool that does not read a large stdin harms nobody', async () => {
    const runner = await runnerOf()
    const job = runner.start(jobOf(['true'], { stdin: new Uint8Array(4 << 20) }), () => undefined)
    expect(await job.exited).toMatchObject({ kind: 'exited', exitCode: 0 })
    expect((await runner.start(jobOf(['true']), () => undefined).exited).exitCode).toBe(0)
  })

  it('error: what cannot be executed is toolMissing, a lost folder is not the tool’s fault', async () => {
    const runner = await runnerOf()
    const failure = async (job: Job) => failureOf(await runner.start(job, () => undefined).exited)
    expect(await failure(jobOf(['/etc/passwd']))).toBe('toolMissing')
    expect(await failure(jobOf(['/']))).toBe('toolMissing')
    expect(await failure(jobOf(['./tool']))).toBe('toolMissing')
    expect(await failure(jobOf(['true'], { cwd: '/no/such/folder' }))).toBe('folderMissing')
    expect(await failure(jobOf(['true'], { cwd: 'relative' }))).toBe('badJob')
    expect(await failure(jobOf(['echo', 'a\0b']))).toBe('badJob')
    expect(await failure(jobOf(['echo', 'x'.repeat(200_000)]))).toBe('spawnFailed')
    expect(await failure(jobOf(['true'], { limits: { maxMs: Number.NaN, outputBytes: 1 } }))).toBe('badJob')
  })
})

describe('what a tool and the runner hold', () => {
  it.runIf(onLinux)('behavior: a tool has three descriptors, and none that the daemon inherited', async () => {
    // Node closes only the lowest inherited descriptors by itself: 77 would go through daemon and runner to the tool.
    const { child, firstLine } = daemonOf([
      ...Array.from({ length: 77 }, (_, fd) => (fd === 1 ? 'pipe' : 'ignore')),
      2,
    ] as const)
    const [runner, tool] = (await firstLine).split(' ')
    expect(readdirSync(`/proc/${child.pid}/fd`)).toContain('77')
    expect(readdirSync(`/proc/${runner}/fd`)).not.toContain('77')
    expect(readdirSync(`/proc/${tool}/fd`).toSorted()).toEqual(['0', '1', '2'])
  })

  it.runIf(onLinux)('behavior: the runner has nothing of the daemon: environment, folder, descriptors', async () => {
    process.env['ORIEN_CANARY'] = 'secret'
    cleanups.push(() => delete process.env['ORIEN_CANARY'])
    const file = openSync(new URL(import.meta.url), 'r')
    cleanups.push(() => closeSync(file))
    const pid = (await runnerOf()).pid() ?? 0
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).toBe(`PATH=${PATH}\0`)
    expect(readlinkSync(`/proc/${pid}/cwd`)).toBe('/')
    const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
    const own = ['/dev/null', `/proc/${pid}/stat`]
    expect(open.filter((target) => target.startsWith('/') && !own.includes(target))).toEqual([])
    expect(open.filter((target) => target.startsWith('socket:'))).toHaveLength(2)
  })

  it.runIf(onLinux)('behavior: CPU time and peak memory are told as evidence', async () => {
    const runner = await runnerOf()
    const busy = shell(runner, 'i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done')
    const { cpuMs, effectiveMs } = await busy.job.exited
    expect(cpuMs).toBeGreaterThanOrEqual(10)
    expect(cpuMs).toBeLessThanOrEqual(effectiveMs + 20)
    const idle = shell(runner, 'echo ready; sleep 60')
    await idle.firstLine
    idle.job.stop('cancelled')
    expect((await idle.job.exited).maxRssBytes).toBeGreaterThan(100_000)
  })
})

describe('confinement seam', () => {
  it('behavior: confine replaces what goes to exec', async () => {
    const confine = (job: Job) => ({ argv: ['env', ...job.argv] as const, env: { BOX: '1' } })
    let text = ''
    const job = (await runnerOf({ confine })).start(jobOf(['printenv', 'BOX']), (_, bytes) => {
      text += Buffer.from(bytes).toString()
    })
    expect((await job.exited).exitCode).toBe(0)
    expect(text).toBe('1\n')
  })

  it('error: a confine that refuses fails the job', async () => {
    const confine = (): never => {
      throw new Error('no sandbox here')
    }
    const exit = await (await runnerOf({ confine })).start(jobOf(['true']), () => undefined).exited
    expect(failureOf(exit)).toBe('confineFailed')
  })
})

describe('when a process dies', () => {
  it('error: the runner is killed: its jobs fail, what they left is killed, the next start works', async () => {
    const runner = await runnerOf()
    const { job, firstLine } = shell(runner, 'echo $$; sleep 60; true')
    const tool = Number(await firstLine)
    const before = runner.pid() ?? 0
    process.kill(before, 'SIGKILL')
    expect(failureOf(await job.exited)).toBe('runnerDied')
    await gone(tool)
    expect(await shell(runner, 'exit 4').job.exited).toMatchObject({ kind: 'exited', exitCode: 4 })
    expect(runner.pid()).not.toBe(before)
  })

  it('error: SIGTERM to the runner kills the tools first', async () => {
    const runner = await runnerOf()
    const { job, firstLine } = shell(runner, 'echo $$; sleep 60; true')
    const tool = Number(await firstLine)
    process.kill(runner.pid() ?? 0, 'SIGTERM')
    await gone(tool)
    expect(failureOf(await job.exited)).toBe('runnerDied')
  })

  it.runIf(onLinux)('error: a runner that hangs is replaced when a stop brings no exit', async () => {
    const runner = await runnerOf({ limits: { stopTimeoutMs: 50, graceMs: 0, drainMs: 0 } })
    const { job, firstLine } = shell(runner, 'echo $$; sleep 60; true')
    const tool = Number(await firstLine)
    process.kill(runner.pid() ?? 0, 'SIGSTOP')
    job.stop('cap')
    expect(failureOf(await job.exited)).toBe('runnerDied')
    await gone(tool)
  })

  it('error: the daemon is killed: runner and tools go with it', async () => {
    const { child: daemon, firstLine } = daemonOf(['ignore', 'pipe', 'inherit'])
    const pids = (await firstLine).split(' ').map(Number)
    expect(pids.map(isAlive)).toEqual([true, true])
    daemon.kill('SIGKILL')
    for (const pid of pids) await gone(pid)
  })

  it('error: a runner that cannot start is said to be missing', async () => {
    const before = process.execPath
    cleanups.push(() => (process.execPath = before))
    process.execPath = '/no/such/node'
    await expect(startRunner({ path: PATH })).rejects.toMatchObject({ code: 'partMissing' })
  })
})
