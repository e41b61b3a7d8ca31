import { describe, expect, test } from 'vitest'
import { explain, failureLines } from '../../src/campaign/explain.ts'
import type { JobResult, SeedJob, WorldJob } from '../../src/campaign/job.ts'
import { pickLines } from '../../src/campaign/lines.ts'
import { createPool } from '../../src/campaign/pool.ts'
import { shrink } from '../../src/campaign/shrink.ts'
import { createTally } from '../../src/campaign/tally.ts'
import { changedWorld, commandOf, cutWorldOf, liarWorldOf, worldOf } from '../../src/campaign/worlds.ts'
import { FAULT_KINDS, type FaultKind } from '../../src/world/ports/faults.ts'
import type { SeedResult } from '../../src/world/run/seed.ts'

const NO_FAULT = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>

function resultOf(seed: number, more: Partial<SeedResult> = {}): SeedResult {
  return {
    ...{ seed, calls: 1, attempts: 1, events: 1, ioPoints: 1, cuts: 0, virtualMs: 1, faults: NO_FAULT },
    ...{ transitions: [], violations: [], unsettled: [], traceHash: '', trace: [], ...more },
  }
}

/** Half of the faults happen; the world fails while one of them is there. */
function playNeeding(kind: FaultKind, played: SeedJob[]): (job: WorldJob) => Promise<JobResult> {
  return (job) => {
    if ('liar' in job) throw new RangeError('no lies here')
    played.push(job)
    const present = job.faults ?? FAULT_KINDS.filter((_one, at) => at % 2 === FAULT_KINDS.indexOf(kind) % 2)
    const faults = { ...NO_FAULT, ...Object.fromEntries(present.map((one) => [one, 1])) }
    const violations = present.includes(kind) ? [{ invariant: 'closed', detail: 'it is open' }] : []
    return Promise.resolve({ result: resultOf(job.seed, { faults, violations }) })
  }
}

describe('shrink', () => {
  const failure = { job: worldOf(4), invariant: 'closed', detail: '' }

  test('behavior: finds the one fault and the fewest calls that a failure needs, and says what still fails', async () => {
    const played: SeedJob[] = []
    const smaller: SeedJob[] = []
    const shrunk = await shrink(failure, {
      play: playNeeding('clock.jump', played),
      onSmaller: (job) => smaller.push(job),
    })
    expect(shrunk?.job).toMatchObject({ seed: 4, faults: ['clock.jump'], callsPerAgent: 1 })
    expect(smaller.at(-1)).toEqual(shrunk?.job)
    expect(played.length).toBeLessThanOrEqual(41)
  })

  test('behavior: ends after so many worlds, however many faults are needed', async () => {
    let played = 0
    await shrink(failure, {
      play: (job) => {
        played += 1
        // Each fault is needed.
        const all = job.faults === undefined || job.faults.length === FAULT_KINDS.length
        const faults = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 1])) as Record<FaultKind, number>
        return Promise.resolve({
          result: resultOf(4, { faults, violations: all ? [{ invariant: 'closed', detail: '' }] : [] }),
        })
      },
      onSmaller: () => undefined,
    })
    expect(played).toBeLessThanOrEqual(41)
  })

  test('behavior: shrinks a world that breaks too', async () => {
    const play = (): Promise<JobResult> => Promise.resolve({ thrown: 'Error: boom', trace: [] })
    const shrunk = await shrink({ ...failure, invariant: 'thrown' }, { play, onSmaller: () => undefined })
    expect(shrunk?.job).toMatchObject({ faults: [], callsPerAgent: 1 })
  })
})

describe('explain', () => {
  test('behavior: plays the lie that failed again, and names the command that does', async () => {
    const told: string[] = []
    const failure = { job: worldOf(5), invariant: 'lie ack-twice', detail: 'ada lost 9 µUSDC' }
    const jobs: WorldJob[] = []
    await explain(failure, {
      tell: (line) => told.push(line),
      play: (job) => {
        jobs.push(job)
        const facts = { strategy: 'ack-twice', seed: 5, lostMicros: 9n, boundMicros: 0n, traceHash: '' }
        return Promise.resolve({
          liar: { ...facts, beyond: ['ada lost 9 µUSDC'], transitions: [], trace: ['  1.000  ada  boot'] },
        })
      },
    })
    expect(jobs).toMatchObject([{ seed: 5, liar: 'ack-twice', signatures: 'cheap', faults: false }])
    expect(told).toContain('  1.000  ada  boot')
    expect(told).toContain('lie ack-twice: ada lost 9 µUSDC')
    expect(told.at(-1)).toBe('again: npm run -s sim -- --seed 5 --lie ack-twice')
    expect(failureLines(failure).at(-1)).toBe('  npm run -s sim -- --seed 5 --lie ack-twice')
  })

  test('behavior: says when a world does not fail again', async () => {
    const told: string[] = []
    const play = (): Promise<JobResult> => Promise.resolve({ result: resultOf(4) })
    await explain({ job: worldOf(4), invariant: 'closed', detail: '' }, { play, tell: (line) => told.push(line) })
    expect(told.at(-1)).toContain('did not fail')
  })
})

