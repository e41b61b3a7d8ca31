import {
  agentBoundMs,
  Authorisation,
  concatBytes,
  decodeOutput,
  equalBytes,
  errorOf,
  hex,
  isOrienError,
  micros,
  NUMERATOR_PER_MICRO,
  openDocument,
  OrienError,
  peekDocument,
  Receipt,
  Refusal,
  TickAck,
  type Ack,
  type Done,
  type ErrorCode,
  type Hello,
  type Log,
  type Micros,
  type MoneyState,
  type Outgoing,
  type Output,
  type Signed,
  type Tick,
  type TurnSigner,
  type WorkAnswer,
  type WorkRequest,
} from '@orien/protocol'
import { Countersigner, type CallFacts, type CheckedReceipt } from './countersigner.ts'
import type { AgentParts } from './ports.ts'
import type { AgentSession } from './session.ts'
import type { SpendBook } from './spend-book.ts'
import { WorkLink } from './work-link.ts'

/** What a finished call gave. */
export interface CallOutcome {
  readonly receipt: Signed<Receipt>
  readonly auth: Signed<Authorisation>
  readonly checked: CheckedReceipt
  readonly output: Output
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}

/** A call as it is asked for. */
export interface CallWish {
  readonly toolId: string
  readonly args: Uint8Array
  readonly inputs: Uint8Array
  readonly capMicros: Micros
  readonly startByMs: number
  readonly onLog?: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void
  readonly onTick?: (ms: number) => void
}

interface PendingCall {
  readonly wish: CallWish
  readonly auth: Signed<Authorisation>
  readonly sentMono: number
  readonly stdout: Uint8Array[]
  readonly stderr: Uint8Array[]
  stdoutBytes: number
  stderrBytes: number
  lastTickMs: number
  readonly resolve: (outcome: CallOutcome) => void
  readonly reject: (error: OrienError) => void
}

/** How often a call is authorised anew when its number was used up. */
const MAX_TRIES = 3

export interface WorkClientParts {
  readonly parts: AgentParts
  readonly book: SpendBook
  readonly turn: TurnSigner
  readonly hello: () => Hello
  readonly reattachMs: number
  /** Something changed that calls may wait for: a receipt, a Notice, a cheque. */
  readonly onChange: () => void
  /** The provider passed a Notice on. */
  readonly onNotice: (bytes: Uint8Array) => void
  /** An Ack with exceptions goes straight to the coordinator too. */
  readonly onException: (ack: Signed<Ack>) => void
  /** A receipt that does not fit ends the session: nothing above the accepted sum is ever signed. */
  readonly onMisconduct: (error: OrienError) => void
}

/** The agent's end of one session's work: calls out, receipts in, attached again when the stream drops. */
export class WorkClient {
  readonly #of: WorkClientParts
  readonly #session: AgentSession
  readonly #link: WorkLink
  readonly #calls = new Map<number, PendingCall>()
  readonly countersigner: Countersigner

