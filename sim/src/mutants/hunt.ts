import { DEFAULT_COORDINATOR_TIMES } from '@orien/coordinator'
import { micros } from '@orien/protocol'
import { createRng, type Rng } from '../world/kernel/rng.ts'
import { FAULT_KINDS, type FaultKind } from '../world/ports/faults.ts'
import { runSeed, type SeedOptions, type SeedResult } from '../world/run/seed.ts'

/** What a hunt through worlds found. */
export interface Catch {
  /** The first broken invariant; `unsettled`, `thrown`. Undefined when every world was clean. */
  readonly by?: string
  readonly detail?: string
  /** Worlds that were run, the failing one included. */
  readonly seeds: number
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** Slow to settle; and what the invariants on money have to leave aside. */
const LEFT_OUT = new Set<FaultKind>([
  'clock.jump',
  'chain.nonceTaken',
  'channel.movedByOthers',
  'channel.closedByOthers',
])
const CALLS_PER_AGENT = 8

/**
 * Worlds in the order of the hunt. They are smaller than those of a campaign and rougher: more cuts, at any I/O point; more that is lost on the way
 * to channel ledger and chain; windows so narrow that cheques are renewed and debits made all the time. No clock jumps: what is owed is settled
 * within hours.
 */
export function huntedWorld(at: number): SeedOptions {
  const seed = at + 1
  const rng = createRng(seed, 'hunt')
  const drawn = FAULT_KINDS.filter((kind) => !LEFT_OUT.has(kind) && rng.chance(0.5))
  const world: SeedOptions = {
    seed,
    signatures: 'cheap',
    faults: drawn,
    settings: rng.chance(0.6) ? narrow(rng) : {},
    callsPerAgent: CALLS_PER_AGENT,
    faultyMs: 4 * MINUTE_MS,
    healedMs: 3 * HOUR_MS,
    failFast: true,
  }
  switch (at % 6) {
    case 0:
      return { ...world, cutChance: 0.004 }
    case 1:
      return { ...world, faults: CRASHES, cutChance: 0.01 }
    case 2:
    case 4:
      return { ...world, ...moneyWorld(rng) }
    case 3:
      return world
    default:
      return { ...world, faults: [] }
  }
}

const CRASHES: readonly FaultKind[] = ['crash.agent', 'crash.provider', 'crash.coordinator', 'store.crashInFlush']
const MONEY: readonly FaultKind[] = [
  'crash.agent',
  'crash.coordinator',
  'channel.requestLost',
  'channel.answerLost',
  'channel.late',
  'chain.requestLost',
  'chain.answerLost',
  'chain.dropped',
  'chain.stuck',
  'chain.lagging',
  'chain.blocked',
  'chain.feeSpike',
  'chain.paidByOthers',
]

/**
 * Sessions so short that most of them are closed and paid while things go wrong. Collection and contest are longer than any outage, so that nobody has to
 * leave by an Exit.
 */
function moneyWorld(rng: Rng): Partial<SeedOptions> {
  const times = {
    ...DEFAULT_COORDINATOR_TIMES,
    collectMs: 12 * MINUTE_MS,
    contestMs: 10 * MINUTE_MS,
    chequeMs: HOUR_MS,
    cosignMs: 10_000,
  }
  const settings = {
    ...narrow(rng),
    times,
    sessionMs: rng.between(30_000, 90_000),
    payoutThresholdMicros: micros(0n),
  }
  return { faults: MONEY, faultsOften: 5, settings, callsPerAgent: 12, faultyMs: 6 * MINUTE_MS }
}

/** A window that a few calls fill. */
function narrow(rng: Rng): NonNullable<SeedOptions['settings']> {
  return { windowCalls: rng.pick([1, 2]), callCapMicros: micros(BigInt(rng.between(50, 30_000))) }
}

/** Runs worlds until one is not clean. */
export async function hunt(limit: number, unhandled: readonly unknown[]): Promise<Catch> {
  for (let at = 0; at < limit; at++) {
    const found = await faultOf(huntedWorld(at), unhandled)
    if (found !== undefined) return { ...found, seeds: at + 1 }
  }
  return { seeds: limit }
}

async function faultOf(
  options: SeedOptions,
  unhandled: readonly unknown[],
): Promise<{ readonly by: string; readonly detail: string } | undefined> {
  const before = unhandled.length
  let result: SeedResult
  try {
    result = await runSeed(options)
  } catch (error) {
    return { by: 'thrown', detail: textOf(error) }
  }
  const [violation] = result.violations
  if (violation !== undefined) return { by: violation.invariant, detail: violation.detail }
  if (result.unsettled.length > 0) return { by: 'unsettled', detail: result.unsettled.join(', ') }
  if (unhandled.length > before) return { by: 'nothingUnhandled', detail: textOf(unhandled[before]) }
  return undefined
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
