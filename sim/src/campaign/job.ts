import { playLiar } from '../world/liars/play.ts'
import { STRATEGIES } from '../world/liars/strategies.ts'
import { runSeed, type SeedOptions, type SeedResult } from '../world/run/seed.ts'

/** One world; with the name of a lie, a second one in which somebody tells it: some rows of the state machines answer to lies alone. */
export interface WorldJob extends SeedOptions {
  readonly lie?: string
}

/** What a worker is asked to do. */
export interface Job {
  readonly id: number
  readonly options: WorldJob
}

/** What it gives back. `thrown`: the world itself broke, which is a failure like any other. */
export interface JobResult {
  readonly id: number
  readonly result?: SeedResult
  readonly thrown?: string
}

/** Runs one world; a promise that nobody handled in it is a violation of its own. */
export async function runJob({ id, options }: Job, unhandled: readonly unknown[]): Promise<JobResult> {
  const before = unhandled.length
  try {
    const honest = await runSeed(options)
    const result = options.lie === undefined ? honest : await withLie(honest, options, options.lie)
    const loose = unhandled.slice(before).map((error) => ({ invariant: 'nothingUnhandled', detail: textOf(error) }))
    return { id, result: loose.length === 0 ? result : { ...result, violations: [...result.violations, ...loose] } }
  } catch (error) {
    return { id, thrown: textOf(error) }
  }
}

async function withLie(honest: SeedResult, { seed }: WorldJob, lie: string): Promise<SeedResult> {
  const strategy = STRATEGIES.find(({ name }) => name === lie)
  if (strategy === undefined) throw new RangeError(`no strategy ${lie}`)
  const { transitions, beyond } = await playLiar({ seed, strategy, signatures: 'cheap', faults: false })
  return {
    ...honest,
    transitions: [...honest.transitions, ...transitions],
    violations: [...honest.violations, ...beyond.map((detail) => ({ invariant: `lie ${lie}`, detail }))],
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
