import { NitroliteRPC, type RPCMethod, type RPCRequest } from '@erc7824/nitrolite'
import { isOrienError, OrienError, type Clock, type Random, type Timers } from '@orien/protocol'
import type { Wallet } from '../channel.ts'
import { taskQueue, type TaskQueue } from '../queue.ts'
import type { YellowLimits } from './limits.ts'
import { logIn } from './login.ts'
import { refusalOf, type Refusal } from './refusals.ts'
import { Lost, YellowSocket, type YellowMessage } from './socket.ts'

/** What the rail tells whoever watches. Facts for a log; nothing may depend on them. */
export type YellowEvent =
  | { readonly event: 'connected' }
  | { readonly event: 'lost'; readonly why: string }
  | { readonly event: 'refused'; readonly why: Refusal }
  /** The node pushed something: balances, a transfer or a session may have changed. Read to know. */
  | { readonly event: 'pushed'; readonly method: string }

export interface ClientOptions {
  readonly url: string
  readonly wallet: Wallet
  readonly application: string
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly limits: YellowLimits
  readonly onEvent: (event: YellowEvent) => void
}

/** What became of a request that could move money. */
export type Outcome =
  | { readonly kind: 'done'; readonly message: YellowMessage }
  | { readonly kind: 'refused'; readonly why: Refusal }
  /** Sent, and no answer came: it may have landed, or may yet. */
  | { readonly kind: 'lost' }
  /** Never left this machine. */
  | { readonly kind: 'unsent' }

/** The wallet's one socket and one queue. */
export class YellowClient {
  readonly #options: ClientOptions
  readonly #queue: TaskQueue = taskQueue()
  #socket: YellowSocket | undefined
  #jwt: string | undefined
  #lastId = 0
  #stopped = false

  constructor(options: ClientOptions) {
    this.#options = options
  }

  /** Runs a task alone: nothing else of this wallet is under way meanwhile. */
  run<T>(task: () => Promise<T>): Promise<T> {
    return this.#queue.run(task)
  }

  nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }

  nowMs(): number {
    return Math.trunc(this.#options.clock.wallMs())
  }

  /** Opens and logs in, unless that is done. Throws `unreachable`, `railRefused`. */
  async connect(): Promise<void> {
    try {
      await this.#ready()
    } catch (error) {
      throw this.#unreachable(error)
    }
  }

  /** A read: asked again on a new socket when it is lost. An error answer is an answer. Throws `unreachable`, `railRefused`. */
  async ask(method: RPCMethod, params: object): Promise<YellowMessage> {
    let last: unknown
    for (let attempt = 0; attempt < this.#options.limits.readAttempts && !this.#stopped; attempt++) {
      if (attempt > 0) await this.#pause(attempt)
      try {
        const socket = await this.#ready()
        const requestId = this.nextId()
        const parts = { method, params, requestId, timestamp: this.nowMs() }
        const message = NitroliteRPC.createRequest(parts as RPCRequest)
        const answer = await socket.call(JSON.stringify(message), requestId)
        if (!isLoginEnded(answer)) return answer
        this.#drop(new Lost('the log-in has ended'))
      } catch (error) {
        if (!(error instanceof Lost)) throw error
        last = error
        this.#drop(error)
      }
    }
    throw this.#unreachable(last)
  }

  /**
   * Sends exact bytes once. Only a refusal for want of a log-in is repeated, on a new socket: that one moved nothing.
   * Throws nothing but defects.
   */
  async submit(text: string, id: number): Promise<Outcome> {
    const first = await this.#submitOnce(text, id)
    if (first.kind !== 'refused' || first.why !== 'login') return first
    this.#drop(new Lost('the log-in has ended'))
    return this.#submitOnce(text, id)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#queue.idle()
    this.#socket?.close()
    this.#socket = undefined
  }

  async #submitOnce(text: string, id: number): Promise<Outcome> {
    let socket: YellowSocket
    try {
      socket = await this.#ready()
    } catch (error) {
      if (!(error instanceof Lost) && !isOrienError(error)) throw error
      this.#drop(error)
      return { kind: 'unsent' }
    }
    try {
      return this.#outcome(await socket.call(text, id))
    } catch (error) {
      if (!(error instanceof Lost)) throw error
      this.#drop(error)
      return { kind: 'lost' }
    }
  }

  #outcome(message: YellowMessage): Outcome {
    if (message.method !== 'error') return { kind: 'done', message }
    const why = refusalOf(errorText(message))
    this.#options.onEvent({ event: 'refused', why })
    return { kind: 'refused', why }
  }

  async #ready(): Promise<YellowSocket> {
    if (this.#stopped) throw new OrienError('stopped', { message: 'the rail is stopped' })
    if (this.#socket !== undefined && !this.#socket.isDead) return this.#socket
    const { url, timers, limits, onEvent } = this.#options
    const onPush = (method: string): void => onEvent({ event: 'pushed', method })
    const socket = await YellowSocket.open({ url, timers, limits, onPush })
    try {
      const { wallet, application } = this.#options
      const context = { wallet, application, nextId: () => this.nextId(), nowMs: () => this.nowMs() }
      this.#jwt = await logIn(socket, context, this.#jwt)
    } catch (error) {
      socket.close()
      throw error
    }
    this.#socket = socket
    onEvent({ event: 'connected' })
    return socket
  }

  /** Doubles with each attempt, between half and one and a half of it. */
  #pause(attempt: number): Promise<void> {
    const { timers, random, limits } = this.#options
    const share = 0.5 + (random.bytes(1)[0] ?? 0) / 255
    return new Promise((resolve) => void timers.after(limits.retryMs * 2 ** (attempt - 1) * share, resolve))
  }

  #drop(cause: Error): void {
    this.#socket?.close()
    this.#socket = undefined
    this.#options.onEvent({ event: 'lost', why: cause.message })
  }

  #unreachable(cause: unknown): unknown {
    if (cause !== undefined && !(cause instanceof Lost)) return cause
    return new OrienError('unreachable', {
      message: `the channel ledger at ${this.#options.url} does not answer`,
      cause,
    })
  }
}

function isLoginEnded(message: YellowMessage): boolean {
  return message.method === 'error' && refusalOf(errorText(message)) === 'login'
}

/** The text of an error answer. */
export function errorText({ params }: YellowMessage): string {
  if (typeof params === 'object' && params !== null && 'error' in params && typeof params.error === 'string') {
    return params.error
  }
  return ''
}
