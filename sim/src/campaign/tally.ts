import { TRANSITIONS } from '@orien/coordinator'
import { CALL_TRANSITIONS } from '@orien/node'
import { FAULT_KINDS, type FaultKind } from '../world/ports/faults.ts'
import type { JobResult, SeedJob } from './job.ts'

/** A world in which something was that must never be. */
export interface Failure {
  readonly job: SeedJob
  /** The first broken invariant, or `unsettled`, or `thrown`. */
  readonly invariant: string
  readonly detail: string
}

/** What many worlds came to. */
export interface Tally {
  /** Counts a world; what is wrong with it, if anything is. */
  add(result: JobResult, job: SeedJob): Failure | undefined
  readonly failures: readonly Failure[]
  readonly unseen: readonly string[]
  summary(elapsedMs: number): Summary
}

export interface Summary {
  readonly seeds: number
  /** Calls that gave a result: the fewest of any world. */
  readonly callsPerSeed: number
  readonly crashes: number
  readonly ioPoints: number
  readonly faults: Readonly<Record<FaultKind, number>>
  readonly transitionsSeen: number
  readonly transitionsTotal: number
  readonly violations: number
  readonly unsettled: number
  readonly seedsPerSecond: number
}

/** Every row of every state machine, by `machine/row`. */
export const ALL_ROWS: readonly string[] = [
  ...TRANSITIONS.map(({ machine, row }) => `${machine}/${row}`),
  ...CALL_TRANSITIONS.map(({ name }) => `call/${name}`),
]

export function createTally(): Tally {
  const faults = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>
  const seen = new Set<string>()
  const failures: Failure[] = []
  const counts = { seeds: 0, calls: Infinity, crashes: 0, ioPoints: 0, violations: 0, unsettled: 0 }
  return {
    failures,
    get unseen() {
      return ALL_ROWS.filter((row) => !seen.has(row))
    },
    add(answer, job) {
      counts.seeds += 1
      const failure = failureOf(answer, job)
      if (failure !== undefined) failures.push(failure)
      const { result } = answer
      if (result === undefined) {
        counts.violations += 1
        return failure
      }
      counts.calls = Math.min(counts.calls, result.calls)
      counts.crashes += result.cuts
      counts.ioPoints += result.ioPoints
      counts.violations += result.violations.length
      if (result.unsettled.length > 0) counts.unsettled += 1
      for (const kind of FAULT_KINDS) faults[kind] += result.faults[kind]
      for (const row of result.transitions) seen.add(row)
      return failure
    },
    summary: (elapsedMs) => ({
      seeds: counts.seeds,
      callsPerSeed: Number.isFinite(counts.calls) ? counts.calls : 0,
      crashes: counts.crashes,
      ioPoints: counts.ioPoints,
      faults,
      transitionsSeen: ALL_ROWS.filter((row) => seen.has(row)).length,
      transitionsTotal: ALL_ROWS.length,
      violations: counts.violations,
      unsettled: counts.unsettled,
      seedsPerSecond: elapsedMs > 0 ? Math.round((counts.seeds / elapsedMs) * 100_000) / 100 : 0,
    }),
  }
}

function failureOf({ result, thrown }: JobResult, job: SeedJob): Failure | undefined {
  if (result === undefined) return { job, invariant: 'thrown', detail: thrown ?? '' }
  const [first] = result.violations
  if (first !== undefined) return { job, ...first }
  if (result.unsettled.length === 0) return undefined
  return { job, invariant: 'unsettled', detail: result.unsettled.join(', ') }
}
