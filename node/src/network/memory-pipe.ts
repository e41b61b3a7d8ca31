import { NETWORK_LIMITS } from './limits.ts'
import type { ByteSink, ByteTransport } from './transport.ts'

/** Both ends of one stream in memory, and the way to cut it as a lost connection would. */
export interface MemoryPipe {
  readonly ends: readonly [ByteTransport, ByteTransport]
  readonly cut: () => void
}

/**
 * Hands `deliver` on when what was sent is at the other end. One for each direction of a stream, called in the order of sending; it
 * must deliver in that order.
 */
export type Carry = (bytes: number, deliver: () => void) => void

const atOnce: Carry = (_bytes, deliver) => deliver()

/**
 * Bytes are delivered on microtasks, in order, with the window of a real stream: a paused reader stops the writer. `there` carries
 * what the first end writes, `back` what the second does.
 */
export function createMemoryPipe(there: Carry = atOnce, back: Carry = atOnce): MemoryPipe {
  const left = new PipeEnd(back)
  const right = new PipeEnd(there)
  left.other = right
  right.other = left
  return {
    ends: [left, right],
    cut: () => {
      left.lose()
      right.lose()
    },
  }
}

class PipeEnd implements ByteTransport {
  other: PipeEnd | undefined
  /** The way of bytes to this end. */
  readonly #carry: Carry
  #sink: ByteSink | undefined
  #inbox: Uint8Array[] = []
  /** On the way or in the inbox. */
  #comingBytes = 0
  #paused = false
  #scheduled = false
  /** The other side waits until there is room again. */
  #owesRoom = false
  #otherFinished = false
  #toldFinished = false
  #over = false

  constructor(carry: Carry) {
    this.#carry = carry
  }

  open(sink: ByteSink): void {
    this.#sink = sink
    this.#schedule()
  }

  write(parts: readonly Uint8Array[]): boolean {
    if (this.#over || this.other === undefined) return false
    return this.other.#take(parts)
  }

  finish(): Promise<void> {
    const { other } = this
    if (!this.#over && other !== undefined) {
      other.#carry(0, () => {
        other.#otherFinished = true
        other.#schedule()
      })
    }
    return Promise.resolve()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#schedule()
  }

  reset(): void {
    if (this.#over) return
    this.#end()
    const { other } = this
    if (other !== undefined) queueMicrotask(() => other.#carry(0, () => other.#gone('aborted')))
  }

  /** The connection is gone: what already came is still given to a reader that takes it. */
  lose(): void {
    queueMicrotask(() => {
      this.#deliver()
      this.#gone('lost')
    })
  }

  #take(parts: readonly Uint8Array[]): boolean {
    if (this.#over) return true
    let bytes = 0
    for (const part of parts) bytes += part.length
    this.#comingBytes += bytes
    this.#carry(bytes, () => {
      if (this.#over) return
      this.#inbox.push(...parts)
      this.#schedule()
    })
    this.#owesRoom = this.#comingBytes >= NETWORK_LIMITS.memoryWindowBytes
    return !this.#owesRoom
  }

  #schedule(): void {
    if (this.#scheduled || this.#over) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      this.#deliver()
    })
  }

  #deliver(): void {
    if (this.#paused || this.#over || this.#sink === undefined) return
    if (this.#inbox.length > 0) {
      const chunks = this.#inbox
      this.#inbox = []
      for (const chunk of chunks) this.#comingBytes -= chunk.length
      if (this.#owesRoom) queueMicrotask(() => this.#giveRoom())
      this.#sink.data(chunks)
    }
    if (this.#otherFinished && this.#inbox.length === 0 && !this.#toldFinished && !this.#over) {
      this.#toldFinished = true
      this.#sink.finished()
    }
  }

  #giveRoom(): void {
    if (!this.#owesRoom) return
    this.#owesRoom = false
    const { other } = this
    if (other !== undefined && !other.#over) other.#sink?.writable()
  }

  #gone(how: 'aborted' | 'lost'): void {
    if (this.#over) return
    this.#end()
    this.#sink?.gone(how)
  }

  #end(): void {
    this.#over = true
    this.#inbox = []
    this.#comingBytes = 0
  }
}
