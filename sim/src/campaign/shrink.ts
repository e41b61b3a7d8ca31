import { FAULT_KINDS, type FaultKind } from '../world/ports/faults.ts'
import { CALLS_PER_AGENT } from '../world/run/seed.ts'
import type { JobResult, SeedJob } from './job.ts'
import type { Failure } from './tally.ts'

/** A failing world with as little in it as still fails the same way. */
export interface Shrunk {
  readonly job: SeedJob
  readonly result: JobResult
}

export interface ShrinkParts {
  readonly play: (job: SeedJob) => Promise<JobResult>
  /** Hears of each smaller world that still fails. */
  readonly onSmaller: (job: SeedJob) => void
}

/** So many worlds are tried, no more. */
export const CANDIDATES_MAX = 40
/** Longer than any trace that somebody waits for. */
const KEEP_LINES = 200_000

/**
 * Makes a failing world smaller while it fails the same way: without all kinds of fault, without half of them, and so on down to one by one; then with fewer
 * calls. Undefined when it does not fail again, which only a world that reaches outside its ports can do.
 */
export async function shrink(
  { job, invariant }: Failure,
  { play, onSmaller }: ShrinkParts,
): Promise<Shrunk | undefined> {
  const fails = async (candidate: SeedJob): Promise<JobResult | undefined> => {
    const result = await play({ ...candidate, keepTrace: KEEP_LINES, traceToViolation: true })
    return failsBy(result, invariant) ? result : undefined
  }
  const first = await fails(job)
  if (first === undefined) return undefined
  let best: Shrunk = { job, result: first }
  let left = CANDIDATES_MAX
  const attempt = async (less: Pick<SeedJob, 'faults' | 'callsPerAgent'>): Promise<boolean> => {
    if (left-- <= 0) return false
    const candidate = { ...best.job, ...less }
    const result = await fails(candidate)
    if (result === undefined) return false
    best = { job: candidate, result }
    onSmaller(candidate)
    return true
  }
  let kinds = kindsOf(best)
  for (let size = kinds.length; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let at = 0; at < kinds.length;) {
      const fewer = kinds.toSpliced(at, size)
      if (await attempt({ faults: fewer })) kinds = fewer
      else at += size
    }
  for (let calls = half(best.job.callsPerAgent ?? CALLS_PER_AGENT); calls >= 1; calls = half(calls))
    if (!(await attempt({ callsPerAgent: calls }))) break
  return best
}

/** Whether a world failed in this way. */
function failsBy({ result, thrown }: JobResult, invariant: string): boolean {
  if (invariant === 'thrown') return thrown !== undefined
  if (result === undefined) return false
  if (invariant === 'unsettled') return result.unsettled.length > 0
  return result.violations.some((violation) => violation.invariant === invariant)
}

/** What went wrong in a world; all that may have, when it broke before it could say. */
function kindsOf({ job, result: { result } }: Shrunk): readonly FaultKind[] {
  if (result === undefined) return job.faults ?? FAULT_KINDS
  return FAULT_KINDS.filter((kind) => result.faults[kind] > 0)
}

function half(calls: number): number {
  return Math.floor(calls / 2)
}
