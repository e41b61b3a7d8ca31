import {
  decodeCheque,
  decodeExit,
  hex,
  micros,
  Notice,
  openDocument,
  OrienError,
  Statement,
  type Ack,
  type Exit,
  type Grant,
  type Micros,
  type Signed,
} from '@orien/protocol'
import type { Lane } from '../rails/channel.ts'
import { readEntry } from '../store/entry.ts'
import type { StoreOp } from '../store/port.ts'
import { sessionMoney } from './call-errors.ts'
import { allowanceOf, loadSession, type SpendBookParts } from './load-session.ts'
import { agentTransition, type AgentSessionEvent } from './phase-table.ts'
import { agentKeys, metaOp, range, readRun, runOp, type Run } from './records.ts'
import { newAgentSession, type AgentSession } from './session.ts'

/** How many call numbers one durable reservation covers. */
const CALL_BLOCK = 256
/** The last number whose block is a number too: an entry with a higher one could not be read back. */
export const LAST_CALL_SEQ = Number.MAX_SAFE_INTEGER - CALL_BLOCK

/** A Fund whose outcome is not known. */
interface HeldFund {
  readonly allowanceMicros: Micros
  /** When this process kept it to send it, on the clock that nobody sets; undefined for one of an earlier process. */
  readonly sentMonoMs: number | undefined
}

/** The agent's own account of what it signed: always durable before it leaves. */
export class SpendBook {
  readonly #sessions = new Map<string, AgentSession>()
  readonly #parts: SpendBookParts
  /** What each Fund may hold whose outcome is not known: from before it is sent. */
  readonly #funds = new Map<string, HeldFund>()
  #run: Run = { number: 0, over: false }
  #spentNumerator = 0n

  constructor(parts: SpendBookParts) {
    this.#parts = parts
  }

  get(key: string): AgentSession | undefined {
    return this.#sessions.get(key)
  }

  all(): IterableIterator<AgentSession> {
    return this.#sessions.values()
  }

  /** Sessions that count against this run's spend cap. */
  ofRun(): AgentSession[] {
    return [...this.#sessions.values()].filter((session) => session.run === this.#run.number)
  }

  /** What Funds may hold whose outcome is not known. */
  get fundedMicros(): Micros {
    return micros([...this.#funds.values()].reduce((sum, one) => sum + one.allowanceMicros, 0n))
  }

  /** What sessions of this run cost that are paid; a numerator. */
  get spentNumerator(): bigint {
    return this.#spentNumerator
  }

  /** See HeldFund. */
  fundSentMonoMs(key: string): number | undefined {
    return this.#funds.get(key)?.sentMonoMs
  }

  isFunded(key: string): boolean {
    return this.#funds.has(key)
  }

  /** Funds whose outcome is not known, by session. */
  async openFunds(): Promise<ReadonlyMap<string, Uint8Array>> {
    const funds = new Map<string, Uint8Array>()
    for await (const [key, fund] of this.#parts.store.scan(range('fund/'))) funds.set(key.slice('fund/'.length), fund)
    return funds
  }

  /** The open messages and cheque 1, before Fund is sent. What it may hold counts from this call on. */
  async saveFund(key: string, fund: Uint8Array, offer: Uint8Array, held: HeldFund): Promise<void> {
    this.#funds.set(key, held)
    await this.#parts.store.commit([
      { type: 'put', key: agentKeys.fund(key), value: fund },
      { type: 'put', key: agentKeys.offer(key), value: offer },
    ])
  }

  /** Nothing came of it: the open messages are void. */
  async dropFund(key: string): Promise<void> {
    await this.#parts.store.commit([{ type: 'del', key: agentKeys.fund(key) }])
    this.#funds.delete(key)
  }

  async add(grant: Signed<Grant>, lane: Lane, cheque: Uint8Array, version: number): Promise<AgentSession> {
    const { ceilingMicros, base } = decodeCheque(cheque)
    const session = newAgentSession(grant, lane, { ceilingMicros, base, bytes: cheque })
    session.blockEnd = CALL_BLOCK
    session.run = this.#run.number
    session.cosigned = { version, totalMicros: micros(0n) }
    await this.#parts.store.commit([
      { type: 'put', key: agentKeys.session(session.key), value: grant.bytes },
      { type: 'put', key: agentKeys.cheque(session.key), value: cheque },
      metaOp(session),
      { type: 'del', key: agentKeys.fund(session.key) },
    ])
    this.#sessions.set(session.key, session)
    this.#funds.delete(session.key)
    return session
  }

