import {
  isOrienError,
  OrienError,
  failureOf,
  workAnswers,
  workRequests,
  type CancelTimer,
  type Id,
  type Outgoing,
  type Timers,
  type WorkAnswer,
  type WorkRequest,
} from '@orien/protocol'
import type { FrameStream } from '../network/port.ts'
import type { OutputStream } from '../tools/port.ts'
import type { CallListener } from './call.ts'

/** Both sides send something at least this often on a long-lived stream; the idle limit is three times it. */
const HEARTBEAT_MS = 10_000
/** One log frame carries this much at most. */
export const LOG_BYTES = 64 * 1024

/** The provider's end of one work stream: frames out, with heartbeats. Frames of one turn leave in one write. */
export class WorkStream implements CallListener {
  readonly stream: FrameStream
  /** Receipts through here were sent on this stream, or are known to the agent. */
  receiptsThrough = 0
  /** True when every durable receipt was sent: from then on each is sent as it is written. */
  live = false
  readonly #hello: WorkAnswer['hello']
  readonly #onRoom: () => void
  readonly #timers: Timers
  #cancel: CancelTimer | undefined
  #greeted = false
  #quiet = true
  #waiting = false
  #beats = 0
  #over = false

  constructor(
    stream: FrameStream,
    options: { readonly hello: WorkAnswer['hello']; readonly timers: Timers; readonly onRoom: () => void },
  ) {
    this.stream = stream
    this.#hello = options.hello
    this.#onRoom = options.onRoom
    this.#timers = options.timers
    this.#beat()
    void stream.ended.then(() => this.#finish())
  }

  get over(): boolean {
    return this.#over
  }

  send(answer: Partial<Outgoing<WorkAnswer>>): boolean {
    if (this.#over) return true
    const first = !this.#greeted && this.#hello !== undefined
    this.#greeted = true
    this.#quiet = false
    const frame = first ? { ...answer, hello: this.#hello } : answer
    try {
      const room = this.stream.send(workAnswers.encode(frame))
      if (!room) this.#waitForRoom()
      return room
    } catch (error) {
      // The stream ended between two frames; the agent attaches again and gets what it missed.
      if (isOrienError(error, 'streamClosed')) return true
      throw error
    }
  }

  /** In frames small enough to take turns with those of other calls. */
  log(callSeq: number, stream: OutputStream, offset: number, bytes: Uint8Array): boolean {
    let room = true
    for (let at = 0; at < bytes.length; at += LOG_BYTES) {
      const part = bytes.subarray(at, at + LOG_BYTES)
      room = this.send({ log: { callSeq, stderr: stream === 'stderr', offset: offset + at, bytes: part } })
    }
    return room
  }

  tick(authId: Id, ms: number, queuedMs: number): void {
    this.send({ tick: { authId, ms, queuedMs } })
  }

  /** Answers an error and closes: the stream is of no more use. */
  async fail(error: OrienError, sessionId?: Uint8Array): Promise<void> {
    this.send({ failure: failureOf(error, sessionId) })
    await this.stream.close()
  }

  #waitForRoom(): void {
    if (this.#waiting) return
    this.#waiting = true
    void this.stream.drained().then(() => {
      this.#waiting = false
      if (!this.#over) this.#onRoom()
    })
  }

  #beat(): void {
    this.#cancel = this.#timers.after(HEARTBEAT_MS, () => {
      if (this.#quiet) this.send({ heartbeat: { count: ++this.#beats } })
      this.#quiet = true
      if (!this.#over) this.#beat()
    })
  }

  #finish(): void {
    this.#over = true
    this.#cancel?.()
    this.#onRoom()
  }
}

/** Decodes a frame; anything else is the sender's mistake. */
export function readRequest(frame: Uint8Array): WorkRequest {
  return workRequests.decode(frame)
}

/** An error to be answered: ours as it is, anything else as a defect of ours. */
export function asOrienError(error: unknown): OrienError {
  if (isOrienError(error)) return error
  return new OrienError('internal', { message: 'the provider failed', cause: error })
}
