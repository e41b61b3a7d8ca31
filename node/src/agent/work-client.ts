import {
  agentBoundMs,
  Authorisation,
  End,
  equalBytes,
  errorOf,
  isOrienError,
  openDocument,
  OrienError,
  peekDocument,
  Receipt,
  Refusal,
  TickAck,
  type Ack,
  type CollectedReceipt,
  type Done,
  type Hello,
  type Outgoing,
  type Signed,
  type Tick,
  type TurnSigner,
  type WorkAnswer,
  type WorkRequest,
} from '@orien/protocol'
import { Countersigner, type CallFacts } from './countersigner.ts'
import { callMoney, cancelled, TIMES_OF_CALL } from './call-errors.ts'
import { finishCall, takeLog, type CallOutcome, type CallWish, type PendingCall } from './pending-call.ts'
import type { AgentParts } from './ports.ts'
import { reliesOnAcks, type AgentSession } from './session.ts'
import { LAST_CALL_SEQ, type SpendBook } from './spend-book.ts'
import { WorkLink } from './work-link.ts'

export interface WorkClientParts {
  /** What one call may print. */
  readonly maxOutputBytes: number
  readonly parts: AgentParts
  readonly book: SpendBook
  readonly turn: TurnSigner
  readonly hello: () => Hello
  /** The provider passed a Notice on. */
  readonly onNotice: (bytes: Uint8Array) => void
  /** The provider ended the session. */
  readonly onEnd: (reason: string) => void
  readonly onExit: (exit: Uint8Array) => void
  /** An Ack is durable and sent; one with exceptions goes straight to the coordinator too. */
  readonly onAck: (ack: Signed<Ack>) => void
  /** A breach of the provider's: nothing above the accepted sum is ever signed. */
  readonly onMisconduct: (error: OrienError) => void
  /** The provider is out of reach for good, or refuses the session. Calls in flight were rejected. */
  readonly onGivenUp: (error: OrienError) => void
}

