import { CLOCK_SKEW_MS, type Exit, type Grant, type Micros, type Notice } from '@orien/protocol'
import type { Allocations, ChannelRail, Lane, Reading } from '../rails/channel.ts'
import { exitAllocations, sameAllocations } from '../rails/single-paper.ts'

/**
 * An Exit is dated so far ahead. A rail may take nothing older than a minute: one that both signed must outlive a ledger that does not answer, or a
 * provider that is started again.
 */
export const EXIT_AHEAD_MS = 24 * 3_600_000

/** A reading may be a few seconds old: two that are so far apart do not both show what was before a close. */
const AGREE_MS = 10_000

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

/** True when a closed channel paid its provider and nothing to its coordinator: what an Exit does, and no close of a coordinator's. */
export function paidByExit({ providerMicros, coordinatorMicros }: Allocations): boolean {
  return providerMicros > 0n && coordinatorMicros === 0n
}

/** True when its coordinator says that it has closed the channel, or given it up. */
export function saysClosed(notice: Notice | undefined): boolean {
  return notice?.state === 'CLOSED' || notice?.state === 'PAID'
}

/** What an open channel may be left on, when its coordinator has had all the time it has. */
export interface Leaving {
  readonly grant: Grant
  readonly notice: Notice | undefined
  /** The coordinator answered. */
  readonly heard: boolean
  /** What its newest Statement says that it received; undefined without one. */
  readonly receivedMicros: Micros | undefined
  /** For how long the channel has been read open although it `saysClosed`. */
  readonly openMs: number
  readonly nowMs: number
  readonly landingMs: number
}

/**
 * Agent and provider may leave without their coordinator when it is not there. One that says that the channel is closed is believed of the ledger alone,
 * read twice. One that is there has given the channel up when it received nothing and no cheque can land any more: whatever it pays, it pays of
 * what it received, so that nobody is paid twice.
 */
export function mayLeave({ grant, notice, heard, receivedMicros, openMs, nowMs, landingMs }: Leaving): boolean {
  if (!saysClosed(notice)) return !heard
  if (openMs < AGREE_MS) return false
  return !heard || (receivedMicros === 0n && nowMs > grant.chequeTsMs + landingMs + CLOCK_SKEW_MS)
}
