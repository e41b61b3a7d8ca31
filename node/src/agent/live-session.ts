import {
  End,
  equalBytes,
  isOrienError,
  openDocument,
  OrienError,
  peekDocument,
  Receipt,
  signDocument,
  type Ack,
  type CollectedReceipt,
  type Hello,
  type Micros,
  type SessionState,
  type Signed,
  type TurnSigner,
} from '@orien/protocol'
import type { Settlement } from '../coordinator-client/statements.ts'
import { sessionMoney } from './call-errors.ts'
import { ChequeDrawer } from './cheque-drawer.ts'
import type { Coordinators } from './coordinators.ts'
import { AgentExits } from './exits.ts'
import { FileChannel } from './files.ts'
import { Gate } from './gate.ts'
import type { CallOutcome, CallWish } from './pending-call.ts'
import type { AgentSessionEvent } from './phase-table.ts'
import type { AgentConfig, AgentParts } from './ports.ts'
import { isBehind, remainingMicros, shouldRenew, type AgentSession } from './session.ts'
import { Settling } from './settling.ts'
import type { SpendBook } from './spend-book.ts'
import { WorkClient } from './work-client.ts'

export interface LiveParts {
  readonly config: AgentConfig
  readonly parts: AgentParts
  readonly book: SpendBook
  readonly turn: TurnSigner
  readonly coordinators: Coordinators
  readonly hello: () => Hello
}

/** A provider that cannot be reached at first is tried for so long; another one may be quicker. */
const FIRST_ATTACH_MS = 5_000
/** A call that the provider has no room for yet is tried again, for so long. */
const ROOM_MS = 60_000
const ROOM_FIRST_MS = 250
const ROOM_MAX_MS = 5_000

/** An open session with its streams: calls wait here for room in the windows. */
export class LiveSession {
  readonly session: AgentSession
  readonly files: FileChannel
  readonly #of: LiveParts
  readonly #work: WorkClient
  readonly #gate: Gate
  readonly #cheques: ChequeDrawer
  readonly #settling: Settling
  readonly #exits: AgentExits
  readonly #timers = new Set<() => void>()
  #stopped = false
  /** The coordinator answered our End. */
  #endTold = false

