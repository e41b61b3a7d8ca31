import {
  End,
  floorMicros,
  isOrienError,
  numerator,
  OrienError,
  signDocument,
  type Ack,
  type CollectedReceipt,
  type Hello,
  type Micros,
  type MoneyState,
  type Signed,
  type TurnSigner,
} from '@orien/protocol'
import { CoordinatorLink } from '../coordinator-client/link.ts'
import { fetchSettlement, type Settlement } from '../coordinator-client/statements.ts'
import { drawCheque } from './cheques.ts'
import { FileChannel } from './files.ts'
import type { AgentConfig, AgentParts } from './ports.ts'
import { ceilingAllowed, mustWait, remainingMicros, shouldRenew, type AgentSession } from './session.ts'
import { agentKeys, type SpendBook } from './spend-book.ts'
import { WorkClient, type CallOutcome, type CallWish } from './work-client.ts'

export interface LiveParts {
  readonly config: AgentConfig
  readonly parts: AgentParts
  readonly book: SpendBook
  readonly turn: TurnSigner
  readonly hello: () => Hello
}

/** An open session with its streams: calls wait here for room in the windows. */
export class LiveSession {
  readonly session: AgentSession
  readonly files: FileChannel
  readonly #of: LiveParts
  readonly #work: WorkClient
  readonly #link: CoordinatorLink
  #waiting: (() => void)[] = []
  #renewing: Promise<void> | undefined
  #dead: OrienError | undefined
  #settled: Promise<Settlement> | undefined
  readonly #closed = Promise.withResolvers<void>()
  readonly #paid = Promise.withResolvers<void>()