  /** The next call number, reserved durably. Numbers are handed out in the order asked for. Throws `sessionClosed` when there is none. */
  async nextCallSeq(session: AgentSession): Promise<number> {
    if (session.lastCallSeq >= LAST_CALL_SEQ) {
      const money = sessionMoney(session)
      throw new OrienError('sessionClosed', { message: 'the session has no call numbers left', money })
    }
    const callSeq = ++session.lastCallSeq
    if (callSeq > session.blockEnd) {
      session.blockEnd = callSeq + CALL_BLOCK
      session.reserving = this.#parts.store.commit([metaOp(session)])
    }
    await session.reserving
    return callSeq
  }

  /** A higher ceiling and the number of its cheque, before it leaves. */
  async saveCheque(session: AgentSession, bytes: Uint8Array): Promise<void> {
    await this.#parts.store.commit([{ type: 'put', key: agentKeys.cheque(session.key), value: bytes }, metaOp(session)])
    const cheque = decodeCheque(bytes)
    session.ceilingMicros = cheque.ceilingMicros
    session.chequeBase = cheque.base
    session.chequeBytes = bytes
  }

  /** A cheque number that was used, before its cheque leaves. */
  async saveChequeSeq(session: AgentSession): Promise<void> {
    await this.#parts.store.commit([metaOp(session)])
  }

  async saveExit(session: AgentSession, exit: Uint8Array): Promise<void> {
    await this.#parts.store.commit([{ type: 'put', key: agentKeys.exit(session.key), value: exit }])
  }

  /** What the coordinator last said that it received and owes. Throws `storeCorrupt`. */
  async lastStatement(session: AgentSession): Promise<Statement | undefined> {
    const { store, scope } = this.#parts
    let last: Statement | undefined
    for await (const [key, bytes] of store.scan(range(`statement/${session.key}/`)))
      last = readEntry(key, () => openDocument(scope, Statement, bytes, session.grant.coordinator).value)
    return last
  }

  /** The newest Exit that we signed. Throws `storeCorrupt`. */
  async exitOf(session: AgentSession): Promise<Exit | undefined> {
    const key = agentKeys.exit(session.key)
    const bytes = await this.#parts.store.get(key)
    return bytes === undefined ? undefined : readEntry(key, () => decodeExit(bytes))
  }