  constructor(of: LiveParts, session: AgentSession) {
    this.#of = of
    this.session = session
    this.files = new FileChannel(of.parts, session, of.hello)
    this.#gate = new Gate({ timers: of.parts.timers, renew: () => this.#cheques.renew() }, session)
    this.#cheques = new ChequeDrawer(
      {
        ...of,
        onDrawn: (bytes) => {
          if (bytes !== undefined) this.#work.sendCheque(bytes)
          this.#gate.pump()
        },
        onFailed: (error) => this.#fail(knownError(error)),
      },
      session,
    )
    this.#settling = new Settling(
      { ...of, onMoved: () => this.#moved(), standsOpen: () => this.#exits.standsOpen() },
      session,
    )
    this.#exits = new AgentExits(of, session, {
      send: (exit) => this.#logged(this.#work.sendExit(exit)),
      onClosed: () => this.#onExited(),
    })
    this.#work = new WorkClient(
      {
        ...of,
        maxOutputBytes: of.config.policy.maxOutputBytes,
        onNotice: (bytes) => this.#logged(this.takeNotice(bytes, 'provider')),
        onEnd: (reason) => this.#logged(this.#onEnd(reason)),
        onExit: (exit) => this.#logged(this.#exits.take(exit)),
        onAck: (ack) => this.#onAck(ack),
        onMisconduct: (error) => this.#fail(error),
        onGivenUp: (error) => this.#fail(error),
      },
      session,
    )
  }

  /** Connects a new session to its provider. Throws what the provider refused with; the session is then ending. */
  async start(): Promise<void> {
    this.#watch()
    await this.#work.connect(FIRST_ATTACH_MS)
  }

  /** Takes a session of an earlier run up again, in the background: calls wait until the provider is there. */
  resume(): void {
    this.#watch()
    // What it fails with reaches callers by onGivenUp.
    this.#work.connect(this.#of.config.policy.reattachMs).catch(() => undefined)
    // Its Notice came with the Grant, or just before a crash: the coordinator has no newer one to bring.
    const { notice } = this.session
    if (notice !== undefined) this.#logged(this.#heed(notice.value.state))
  }

  /** True while calls can be made. */
  get open(): boolean {
    return this.session.phase === 'open' && this.#gate.shut === undefined
  }

  get remainingMicros(): Micros {
    return remainingMicros(this.session)
  }

  /**
   * Runs a call as soon as the windows have room for it. Throws what Gate.enter throws, what the provider refuses with, and for one that
   * was sent what became of it.
   */
  async call(wish: CallWish): Promise<CallOutcome> {
    const { clock } = this.#of.parts
    const until = clock.monoMs() + ROOM_MS
    for (let delayMs = ROOM_FIRST_MS; ; delayMs = Math.min(ROOM_MAX_MS, delayMs * 2)) {
      await this.#gate.enter(wish.capMicros, wish.signal)
      try {
        return await this.#work.call(wish)
      } catch (error) {
        // Receipts, Acks or cheques of ours that the provider has not seen yet, or calls of an earlier run.
        const passing = isOrienError(error, 'windowFull') || isOrienError(error, 'chequeNeeded')
        if (!passing || clock.monoMs() + delayMs > until) throw error
        this.showCheque()
      } finally {
        this.#gate.leave(wish.capMicros)
      }
      await this.#pause(delayMs)
    }
  }

  /** Shows the provider the newest cheque: a debit brought one to the coordinator, or the last was lost with its stream. */
  showCheque(): void {
    const { chequeBytes } = this.session
    if (chequeBytes !== undefined) this.#work.sendCheque(chequeBytes)
  }

  /** Ends the session: no more calls; what is unspent comes back with the channel's close. */
  async end(reason = 'done'): Promise<void> {
    if (!(await this.#enter('ended', reason))) return
    // What was delivered is countersigned before the provider says its last word. A book that is broken was reported.
    await this.#work.countersigner.flushed.catch(() => undefined)
    await this.#tellEnd(reason)
    this.#of.parts.log('sessionEnded', { session: this.session.key, reason })
  }

  /** Tells both; the coordinator again, after a crash or when it comes back, until it has answered. */
  async #tellEnd(reason: string): Promise<void> {
    const { scope, signer } = this.#of.parts
    const end = signDocument(scope, signer, End, { sessionId: this.session.id, reason })
    this.#work.sendEnd(end.bytes)
    this.#endTold = true
    this.#endTold = await this.#tellCoordinator({ ends: [end.bytes] })
  }

  /** Resolves when the channel is closed and its Statement is here; without one when it was closed by an Exit. */
  settled(): Promise<Settlement> {
    return this.#settling.settled
  }

  /** Resolves when everybody is paid. */
  paid(): Promise<Settlement> {
    return this.#settling.paid
  }

  async takeNotice(bytes: Uint8Array, from: 'coordinator' | 'provider' = 'coordinator'): Promise<void> {
    const { book, parts } = this.#of
    const { session } = this
    if (!(await book.takeNotice(session, bytes))) return
    const notice = session.notice?.value
    if (notice === undefined) return
    if (isBehind(session)) this.#shutBehind()
    const { state, debitedMicros } = notice
    parts.log('notice', { session: session.key, state, debitedMicros: String(debitedMicros) })
    if (from === 'coordinator') this.#work.sendNotice(bytes)
    await this.#heed(state)
  }

  /** What a state at the coordinator means for us. */
  async #heed(state: SessionState): Promise<void> {
    const { session } = this
    if (state === 'FROZEN') await this.#enter('frozen')
    // What is closed or paid is over; the session is that too when its documents are here.
    if (state !== 'VOID' && state !== 'FUNDING' && state !== 'OPEN' && state !== 'FROZEN') await this.#enter('over')
    const { endReason } = session
    const isUntold = session.phase === 'ending' && endReason !== undefined && !this.#endTold
    if ((state === 'OPEN' || state === 'FROZEN') && isUntold) this.#logged(this.#tellEnd(endReason))
    if (state === 'CLOSED' || state === 'PAID') this.#settling.reached(state)
    this.#changed()
  }

  /**
   * A receipt the coordinator shows: the Ack that covers it. Another one than the provider gave us is equivocation: both are kept, ours goes
   * to the coordinator, the session ends. Throws when it is not ours to countersign.
   */
  async contested(contest: CollectedReceipt, receiptSeq: number): Promise<Uint8Array> {
    if (receiptSeq > this.session.head.seq) await this.#work.contested(contest)
    await this.#work.countersigner.flushed
    await this.#compare(contest, receiptSeq)
    const [ack] = await this.#of.book.acksAfter(this.session, receiptSeq - 1, 1)
    if (ack === undefined) throw new OrienError('badReceipt', { message: 'that receipt is not countersigned' })
    return ack
  }

  async #compare(contest: CollectedReceipt, receiptSeq: number): Promise<void> {
    const { book, parts } = this.#of
    const call = await book.callAt(this.session, receiptSeq)
    if (call === undefined) return
    const shown = openDocument(parts.scope, Receipt, contest.receipt, this.session.grant.provider)
    const ours = peekDocument(parts.scope, Receipt, call.receipt)
    if (equalBytes(shown.id, ours.id)) return
    await book.keepEvidence(this.session, 'receipt', [ours, shown])
    this.#logged(this.#tellChain(receiptSeq))
    this.#fail(new OrienError('equivocation', { message: 'the provider signed two receipts for one place' }))
  }

  /** Ours from a place on: where one was another, all behind it are, and each that is told settles at no more than ours. */
  async #tellChain(fromSeq: number): Promise<void> {
    for (let seq = fromSeq; seq <= this.session.head.seq; seq++) {
      const call = await this.#of.book.callAt(this.session, seq)
      if (call !== undefined) await this.#tellCoordinator({ receipts: [call] })
    }
  }

  /** No call passes any more, for this reason; those in flight end. */
  shut(error: OrienError): void {
    this.#gate.shutWith(error)
  }

  #shutBehind(): void {
    const { session } = this
    this.#of.parts.log('bookBehind', { session: session.key, ceilingMicros: String(session.ceilingMicros) })
    this.shut(
      new OrienError('storeCorrupt', {
        message: 'the coordinator holds what this book does not know to have signed',
        hint: 'Restore the newest back-up. The session ends by its time, or at its coordinator by a cheque that it holds.',
        money: sessionMoney(session),
      }),
    )
  }

  /** Everybody is paid: nothing is waited for any more, so that no timer and no stream keeps a program alive. */
  async retire(): Promise<void> {
    for (const cancel of this.#timers) cancel()
    this.#exits.stop()
    await this.#work.close()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#of.coordinators.unwatch(this.session.id)
    for (const cancel of this.#timers) cancel()
    this.#exits.stop()
    const stopped = new OrienError('stopped', { message: 'the agent stops', money: sessionMoney(this.session) })
    this.#gate.shutWith(stopped)
    this.#settling.stop(stopped)
    // An Ack that could not be written was reported; stopping goes on.
    await this.#work.countersigner.flushed.catch(() => undefined)
    await this.#work.close()
  }

  #watch(): void {
    const { coordinators, parts } = this.#of
    const { grant, id } = this.session
    coordinators.watch(id, {
      coordinator: grant.coordinator,
      onNotice: (bytes) => this.#logged(this.takeNotice(bytes)),
    })
    this.#exits.watch()
    const untilMs = Math.max(0, grant.expiresAtMs - parts.clock.wallMs())
    this.#timers.add(parts.timers.after(untilMs, () => this.#logged(this.#onExpired())))
  }

  async #enter(on: AgentSessionEvent, endReason?: string): Promise<boolean> {
    const moved = await this.#of.book.move(this.session, on, endReason)
    this.#moved()
    return moved
  }

  #moved(): void {
    if (this.session.phase === 'paid') this.#of.coordinators.unwatch(this.session.id)
    this.#gate.pump()
  }

  /** Ended by the provider: the coordinator hears it from us too, in case the provider does not tell. */
  async #onEnd(reason: string): Promise<void> {
    await this.end(reason)
  }

  /** Everybody knows when it ends, so nobody is told. */
  async #onExpired(): Promise<void> {
    await this.#enter('over')
  }

  /** Closed with the provider, which was paid by that: nothing is left to wait for. */
  async #onExited(): Promise<void> {
    await this.#enter('exited')
    this.#settling.exited()
  }

  #onAck(ack: Signed<Ack>): void {
    if (ack.value.exceptions.length > 0) this.#logged(this.#tellCoordinator({ acks: [ack.bytes] }))
    this.#changed()
  }

  #changed(): void {
    if (this.open && shouldRenew(this.session)) this.#cheques.renew()
    this.#gate.pump()
  }

  /** The provider broke its word or is gone for good, or nothing more can be covered: the session ends, with the code as reason. */
  #fail(error: OrienError): void {
    if (this.#stopped) return
    this.#of.parts.log('sessionFailed', { session: this.session.key, code: error.code })
    this.#gate.shutWith(error)
    this.#logged(this.end(error.code))
  }

  /** True when it answered. */
  async #tellCoordinator(batch: {
    readonly acks?: readonly Uint8Array[]
    readonly ends?: readonly Uint8Array[]
    readonly receipts?: readonly { readonly authorisation: Uint8Array; readonly receipt: Uint8Array }[]
  }): Promise<boolean> {
    const { coordinators, parts } = this.#of
    try {
      const { coordinator } = this.session.grant
      const { notice } = await coordinators.exchange(coordinator, { sessionId: this.session.id, ...batch })
      if (notice !== undefined) await this.takeNotice(notice)
      return true
    } catch (error) {
      // The provider passes on what we cannot deliver; an End is told again when the coordinator is back.
      parts.log('coordinatorSilent', {
        session: this.session.key,
        code: isOrienError(error) ? error.code : 'internal',
      })
      return false
    }
  }

  /** For what nobody waits for. */
  #logged(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      const code = isOrienError(error) ? error.code : 'internal'
      this.#of.parts.log('sessionTrouble', { session: this.session.key, code })
    })
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#of.parts.timers.after(delayMs, () => {
        this.#timers.delete(end)
        resolve()
      })
      const end = (): void => {
        cancel()
        resolve()
      }
      this.#timers.add(end)
    })
  }
}

function knownError(error: unknown): OrienError {
  if (isOrienError(error)) return error
  return new OrienError('internal', { message: 'a cheque could not be drawn', cause: error })
}
