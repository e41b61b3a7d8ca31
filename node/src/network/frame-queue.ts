import { NETWORK_LIMITS } from './limits.ts'

export interface FrameQueueEvents {
  /** Runs its argument in a later turn of the event loop. */
  readonly laterTurn: (next: () => void) => void
  /** A frame was taken. */
  readonly taken: () => void
  /** A share of frames was handled; the next comes in a later turn. */
  readonly turnOver: () => void
  /** The reader left its loop. */
  readonly left: () => void
}

type Result = IteratorResult<Uint8Array, undefined>

const DONE: Result = { value: undefined, done: true }

/**
 * Received frames and their one reader. Frames that wait are handed over without a turn of the event loop, at most
 * `framesPerTurn` in a row: then answers are written and other streams get their turn.
 */
export class FrameQueue implements AsyncIterable<Uint8Array, undefined>, AsyncIterator<Uint8Array, undefined> {
  /** Bytes that wait, with the cost of holding them. */
  bytes = 0
  /** True while somebody is in a loop over the frames. */
  reading = false
  readonly #events: FrameQueueEvents
  #frames: Uint8Array[] = []
  #head = 0
  #waiting: ((result: Result) => void) | undefined
  #ended = false
  #takenThisTurn = 0
  #takenTotal = 0

  constructor(events: FrameQueueEvents) {
    this.#events = events
  }

  /** Somebody waits for the next frame. */
  get awaited(): boolean {
    return this.#waiting !== undefined
  }

  /** Frames handed over so far. */
  get taken(): number {
    return this.#takenTotal
  }

  [Symbol.asyncIterator](): this {
    this.reading = true
    return this
  }

  put(frame: Uint8Array): void {
    const waiting = this.#waiting
    if (waiting !== undefined) {
      this.#waiting = undefined
      this.#takenThisTurn = 1
      this.#takenTotal++
      waiting({ value: frame, done: false })
      return
    }
    this.#frames.push(frame)
    this.bytes += frame.length + NETWORK_LIMITS.frameOverheadBytes
  }

  end(): void {
    this.#ended = true
    this.#waiting?.(DONE)
    this.#waiting = undefined
  }

  clear(): void {
    this.#frames = []
    this.#head = 0
    this.bytes = 0
  }

  next(): Promise<Result> {
    this.reading = true
    if (this.#head === this.#frames.length) {
      if (this.#ended) return Promise.resolve(DONE)
      return new Promise((resolve) => {
        this.#waiting = resolve
      })
    }
    if (this.#takenThisTurn < NETWORK_LIMITS.framesPerTurn) {
      this.#takenThisTurn++
      return Promise.resolve(this.#take())
    }
    return this.#nextTurn()
  }

  return(): Promise<Result> {
    this.reading = false
    this.#events.left()
    return Promise.resolve(DONE)
  }

  #nextTurn(): Promise<Result> {
    this.#events.turnOver()
    return new Promise((resolve) => {
      this.#events.laterTurn(() => {
        this.#takenThisTurn = 1
        // An abort in between may have emptied the queue.
        if (this.#head < this.#frames.length) resolve(this.#take())
        else if (this.#ended) resolve(DONE)
        else this.#waiting = resolve
      })
    })
  }

  #take(): Result {
    const value = this.#frames[this.#head]
    if (value === undefined) return DONE
    this.#head++
    this.#takenTotal++
    this.bytes -= value.length + NETWORK_LIMITS.frameOverheadBytes
    if (this.#head === this.#frames.length) {
      this.#frames = []
      this.#head = 0
    }
    this.#events.taken()
    return { value, done: false }
  }
}
