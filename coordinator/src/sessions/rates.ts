import type { Clock, PeerText } from '@orien/protocol'
import { refused } from '../core.ts'
import { COORDINATOR_LIMITS } from '../limits.ts'

/** How often each peer may ask for what costs us signatures. */
export interface Rates {
  /** Takes one token. Throws `busy` when there is none. */
  require(peer: PeerText): void
}

/** A token bucket for each peer: `openBurst` at once, then `opensPerSecond`. */
export function createRates(clock: Clock): Rates {
  const buckets = new Map<PeerText, { tokens: number; atMs: number }>()
  const { openBurst, opensPerSecond, maxRatePeers } = COORDINATOR_LIMITS
  return {
    require(peer) {
      const nowMs = clock.monoMs()
      const known = buckets.get(peer) ?? { tokens: openBurst, atMs: nowMs }
      const tokens = Math.min(openBurst, known.tokens + ((nowMs - known.atMs) / 1_000) * opensPerSecond)
      if (tokens < 1) throw refused('busy', 'too many requests of this peer')
      // The oldest entries have refilled longest ago: forgetting them gives nothing away.
      buckets.delete(peer)
      if (buckets.size >= maxRatePeers) for (const oldest of buckets.keys()) if (buckets.delete(oldest)) break
      buckets.set(peer, { tokens: tokens - 1, atMs: nowMs })
    },
  }
}