const EXIT_ATTACH_MS = 5_000

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
      attach: () => this.#attachRequest(),
      onAttached: () => this.#resend(),
      onAnswer: (answer) => this.#take(answer),
      onGivenUp: (error) => this.#giveUp(error),
    })
  }

  /** Attaches, trying for so long. Throws the provider's Refusal, or as Network.dial. */
  connect(patienceMs: number): Promise<void> {
    return this.#link.connect(patienceMs)
  }

  /**
   * Signs and sends one Authorisation; its Acks before it are durable and sent first. The caller made room in the windows.
   * Resolves with the checked receipt. A number that the provider has used up without a trace never ran: the call is authorised anew
   * under the next one.
   */
  async call(wish: CallWish): Promise<CallOutcome> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#authorise(wish)
      } catch (error) {
        if (!isOrienError(error, 'seqUsed') || tries >= TIMES_OF_CALL.maxTries) throw error
      }
    }
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

  /** A provider that was given up is tried once more: it wants its money as we want ours. */
  async sendExit(bytes: Uint8Array): Promise<void> {
    if (await this.#link.again(EXIT_ATTACH_MS)) this.#link.send({ exit: bytes })
  }

  /** Ends the stream for good; calls in flight are rejected. */
  async close(): Promise<void> {
    await this.#link.close()
    this.#rejectAll(new OrienError('stopped', { message: 'the session was closed here' }))
  }

  /** A receipt shown by the coordinator instead of the provider; same checks, the Ack is durable when it resolves. */
  async contested({ receipt, authorisation, tickAck }: CollectedReceipt): Promise<void> {
    const arrivalMono = this.#of.parts.clock.monoMs()
    const opened = this.countersigner.open(receipt)
    const checked = this.countersigner.check(opened, arrivalMono, (value) =>
      this.#factsOf(value, authorisation, tickAck),
    )
    const pending = this.#calls.get(checked.receipt.value.callSeq)
    if (pending !== undefined) pending.checked = checked
    this.countersigner.countersign(checked, authorisation)
    await this.countersigner.flushed
  }

  async #authorise(wish: CallWish): Promise<CallOutcome> {
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
      startByMs: parts.clock.wallMs() + TIMES_OF_CALL.startByMs,
    })
    if (reliesOnAcks(session)) await this.countersigner.flushed
    if (wish.signal?.aborted === true) throw cancelled('the call was not sent')
    const { promise, resolve, reject } = Promise.withResolvers<CallOutcome>()
    const none = { stdout: [], stderr: [], stdoutBytes: 0, stderrBytes: 0, lastTickMs: 0 }
    const unsent = { sentMono: Infinity, cancelled: false, checked: undefined }
    const call: PendingCall = { wish, auth, ...unsent, ...none, resolve, reject }
    this.#calls.set(callSeq, call)
    this.#sendCall(call)
    if (wish.signal === undefined) return promise
    const onAbort = (): void => this.#cancel(callSeq, call)
    wish.signal.addEventListener('abort', onAbort, { once: true })
    return promise.finally(() => wish.signal?.removeEventListener('abort', onAbort))
  }

  #cancel(callSeq: number, call: PendingCall): void {
    call.cancelled = true
    this.#link.send({ cancel: callSeq })
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

  /**
   * After an attach: the Acks that a crash of the provider or a dropped stream may have lost, which cover one window at most; then every
   * unanswered Authorisation. The provider knows which it has.
   */
  async #resend(): Promise<void> {
    const { ackedThrough, grant } = this.#session
    const acks = await this.#of.book.acksAfter(this.#session, ackedThrough - 2 * grant.windowCalls)
    for (const ack of acks) this.#link.send({ ack })
    for (const call of this.#calls.values()) this.#sendCall(call)
  }

  #sendCall(call: PendingCall): void {
    const { auth, wish, stdoutBytes, stderrBytes, cancelled: isCancelled } = call
    const isSent = this.#link.send({
      call: {
        authorisation: auth.bytes,
        args: wish.args,
        inputs: wish.inputs,
        stdoutFrom: stdoutBytes,
        stderrFrom: stderrBytes,
      },
    })
    if (isSent) call.sentMono = Math.min(call.sentMono, this.#of.parts.clock.monoMs())
    if (isCancelled) this.#link.send({ cancel: auth.value.callSeq })
  }

  #sendAck(ack: Signed<Ack>): void {
    this.#link.send({ ack: ack.bytes })
    this.#of.onAck(ack)
  }

  #take(answer: WorkAnswer): void {
    if (answer.log !== undefined) {
      const call = this.#calls.get(answer.log.callSeq)
      if (call !== undefined) takeLog(call, answer.log, this.#of.maxOutputBytes)
      return
    }
    if (answer.done !== undefined) return this.#onDone(answer.done)
    if (answer.tick !== undefined) return this.#onTick(answer.tick)
    if (answer.notice !== undefined) return this.#of.onNotice(answer.notice)
    if (answer.attached !== undefined) return this.#usedThrough(answer.attached.lastCallSeq)
    if (answer.refusal !== undefined) return this.#onRefusal(answer.refusal)
    if (answer.end !== undefined) return this.#onEnd(answer.end)
    if (answer.exit !== undefined) return this.#of.onExit(answer.exit)
    if (answer.failure !== undefined) throw errorOf(answer.failure, 'the provider')
  }

  #onTick({ authId, ms, queuedMs }: Tick): void {
    const { turn, parts } = this.#of
    for (const call of this.#calls.values()) {
      if (!equalBytes(call.auth.id, authId)) continue
      const seen = Math.min(ms, agentBoundMs(parts.clock.monoMs() - call.sentMono, queuedMs))
      call.lastTickMs = Math.max(call.lastTickMs, seen)
      call.wish.onTick?.(seen)
      turn.sign(TickAck, { authId: call.auth.id, ms: call.lastTickMs }).then(
        (ack) => this.#link.send({ tickAck: ack.bytes }),
        (error: unknown) => parts.log('tickAckFailed', { session: this.#session.key, why: String(error) }),
      )
      return
    }
  }

  #onDone(done: Done): void {
    const { parts } = this.#of
    const arrivalMono = parts.clock.monoMs()
    try {
      const receipt = this.countersigner.open(done.receipt)
      const { receiptSeq, callSeq } = receipt.value
      if (receiptSeq <= this.#session.head.seq) return this.#onEarlier(receipt, done)
      const checked = this.countersigner.check(receipt, arrivalMono, (value) =>
        this.#factsOf(value, done.authorisation, done.tickAck),
      )
      const call = this.#calls.get(callSeq)
      this.countersigner.countersign(checked, call?.auth.bytes ?? done.authorisation ?? new Uint8Array())
      if (call === undefined) return
      this.#calls.delete(callSeq)
      finishCall(parts.scope.crypto, call, checked, done)
    } catch (error) {
      const known = isOrienError(error)
        ? error
        : new OrienError('badReceipt', { message: 'the receipt cannot be read', cause: error })
      this.#breach(known, done.receipt)
      throw known
    }
  }

  /** A receipt we have: sent again after a re-attach, or shown by the coordinator before. Another one in its place is a breach. */
  #onEarlier(receipt: Signed<Receipt>, done: Done): void {
    const { parts, book } = this.#of
    const { callSeq, receiptSeq } = receipt.value
    const call = this.#calls.get(callSeq)
    if (call?.checked !== undefined && equalBytes(call.checked.receipt.id, receipt.id)) {
      this.#calls.delete(callSeq)
      finishCall(parts.scope.crypto, call, call.checked, done)
      return
    }
    const compare = async (): Promise<void> => {
      const ours = await book.receiptAt(this.#session, receiptSeq)
      if (ours === undefined || equalBytes(peekDocument(parts.scope, Receipt, ours).id, receipt.id)) return
      await book.keepEvidence(this.#session, 'receipt', [peekDocument(parts.scope, Receipt, ours)])
      this.#breach(new OrienError('equivocation', { message: 'two receipts for one place' }), done.receipt)
    }
    compare().catch((error: unknown) =>
      parts.log('receiptRefused', { session: this.#session.key, code: isOrienError(error) ? error.code : 'internal' }),
    )
  }

  /** Keeps what proves it, then ends the session. */
  #breach(error: OrienError, receipt: Uint8Array): void {
    const { parts, book } = this.#of
    try {
      const proof = openDocument(parts.scope, Receipt, receipt, this.#session.grant.provider)
      book
        .keepEvidence(this.#session, 'receipt', [proof])
        .catch((cause: unknown) => parts.log('evidenceLost', { session: this.#session.key, why: String(cause) }))
    } catch (cause) {
      // Without the provider's signature it proves nothing.
      if (!isOrienError(cause)) throw cause
    }
    this.#of.onMisconduct(error)
  }

  #onRefusal(bytes: Uint8Array): void {
    const refusal = openDocument(this.#of.parts.scope, Refusal, bytes, this.#session.grant.provider).value
    const { authId, code, last } = refusal
    if (authId === undefined) {
      throw new OrienError(code, { message: `the provider refused session ${this.#session.key}` })
    }
    for (const [callSeq, call] of this.#calls) {
      if (!equalBytes(call.auth.id, authId)) continue
      this.#calls.delete(callSeq)
      if (last !== undefined) this.#usedThrough(last)
      const details = last === undefined ? {} : { details: { last } }
      call.reject(new OrienError(code, { message: `the provider refused call ${callSeq}: ${code}`, ...details }))
      return
    }
  }

  /** Numbers up to `last` are gone: the next call takes one above. A provider that leaves none takes no more calls, whatever it says. */
  #usedThrough(last: number): void {
    this.#session.lastCallSeq = Math.max(this.#session.lastCallSeq, last)
    if (last >= LAST_CALL_SEQ)
      this.#of.onMisconduct(new OrienError('badDocument', { message: 'the provider leaves no call numbers' }))
  }

  #onEnd(bytes: Uint8Array): void {
    const end = openDocument(this.#of.parts.scope, End, bytes, this.#session.grant.provider).value
    if (equalBytes(end.sessionId, this.#session.id)) this.#of.onEnd(end.reason)
  }

  /** What we know of the call of a receipt; one lost in a crash of ours counts by its signature. */
  #factsOf(receipt: Receipt, shown?: Uint8Array, tickAck?: Uint8Array): CallFacts | 'forged' {
    const call = this.#calls.get(receipt.callSeq)
    if (call !== undefined) return { auth: call.auth, sentMono: call.sentMono, lastTickMs: call.lastTickMs }
    if (shown === undefined) throw new OrienError('badReceipt', { message: 'the receipt shows no authorisation' })
    const { scope, network } = this.#of.parts
    try {
      const auth = openDocument(scope, Authorisation, shown, network.peer)
      const ack = tickAck === undefined ? undefined : openDocument(scope, TickAck, tickAck, network.peer).value
      const seen = ack !== undefined && equalBytes(ack.authId, auth.id) ? ack.ms : 0
      return { auth, lastTickMs: seen }
    } catch (error) {
      if (isOrienError(error, 'badSignature')) return 'forged'
      throw error
    }
  }

  #giveUp(error: OrienError): void {
    this.#rejectAll(error)
    this.#of.onGivenUp(error)
  }

  #rejectAll(error: OrienError): void {
    for (const [callSeq, call] of this.#calls) {
      this.#calls.delete(callSeq)
      call.reject(
        new OrienError(error.code, {
          message: `call ${callSeq}: ${error.message}`,
          money: callMoney(call.wish.capMicros),
          cause: error,
          details: { session: this.#session.key },
        }),
      )
    }
  }
}