  constructor(of: LiveParts, session: AgentSession) {
    this.#of = of
    this.session = session
    this.files = new FileChannel(of.parts, session, of.hello)
    this.#work = new WorkClient(
      {
        ...of,
        reattachMs: of.config.policy.reattachMs,
        onChange: () => this.#changed(),
        onNotice: (bytes) => this.#strayNotice(bytes),
        onException: (ack) => void this.#tellCoordinator({ acks: [ack.bytes] }, ack),
        onMisconduct: (error) => this.#misconduct(error),
      },
      session,
    )
    this.#link = new CoordinatorLink(session.grant.coordinator, {
      network: of.parts.network,
      timers: of.parts.timers,
      hello: of.hello,
      onNotice: (bytes) => this.#strayNotice(bytes),
      onLost: () => this.#linkLost(),
    })
  }

  /** Connects to provider and coordinator. Throws what the provider refused with. */
  async start(): Promise<void> {
    await this.#work.attach()
    await this.#ask()
  }

  /** True while calls can be made. */
  get open(): boolean {
    return this.session.phase === 'open' && this.#dead === undefined
  }

  get remainingMicros(): Micros {
    return remainingMicros(this.session)
  }

  /** Runs a call as soon as the windows have room for it. Throws `overAllowance` when the allowance cannot cover it any more. */
  async call(wish: CallWish, onSent?: (callSeq: number) => void): Promise<CallOutcome> {
    for (let why = this.#obstacle(wish.capMicros); why !== undefined; why = this.#obstacle(wish.capMicros)) {
      if (why === 'ceiling' && ceilingAllowed(this.session) > this.session.ceilingMicros) await this.#renew()
      else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    return this.#work.call(wish, onSent)
  }

  cancel(callSeq: number): void {
    this.#work.cancel(callSeq)
  }

  /** Ends the session: no more calls; what is unspent comes back with the channel's close. */
  async end(reason = 'done'): Promise<void> {
    if (this.session.phase === 'open' || this.session.phase === 'frozen') {
      await this.#work.countersigner.flushed
      await this.#of.book.setPhase(this.session, 'ending')
      const { scope, signer } = this.#of.parts
      const end = signDocument(scope, signer, End, { sessionId: this.session.id, reason })
      this.#work.sendEnd(end.bytes)
      await this.#tellCoordinator({ ends: [end.bytes] })
      this.#of.parts.log('sessionEnded', { session: this.session.key, reason })
    }
  }

  /** Resolves when the channel is closed and its Statement is here. */
  settled(): Promise<Settlement> {
    this.#settled ??= this.#closed.promise.then(() => this.#fetch())
    return this.#settled
  }

  /** Resolves when everybody is paid. */
  async paid(): Promise<Settlement> {
    await this.#paid.promise
    return this.#fetch()
  }

  async takeNotice(bytes: Uint8Array): Promise<void> {
    const { book, parts } = this.#of
    const { session } = this
    if (!(await book.takeNotice(session, bytes))) return
    const state = session.notice?.value.state
    parts.log('notice', {
      session: session.key,
      state: state ?? '',
      debitedMicros: String(session.notice?.value.debitedMicros ?? 0n),
    })
    this.#work.sendNotice(bytes)
    if (state === 'FROZEN' && session.phase === 'open') await book.setPhase(session, 'frozen')
    if ((state === 'ENDING' || state === 'SETTLING' || state === 'CLOSING') && session.phase === 'open')
      await book.setPhase(session, 'ending')
    if (state === 'CLOSED' || state === 'PAID') {
      await book.setPhase(session, state === 'PAID' ? 'paid' : 'closed')
      this.#closed.resolve()
      if (state === 'PAID') this.#paid.resolve()
    }
    this.#changed()
  }

  /** A receipt the coordinator shows: the Ack that covers it. Throws when it is not ours to countersign. */
  async contested(contest: CollectedReceipt, receiptSeq: number): Promise<Uint8Array> {
    if (receiptSeq > this.session.ackedThrough) await this.#work.contested(contest.receipt)
    const bytes = this.session.ackBytes
    if (bytes === undefined)
      throw new OrienError('badReceipt', { message: 'no receipt of this session is countersigned' })
    return bytes
  }

  async stop(): Promise<void> {
    this.#dead ??= new OrienError('stopped', { message: 'the agent stops' })
    await this.#work.countersigner.flushed
    await this.#work.close()
    await this.#link.close()
    this.#changed()
  }

  #obstacle(capMicros: Micros): 'window' | 'ceiling' | 'held' | undefined {
    const { session } = this
    if (this.#dead !== undefined) throw this.#dead
    if (session.phase !== 'open')
      throw new OrienError('sessionClosed', { message: `the session is ${session.phase}`, money: this.#money() })
    const { windowMicros } = session.grant
    if (capMicros > windowMicros) {
      throw new OrienError('overAllowance', {
        message: `the cap is above the session's window`,
        details: { capMicros, windowMicros },
        money: this.#money(),
      })
    }
    if (session.inFlight === 0 && capMicros > remainingMicros(session)) {
      throw new OrienError('overAllowance', {
        message: 'what is left of the allowance does not cover the cap',
        details: { capMicros, remainingMicros: remainingMicros(session) },
        money: this.#money(),
      })
    }
    return mustWait(session, capMicros)
  }

  #money(): MoneyState {
    const owed = floorMicros(numerator(this.session.accepted))
    return { where: 'reserved', minMicros: owed, maxMicros: this.session.grant.allowanceMicros, delivered: true }
  }

  /** One cheque at a time, durable before it leaves; it travels ahead of the calls that need it. */
  #renew(): Promise<void> {
    this.#renewing ??= (async () => {
      const { parts, book } = this.#of
      const { session } = this
      const rail = await parts.channels.use(session.grant.channel.rail, session.grant.channel.url)
      const { bytes } = await drawCheque(
        rail,
        parts.wallet,
        session.lane,
        session.chequeSeq + 1,
        ceilingAllowed(session),
      )
      await book.saveCheque(session, bytes)
      this.#work.sendCheque(bytes)
      parts.log('cheque', {
        session: session.key,
        chequeSeq: session.chequeSeq,
        ceilingMicros: String(session.ceilingMicros),
      })
    })().finally(() => {
      this.#renewing = undefined
      this.#wake()
    })
    return this.#renewing
  }

  #changed(): void {
    if (
      this.#dead === undefined &&
      this.session.phase === 'open' &&
      this.#renewing === undefined &&
      shouldRenew(this.session)
    ) {
      this.#renew().catch((error: unknown) =>
        this.#of.parts.log('chequeFailed', { session: this.session.key, why: String(error) }),
      )
    }
    this.#wake()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const go of waiting) go()
  }

  #misconduct(error: OrienError): void {
    this.#of.parts.log('providerMisconduct', { session: this.session.key, code: error.code })
    this.#dead = error
    this.#wake()
    this.end('misconduct').catch((cause: unknown) =>
      this.#of.parts.log('endFailed', { session: this.session.key, why: String(cause) }),
    )
  }

  #strayNotice(bytes: Uint8Array): void {
    this.takeNotice(bytes).catch((error: unknown) => {
      this.#of.parts.log('noticeRefused', {
        session: this.session.key,
        code: isOrienError(error) ? error.code : 'internal',
      })
    })
  }

  /** The newest Notice, by an empty batch; from then on the coordinator tells on this stream. */
  async #ask(): Promise<void> {
    await this.#tellCoordinator({})
  }

  async #tellCoordinator(
    batch: { readonly acks?: readonly Uint8Array[]; readonly ends?: readonly Uint8Array[] },
    ack?: Signed<Ack>,
  ): Promise<void> {
    try {
      const answer = await this.#link.exchange({
        sessionId: this.session.id,
        cheques: [],
        receipts: [],
        acks: [],
        ends: [],
        ...batch,
      })
      if (answer.notice !== undefined) await this.takeNotice(answer.notice)
    } catch (error) {
      // The provider passes on what we cannot deliver; an End reaches the coordinator through it, or by expiry.
      const code = isOrienError(error) ? error.code : 'internal'
      this.#of.parts.log('coordinatorSilent', { session: this.session.key, code, ack: ack !== undefined })
    }
  }

  #linkLost(): void {
    if (this.#dead !== undefined || this.session.phase === 'paid') return
    this.#of.parts.timers.after(LINK_RETRY_MS, () => {
      if (this.#dead === undefined) void this.#ask().then(() => (this.#link.connected ? undefined : this.#linkLost()))
    })
  }

  async #fetch(): Promise<Settlement> {
    const { parts, hello, book } = this.#of
    const { session } = this
    const settlement = await fetchSettlement({ ...parts, hello }, session.grant.coordinator, session.id)
    await book.saveSettlement([
      ...settlement.statements.map((one) => ({
        type: 'put' as const,
        key: agentKeys.statement(session.key, one.value.statementSeq),
        value: one.bytes,
      })),
      ...settlement.payouts.map((one) => ({
        type: 'put' as const,
        key: agentKeys.payout(keyText(one.value.payoutId)),
        value: one.bytes,
      })),
    ])
    return settlement
  }
}

const LINK_RETRY_MS = 1_000

function keyText(id: Uint8Array): string {
  return [...id].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
