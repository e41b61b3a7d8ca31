import type { CancelTimer, Timers } from '@orien/protocol'
import { HEADER_BYTES, writeLength } from './frame-decoder.ts'
import { NETWORK_LIMITS } from './limits.ts'
import type { ByteTransport } from './transport.ts'

/**
 * Frames on their way out. What is sent in one turn leaves in one write: the write waits a few microtasks for further
 * frames, so that the answers of one batch travel together, and never for I/O.
 */
export class FrameWriter {
  /** Bytes accepted and not yet taken by the transport. */
  waitingBytes = 0
  /** Everything was written, and the transport told that no more comes. */
  finished = false
  /** Grows whenever the transport takes something. */
  progress = 0
  readonly #transport: ByteTransport
  readonly #timers: Timers
  readonly #onStall: (why: string) => void
  #frames: Uint8Array[] = []
  /** What is left of a frame whose beginning was written. */
  #rest: Uint8Array | undefined
  #scheduled = false
  #blocked = false
  #stopped = false
  #hops = 0
  #quietHops = 0
  /** Counts what happens, so that a waiting write sees whether anything did. */
  #activity = 0
  #seenActivity = 0
  #cancelStall: CancelTimer | undefined
  #waiters: (() => void)[] = []

  constructor(transport: ByteTransport, timers: Timers, onStall: (why: string) => void) {
    this.#transport = transport
    this.#timers = timers
    this.#onStall = onStall
  }

  /** False when the caller should wait for drained(). */
  send(frame: Uint8Array): boolean {
    this.#frames.push(frame)
    this.waitingBytes += HEADER_BYTES + frame.length
    this.#activity++
    if (this.#blocked) return false
    if (this.waitingBytes >= NETWORK_LIMITS.flushBytes) this.flush()
    else if (!this.#scheduled) this.#schedule()
    return !this.#blocked
  }

  /** The reader took a frame: its answer may come in a moment and join the waiting write. */
  touch(): void {
    this.#activity++
  }

  drained(): Promise<void> {
    if (!this.#blocked || this.#stopped) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  flush(): void {
    while (!this.#blocked && !this.#stopped && this.waitingBytes > 0) {
      const waiting = this.waitingBytes
      if (!this.#transport.write(this.#nextParts())) this.#block()
      this.progress += waiting - this.waitingBytes
    }
  }

  writable(): void {
    this.progress++
    if (!this.#blocked) return
    this.#blocked = false
    this.flush()
    if (!this.#blocked) this.#release()
  }

  /** Writes all that waits, then says that no more comes. Resolves early when the stream ends first. */
  async finish(): Promise<void> {
    this.flush()
    while (this.#blocked && !this.#stopped) await this.drained()
    if (this.#stopped) return
    await this.#transport.finish()
    this.finished = true
  }

  /** The stream is over: forgets what waits and frees whoever waits for it. */
  stop(): void {
    this.#stopped = true
    this.#frames = []
    this.#rest = undefined
    this.waitingBytes = 0
    this.#cancelStall?.()
    this.#release()
  }

  #schedule(): void {
    this.#scheduled = true
    this.#hops = 0
    this.#quietHops = 0
    this.#seenActivity = this.#activity
    queueMicrotask(this.#hop)
  }

  readonly #hop = (): void => {
    this.#quietHops = this.#activity === this.#seenActivity ? this.#quietHops + 1 : 0
    this.#seenActivity = this.#activity
    if (this.#quietHops < NETWORK_LIMITS.quietHops && ++this.#hops < NETWORK_LIMITS.maxHops) {
      queueMicrotask(this.#hop)
      return
    }
    this.#scheduled = false
    this.flush()
  }

  /** Parts of the next write, up to writeChunkBytes: runs of small frames joined, larger ones as they are. */
  #nextParts(): Uint8Array[] {
    const parts: Uint8Array[] = []
    let room: number = NETWORK_LIMITS.writeChunkBytes
    const add = (part: Uint8Array): void => {
      const fits = part.length <= room ? part : part.subarray(0, room)
      this.#rest = fits === part ? undefined : part.subarray(room)
      parts.push(fits)
      room -= fits.length
    }
    if (this.#rest !== undefined) add(this.#rest)
    let at = 0
    while (at < this.#frames.length && room > HEADER_BYTES) {
      const frame = this.#frames[at]
      if (frame === undefined) break
      if (frame.length <= NETWORK_LIMITS.coalesceBytes) {
        const run = this.#smallRun(at, room)
        if (run.count === 0) break
        add(this.#joinRun(at, run.count, run.bytes))
        at += run.count
        continue
      }
      const header = new Uint8Array(HEADER_BYTES)
      writeLength(header, 0, frame.length)
      add(header)
      add(frame)
      at++
    }
    this.#frames = at === this.#frames.length ? [] : this.#frames.slice(at)
    this.waitingBytes -= NETWORK_LIMITS.writeChunkBytes - room
    return parts
  }

  #smallRun(from: number, roomBytes: number): { count: number; bytes: number } {
    let bytes = 0
    let at = from
    for (; at < this.#frames.length; at++) {
      const frame = this.#frames[at]
      if (frame === undefined || frame.length > NETWORK_LIMITS.coalesceBytes) break
      if (bytes + HEADER_BYTES + frame.length > roomBytes) break
      bytes += HEADER_BYTES + frame.length
    }
    return { count: at - from, bytes }
  }

  #joinRun(from: number, count: number, bytes: number): Uint8Array {
    const joined = new Uint8Array(bytes)
    let at = 0
    for (let index = from; index < from + count; index++) {
      const frame = this.#frames[index]
      if (frame === undefined) break
      writeLength(joined, at, frame.length)
      joined.set(frame, at + HEADER_BYTES)
      at += HEADER_BYTES + frame.length
    }
    return joined
  }

  #block(): void {
    this.#blocked = true
    if (this.#cancelStall === undefined) this.#watchStall(this.progress)
  }

  #watchStall(seen: number): void {
    this.#cancelStall = this.#timers.after(NETWORK_LIMITS.stallMs, () => {
      this.#cancelStall = undefined
      if (!this.#blocked || this.#stopped) return
      if (this.progress === seen) this.#onStall('the peer takes nothing')
      else this.#watchStall(this.progress)
    })
  }

  #release(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) waiter()
  }
}
