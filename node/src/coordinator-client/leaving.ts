import type { Exit } from '@orien/protocol'
import type { ChannelRail, Lane, Reading } from '../rails/channel.ts'
import { exitAllocations, sameAllocations } from '../rails/single-paper.ts'

/**
 * An Exit is dated so far ahead. A rail may take nothing older than a minute: one that both signed must outlive a ledger that does not answer, or a
 * provider that is started again.
 */
export const EXIT_AHEAD_MS = 24 * 3_600_000

/** A channel as its ledger shows it. */
export interface Standing {
  readonly rail: ChannelRail
  /** What an Exit is drawn on. */
  readonly lane: Lane
  readonly reading: Reading
}

/** Reads a channel. Where debits move the base it is the version that stands: one may have landed whose Notice never came. Throws as `read`. */
export async function standingOf(rail: ChannelRail, lane: Lane): Promise<Standing> {
  const reading = await rail.read(lane)
  const isMoved = rail.capabilities.debitMovesBase && reading.status === 'open'
  return { rail, reading, lane: isMoved ? { ...lane, base: reading.version } : lane }
}

/** True when an Exit still closes what stands: drawn on it, or its first half is what stands. */
export function closesWhatStands({ rail, lane, reading }: Standing, exit: Exit): boolean {
  if (reading.status !== 'open') return false
  if (exit.base === lane.base) return true
  const isHalf = rail.capabilities.debitMovesBase && exit.base + 1 === reading.version
  return isHalf && sameAllocations(reading.allocations, exitAllocations(lane, exit.totalMicros))
}
