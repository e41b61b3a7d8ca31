import { TRANSITIONS } from '@orien/coordinator'
import { CALL_TRANSITIONS } from '@orien/node'
import { FAULT_KINDS, type FaultKind } from '../world/ports/faults.ts'
import type { SeedOptions } from '../world/run/seed.ts'
import type { JobResult } from './job.ts'

/** A world in which something was that must never be. */
export interface Failure {
  readonly options: SeedOptions
  /** The first broken invariant, or `unsettled`, or `thrown`. */
  readonly invariant: string
  readonly detail: string
}

/** What many worlds came to. */
export interface Tally {
  add(result: JobResult, options: SeedOptions): void
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
    add({ result, thrown }, options) {
      counts.seeds += 1
      if (result === undefined) {
        counts.violations += 1
        failures.push({ options, invariant: 'thrown', detail: thrown ?? '' })
        return
      }
      counts.calls = Math.min(counts.calls, result.calls)
      counts.crashes += result.cuts
      counts.ioPoints += result.ioPoints
      counts.violations += result.violations.length
      if (result.unsettled.length > 0) counts.unsettled += 1
      for (const kind of FAULT_KINDS) faults[kind] += result.faults[kind]
      for (const row of result.transitions) seen.add(row)
      const [first] = result.violations
      if (first !== undefined) failures.push({ options, ...first })
      else if (result.unsettled.length > 0)
        failures.push({ options, invariant: 'unsettled', detail: result.unsettled.join(', ') })
    },
    summary: (elapsedMs) => ({
      seeds: counts.seeds,
      callsPerSeed: counts.seeds === 0 ? 0 : counts.calls,
      crashes: counts.crashes,
      ioPoints: counts.ioPoints,
      faults,
      transitionsSeen: ALL_ROWS.filter((row) => seen.has(row)).length,
      transitionsTotal: ALL_ROWS.length,
      violations: counts.violations,
      unsettled: counts.unsettled,
      seedsPerSecond: Math.round((counts.seeds / elapsedMs) * 100_000) / 100,
    }),
  }
}
