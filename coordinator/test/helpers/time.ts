import type { Clock, Random, Timers } from '@orien/protocol'

/** A clock and timers that stand still until they are told to go on. */
export interface ManualTime {
  readonly clock: Clock
  readonly timers: Timers
  /** Lets everything that is under way finish, without time passing. */
  settle(): Promise<void>
  /** Lets time pass: timers fire in order, each followed by everything it causes. */
  advance(ms: number): Promise<void>
  /** Sets the wall clock forward; what measures time, and everybody else's clock, goes on as before. */
  jump(ms: number): void
  /** A wall clock that nobody sets. */
  readonly trueClock: Clock
}

const START_MS = 1_800_000_000_000

export function manualTime(): ManualTime {
  let nowMs = START_MS
  let offsetMs = 0
  let order = 0
  const waiting = new Map<number, { readonly atMs: number; readonly fire: () => void }>()
  const settle = async (): Promise<void> => {
    // One turn of the event loop runs every microtask there is, and those they cause.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  const next = (untilMs: number): number | undefined => {
    let best: number | undefined
    let bestMs = Infinity
    for (const [id, { atMs }] of waiting) if (atMs <= untilMs && atMs < bestMs) [best, bestMs] = [id, atMs]
    return best
  }
  return {
    clock: { wallMs: () => nowMs + offsetMs, monoMs: () => nowMs - START_MS },
    trueClock: { wallMs: () => nowMs, monoMs: () => nowMs - START_MS },
    jump(ms) {
      offsetMs += ms
    },
    timers: {
      after(delayMs, fire) {
        const id = ++order
        waiting.set(id, { atMs: nowMs + Math.max(0, Math.ceil(delayMs)), fire })
        return () => void waiting.delete(id)
      },
    },
    settle,
    async advance(ms) {
      const untilMs = nowMs + ms
      await settle()
      for (let id = next(untilMs); id !== undefined; id = next(untilMs)) {
        const timer = waiting.get(id)
        waiting.delete(id)
        if (timer === undefined) continue
        nowMs = Math.max(nowMs, timer.atMs)
        timer.fire()
        await settle()
      }
      nowMs = untilMs
      await settle()
    },
  }
}

/** Bytes of a small generator (xorshift32): the same for the same seed. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0 || 1
  return {
    bytes: (length) =>
      Uint8Array.from({ length }, () => {
        state ^= state << 13
        state >>>= 0
        state ^= state >>> 17
        state ^= state << 5
        state >>>= 0
        return state & 0xff
      }),
  }
}
