import type { WorldJob } from './job.ts'
import { createPool } from './pool.ts'
import { shrink } from './shrink.ts'
import { createTally, type Failure, type Tally } from './tally.ts'
import { runSeed, type SeedOptions } from '../world/run/seed.ts'

/** What the command line asks for. */
export interface CampaignFlags {
  readonly seeds: number
  readonly from: number
  readonly json: boolean
  /** Stop at the first failing world, and do not shrink it. */
  readonly failFast: boolean
}

/** Real keys cost milliseconds a signature: one world in so many has them. */
const REAL_EVERY = 50
/** In one world of so many the coordinator goes on from a back-up. */
const RESTORED_EVERY = 7
/** Lies that take rows no honest party takes, and in how many worlds one of them is told besides; `--liars` tells them all. */
const LIES = ['ack-twice', 'two-receipts', 'vouched-then-silent'] as const
const LIE_EVERY = 6
/** Calls each agent wants in a world that is run once for each of its I/O points. */
const CALLS_WHEN_EVERY_IO = 3

/** Runs seeds and reports. Resolves with the exit code: 1 when anything was broken or left open. */
export async function campaign({ seeds, from, json, failFast }: CampaignFlags): Promise<number> {
  const worlds = Array.from({ length: seeds }, (_, at) => worldOf(from + at))
  const tally = createTally()
  const elapsedMs = await runAll(worlds, tally, failFast)
  if (!failFast) await explain(tally.failures[0])
  if (tally.unseen.length > 0) tell(`rows never taken: ${tally.unseen.join(' ')}`)
  return report(tally, elapsedMs, json)
}

/** Runs each seed once without a cut, and then once for each of its I/O points with power cut there. */
export async function everyIo({ seeds, from, json, failFast }: CampaignFlags): Promise<number> {
  const tally = createTally()
  let elapsedMs = 0
  for (let seed = from; seed < from + seeds; seed++) {
    const base: SeedOptions = { seed, signatures: 'cheap', faults: [], callsPerAgent: CALLS_WHEN_EVERY_IO }
    const { ioPoints } = await runSeed(base)
    tell(`seed ${seed}: power is cut at each of ${ioPoints} I/O points`)
    const worlds = Array.from({ length: ioPoints }, (_, cutAt): SeedOptions => ({ ...base, cutAt }))
    elapsedMs += await runAll(worlds, tally, failFast)
  }
  if (!failFast) await explain(tally.failures[0])
  return report(tally, elapsedMs, json)
}

/** Runs one seed; people see its trace, programs its hash. */
export async function oneSeed(seed: number, json: boolean, faults?: SeedOptions['faults']): Promise<number> {
  const result = await runSeed({ ...worldOf(seed), keepTrace: json ? 0 : 1_000_000, ...(faults && { faults }) })
  const { trace, ...facts } = result
  if (!json) for (const line of trace) tell(line)
  for (const { invariant, detail } of result.violations) tell(`${invariant}: ${detail}`)
  process.stdout.write(`${JSON.stringify(facts)}\n`)
  return result.violations.length + result.unsettled.length === 0 ? 0 : 1
}

/** A seed's world. Some are cut at any point with a small chance, in some things of chance go wrong more often. */
function worldOf(seed: number): WorldJob {
  const signatures = seed % REAL_EVERY === 0 ? 'real' : 'cheap'
  const mix = [{}, { cutChance: 0.001 }, { faultsOften: 3 }, { cutChance: 0.004, faultsOften: 2 }][seed % 4]
  return { seed, signatures, ...mix, ...(seed % RESTORED_EVERY === 3 ? { restored: true } : {}), ...lieOf(seed) }
}

async function runAll(worlds: readonly SeedOptions[], tally: Tally, failFast: boolean): Promise<number> {
  const pool = createPool()
  const startedMs = performance.now()
  try {
    await pool.run(worlds, (result, options) => {
      const before = tally.failures.length
      tally.add(result, options)
      const failure = tally.failures[before]
      if (failure !== undefined) tell(lineOf(failure))
      return failure === undefined || !failFast
    })
  } finally {
    await pool.close()
  }
  return performance.now() - startedMs
}

function lineOf({ options, invariant, detail }: Failure): string {
  const cut = options.cutAt === undefined ? '' : `, cut at ${options.cutAt}`
  return `seed ${options.seed}${cut}: ${invariant}: ${detail}`
}

/** The first failing world again, as small as it gets, with its trace. */
async function explain(failure: Failure | undefined): Promise<void> {
  if (failure === undefined || failure.invariant === 'thrown') return
  const shrunk = await shrink(failure)
  if (shrunk === undefined) return tell('run again it did not fail: something in it is not of its seed')
  const { options, result } = shrunk
  for (const line of result.trace) tell(line)
  const kinds = options.faults?.join(' ') ?? 'as drawn'
  tell(`shrunk: seed ${options.seed}, ${options.callsPerAgent ?? 16} calls an agent, faults: ${kinds}`)
  for (const { invariant, detail } of result.violations) tell(`${invariant}: ${detail}`)
  for (const what of result.unsettled) tell(`unsettled: ${what}`)
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

function lieOf(seed: number): { readonly lie?: string } {
  const lie = seed % LIE_EVERY === 5 ? LIES[Math.floor(seed / LIE_EVERY) % LIES.length] : undefined
  return lie === undefined ? {} : { lie }
}
