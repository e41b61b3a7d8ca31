import type { Clock, Timers } from '@orien/protocol'

/** Wall time at the start: any date will do. */
const START_MS = 1_800_000_000_000
/** Turns of the event loop in which everything that can happen without time happens. */
const QUIET_TURNS = 50
const MAX_TURNS = 20_000

/** A clock that stands still until it is told, with the timers that hang on it. */
export interface ManualTime {
  readonly clock: Clock
  readonly timers: Timers
  /** Lets everything happen that needs no time. */
  settle(): Promise<void>
  /** Moves on, firing what is due on the way, and lets what follows happen before the next timer. */
  advance(ms: number): Promise<void>
  /** Waits, without time passing, until something is so. Throws when it never will. */
  until(holds: () => boolean, what?: string): Promise<void>
  /** Moves the wall clock alone, as an operator does. */
  jump(ms: number): void
  /** Timers that are set and did not fire. */
  pending(): number
}

interface Timer {
  readonly dueMs: number
  readonly order: number
  readonly fire: () => void
}

export function manualTime(): ManualTime {
  const timers = new Set<Timer>()
  let nowMs = 0
  let wallOffsetMs = START_MS
  let order = 0

  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  const settle = async (): Promise<void> => {
    for (let at = 0; at < QUIET_TURNS; at++) await turn()
  }
  const next = (untilMs: number): Timer | undefined => {
    let first: Timer | undefined
    for (const timer of timers) {
      if (timer.dueMs > untilMs) continue
      const earlier =
        first === undefined || timer.dueMs < first.dueMs || (timer.dueMs === first.dueMs && timer.order < first.order)
      if (earlier) first = timer
    }
    return first
  }
  return {
    clock: { wallMs: () => Math.floor(nowMs + wallOffsetMs), monoMs: () => nowMs },
    timers: {
      after(delayMs, fire) {
        const timer = { dueMs: nowMs + Math.max(0, delayMs), order: order++, fire }
        timers.add(timer)
        return () => void timers.delete(timer)
      },
    },
    settle,
    async advance(ms) {
      const untilMs = nowMs + ms
      await settle()
      for (let timer = next(untilMs); timer !== undefined; timer = next(untilMs)) {
        timers.delete(timer)
        nowMs = Math.max(nowMs, timer.dueMs)
        timer.fire()
        await settle()
      }
      nowMs = untilMs
    },
    async until(holds, what = 'what is waited for') {
      for (let at = 0; at < MAX_TURNS; at++) {
        if (holds()) return
        await turn()
      }
      throw new Error(`${what} never came`)
    },
    jump(ms) {
      wallOffsetMs += ms
    },
    pending: () => timers.size,
  }
}
