import { FAULT_KINDS, type FaultKind } from '../world/ports/faults.ts'
import { runSeed, type SeedOptions, type SeedResult } from '../world/run/seed.ts'
import type { Failure } from './tally.ts'

/** A failing world with as little in it as still fails the same way. */
export interface Shrunk {
  readonly options: SeedOptions
  readonly result: SeedResult
}

const KEEP_LINES = 120

/**
 * Makes a failing world smaller while it breaks the same invariant: without one kind of fault after another, then with fewer calls. Undefined when
 * it does not fail again, which only a world that reaches outside its ports can do.
 */
export async function shrink({ options, invariant }: Failure): Promise<Shrunk | undefined> {
  const fails = async (candidate: SeedOptions): Promise<SeedResult | undefined> => {
    const result = await runSeed({ ...candidate, keepTrace: KEEP_LINES })
    const same =
      invariant === 'unsettled'
        ? result.unsettled.length > 0
        : result.violations.some((violation) => violation.invariant === invariant)
    return same ? result : undefined
  }
  let best = await fails(options)
  if (best === undefined) return undefined
  let smallest = options
  const attempt = async (candidate: SeedOptions): Promise<boolean> => {
    const result = await fails(candidate)
    if (result === undefined) return false
    best = result
    smallest = candidate
    return true
  }
  let kinds: readonly FaultKind[] = FAULT_KINDS.filter((kind) => (best?.faults[kind] ?? 0) > 0)
  await attempt({ ...smallest, faults: kinds })
  for (const kind of kinds) {
    const fewer = kinds.filter((one) => one !== kind)
    if (await attempt({ ...smallest, faults: fewer })) kinds = fewer
  }
  for (let calls = Math.floor((smallest.callsPerAgent ?? 16) / 2); calls >= 1; calls = Math.floor(calls / 2))
    if (!(await attempt({ ...smallest, callsPerAgent: calls }))) break
  return { options: smallest, result: best }
}
