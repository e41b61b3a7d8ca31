import type { ChannelRail, Lane, Reading } from '../rails/channel.ts'

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
