import {
  errorOf,
  isOrienError,
  OrienError,
  workAnswers,
  workRequests,
  type CancelTimer,
  type Clock,
  type Outgoing,
  type PeerText,
  type Timers,
  type WorkAnswer,
  type WorkRequest,
} from '@orien/protocol'
import type { FrameStream, Network } from '../network/port.ts'
import { PROTOCOLS } from '../network/protocols.ts'

/** Both sides send something at least this often; the idle limit is three times it. */
const HEARTBEAT_MS = 10_000
const RETRY_FIRST_MS = 200
const RETRY_MAX_MS = 5_000

export interface WorkLinkParts {
  readonly network: Network
  readonly timers: Timers
  readonly clock: Clock
  readonly provider: PeerText
  readonly reattachMs: number
  /** The first frame of every stream. */
  readonly attach: () => Partial<Outgoing<WorkRequest>>
  /** Throws when the answer makes the stream useless. */
  readonly onAnswer: (answer: WorkAnswer) => void
  /** Attached again after a drop. */
  readonly onAttached: () => void
  /** Nothing more will come: closed, refused, or out of reach for too long. */
  readonly onGivenUp: (error: OrienError) => void
}

/** One session's work stream, dialled again when it drops, until it is closed or given up. */
export class WorkLink {
  readonly #of: WorkLinkParts
  #stream: FrameStream | undefined
  #closed = false
  #quiet = true
  #beats = 0
  #cancelBeat: CancelTimer | undefined

  constructor(of: WorkLinkParts) {
    this.#of = of
  }

  /** Dials and attaches; resolves when the provider said so. */
  async open(): Promise<void> {
    const stream = await this.#of.network.dial({ peer: this.#of.provider }, PROTOCOLS.work)
    const frames = stream.frames[Symbol.asyncIterator]()
    stream.send(workRequests.encode(this.#of.attach()))
    const first = await frames.next()
    if (first.done === true) throw new OrienError('streamClosed', { message: 'the provider did not answer' })
    const answer = workAnswers.decode(first.value)
    try {
      if (answer.failure !== undefined) throw errorOf(answer.failure, 'the provider')
      this.#of.onAnswer(answer)
    } catch (error) {
      await stream.close()
      throw error
    }
    this.#stream = stream
    this.#beat()
    void this.#read(stream, frames)
  }

  /** Sends when attached; what matters is sent again after a re-attach. */
  send(request: Partial<Outgoing<WorkRequest>>): void {
    const stream = this.#stream
    if (stream === undefined) return
    this.#quiet = false
    try {
      stream.send(workRequests.encode(request))
    } catch (error) {
      // It ended between two frames; #read notices and attaches again.
      if (!isOrienError(error, 'streamClosed')) throw error
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancelBeat?.()
    await this.#stream?.close()
  }

  async #read(stream: FrameStream, frames: AsyncIterator<Uint8Array>): Promise<void> {
    let broken: unknown
    try {
      for (let next = await frames.next(); next.done !== true; next = await frames.next()) {
        this.#of.onAnswer(workAnswers.decode(next.value))
      }
    } catch (error) {
      broken = error
      stream.abort('unusable answer')
    }
    this.#cancelBeat?.()
    if (this.#stream === stream) this.#stream = undefined
    if (this.#closed) return this.#of.onGivenUp(new OrienError('streamClosed', { message: 'the session was closed' }))
    // A provider that breaks the protocol is not tried again.
    if (isOrienError(broken)) return this.#of.onGivenUp(broken)
    await this.#reattach()
  }

  async #reattach(): Promise<void> {
    const until = this.#of.clock.monoMs() + this.#of.reattachMs
    let delayMs = RETRY_FIRST_MS
    while (!this.#closed) {
      try {
        await this.open()
        return this.#of.onAttached()
      } catch (error) {
        const known = isOrienError(error)
          ? error
          : new OrienError('unreachable', { message: 'the provider is gone', cause: error })
        const passing = known.code === 'unreachable' || known.code === 'timedOut' || known.code === 'streamClosed'
        if (!passing || this.#of.clock.monoMs() + delayMs > until) return this.#of.onGivenUp(known)
      }
      const pause = delayMs
      await new Promise<void>((resolve) => this.#of.timers.after(pause, resolve))
      delayMs = Math.min(RETRY_MAX_MS, delayMs * 2)
    }
  }

  #beat(): void {
    this.#cancelBeat?.()
    this.#cancelBeat = this.#of.timers.after(HEARTBEAT_MS, () => {
      if (this.#quiet) this.send({ heartbeat: { count: ++this.#beats } })
      this.#quiet = true
      if (this.#stream !== undefined) this.#beat()
    })
  }
}
