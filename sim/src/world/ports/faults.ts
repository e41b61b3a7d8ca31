import type { Rng } from '../kernel/rng.ts'

/** Everything that can go wrong in a world, by what it happens to. */
export const FAULT_KINDS = [
  'network.loss',
  'network.delay',
  'network.duplication',
  'network.reordering',
  'network.partition',
  'network.slowLoris',
  'store.crashInFlush',
  'store.full',
  'store.bitFlip',
  'channel.requestLost',
  'channel.answerLost',
  'channel.late',
  'channel.stale',
  'channel.torn',
  'channel.down',
  'channel.movedByOthers',
  'channel.closedByOthers',
  'channel.hijacked',
  'channel.dust',
  'chain.requestLost',
  'chain.answerLost',
  'chain.dropped',
  'chain.stuck',
  'chain.lagging',
  'chain.lying',
  'chain.blocked',
  'chain.feeSpike',
  'chain.down',
  'chain.paidByOthers',
  'chain.nonceTaken',
  'runner.hangs',
  'runner.dies',
  'runner.floods',
  'runner.cannotStart',
  'clock.jump',
  'clock.drift',
  'restart',
  'crash.agent',
  'crash.provider',
  'crash.coordinator',
] as const
/** How none of them is written, in a list of them. */
export const NO_FAULTS = 'none'
export type FaultKind = (typeof FAULT_KINDS)[number]

/** Which faults a world has, how often, and how often they happened. */
export interface Faults {
  /** True when a fault happens now; it is counted. */
  roll(kind: FaultKind, probability: number): boolean
  /** True when the world has this fault at all. */
  has(kind: FaultKind): boolean
  /** Counts one that was planned. */
  hit(kind: FaultKind): void
  /** No fault happens any more. */
  heal(): void
  readonly healed: boolean
  readonly counts: ReadonlyMap<FaultKind, number>
}

/**
 * Every world has another half of the faults, so that no two always mask each other; `only` names them instead. `often`: so many times as often as
 * usual, but never more than every second time.
 */
export function createFaults(rng: Rng, only?: readonly FaultKind[], often = 1): Faults {
  const counts = new Map<FaultKind, number>(FAULT_KINDS.map((kind) => [kind, 0]))
  const present = new Set(only ?? FAULT_KINDS.filter(() => rng.chance(0.5)))
  let healed = false
  const hit = (kind: FaultKind): void => void counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return {
    has: (kind) => !healed && present.has(kind),
    hit,
    roll(kind, probability) {
      if (healed || !present.has(kind) || !rng.chance(Math.min(0.5, probability * often))) return false
      hit(kind)
      return true
    },
    heal() {
      healed = true
    },
    get healed() {
      return healed
    },
    counts,
  }
}
