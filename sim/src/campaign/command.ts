import { createProgress, type Progress } from '../progress.ts'
import { explain, failureLines } from './explain.ts'
import type { SeedJob } from './job.ts'
import { createPool, type Pool } from './pool.ts'
import { createTally, type Tally } from './tally.ts'
import { cutWorldOf, UNCUT, worldOf } from './worlds.ts'

/** What the command line asks for. */
export interface CampaignFlags {
  readonly seeds: number
  readonly from: number
  readonly json: boolean
  /** Stop at the first failing world. */
  readonly failFast: boolean
}

interface Run {
  readonly pool: Pool
  readonly tally: Tally
  readonly failFast: boolean
}

/** Runs seeds and reports. Resolves with the exit code: 1 when anything was broken or left open. */
export function campaign({ seeds, from, json, failFast }: CampaignFlags): Promise<number> {
  return judge({ json, failFast }, async (run) => {
    const elapsedMs = await runAll(
      Array.from({ length: seeds }, (_, at) => worldOf(from + at)),
      run,
    )
    if (run.tally.unseen.length > 0) tell(`rows never taken: ${run.tally.unseen.join(' ')}`)
    return elapsedMs
  })
}

/** Runs each seed once without a cut, and then once for each of its I/O points with power cut there. */
export function everyIo({ seeds, from, json, failFast }: CampaignFlags): Promise<number> {
  return judge({ json, failFast }, async (run) => {
    let elapsedMs = 0
    for (let seed = from; seed < from + seeds; seed++) {
      if (failFast && run.tally.failures.length > 0) break
      const uncut = cutWorldOf(seed, UNCUT)
      const whole = await run.pool.play(uncut)
      if (whole.result === undefined) {
        take(run, whole, uncut)
        continue
      }
      const { ioPoints } = whole.result
      tell(`seed ${seed}: power is cut at each of ${ioPoints} I/O points`)
      elapsedMs += await runAll(
        Array.from({ length: ioPoints }, (_, cutAt) => cutWorldOf(seed, cutAt)),
        run,
      )
    }
    return elapsedMs
  })
}

/** Runs worlds, explains the first that failed, and reports. */
async function judge(
  { json, failFast }: Pick<CampaignFlags, 'json' | 'failFast'>,
  work: (run: Run) => Promise<number>,
): Promise<number> {
  const pool = createPool()
  const tally = createTally()
  try {
    const elapsedMs = await work({ pool, tally, failFast })
    const [failure] = tally.failures
    if (failure !== undefined) await explain(failure, { play: (job) => pool.play(job), tell })
    return report(tally, elapsedMs, json)
  } finally {
    await pool.close()
  }
}

async function runAll(worlds: readonly SeedJob[], run: Run): Promise<number> {
  const progress: Progress = createProgress('worlds', worlds.length)
  const startedMs = performance.now()
  try {
    await run.pool.run(worlds, (result, job) => {
      progress.step()
      return take(run, result, job) || !run.failFast
    })
  } finally {
    progress.stop()
  }
  return performance.now() - startedMs
}

/** Counts a world, and says when it failed. True when it did not. */
function take({ tally }: Run, result: Parameters<Tally['add']>[0], job: SeedJob): boolean {
  const failure = tally.add(result, job)
  if (failure !== undefined) for (const line of failureLines(failure)) tell(line)
  return failure === undefined
}

function report(tally: Tally, elapsedMs: number, json: boolean): number {
  const summary = tally.summary(elapsedMs)
  if (json) process.stdout.write(`${JSON.stringify(summary)}\n`)
  else
    tell(
      `${summary.seeds} worlds, ${summary.crashes} power cuts, ${summary.ioPoints} I/O points, rows ${summary.transitionsSeen} of ${summary.transitionsTotal}: ` +
        `${summary.violations} violations, ${summary.unsettled} unsettled (${summary.seedsPerSecond} a second)`,
    )
  return summary.violations + summary.unsettled === 0 ? 0 : 1
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}