  /** Keeps documents that prove a breach. */
  async keepEvidence(session: AgentSession, what: string, documents: readonly Signed<unknown>[]): Promise<void> {
    await this.#parts.store.commit(
      documents.map(({ id, bytes }) => ({
        type: 'put' as const,
        key: agentKeys.evidence(session.key, `${what}/${hex(id)}`),
        value: bytes,
      })),
    )
  }

  /** The receipt that was countersigned at a place of the chain, with its Authorisation. */
  async callAt(
    session: AgentSession,
    seq: number,
  ): Promise<{ readonly authorisation: Uint8Array; readonly receipt: Uint8Array } | undefined> {
    const receipt = await this.receiptAt(session, seq)
    const authorisation = await this.#parts.store.get(agentKeys.auth(session.key, seq))
    return receipt === undefined || authorisation === undefined ? undefined : { authorisation, receipt }
  }

  /** The receipt that was countersigned at a place of the chain. */
  receiptAt(session: AgentSession, seq: number): Promise<Uint8Array | undefined> {
    return this.#parts.store.get(agentKeys.receipt(session.key, seq))
  }

  /** Acks through `afterSeq` + 1 and later, in order. */
  async acksAfter(session: AgentSession, afterSeq: number, limit = Number.MAX_SAFE_INTEGER): Promise<Uint8Array[]> {
    const acks: Uint8Array[] = []
    const gte = agentKeys.ack(session.key, Math.max(0, afterSeq) + 1)
    const { lt } = range(`ack/${session.key}/`)
    for await (const [, bytes] of this.#parts.store.scan({ gte, lt, limit })) acks.push(bytes)
    return acks
  }

  /** An Ack with the receipts it covers, before it leaves. */
  async saveAck(session: AgentSession, ack: Signed<Ack>, receipts: readonly StoreOp[]): Promise<void> {
    await this.#parts.store.commit([
      ...receipts,
      { type: 'put', key: agentKeys.ack(session.key, ack.value.throughSeq), value: ack.bytes },
    ])
    session.ackedThrough = ack.value.throughSeq
    session.acked = ack.value.acceptedNumerator
    session.ackBytes = ack.bytes
  }

  /** A debit, before its signature leaves. */
  async saveCosigned(session: AgentSession, cosigned: AgentSession['cosigned']): Promise<void> {
    session.cosigned = cosigned
    await this.#parts.store.commit([metaOp(session)])
  }

  /** Moves a session by its row of the table; false when there is none, and nothing changed. On disk when it resolves. */
  async move(session: AgentSession, on: AgentSessionEvent, endReason?: string): Promise<boolean> {
    const ops = this.#step(session, on, endReason)
    if (ops.length === 0) return false
    await this.#parts.store.commit(ops)
    this.#forgetPaid(session)
    return true
  }

  /**
   * Statements and Payouts, and the phase that rests on them, in one batch. Where there is no row, or no phase that they are enough for, they are kept
   * all the same.
   */
  async settle(session: AgentSession, on: 'closed' | 'paid' | undefined, documents: readonly StoreOp[]): Promise<void> {
    await this.#parts.store.commit([...documents, ...(on === undefined ? [] : this.#step(session, on))])
    this.#forgetPaid(session)
  }

  /** Nothing can happen to a paid session any more: what it cost is all that counts. */
  #forgetPaid({ key, phase, run, accepted }: AgentSession): void {
    if (phase !== 'paid' || !this.#sessions.delete(key)) return
    if (run === this.#run.number) this.#spentNumerator += accepted
  }

  /** Takes the row of an event in memory. What has to be committed with it; nothing when there is no row. */
  #step(session: AgentSession, on: AgentSessionEvent, endReason?: string): readonly StoreOp[] {
    const row = agentTransition(session.phase, on)
    if (row === undefined) return []
    const { from, to } = row
    session.phase = to
    session.endReason ??= endReason
    this.#parts.log('sessionPhase', { session: session.key, from, on, to })
    return [metaOp(session)]
  }

  /** Keeps a newer Notice. False when it is not newer. Throws as openDocument. */
  async takeNotice(session: AgentSession, bytes: Uint8Array): Promise<boolean> {
    const notice = openDocument(this.#parts.scope, Notice, bytes, session.grant.coordinator)
    if (hex(notice.value.sessionId) !== session.key)
      throw new OrienError('badDocument', { message: 'the notice is for another session' })
    if (session.notice !== undefined && notice.value.noticeSeq <= session.notice.value.noticeSeq) return false
    session.notice = notice
    await this.#parts.store.commit([{ type: 'put', key: agentKeys.notice(session.key), value: bytes }], {
      durable: false,
    })
    return true
  }

  /**
   * Reads everything back but what is paid: nothing can happen to that any more. After a stop in order a new run begins, which takes over the
   * sessions that still hold money; after a crash the run goes on, with what it cost. Throws `storeCorrupt`.
   */
  async load(): Promise<void> {
    const before = await this.#runBefore()
    const goesOn = before?.over === false
    this.#run = goesOn ? before : { number: (before?.number ?? 0) + 1, over: false }
    await this.#loadSessions()
    for (const [key, fund] of await this.openFunds())
      this.#funds.set(key, {
        allowanceMicros: readEntry(agentKeys.fund(key), () => allowanceOf(this.#parts.scope, fund)),
        sentMonoMs: undefined,
      })
    if (goesOn) return
    const kept = [...this.#sessions.values()].filter(({ phase }) => phase !== 'closed')
    for (const session of kept) session.run = this.#run.number
    // Before the first Fund of this run: whatever is committed next brings it along.
    await this.#parts.store.commit([runOp(this.#run), ...kept.map(metaOp)], { durable: false })
  }

  /** A stop in order: the next start has a budget of its own. */
  async endRun(): Promise<void> {
    await this.#parts.store.commit([runOp({ ...this.#run, over: true })])
  }

  async #runBefore(): Promise<Run | undefined> {
    const bytes = await this.#parts.store.get(agentKeys.run)
    return bytes === undefined ? undefined : readRun(bytes)
  }

  async #loadSessions(): Promise<void> {
    for await (const [key, bytes] of this.#parts.store.scan(range('session/'))) {
      const found = await loadSession(this.#parts, key.slice('session/'.length), bytes)
      if (found.session !== undefined) this.#sessions.set(found.session.key, found.session)
      else if (found.run === this.#run.number) this.#spentNumerator += found.costNumerator
    }
  }
}
