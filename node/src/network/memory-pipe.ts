import { NETWORK_LIMITS } from './limits.ts'
import type { ByteSink, ByteTransport } from './transport.ts'

/** Both ends of one stream in memory, and the way to cut it as a lost connection would. */
export interface MemoryPipe {
  readonly ends: readonly [ByteTransport, ByteTransport]
  readonly cut: () => void
}

/** Bytes are delivered on microtasks, in order, with the window of a real stream: a paused reader stops the writer. */
export function createMemoryPipe(): MemoryPipe {
  const left = new PipeEnd()
  const right = new PipeEnd()
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
  #sink: ByteSink | undefined
  #inbox: Uint8Array[] = []
  #inboxBytes = 0
  #paused = false
  #scheduled = false
  /** The other side waits until there is room again. */
  #owesRoom = false
  #otherFinished = false
  #toldFinished = false
  #over = false

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
      other.#otherFinished = true
      other.#schedule()
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
    if (other !== undefined) queueMicrotask(() => other.#gone('aborted'))
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
    for (const part of parts) {
      this.#inbox.push(part)
      this.#inboxBytes += part.length
    }
    this.#schedule()
    this.#owesRoom = this.#inboxBytes >= NETWORK_LIMITS.memoryWindowBytes
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
      this.#inboxBytes = 0
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
    this.#inboxBytes = 0
  }
}
