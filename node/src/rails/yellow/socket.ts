import type { CancelTimer, Timers } from '@orien/protocol'
import { WebSocket } from 'ws'
import type { YellowLimits } from './limits.ts'

/** No answer will come on this socket: what was sent may have been served or not. */
export class Lost extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'Lost'
  }
}

/** One message of the node. */
export interface YellowMessage {
  readonly text: string
  readonly id: number
  readonly method: string
  /** Unparsed. */
  readonly params: unknown
  /** The node's own clock. */
  readonly atMs: number
}

export interface SocketOptions {
  readonly url: string
  readonly timers: Timers
  readonly limits: YellowLimits
  /** A push (id 0), by its method. */
  onPush(method: string): void
}

interface Awaited {
  readonly id: number
  readonly cancel: CancelTimer
  resolve(message: YellowMessage): void
  reject(lost: Lost): void
}

/**
 * One WebSocket to the node. One request awaits its answer at a time, so that ids need not differ: cheques and debits
 * have theirs fixed. After a timeout, a stray answer or anything unreadable the socket is dead for good.
 */
export class YellowSocket {
  readonly #ws: WebSocket
  readonly #options: SocketOptions
  #awaited: Awaited | undefined
  #dead = false

  private constructor(ws: WebSocket, options: SocketOptions) {
    this.#ws = ws
    this.#options = options
    ws.on('message', (data: Buffer) => this.#receive(data.toString('utf8')))
    ws.on('close', () => this.#die('the node closed the socket'))
    ws.on('error', (error) => this.#die('the socket failed', error))
  }

  /** Opens a socket. Throws Lost. */
  static open(options: SocketOptions): Promise<YellowSocket> {
    const { url, timers, limits } = options
    return new Promise((resolve, reject) => {
      const ws = new WebSocket(url, { perMessageDeflate: false, maxPayload: limits.maxMessageBytes })
      const fail = (error?: unknown): void => {
        cancel()
        // A socket torn down while it connects says so once more: nobody waits for it any longer.
        ws.removeAllListeners().on('error', () => undefined)
        ws.terminate()
        reject(new Lost('the node cannot be reached', error))
      }
      const cancel = timers.after(limits.connectMs, fail)
      ws.once('error', fail)
      ws.once('open', () => {
        cancel()
        ws.off('error', fail)
        resolve(new YellowSocket(ws, options))
      })
    })
  }

  get isDead(): boolean {
    return this.#dead
  }

  /** Sends a request and resolves with its answer. Throws Lost; the socket is then dead. */
  call(text: string, id: number): Promise<YellowMessage> {
    if (this.#dead) return Promise.reject(new Lost('the socket is closed'))
    if (this.#awaited !== undefined) return Promise.reject(new Lost('another request is awaiting its answer'))
    return new Promise((resolve, reject) => {
      const cancel = this.#options.timers.after(this.#options.limits.answerMs, () => this.#die('no answer in time'))
      this.#awaited = { id, cancel, resolve, reject }
      this.#ws.send(text)
    })
  }

  close(): void {
    this.#die('closed')
  }

  #receive(text: string): void {
    const message = read(text)
    if (message === undefined) return this.#die('the node sent what cannot be read')
    if (message.id === 0) return this.#options.onPush(message.method)
    const awaited = this.#awaited
    // What the node cannot parse it answers under an id of its own.
    if (awaited?.id !== message.id) return this.#die('the node answered something else')
    this.#awaited = undefined
    awaited.cancel()
    awaited.resolve(message)
  }

  #die(why: string, cause?: unknown): void {
    if (this.#dead) return
    this.#dead = true
    const awaited = this.#awaited
    this.#awaited = undefined
    this.#ws.terminate()
    awaited?.cancel()
    awaited?.reject(new Lost(why, cause))
  }
}

function read(text: string): YellowMessage | undefined {
  let outer: unknown
  try {
    outer = JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
  const res: unknown = typeof outer === 'object' && outer !== null && 'res' in outer ? outer.res : undefined
  if (!Array.isArray(res) || res.length !== 4) return undefined
  const [id, method, params, atMs] = res as readonly unknown[]
  if (typeof id !== 'number' || typeof method !== 'string' || typeof atMs !== 'number') return undefined
  return { text, id, method, params, atMs }
}
