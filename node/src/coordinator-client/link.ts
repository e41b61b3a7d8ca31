import {
  errorOf,
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

interface Pending {
  readonly resolve: (answer: ReceiptsAnswer) => void
  readonly reject: (error: OrienError) => void
}

export interface CoordinatorLinkParts {
  readonly network: Network
  readonly timers: Timers
  readonly hello: () => Hello
  /** A Notice that answers no batch. */
  readonly onNotice: (notice: Uint8Array) => void
  /** The stream is gone; batches in flight were rejected with `streamClosed`. */
  readonly onLost: () => void
}

/** One receipts stream to a coordinator, dialled by a provider or an agent: batches out, answers in order, Notices any time. */
export class CoordinatorLink {
  readonly peer: PeerText
  readonly #parts: CoordinatorLinkParts
  #stream: FrameStream | undefined
  #opening: Promise<FrameStream> | undefined
  #batch = 0
  #quiet = true
  #beats = 0
  #cancelBeat: CancelTimer | undefined
  readonly #pending = new Map<number, Pending>()

  constructor(peer: PeerText, parts: CoordinatorLinkParts) {
    this.peer = peer
    this.#parts = parts
  }

  get connected(): boolean {
    return this.#stream !== undefined
  }

  /** Sends one batch and waits for its answer. Throws what the coordinator answered, `streamClosed`, or as Network.dial. */
  async exchange(batch: Partial<Outgoing<ReceiptsRequest>>): Promise<ReceiptsAnswer> {
    const stream = await this.#open()
    const number = ++this.#batch
    this.#quiet = false
    stream.send(
      receiptsRequests.encode({ ...(number === 1 ? { hello: this.#parts.hello() } : {}), ...batch, batch: number }),
    )
    return new Promise<ReceiptsAnswer>((resolve, reject) => this.#pending.set(number, { resolve, reject }))
  }

  async close(): Promise<void> {
    await this.#stream?.close()
  }

  #open(): Promise<FrameStream> {
    if (this.#stream !== undefined) return Promise.resolve(this.#stream)
    this.#opening ??= this.#dial().finally(() => (this.#opening = undefined))
    return this.#opening
  }

  async #dial(): Promise<FrameStream> {
    const stream = await this.#parts.network.dial({ peer: this.peer }, PROTOCOLS.receipts)
    this.#stream = stream
    this.#batch = 0
    this.#beat()
    void this.#read(stream)
    return stream
  }

  async #read(stream: FrameStream): Promise<void> {
    try {
      for await (const frame of stream.frames) this.#take(receiptsAnswers.decode(frame))
    } catch {
      // A coordinator that sends what cannot be read is treated like one that is gone.
      stream.abort('unreadable answer')
    }
    this.#cancelBeat?.()
    if (this.#stream === stream) this.#stream = undefined
    const pending = [...this.#pending.values()]
    this.#pending.clear()
    for (const one of pending) one.reject(new OrienError('streamClosed', { message: 'the coordinator is gone' }))
    this.#parts.onLost()
  }

  #take(answer: ReceiptsAnswer): void {
    const pending = answer.batch === undefined ? undefined : this.#pending.get(answer.batch)
    if (answer.batch !== undefined && pending !== undefined) {
      this.#pending.delete(answer.batch)
      if (answer.failure === undefined) pending.resolve(answer)
      else pending.reject(errorOf(answer.failure, 'the coordinator'))
      return
    }
    if (answer.notice !== undefined) this.#parts.onNotice(answer.notice)
  }

  #beat(): void {
    this.#cancelBeat = this.#parts.timers.after(HEARTBEAT_MS, () => {
      const stream = this.#stream
      if (stream === undefined) return
      if (this.#quiet && this.#batch > 0) stream.send(receiptsRequests.encode({ heartbeat: { count: ++this.#beats } }))
      this.#quiet = true
      this.#beat()
    })
  }
}
