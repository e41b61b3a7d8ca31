import { OrienError } from '@orien/protocol'
import type { CancelTimer, PeerText, Timers } from '@orien/protocol'
import { createFrameDecoder } from './frame-decoder.ts'
import type { FrameDecoder } from './frame-decoder.ts'
import { FrameQueue } from './frame-queue.ts'
import { FrameWriter } from './frame-writer.ts'
import { NETWORK_LIMITS } from './limits.ts'
import type { FrameStream, StreamEnd, StreamProtocol } from './port.ts'
import type { ByteTransport } from './transport.ts'

export interface FrameStreamOptions {
  readonly peer: PeerText
  readonly protocol: StreamProtocol
  readonly timers: Timers
  /** Runs `next` in a later turn of the event loop; a simulator's own turn in a simulator. */
  readonly laterTurn: (next: () => void) => void
  /** Called once when both directions are over and nothing is held any more. */
  readonly onDone?: () => void
}

/** Four quarters without a sign of life: a silent peer is cut between idleMs and 1.25 × idleMs, without a timer per frame. */
const IDLE_PARTS = 4

/**
 * Frames over a byte transport, with every limit of the protocol enforced. Both adapters use this one class, so what
 * holds in one process holds over TCP.
 */
export class FramedStream implements FrameStream {
  readonly peer: PeerText
  readonly protocol: string
  readonly frames: AsyncIterable<Uint8Array>
  readonly ended: Promise<StreamEnd>

  readonly #options: FrameStreamOptions
  readonly #transport: ByteTransport
  readonly #decoder: FrameDecoder
  readonly #queue: FrameQueue
  readonly #writer: FrameWriter
  readonly #resolveEnded: (end: StreamEnd) => void
  #end: StreamEnd | undefined
  /** The transport is over too: nothing can be written. */
  #over = false
  #closing: Promise<void> | undefined
  #finished = false
  #paused = false
  #sawFrame = false
  #silentParts = 0
  #cancelIdle: CancelTimer | undefined
  #cancelClose: CancelTimer | undefined

