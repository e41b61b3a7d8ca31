import type { CancelTimer, Timers } from '@orien/protocol'

interface Entry {
  readonly atMs: number
  readonly order: number
  fire: (() => void) | undefined
}

/**
 * The only clock of a world. Nothing happens but events, in the order of their times, ties in the order of their making; before the next
 * one, everything an event causes without time passing is over.
 */
export class WorldTime implements Timers {
  nowMs = 0
  /** Events that happened so far. */
  events = 0
  #order = 0
  readonly #heap: Entry[] = []

  after(delayMs: number, fire: () => void): CancelTimer {
    const entry: Entry = { atMs: this.nowMs + Math.max(0, delayMs), order: this.#order++, fire }
    push(this.#heap, entry)
    return () => {
      entry.fire = undefined
    }
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.after(delayMs, resolve))
  }

  /** Lets events happen until `done` holds or the next one is later than `untilMs`. Resolves with whether `done` holds. */
  run(untilMs: number, done: () => boolean = () => false): Promise<boolean> {
    return new Promise((resolve, reject) => {
      let left = 0
      let over = false
      const turns = (): void => {
        for (left = 0; left < TURNS; left++) setImmediate(turn)
      }
      const turn = (): void => {
        if (over) return
        try {
          const holds = this.#step(untilMs, done)
          if (holds === undefined) {
            if (--left === 0) turns()
            return
          }
          over = true
          resolve(holds)
        } catch (error) {
          over = true
          reject(error)
        }
      }
      turns()
    })
  }

  /** Lets one event happen; undefined as long as more may. */
  #step(untilMs: number, done: () => boolean): boolean | undefined {
    if (done()) return true
    const next = this.#first()
    if (next === undefined || next.atMs > untilMs) {
      this.nowMs = Math.max(this.nowMs, untilMs)
      return done()
    }
    pop(this.#heap)
    this.nowMs = next.atMs
    this.events += 1
    next.fire?.()
    return undefined
  }

  /** The next event that was not cancelled, without taking it out. */
  #first(): Entry | undefined {
    for (;;) {
      const [first] = this.#heap
      if (first === undefined || first.fire !== undefined) return first
      pop(this.#heap)
    }
  }
}

/**
 * Immediates asked for at once. Node runs every microtask there is, and those they cause, between one immediate and the next, so each event still has a
 * turn to itself; but the event loop goes round, and asks the system for I/O, once in so many.
 */
const TURNS = 64

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}

/** A binary heap, the earliest first. */
function push(heap: Entry[], entry: Entry): void {
  let at = heap.length
  heap.push(entry)
  while (at > 0) {
    const up = (at - 1) >> 1
    const parent = heap[up]
    if (parent === undefined || isBefore(parent, entry)) break
    heap[at] = parent
    at = up
  }
  heap[at] = entry
}

function pop(heap: Entry[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let at = 0
  for (;;) {
    let down = 2 * at + 1
    const left = heap[down]
    if (left === undefined) break
    const right = heap[down + 1]
    let child = left
    if (right !== undefined && isBefore(right, left)) {
      down += 1
      child = right
    }
    if (isBefore(last, child)) break
    heap[at] = child
    at = down
  }
  heap[at] = last
}
