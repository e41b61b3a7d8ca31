import { randomFillSync } from 'node:crypto'
import type { Clock, Random, Timers } from '@orien/protocol'

/** setTimeout takes at most 2³¹ − 1 ms and fires at once above that; a cheque's 30 days are more. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

/** The machine's own clock: Unix ms, and monotonic ms since the process started. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monoMs: () => performance.now(),
}

/** The machine's own randomness. */
export const systemRandom: Random = {
  bytes: (length) => randomFillSync(new Uint8Array(length)),
}

/**
 * The machine's own timers, of any length and never early by the monotonic clock. A pending one keeps the process
 * alive, because something waits for it (a retry, a debit, a payout); whoever sets one cancels it when it stops, so a
 * stopped daemon has none left.
 */
export const systemTimers: Timers = {
  after(delayMs, fire) {
    const dueMs = performance.now() + delayMs
    let timer: NodeJS.Timeout
    const arm = (): void => {
      const leftMs = dueMs - performance.now()
      if (leftMs <= 0) {
        fire()
        return
      }
      timer = setTimeout(arm, Math.min(Math.ceil(leftMs), LONGEST_TIMEOUT_MS))
    }
    timer = setTimeout(arm, Math.min(Math.max(0, delayMs), LONGEST_TIMEOUT_MS))
    return () => clearTimeout(timer)
  },
}
