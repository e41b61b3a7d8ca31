import { micros, TIERS, TIMES, type Micros, type Tier } from '@orien/protocol'
import type { AgentPolicy } from './ports.ts'

/** Careful defaults: a quarter of a dollar a call, five a session, ten in all; nobody unconfined. */
export const DEFAULT_POLICY: AgentPolicy = {
  maxCallMicros: micros(250_000n),
  sessionMicros: micros(5_000_000n),
  totalMicros: micros(10_000_000n),
  sessionMs: TIMES.sessionMs,
  minTier: 'B',
  windowCalls: 1,
  maxCollectMs: TIMES.collectMs,
  maxContestMs: TIMES.contestMs,
  maxPayoutMs: TIMES.payoutMs,
  minProviderBps: 9_000,
  maxOutputBytes: 64 * 1024 * 1024,
  reattachMs: 60_000,
}

/** True when `tier` is at least as strong as `wanted`. */
export function tierAtLeast(tier: Tier, wanted: Tier): boolean {
  return TIERS.indexOf(tier) <= TIERS.indexOf(wanted)
}

/** The window to ask for: twice the cap, so that a cheque renewed at half is never on a call's path. */
export function windowFor(capMicros: Micros, calls: number, largest: Micros): Micros {
  const wanted = capMicros * 2n * BigInt(Math.max(1, calls))
  return wanted < largest ? micros(wanted) : largest
}
