import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Job, JobExit, OutputStream, Runner, RunningJob } from '../../src/tools/port.ts'
import { failureOf } from '../../src/tools/runner/messages.ts'

/**
 * Tools that every adapter brings, with the same behaviour:
 * cat: stdin to stdout · args: each argument and a zero byte · exit <code> · env: NAME=value lines · cwd: its folder and a newline ·
 * flood: writes for ever · produce <bytes>: writes that many bytes · sleep: a minute · interleave: `1` to stdout, `2` to stderr, `3` to stdout.
 */
export type ToolName = 'cat' | 'args' | 'exit' | 'env' | 'cwd' | 'flood' | 'produce' | 'sleep' | 'interleave'

export interface RunnerUnderTest {
  readonly runner: Runner
  /** An existing folder, by its real path. */
  readonly folder: string
  argv(tool: ToolName, ...args: readonly string[]): readonly [string, ...string[]]
  cleanup(): Promise<void>
}

interface Run {
  readonly job: RunningJob
  readonly exit: Promise<JobExit>
  readonly text: Record<OutputStream, string>
  readonly bytes: () => number
}

const LIMITS = { maxMs: 30_000, outputBytes: 1 << 20 }

/** The suite every Runner passes. */
export function runnerConformance(name: string, make: () => Promise<RunnerUnderTest>): void {
  describe(`runner: ${name}`, () => {
    let under: RunnerUnderTest
    let lastId = 0

    beforeEach(async () => {
      under = await make()
    })
    afterEach(() => under.cleanup())

    const jobOf = (argv: readonly [string, ...string[]], over: Partial<Job> = {}): Job => ({
      jobId: `job ${++lastId}`,
      argv,
      cwd: under.folder,
      env: {},
      limits: LIMITS,
      ...over,
    })
    const run = (job: Job, listen?: (run: Run) => void): Run => {
      let total = 0
      const text = { stdout: '', stderr: '' }
      const running = under.runner.start(job, (stream, bytes) => {
        total += bytes.length
        if (total <= 4_096) text[stream] += Buffer.from(bytes).toString('latin1')
        listen?.(made)
      })
      const made: Run = { job: running, exit: running.exited, text, bytes: () => total }
      return made
    }
    const cat = (stdin: string): Run => run(jobOf(under.argv('cat'), { stdin: Buffer.from(stdin) }))

    describe('running', () => {
      it('behavior: a tool that ends by itself exits with its code and a meter', async () => {
        const { job, exit } = run(jobOf(under.argv('exit', '3')))
        await job.started
        expect(await exit).toMatchObject({ kind: 'exited', exitCode: 3, throttledMs: 0 })
        const { effectiveMs } = await exit
        expect(Number.isSafeInteger(effectiveMs) && effectiveMs >= 0 && effectiveMs < 10_000).toBe(true)
      })

      it('behavior: standard input arrives whole and binary, and is closed', async () => {
        const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
        const { exit, text } = run(jobOf(under.argv('cat'), { stdin: every }))
        expect(await exit).toMatchObject({ exitCode: 0 })
        expect(Buffer.from(text.stdout, 'latin1')).toEqual(every)
      })

      it('behavior: without standard input a tool reads an empty one', async () => {
        const { exit, text } = run(jobOf(under.argv('cat')))
        expect(await exit).toMatchObject({ exitCode: 0 })
        expect(text.stdout).toBe('')
      })

      it('behavior: arguments reach the tool as they are, no shell in between', async () => {
        const args = ['$HOME', '`id`', '; ls', 'a  b', '*', '', '"', "'", '\\', '\n', 'é', '-n']
        const { exit, text } = run(jobOf(under.argv('args', ...args)))
        await exit
        expect(Buffer.from(text.stdout, 'latin1').toString('utf8')).toBe(args.map((arg) => `${arg}\0`).join(''))
      })

      it('behavior: the environment is exactly the given one', async () => {
        const { exit, text } = run(jobOf(under.argv('env'), { env: { A: '1', B: 'x=y' } }))
        await exit
        expect(text.stdout.trim().split('\n').toSorted()).toEqual(['A=1', 'B=x=y'])
      })

      it('behavior: the tool runs in its folder', async () => {
        const { exit, text } = run(jobOf(under.argv('cwd')))
        await exit
        expect(text.stdout).toBe(`${under.folder}\n`)
      })

      it('behavior: both streams arrive, each in order, before the exit', async () => {
        const { exit, text } = run(jobOf(under.argv('interleave')))
        await exit
        expect(text).toEqual({ stdout: '13', stderr: '2' })
      })

      it('behavior: all of a large output arrives before the exit', async () => {
        const { exit, bytes } = run(jobOf(under.argv('produce', '1000000')))
        expect(await exit).toMatchObject({ kind: 'exited', exitCode: 0 })
        expect(bytes()).toBe(1_000_000)
      })

      it('behavior: fifty jobs at once keep their outputs apart', async () => {
        const runs = Array.from({ length: 50 }, (_, at) => cat(`I am ${at}`))
        const exits = await Promise.all(runs.map(({ exit }) => exit))
        expect(exits.every((exit) => exit.exitCode === 0)).toBe(true)
        expect(runs.map(({ text }) => text.stdout)).toEqual(runs.map((_, at) => `I am ${at}`))
      })
    })

    describe('stopping', () => {
      it.each(['cap', 'expired', 'cancelled', 'ended', 'tickAck', 'stopped'] as const)(
        'behavior: stop(%s) ends the tool and says so',
        async (reason) => {
          const { job, exit } = run(jobOf(under.argv('sleep')))
          await job.started
          job.stop(reason)
          expect(await exit).toMatchObject({ kind: 'stopped', stop: reason })
        },
      )

      it('behavior: only the first reason counts', async () => {
        const { job, exit } = run(jobOf(under.argv('sleep')))
        await job.started
        job.stop('cancelled')
        job.stop('cap')
        expect(await exit).toMatchObject({ kind: 'stopped', stop: 'cancelled' })
        job.stop('ended')
        expect(await exit).toMatchObject({ stop: 'cancelled' })
      })

      it('behavior: a stop right after the start is not lost', async () => {
        const { job, exit } = run(jobOf(under.argv('sleep')))
        job.stop('cap')
        expect(await exit).toMatchObject({ kind: 'stopped', stop: 'cap' })
      })

      it('behavior: a stop after the exit changes nothing', async () => {
        const { job, exit } = run(jobOf(under.argv('exit', '0')))
        await exit
        job.stop('cap')
        expect(await exit).toMatchObject({ kind: 'exited', exitCode: 0 })
      })

      it('behavior: the runner itself stops a tool at maxMs', async () => {
        const { exit } = run(jobOf(under.argv('sleep'), { limits: { ...LIMITS, maxMs: 60 } }))
        const { kind, stop, effectiveMs } = await exit
        expect({ kind, stop }).toEqual({ kind: 'stopped', stop: 'maxMs' })
        expect(effectiveMs).toBeGreaterThanOrEqual(59)
      })

      it('behavior: output above the cap stops the tool; what is below it is delivered', async () => {
        const { exit, bytes } = run(jobOf(under.argv('flood'), { limits: { ...LIMITS, outputBytes: 100_001 } }))
        expect(await exit).toMatchObject({ kind: 'stopped', stop: 'output' })
        expect(bytes()).toBe(100_001)
      })

      it('behavior: output of exactly the cap is no reason to stop', async () => {
        const { exit, bytes } = run(jobOf(under.argv('produce', '5000'), { limits: { ...LIMITS, outputBytes: 5_000 } }))
        expect(await exit).toMatchObject({ kind: 'exited', exitCode: 0 })
        expect(bytes()).toBe(5_000)
      })

      it('behavior: close stops everything, and a later start fails', async () => {
        const runs = Array.from({ length: 5 }, () => run(jobOf(under.argv('sleep'))))
        await Promise.all(runs.map(({ job }) => job.started))
        await under.runner.close()
        const exits = await Promise.all(runs.map(({ exit }) => exit))
        expect(exits.map(({ kind, stop }) => [kind, stop])).toEqual(runs.map(() => ['stopped', 'stopped']))
        expect(failureOf(await cat('late').exit)).toBe('runnerClosed')
        await under.runner.close()
      })
    })

    describe('back-pressure', () => {
      it('behavior: a paused job delivers nothing and does not end; resumed it delivers all', async () => {
        let pauses = 0
        let whilePaused = 0
        let paused = false
        const flow = run(
          jobOf(under.argv('produce', '4000000'), { limits: { ...LIMITS, outputBytes: 1 << 23 } }),
          (made) => {
            if (paused) whilePaused++
            if (pauses++ > 0) return
            paused = true
            made.job.pauseOutput()
          },
        )
        let ended = false
        void flow.exit.then(() => (ended = true))
        // Other jobs run to their end meanwhile: pausing one holds up nobody else.
        for (let at = 0; at < 5; at++) expect((await cat('meanwhile').exit).exitCode).toBe(0)
        while (pauses === 0) await cat('until it wrote').exit
        for (let at = 0; at < 5; at++) await cat('meanwhile').exit
        expect({ ended, whilePaused }).toEqual({ ended: false, whilePaused: 0 })
        paused = false
        flow.job.resumeOutput()
        expect(await flow.exit).toMatchObject({ kind: 'exited', exitCode: 0 })
        expect(flow.bytes()).toBe(4_000_000)
      })

      it('behavior: a paused job can be stopped; its exit waits for no resume', async () => {
        const flow = run(jobOf(under.argv('flood'), { limits: { ...LIMITS, outputBytes: 1 << 30 } }), (made) =>
          made.job.pauseOutput(),
        )
        await flow.job.started
        while (flow.bytes() === 0) await cat('until it wrote').exit
        flow.job.stop('cap')
        expect(await flow.exit).toMatchObject({ kind: 'stopped', stop: 'cap' })
      })
    })

    describe('failing', () => {
      it('error: a program that is not there fails as toolMissing, unbilled', async () => {
        const { job, exit } = run(jobOf(['orien-no-such-program']))
        await job.started
        expect(failureOf(await exit)).toBe('toolMissing')
        expect(await exit).toMatchObject({ kind: 'failed', effectiveMs: 0 })
      })

      it('error: two running jobs cannot share an id', async () => {
        const first = run(jobOf(under.argv('sleep'), { jobId: 'same' }))
        await first.job.started
        expect(failureOf(await run(jobOf(under.argv('cat'), { jobId: 'same' })).exit)).toBe('badJob')
        first.job.stop('cap')
        expect(await first.exit).toMatchObject({ kind: 'stopped', stop: 'cap' })
      })
    })
  })
}