  constructor(transport: ByteTransport, options: FrameStreamOptions) {
    this.peer = options.peer
    this.protocol = options.protocol.id
    this.#options = options
    this.#transport = transport
    this.#decoder = createFrameDecoder(options.protocol.maxFrameBytes)
    const { promise, resolve } = Promise.withResolvers<StreamEnd>()
    this.ended = promise
    this.#resolveEnded = resolve
    this.#writer = new FrameWriter(transport, options.timers, (why) => this.#stop('timedOut', why))
    this.#queue = new FrameQueue({
      laterTurn: options.laterTurn,
      taken: () => {
        this.#writer.touch()
        this.#resumeWhenLow()
      },
      turnOver: () => this.#writer.flush(),
      left: () => this.#readerLeft(),
    })
    this.frames = this.#queue
    this.#cancelIdle = options.timers.after(options.protocol.firstFrameMs, () => {
      if (!this.#sawFrame) this.#stop('timedOut', 'no first frame')
    })
    transport.open({
      data: (chunks) => this.#received(chunks),
      writable: () => {
        this.#silentParts = 0
        this.#writer.writable()
      },
      finished: () => this.#otherFinished(),
      gone: (how) => this.#finish(how),
    })
  }

  send(frame: Uint8Array): boolean {
    if (this.#over || this.#closing !== undefined) {
      throw new OrienError('streamClosed', { message: 'the stream is closed', details: { protocol: this.protocol } })
    }
    const { maxFrameBytes } = this.#options.protocol
    if (frame.length > maxFrameBytes) {
      throw new OrienError('tooLarge', {
        message: 'the frame is longer than the protocol allows',
        details: { protocol: this.protocol, frameBytes: frame.length, maxFrameBytes },
      })
    }
    if (this.#writer.waitingBytes + frame.length > NETWORK_LIMITS.maxQueuedBytes) {
      this.#stop('aborted', 'more was sent than the peer takes')
      throw new OrienError('streamClosed', {
        message: 'too much is waiting: the sender did not wait for drained()',
        details: { protocol: this.protocol, waitingBytes: this.#writer.waitingBytes },
      })
    }
    return this.#writer.send(frame)
  }

  drained(): Promise<void> {
    return this.#writer.drained()
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeNow()
    return this.#closing
  }

  abort(reason: string): void {
    this.#stop('aborted', reason)
  }

  async #closeNow(): Promise<void> {
    if (this.#over) return
    this.#cancelClose?.()
    this.#watchClose()
    this.#discardUnread()
    await this.#writer.finish()
    this.#doneWhenBoth()
  }

  /** After our close: ends the stream when neither the peer nor our own reader does anything more with it. */
  #watchClose(): void {
    const { progress } = this.#writer
    const { taken } = this.#queue
    this.#cancelClose = this.#options.timers.after(NETWORK_LIMITS.closeMs, () => {
      const delivering = !this.#writer.finished && this.#writer.progress !== progress
      // Whoever still waits for frames may wait on, under the idle rule.
      const reading = this.#writer.finished && (this.#queue.awaited || this.#queue.taken !== taken)
      if (delivering || reading) {
        this.#watchClose()
        return
      }
      this.#stop(this.#writer.finished ? 'closed' : 'timedOut', 'not closed in time')
    })
  }

  #received(chunks: Iterable<Uint8Array>): void {
    for (const chunk of chunks) {
      if (this.#end !== undefined) return
      if (!this.#decoder.push(chunk, (frame) => this.#receivedFrame(frame))) {
        this.#stop('tooLarge', 'a frame is longer than the protocol allows')
        return
      }
    }
    if (!this.#paused && this.#queue.bytes >= NETWORK_LIMITS.readHighWaterBytes) {
      this.#paused = true
      this.#transport.pause()
    }
  }

  #receivedFrame(frame: Uint8Array): void {
    this.#silentParts = 0
    if (!this.#sawFrame) {
      this.#sawFrame = true
      this.#cancelIdle?.()
      this.#cancelIdle = undefined
      if (this.#options.protocol.idleMs > 0) this.#watchIdle()
    }
    if (this.#closing !== undefined && !this.#queue.reading) return
    this.#queue.put(frame)
  }

  #watchIdle(): void {
    this.#cancelIdle = this.#options.timers.after(this.#options.protocol.idleMs / IDLE_PARTS, () => {
      // What waits for its reader, or is held back for it, is no silence of the peer.
      if (this.#paused || this.#queue.bytes > 0) this.#silentParts = 0
      if (++this.#silentParts > IDLE_PARTS) this.#stop('timedOut', 'idle')
      else this.#watchIdle()
    })
  }

  #resumeWhenLow(): void {
    if (!this.#paused || this.#queue.bytes > NETWORK_LIMITS.readLowWaterBytes) return
    this.#paused = false
    this.#transport.resume()
  }

  /** Closed by us and read by nobody: what comes is dropped, so that the other side's close gets through. */
  #discardUnread(): void {
    if (this.#queue.reading) return
    this.#queue.clear()
    this.#resumeWhenLow()
  }

  #readerLeft(): void {
    if (this.#closing !== undefined) this.#discardUnread()
  }

  #otherFinished(): void {
    if (this.#end !== undefined) return
    if (!this.#decoder.atBoundary) {
      this.#stop('lost', 'ended inside a frame')
      return
    }
    this.#finished = true
    this.#cancelIdle?.()
    this.#setEnd('closed')
    if (this.#closing === undefined) {
      this.#cancelClose = this.#options.timers.after(NETWORK_LIMITS.closeMs, () => void this.close())
    }
    this.#doneWhenBoth()
  }

  #doneWhenBoth(): void {
    if (this.#finished && this.#writer.finished) this.#finish('closed')
  }

  /** Ends by our decision: the other side is told by a reset, what waits is dropped. */
  #stop(end: StreamEnd, why: string): void {
    if (this.#over) return
    if (end === 'aborted') this.#queue.clear()
    // In this order: the transport reports its own reset as an end too.
    this.#finish(end)
    this.#transport.reset(why)
  }

  #finish(end: StreamEnd): void {
    if (this.#over) return
    this.#over = true
    this.#cancelIdle?.()
    this.#cancelClose?.()
    this.#writer.stop()
    this.#setEnd(end)
    this.#options.onDone?.()
  }

  #setEnd(end: StreamEnd): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.#queue.end()
    this.#resolveEnded(end)
  }
}