describe('the lines of a trace', () => {
  const line = (at: number, who: string, what: string): string =>
    `${String(at).padStart(10)}  ${who.padEnd(12)} ${what}`

  test('behavior: leave idle talk out, keep the newest, and are few', () => {
    const trace = Array.from({ length: 400 }, (_, at) => [
      line(at, 'ada', 'receipts 5 > coordinator'),
      line(at, 'coordinator', 'chain nonce'),
      line(at, 'coordinator', 'channel read served'),
      line(at, 'bob', `flush ${at + 1}`),
    ]).flat()
    const lines = pickLines(trace, [])
    expect(lines).toEqual(trace.filter((_one, at) => at % 4 === 3).slice(-120))
  })

  test('behavior: keep what is said of the sessions a failure names, and what happened to machines', () => {
    const old = [
      line(1, 'ada', 'log notice 1d8ac0ff OPEN'),
      line(2, 'world', 'clock.jump'),
      line(3, 'anvil', 'power cut by plan'),
    ]
    const newer = Array.from({ length: 500 }, (_, at) => line(at + 10, 'bob', `log notice ffff0000 ${at}`))
    const lines = pickLines([...old, ...newer], ['unsettled: ada has 1d8ac0ff closed'], true)
    expect(lines.slice(0, 3)).toEqual(old)
    expect(lines.length).toBe(120)
  })

  test('behavior: of what is not over, leave frames and flushes out', () => {
    const trace = [
      line(1, 'ada', 'work 163 > anvil'),
      line(2, 'ada', 'flush 3'),
      line(3, 'ada', 'log openFailed noFloat'),
    ]
    expect(pickLines(trace, [], true)).toEqual(trace.slice(2))
  })
})

describe('a pool', () => {
  const program = (source: string): URL => new URL(`data:text/javascript,${encodeURIComponent(source)}`)
  const DIES = program(`
    import { parentPort } from 'node:worker_threads'
    parentPort.on('message', ({ seed }) => {
      if (seed === 2) throw new Error('boom')
      if (seed === 3) process.exit(7)
      parentPort.postMessage({ thrown: seed === 4 ? 'broken' : undefined, trace: [String(seed)] })
    })`)

  test('error: a worker that dies is a world that broke, and the others go on', async () => {
    const pool = createPool({ size: 2, program: DIES })
    const answers = new Map<number, JobResult>()
    await pool.run([1, 2, 3, 4, 5, 6].map(worldOf), (result, { seed }) => {
      answers.set(seed, result)
      return true
    })
    await pool.close()
    expect(new Set(answers.keys())).toEqual(new Set([1, 2, 3, 4, 5, 6]))
    expect(answers.get(2)?.thrown).toContain('boom')
    expect(answers.get(3)?.thrown).toContain('code 7')
    expect(answers.get(4)?.thrown).toBe('broken')
    for (const seed of [1, 5, 6]) expect(answers.get(seed)).toEqual({ thrown: undefined, trace: [String(seed)] })
  })
})

describe('a tally', () => {
  test('behavior: of worlds that all broke is of numbers', () => {
    const tally = createTally()
    expect(tally.add({ thrown: 'boom' }, worldOf(1))).toMatchObject({ invariant: 'thrown', detail: 'boom' })
    const summary = tally.summary(0)
    expect(summary).toMatchObject({ seeds: 1, callsPerSeed: 0, violations: 1, seedsPerSecond: 0 })
    expect(JSON.stringify(summary)).not.toContain('null')
  })
})

describe('the command that plays a world again', () => {
  test.each([
    ['--seed 4', worldOf(4)],
    ['--seed 4 --faults none --calls 2', changedWorld(4, { faults: [], calls: 2 })],
    ['--seed 4 --faults restart,clock.jump', changedWorld(4, { faults: ['restart', 'clock.jump'] })],
    ['--seed 4 --cut-at 17', cutWorldOf(4, 17)],
    ['--seed 4 --cut-at 17 --calls 1', changedWorld(4, { cutAt: 17, calls: 1 })],
    ['--liars --seed 60', liarWorldOf(60)],
  ])('behavior: %s', (flags, job) => {
    expect(commandOf(job)).toBe(`npm run -s sim -- ${flags}`)
  })
})
