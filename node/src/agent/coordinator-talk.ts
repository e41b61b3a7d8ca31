import {
  errorOf,
  OrienError,
  sessionAnswers,
  sessionRequests,
  type Hello,
  type Outgoing,
  type PeerText,
  type SessionAnswer,
  type SessionRequest,
} from '@orien/protocol'
import type { FrameStream } from '../network/port.ts'
import { PROTOCOLS } from '../network/protocols.ts'
import type { AgentParts } from './ports.ts'

/** A coordinator answers within this; the channel ledger is asked meanwhile. */
export const ANSWER_MS = 30_000

export interface TalkParts {
  readonly parts: Pick<AgentParts, 'network' | 'timers'>
  readonly hello: () => Hello
}

/** One session stream: one question, one answer; a Grant's Notice comes in the frame after it. */
export class CoordinatorTalk {
  readonly #of: TalkParts
  readonly #stream: FrameStream
  readonly #frames: AsyncIterator<Uint8Array>
  #greeted = false

  constructor(of: TalkParts, stream: FrameStream) {
    this.#of = of
    this.#stream = stream
    this.#frames = stream.frames[Symbol.asyncIterator]()
  }

  /** Throws as Network.dial. */
  static async open(of: TalkParts, coordinator: PeerText, signal?: AbortSignal): Promise<CoordinatorTalk> {
    const options = signal === undefined ? {} : { signal }
    return new CoordinatorTalk(of, await of.parts.network.dial({ peer: coordinator }, PROTOCOLS.session, options))
  }

  /** Throws what the coordinator answered, `streamClosed`. */
  async ask(request: Partial<Outgoing<SessionRequest>>): Promise<SessionAnswer> {
    const hello = this.#greeted ? {} : { hello: this.#of.hello() }
    this.#greeted = true
    this.#stream.send(sessionRequests.encode({ ...hello, ...request }))
    const answer = await this.#next()
    if (answer.failure !== undefined) throw errorOf(answer.failure, 'the coordinator')
    if (answer.grant === undefined || answer.notice !== undefined) return answer
    const { notice } = await this.#next()
    return notice === undefined ? answer : { ...answer, notice }
  }

  close(): Promise<void> {
    return this.#stream.close()
  }

  async #next(): Promise<SessionAnswer> {
    const cancel = this.#of.parts.timers.after(ANSWER_MS, () => this.#stream.abort('no answer'))
    const frame = await this.#frames.next()
    cancel()
    if (frame.done === true) throw new OrienError('streamClosed', { message: 'the coordinator did not answer' })
    return sessionAnswers.decode(frame.value)
  }
}
