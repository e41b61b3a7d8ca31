import {
  errorOf,
  isOrienError,
  OrienError,
  receiptsAnswers,
  receiptsRequests,
  type CancelTimer,
  type Hello,
  type Outgoing,
  type PeerText,
  type ReceiptsAnswer,
  type ReceiptsRequest,
  type Timers,
} from '@orien/protocol'
import type { FrameStream, Network } from '../network/port.ts'
import { PROTOCOLS } from '../network/protocols.ts'

/** Either side says something at least this often; the idle limit is three times it. */
const HEARTBEAT_MS = 10_000
/** A batch is answered within this, or the stream is given up: heartbeats alone are no answer. */
const ANSWER_MS = 30_000

interface Pending {
  readonly resolve: (answer: ReceiptsAnswer) => void
  readonly reject: (error: OrienError) => void
  readonly cancel: CancelTimer
}

export interface CoordinatorLinkParts {
  readonly network: Network
  readonly timers: Timers
  readonly hello: () => Hello
  /** A Notice that answers no batch. */
  readonly onNotice: (notice: Uint8Array) => void
  /** The stream is gone, with the reason when the coordinator gave one; batches in flight were rejected. */
  readonly onLost: (why: OrienError | undefined) => void
}

/** One receipts stream to a coordinator, dialled by a provider or an agent: batches out, answers in order, Notices any time. */
export class CoordinatorLink {
  readonly peer: PeerText
  readonly #parts: CoordinatorLinkParts
  readonly #pending = new Map<number, Pending>()
  #stream: FrameStream | undefined
  #opening: Promise<FrameStream> | undefined
  #batch = 0
  #quiet = true
  #beats = 0
  #cancelBeat: CancelTimer | undefined
  #closed = false

  constructor(peer: PeerText, parts: CoordinatorLinkParts) {
    this.peer = peer
    this.#parts = parts
  }

  get connected(): boolean {
    return this.#stream !== undefined
  }

  /** Sends one batch and waits for its answer. Throws what the coordinator answered, `streamClosed`, `timedOut`, or as Network.dial. */
  async exchange(batch: Partial<Outgoing<ReceiptsRequest>>): Promise<ReceiptsAnswer> {
    const stream = await this.#open()
    const number = ++this.#batch
    const { promise, resolve, reject } = Promise.withResolvers<ReceiptsAnswer>()
    const cancel = this.#parts.timers.after(ANSWER_MS, () => this.#late(stream, number))
    this.#pending.set(number, { resolve, reject, cancel })
    const hello = number === 1 ? { hello: this.#parts.hello() } : {}
    this.#send(stream, { ...hello, ...batch, batch: number })
    return promise
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancelBeat?.()
    await this.#stream?.close()
  }

  #open(): Promise<FrameStream> {
    if (this.#stream !== undefined) return Promise.resolve(this.#stream)
    this.#opening ??= this.#dial().finally(() => (this.#opening = undefined))
    return this.#opening
  }

  async #dial(): Promise<FrameStream> {
    if (this.#closed) throw new OrienError('stopped', { message: 'the link was closed' })
    const stream = await this.#parts.network.dial({ peer: this.peer }, PROTOCOLS.receipts)
    if (this.#closed) {
      stream.abort('closed')
      throw new OrienError('stopped', { message: 'the link was closed' })
    }
    this.#stream = stream
    this.#batch = 0
    this.#beat()
    void this.#read(stream)
    return stream
  }

  async #read(stream: FrameStream): Promise<void> {
    let why: OrienError | undefined
    try {
      for await (const frame of stream.frames) this.#take(receiptsAnswers.decode(frame))
    } catch (error) {
      // A coordinator that sends what cannot be read, or that closes with a failure, is treated like one that is gone.
      why = isOrienError(error) ? error : new OrienError('internal', { message: 'an answer failed', cause: error })
      stream.abort('unusable answer')
    }
    if (this.#stream === stream) {
      this.#cancelBeat?.()
      this.#stream = undefined
    }
    const pending = [...this.#pending.values()]
    this.#pending.clear()
    for (const { cancel, reject } of pending) {
      cancel()
      reject(why ?? new OrienError('streamClosed', { message: 'the coordinator is gone' }))
    }
    if (!this.#closed) this.#parts.onLost(why)
  }

  #take(answer: ReceiptsAnswer): void {
    const { batch, failure, notice } = answer
    const pending = batch === undefined ? undefined : this.#pending.get(batch)
    if (batch !== undefined && pending !== undefined) {
      this.#pending.delete(batch)
      pending.cancel()
      if (failure === undefined) pending.resolve(answer)
      else pending.reject(errorOf(failure, 'the coordinator'))
      return
    }
    if (failure !== undefined) throw errorOf(failure, 'the coordinator')
    if (notice !== undefined) this.#parts.onNotice(notice)
  }

  #late(stream: FrameStream, number: number): void {
    const pending = this.#pending.get(number)
    if (pending === undefined) return
    this.#pending.delete(number)
    pending.reject(new OrienError('timedOut', { message: 'the coordinator did not answer a batch' }))
    stream.abort('no answer')
  }

  #send(stream: FrameStream, request: Partial<Outgoing<ReceiptsRequest>>): void {
    this.#quiet = false
    try {
      stream.send(receiptsRequests.encode(request))
    } catch (error) {
      // It ended between two frames: #read notices, and rejects what waits.
      if (!isOrienError(error, 'streamClosed')) throw error
    }
  }

  #beat(): void {
    this.#cancelBeat = this.#parts.timers.after(HEARTBEAT_MS, () => {
      const stream = this.#stream
      if (stream === undefined) return
      if (this.#quiet && this.#batch > 0) this.#send(stream, { heartbeat: { count: ++this.#beats } })
      this.#quiet = true
      this.#beat()
    })
  }
}
