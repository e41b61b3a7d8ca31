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
  async run(untilMs: number, done: () => boolean = () => false): Promise<boolean> {
    await turn()
    while (!done()) {
      const next = this.#first()
      if (next === undefined || next.atMs > untilMs) {
        this.nowMs = Math.max(this.nowMs, untilMs)
        return done()
      }
      pop(this.#heap)
      this.nowMs = next.atMs
      this.events += 1
      next.fire?.()
      await turn()
    }
    return true
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

/** One turn of the event loop: every microtask there is has run, and those they caused. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

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
