import { runCall, stopCall, type Call, type CallRunnerParts } from './call.ts'
import type { LogEvent } from './ports.ts'
import type { ReceiptBook, WrittenReceipt } from './receipt-book.ts'
import type { Session } from './session.ts'
import type { StopReason } from '../tools/port.ts'

export interface CallQueueParts extends CallRunnerParts {
  readonly receipts: ReceiptBook
  readonly capacity: number
  readonly queue: number
  readonly log: LogEvent
  /** A receipt is durable: send it, collect it. */
  readonly onReceipt: (session: Session, call: Call, written: WrittenReceipt) => void
  /** The book cannot be written any more: nothing may be admitted. */
  readonly onFatal: (error: unknown) => void
}

interface Waiting {
  readonly session: Session
  readonly call: Call
}

/** Admitted calls: a bounded queue, `capacity` of them running. */
export class CallQueue {
  readonly #parts: CallQueueParts
  readonly #waiting: Waiting[] = []
  readonly #open = new Map<string, Waiting>()
  #running = 0

  constructor(parts: CallQueueParts) {
    this.#parts = parts
  }

  /** True when one more call finds a place. */
  get hasRoom(): boolean {
    return this.#running < this.#parts.capacity || this.#waiting.length < this.#parts.queue
  }

  find(sessionKey: string, callSeq: number): Call | undefined {
    return this.#open.get(`${sessionKey}/${callSeq}`)?.call
  }

  of(sessionKey: string): Call[] {
    return [...this.#open.values()].filter(({ session }) => session.key === sessionKey).map(({ call }) => call)
  }

  add(session: Session, call: Call): void {
    const waiting = { session, call }
    this.#open.set(keyOf(waiting), waiting)
    this.#waiting.push(waiting)
    // A call that waits past its startBy must not start: look again then.
    const untilLate = call.auth.value.startByMs - this.#parts.clock.wallMs()
    call.timers.push(
      this.#parts.timers.after(Math.max(0, untilLate), () => {
        if (call.state === 'queued') this.stop(call, 'expired')
      }),
    )
    this.#next()
  }

  /** Stops a call; one that waits gets its receipt of 0 at once. */
  stop(call: Call, reason: StopReason): void {
    stopCall(call, reason)
    const at = this.#waiting.findIndex((one) => one.call === call)
    const [waiting] = at === -1 ? [] : this.#waiting.splice(at, 1)
    if (waiting !== undefined) void this.#run(waiting, false)
  }

  /** Stops everything of one session. */
  stopSession(sessionKey: string, reason: StopReason): void {
    for (const call of this.of(sessionKey)) this.stop(call, reason)
  }

  /** Stops everything and waits until every call has its receipt. */
  async close(): Promise<void> {
    const all = [...this.#open.values()]
    for (const { call } of all) this.stop(call, 'stopped')
    await Promise.all(all.map(({ call }) => this.#settled.get(call) ?? Promise.resolve()))
  }

  readonly #settled = new Map<Call, Promise<void>>()

  #next(): void {
    while (this.#running < this.#parts.capacity) {
      const waiting = this.#waiting.shift()
      if (waiting === undefined) return
      void this.#run(waiting, true)
    }
  }

  #run(waiting: Waiting, takesSlot: boolean): Promise<void> {
    const done = this.#runOne(waiting, takesSlot)
    this.#settled.set(waiting.call, done)
    return done
  }

  async #runOne(waiting: Waiting, takesSlot: boolean): Promise<void> {
    const { session, call } = waiting
    const { receipts, log, onReceipt, onFatal } = this.#parts
    if (takesSlot) this.#running++
    const result = await runCall(this.#parts, call, session.grant.expiresAtMs)
    if (takesSlot) this.#running--
    this.#next()
    if (result.failure !== undefined) {
      log('callFailed', { session: session.key, callSeq: call.auth.value.callSeq, why: result.failure })
    }
    try {
      const written = await receipts.write(session, call, result)
      onReceipt(session, call, written)
    } catch (error) {
      onFatal(error)
    } finally {
      this.#open.delete(keyOf(waiting))
      this.#settled.delete(call)
    }
  }
}

function keyOf({ session, call }: Waiting): string {
  return `${session.key}/${call.auth.value.callSeq}`
}
