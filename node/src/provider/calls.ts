import type { StopReason } from '../tools/port.ts'
import { runCall, stopCall, type Call, type CallRunnerParts } from './call.ts'
import type { ReceiptBook, WrittenReceipt } from './receipt-book.ts'
import { isBehind, type Session } from './session.ts'

export interface CallQueueParts extends CallRunnerParts {
  readonly receipts: ReceiptBook
  readonly capacity: number
  readonly queue: number
  /** A receipt is durable: send it, collect it. */
  readonly onReceipt: (session: Session, call: Call, written: WrittenReceipt) => void
  /** A receipt could not be signed or kept: the chain in memory is ahead of the book, and must not go on. */
  readonly onLost: (error: unknown) => void
}

interface Waiting {
  readonly session: Session
  readonly call: Call
}

/** Admitted calls: a bounded queue, `capacity` of them running. */
export class CallQueue {
  readonly #parts: CallQueueParts
  readonly #waiting: Waiting[] = []
  /** By session, then by callSeq, from admission until the receipt is durable. */
  readonly #open = new Map<string, Map<number, Call>>()
  readonly #settled = new Map<Call, Promise<void>>()
  #running = 0

  constructor(parts: CallQueueParts) {
    this.#parts = parts
  }

  /** True when one more call finds a place. */
  get hasRoom(): boolean {
    return this.#running < this.#parts.capacity || this.#waiting.length < this.#parts.queue
  }

  find(sessionKey: string, callSeq: number): Call | undefined {
    return this.#open.get(sessionKey)?.get(callSeq)
  }

  of(sessionKey: string): Iterable<Call> {
    return this.#open.get(sessionKey)?.values() ?? []
  }

  add(session: Session, call: Call): void {
    let open = this.#open.get(session.key)
    if (open === undefined) this.#open.set(session.key, (open = new Map<number, Call>()))
    open.set(call.auth.value.callSeq, call)
    this.#waiting.push({ session, call })
    this.#next()
    // A call that waits past its startBy must not start: look again then.
    if (call.state !== 'queued') return
    const { startByMs } = call.auth.value
    const untilLate = Math.min(startByMs, session.grant.expiresAtMs) - this.#parts.clock.wallMs()
    call.cancelLimit = this.#parts.timers.after(Math.max(0, untilLate), () => this.stop(call, 'expired'))
  }

  /** Stops a call; one that waits gets its receipt of 0 at once. */
  stop(call: Call, reason: StopReason): void {
    stopCall(call, reason)
    const at = this.#waiting.findIndex((one) => one.call === call)
    const [waiting] = at === -1 ? [] : this.#waiting.splice(at, 1)
    if (waiting !== undefined) this.#run(waiting, false)
  }

  /** Stops everything of one session. */
  stopSession(sessionKey: string, reason: StopReason): void {
    for (const call of [...this.of(sessionKey)]) this.stop(call, reason)
  }

  /** Stops everything and waits until every call has its receipt. */
  async close(): Promise<void> {
    this.stopAll()
    await Promise.all(this.#settled.values())
  }

  stopAll(): void {
    for (const sessionKey of [...this.#open.keys()]) this.stopSession(sessionKey, 'stopped')
  }

  #next(): void {
    while (this.#running < this.#parts.capacity) {
      const waiting = this.#waiting.shift()
      if (waiting === undefined) return
      this.#run(waiting, true)
    }
  }

  #run(waiting: Waiting, takesSlot: boolean): void {
    if (takesSlot) this.#running++
    const { session, call } = waiting
    const { receipts, log, onReceipt, onLost } = this.#parts
    const free = (): void => {
      if (takesSlot) this.#running--
      this.#next()
    }
    const run = async (): Promise<void> => {
      const { callSeq } = call.auth.value
      const result = await runCall(this.#parts, call, session.grant.expiresAtMs)
      free()
      if (result.failure !== undefined) log('callFailed', { session: session.key, callSeq, why: result.failure })
      try {
        onReceipt(session, call, await receipts.write(session, call, result))
      } catch (error) {
        // Without its receipt a call costs nothing.
        log('receiptFailed', { session: session.key, callSeq, why: error instanceof Error ? error.message : '' })
        if (!isBehind(session)) onLost(error)
      } finally {
        this.#settled.delete(call)
        const open = this.#open.get(session.key)
        open?.delete(callSeq)
        if (open?.size === 0) this.#open.delete(session.key)
      }
    }
    this.#settled.set(call, run())
  }
}
