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
  /** The first frame of every stream. */
  readonly attach: () => Partial<Outgoing<WorkRequest>>
  /** Attached: what was sent before may have been lost. Runs before any other answer of this stream. */
  readonly onAttached: () => Promise<void>
  /** Throws when the answer makes the stream useless. */
  readonly onAnswer: (answer: WorkAnswer) => void
  /** Nothing more will come: refused, broken, or out of reach for too long. Not after close(). */
  readonly onGivenUp: (error: OrienError) => void
}

/** One session's work stream, dialled again when it drops, until it is closed or given up. */
export class WorkLink {
  readonly #of: WorkLinkParts
  #stream: FrameStream | undefined
  /** By us, for good; or given up, until something is worth another try. */
  #closed = false
  #givenUp = false
  #quiet = true
  #beats = 0
  #cancelBeat: CancelTimer | undefined
  #endPause: (() => void) | undefined

  constructor(of: WorkLinkParts) {
    this.#of = of
  }

  /** Dials and attaches, again for `patienceMs`. Throws what the provider refused with, or as Network.dial; then it is given up too. */
  async connect(patienceMs: number): Promise<void> {
    const until = this.#of.clock.monoMs() + patienceMs
    for (let delayMs = RETRY_FIRST_MS; ; delayMs = Math.min(RETRY_MAX_MS, delayMs * 2)) {
      if (this.#isOver()) throw new OrienError('stopped', { message: 'the session was closed' })
      try {
        await this.#attach(patienceMs)
        return
      } catch (error) {
        const known = asKnown(error)
        const late = this.#of.clock.monoMs() + delayMs > until
        if (!isPassing(known) || late) {
          this.#giveUp(known)
          throw known
        }
      }
      await this.#pause(delayMs)
    }
  }

  /** Attaches once more when it was given up. Resolves with whether it is attached. */
  async again(patienceMs: number): Promise<boolean> {
    if (this.#stream !== undefined) return true
    // Else it is being tried, or over for good.
    if (this.#closed || !this.#givenUp) return false
    this.#givenUp = false
    try {
      await this.connect(patienceMs)
      return true
    } catch (error) {
      if (isOrienError(error)) return false
      throw error
    }
  }

  /** Sends when attached; what matters is sent again after a re-attach. False when it was not sent. */
  send(request: Partial<Outgoing<WorkRequest>>): boolean {
    const stream = this.#stream
    if (stream === undefined) return false
    this.#quiet = false
    try {
      stream.send(workRequests.encode(request))
      return true
    } catch (error) {
      // It ended between two frames; #read notices and attaches again.
      if (!isOrienError(error, 'streamClosed')) throw error
      return false
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancelBeat?.()
    this.#endPause?.()
    await this.#stream?.close()
  }

  /** Heartbeats may come first: a provider that reads a channel takes its time. */
  async #attach(patienceMs: number): Promise<void> {
    const stream = await this.#of.network.dial({ peer: this.#of.provider }, PROTOCOLS.work)
    const frames = stream.frames[Symbol.asyncIterator]()
    try {
      stream.send(workRequests.encode(this.#of.attach()))
      for (;;) {
        const next = await frames.next()
        if (next.done === true) throw new OrienError('streamClosed', { message: 'the provider did not answer' })
        const answer = workAnswers.decode(next.value)
        if (answer.failure !== undefined) throw errorOf(answer.failure, 'the provider')
        this.#of.onAnswer(answer)
        if (answer.attached !== undefined) break
      }
      if (this.#isOver()) throw new OrienError('stopped', { message: 'the session was closed' })
      this.#stream = stream
      await this.#of.onAttached()
    } catch (error) {
      this.#stream = undefined
      await stream.close()
      throw error
    }
    this.#beat()
    void this.#read(stream, frames, patienceMs)
  }

  async #read(stream: FrameStream, frames: AsyncIterator<Uint8Array>, patienceMs: number): Promise<void> {
    const attachedMono = this.#of.clock.monoMs()
    try {
      for (let next = await frames.next(); next.done !== true; next = await frames.next()) {
        const answer = workAnswers.decode(next.value)
        if (answer.failure !== undefined) throw errorOf(answer.failure, 'the provider')
        this.#of.onAnswer(answer)
      }
    } catch (error) {
      // A provider that breaks the protocol, or says that it cannot go on, is not tried again.
      stream.abort('unusable answer')
      this.#giveUp(asKnown(error))
      return
    } finally {
      this.#cancelBeat?.()
      if (this.#stream === stream) this.#stream = undefined
    }
    // One that attaches and drops at once would be dialled without end.
    if (this.#of.clock.monoMs() - attachedMono < RETRY_FIRST_MS) await this.#pause(RETRY_FIRST_MS)
    // Whoever waits for a result is told by onGivenUp.
    if (!this.#isOver()) await this.connect(patienceMs).catch(() => undefined)
  }

  #giveUp(error: OrienError): void {
    if (this.#isOver()) return
    this.#givenUp = true
    this.#of.onGivenUp(error)
  }

  #isOver(): boolean {
    return this.#closed || this.#givenUp
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#of.timers.after(delayMs, resolve)
      this.#endPause = () => {
        cancel()
        resolve()
      }
    })
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

function asKnown(error: unknown): OrienError {
  if (isOrienError(error)) return error
  return new OrienError('internal', { message: 'an answer of the provider failed', cause: error })
}

/** Worth another try: the peer may be back in a moment. */
function isPassing({ code }: OrienError): boolean {
  return code === 'unreachable' || code === 'timedOut' || code === 'streamClosed'
}