  constructor(of: WorkClientParts, session: AgentSession) {
    this.#of = of
    this.#session = session
    this.countersigner = new Countersigner(of, session, (ack) => this.#sendAck(ack))
    this.#link = new WorkLink({
      network: of.parts.network,
      timers: of.parts.timers,
      clock: of.parts.clock,
      provider: session.grant.provider,
      reattachMs: of.reattachMs,
      attach: () => this.#attachRequest(),
      onAnswer: (answer) => this.#take(answer),
      onAttached: () => this.#resend(),
      onGivenUp: (error) => this.#giveUp(error),
    })
  }

  get inFlight(): number {
    return this.#calls.size
  }

  /** Attaches for the first time. Throws the provider's Refusal, or as Network.dial. */
  attach(): Promise<void> {
    return this.#link.open()
  }

  /**
   * Signs and sends one Authorisation; its Acks before it are durable and sent first. The caller made room in the windows
   * (`mustWait`). Resolves with the checked receipt.
   */
  async call(wish: CallWish, onSent?: (callSeq: number) => void): Promise<CallOutcome> {
    const session = this.#session
    const cap = wish.capMicros * NUMERATOR_PER_MICRO
    session.reserved += cap
    session.inFlight++
    try {
      return await this.#authorise(wish, onSent)
    } finally {
      session.reserved -= cap
      session.inFlight--
      this.#of.onChange()
    }
  }

  /** A number the provider has used up without a trace never ran: the call is authorised anew under the next one. */
  async #authorise(wish: CallWish, onSent?: (callSeq: number) => void): Promise<CallOutcome> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#authoriseOnce(wish, onSent)
      } catch (error) {
        if (!isOrienError(error, 'seqUsed') || tries >= MAX_TRIES) throw error
      }
    }
  }

  async #authoriseOnce(wish: CallWish, onSent?: (callSeq: number) => void): Promise<CallOutcome> {
    const { book, turn, parts } = this.#of
    const session = this.#session
    const callSeq = await book.nextCallSeq(session)
    const auth = await turn.sign(Authorisation, {
      sessionId: session.id,
      callSeq,
      toolId: wish.toolId,
      argsHash: parts.scope.crypto.sha256(wish.args),
      inputsHash: parts.scope.crypto.sha256(wish.inputs),
      capMicros: wish.capMicros,
      startByMs: wish.startByMs,
    })
    await this.countersigner.flushed
    onSent?.(callSeq)
    return new Promise<CallOutcome>((resolve, reject) => {
      const sentMono = parts.clock.monoMs()
      const none = { stdout: [], stderr: [], stdoutBytes: 0, stderrBytes: 0, lastTickMs: 0 }
      const pending: PendingCall = { wish, auth, sentMono, ...none, resolve, reject }
      this.#calls.set(callSeq, pending)
      this.#sendCall(pending)
    })
  }

  cancel(callSeq: number): void {
    this.#link.send({ cancel: callSeq })
  }

  sendCheque(bytes: Uint8Array): void {
    this.#link.send({ cheque: bytes })
  }

  sendNotice(bytes: Uint8Array): void {
    this.#link.send({ notice: bytes })
  }

  sendEnd(bytes: Uint8Array): void {
    this.#link.send({ end: bytes })
  }

  close(): Promise<void> {
    return this.#link.close()
  }

  /** A receipt shown by the coordinator instead of the provider; same checks, the Ack is made at once. */
  async contested(receipt: Uint8Array): Promise<void> {
    const checked = this.countersigner.check(receipt, this.#of.parts.clock.monoMs(), (value) => this.#factsOf(value))
    const pending = this.#calls.get(checked.receipt.value.callSeq)
    this.countersigner.countersign(checked, pending?.auth.bytes ?? new Uint8Array())
    await this.countersigner.flushed
  }

  #attachRequest(): Partial<Outgoing<WorkRequest>> {
    const { grantBytes, notice, chequeBytes, ackBytes, head } = this.#session
    return {
      hello: this.#of.hello(),
      attach: {
        grant: grantBytes,
        lastReceiptSeq: head.seq,
        ...(notice === undefined ? {} : { notice: notice.bytes }),
        ...(chequeBytes === undefined ? {} : { cheque: chequeBytes }),
        ...(ackBytes === undefined ? {} : { ack: ackBytes }),
      },
    }
  }

  /** After a re-attach every unanswered Authorisation goes out again; the provider knows which it has. */
  #resend(): void {
    for (const pending of this.#calls.values()) this.#sendCall(pending)
  }

  #sendCall({ auth, wish, stdoutBytes, stderrBytes }: PendingCall): void {
    this.#link.send({
      call: {
        authorisation: auth.bytes,
        args: wish.args,
        inputs: wish.inputs,
        stdoutFrom: stdoutBytes,
        stderrFrom: stderrBytes,
      },
    })
  }

  #sendAck(ack: Signed<Ack>): void {
    this.#link.send({ ack: ack.bytes })
    if (ack.value.exceptions.length > 0) this.#of.onException(ack)
  }

  #take(answer: WorkAnswer): void {
    if (answer.log !== undefined) return this.#onLog(answer.log)
    if (answer.done !== undefined) return this.#onDone(answer.done)
    if (answer.tick !== undefined) return this.#onTick(answer.tick)
    if (answer.notice !== undefined) return this.#of.onNotice(answer.notice)
    if (answer.attached !== undefined) {
      this.#session.lastCallSeq = Math.max(this.#session.lastCallSeq, answer.attached.lastCallSeq)
      return
    }
    if (answer.refusal !== undefined) return this.#onRefusal(answer.refusal)
    if (answer.failure !== undefined) throw errorOf(answer.failure, 'the provider')
  }

  #onLog({ callSeq, stderr, offset, bytes }: Log): void {
    const call = this.#calls.get(callSeq)
    if (call === undefined) return
    const have = stderr ? call.stderrBytes : call.stdoutBytes
    // After a re-attach a part may come twice; a gap means the result cannot be whole.
    if (offset > have) throw new OrienError('badOutput', { message: 'a part of the output is missing' })
    const news = bytes.subarray(have - offset)
    if (news.length === 0) return
    if (stderr) {
      call.stderr.push(news)
      call.stderrBytes += news.length
    } else {
      call.stdout.push(news)
      call.stdoutBytes += news.length
    }
    call.wish.onLog?.(stderr ? 'stderr' : 'stdout', news)
  }

  #onTick({ authId, ms, queuedMs }: Tick): void {
    const { turn, parts } = this.#of
    const call = [...this.#calls.values()].find((one) => equalBytes(one.auth.id, authId))
    if (call === undefined) return
    const seen = Math.min(ms, agentBoundMs(parts.clock.monoMs() - call.sentMono, queuedMs))
    call.lastTickMs = Math.max(call.lastTickMs, seen)
    call.wish.onTick?.(seen)
    void turn
      .sign(TickAck, { authId: call.auth.id, ms: call.lastTickMs })
      .then((ack) => this.#link.send({ tickAck: ack.bytes }))
  }

  #onDone(done: Done): void {
    const arrivalMono = this.#of.parts.clock.monoMs()
    // Sent again after a re-attach: known already.
    if (peekDocument(this.#of.parts.scope, Receipt, done.receipt).value.receiptSeq <= this.#session.head.seq) return
    try {
      const checked = this.countersigner.check(done.receipt, arrivalMono, (value) =>
        this.#factsOf(value, done.authorisation),
      )
      const pending = this.#calls.get(checked.receipt.value.callSeq)
      this.countersigner.countersign(checked, pending?.auth.bytes ?? done.authorisation ?? new Uint8Array())
      if (pending === undefined) return
      this.#calls.delete(checked.receipt.value.callSeq)
      this.#finish(pending, checked, done)
    } catch (error) {
      const known = isOrienError(error)
        ? error
        : new OrienError('badReceipt', { message: 'the receipt cannot be read', cause: error })
      this.#of.onMisconduct(known)
      throw known
    }
  }

  #finish(pending: PendingCall, checked: CheckedReceipt, done: Done): void {
    const { crypto } = this.#of.parts.scope
    const stdout = concatBytes(...pending.stdout)
    const { receipt } = checked
    try {
      const output = decodeOutput(done.output)
      const whole =
        equalBytes(crypto.sha256(done.output), receipt.value.outputHash) &&
        equalBytes(crypto.sha256(stdout), output.stdoutHash)
      if (!whole) throw new OrienError('badOutput', { message: 'the output is not what the receipt says' })
      const stderr = concatBytes(...pending.stderr)
      pending.resolve({ receipt, auth: pending.auth, checked, output, stdout, stderr })
    } catch (error) {
      const accepted = micros(checked.acceptedNumerator / NUMERATOR_PER_MICRO)
      const money: MoneyState = { where: 'owed', minMicros: accepted, maxMicros: accepted, delivered: false }
      const message = isOrienError(error) ? error.message : 'the output cannot be read'
      pending.reject(new OrienError('badOutput', { message, money, cause: error }))
    }
  }

  #onRefusal(bytes: Uint8Array): void {
    const refusal = openDocument(this.#of.parts.scope, Refusal, bytes, this.#session.grant.provider).value
    const { authId } = refusal
    if (authId === undefined)
      throw refused(refusal.code, `the provider refused session ${this.#session.key}`, undefined)
    for (const [callSeq, call] of this.#calls) {
      if (!equalBytes(call.auth.id, authId)) continue
      this.#calls.delete(callSeq)
      // The numbers up to `last` are gone: the next call takes one above.
      if (refusal.last !== undefined) this.#session.lastCallSeq = Math.max(this.#session.lastCallSeq, refusal.last)
      call.reject(refused(refusal.code, `the provider refused call ${callSeq}`, refusal.last))
    }
  }

  #factsOf(receipt: Receipt, shown?: Uint8Array): CallFacts | undefined {
    const pending = this.#calls.get(receipt.callSeq)
    if (pending !== undefined) return { auth: pending.auth, sentMono: pending.sentMono, lastTickMs: pending.lastTickMs }
    if (shown === undefined) return undefined
    // One lost in a crash of ours counts by its signature.
    const { scope, network } = this.#of.parts
    try {
      return { auth: openDocument(scope, Authorisation, shown, network.peer), lastTickMs: 0 }
    } catch (error) {
      if (isOrienError(error)) return undefined
      throw error
    }
  }

  #giveUp(error: OrienError): void {
    for (const [callSeq, call] of this.#calls) {
      this.#calls.delete(callSeq)
      const money: MoneyState = {
        where: 'running',
        minMicros: micros(0n),
        maxMicros: call.wish.capMicros,
        delivered: false,
      }
      call.reject(
        new OrienError(error.code, {
          message: `call ${callSeq}: ${error.message}`,
          money,
          cause: error,
          details: { session: hex(this.#session.id) },
        }),
      )
    }
  }
}

function refused(code: ErrorCode, message: string, last: number | undefined): OrienError {
  return new OrienError(code, { message, ...(last === undefined ? {} : { details: { last } }) })
}
