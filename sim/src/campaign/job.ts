import { runSeed, type SeedOptions, type SeedResult } from '../world/run/seed.ts'

/** What a worker is asked to do: one world. */
export interface Job {
  readonly id: number
  readonly options: SeedOptions
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
    const result = await runSeed(options)
    const loose = unhandled.slice(before).map((error) => ({ invariant: 'nothingUnhandled', detail: textOf(error) }))
    return { id, result: loose.length === 0 ? result : { ...result, violations: [...result.violations, ...loose] } }
  } catch (error) {
    return { id, thrown: textOf(error) }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
