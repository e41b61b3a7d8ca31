import {
  encodeExit,
  equalBytes,
  hex,
  Notice,
  openDocument,
  OrienError,
  Statement,
  utf8,
  utf8Text,
  type Authorisation,
  type Exit,
  type Grant,
  type PeerText,
  type Signed,
} from '@orien/protocol'
import type { Lane } from '../rails/channel.ts'
import { readEntry } from '../store/entry.ts'
import type { StoreOp } from '../store/port.ts'
import { acksOnDisk, takeAck, type AckVerdict } from './ack-book.ts'
import type { SessionBookParts } from './book-parts.ts'
import { rebase, takeCheque } from './cheque-book.ts'
import { loadOpenCalls, loadSession, type LostCall } from './load-session.ts'
import { sessionTransition, type SessionEvent } from './phase-table.ts'
import { keys, putJson, range, type SessionMeta } from './records.ts'
import { exposureOf, keepInTurn, newSession, reserve, type Session } from './session.ts'

/** How many call numbers one durable reservation covers: admission then costs no flush. */
export const CALL_BLOCK = 1_024

/** All sessions of a provider, in memory and in its store. */
export class SessionBook {
  readonly #sessions = new Map<string, Session>()
  readonly #adding = new Map<string, Promise<Session>>()
  readonly #parts: SessionBookParts
  readonly #lost = new Map<PeerText, bigint>()
  readonly #onForgotten: (session: Session) => void

  constructor(parts: SessionBookParts, onForgotten: (session: Session) => void) {
    this.#parts = parts
    this.#onForgotten = onForgotten
  }

  get(key: string): Session | undefined {
    return this.#sessions.get(key)
  }

  all(): IterableIterator<Session> {
    return this.#sessions.values()
  }

  /** A session that is paid: nothing can happen to it any more. */
  forget(session: Session): void {
    this.#sessions.delete(session.key)
    this.#onForgotten(session)
  }

  /**
   * Exposure of a coordinator's unpaid sessions other than `except`, and what it left unpaid for good, in numerators: the cap is on what can be
   * lost at it, so that what was lost counts on.
   */
  exposure(coordinator: PeerText, except?: string): bigint {
    let sum = this.#lost.get(coordinator) ?? 0n
    for (const session of this.#sessions.values()) {
      if (session.grant.coordinator !== coordinator || session.key === except) continue
      sum += exposureOf(session)
    }
    return sum
  }

  /** Takes a granted session in, durably, with its first block of call numbers; once, however often it is shown at a time. */
  add(grant: Signed<Grant>, lane: Lane): Promise<Session> {
    const key = hex(grant.id)
    const known = this.#sessions.get(key)
    if (known !== undefined) return Promise.resolve(known)
    let adding = this.#adding.get(key)
    if (adding === undefined) {
      adding = this.#add(grant, lane).finally(() => this.#adding.delete(key))
      this.#adding.set(key, adding)
    }
    return adding
  }

  async #add(grant: Signed<Grant>, lane: Lane): Promise<Session> {
    const session = newSession(grant, lane)
    session.blockEnd = CALL_BLOCK
    await this.#parts.store.commit([
      { type: 'put', key: keys.session(session.key), value: grant.bytes },
      metaOp(session),
    ])
    session.durableEnd = session.blockEnd
    this.#sessions.set(session.key, session)
    return session
  }

  /** Reserves the next block of call numbers when `callSeq` needs it. */
  async reserveThrough(session: Session, callSeq: number): Promise<void> {
    if (callSeq <= session.durableEnd) return
    if (callSeq > session.blockEnd) session.blockEnd = blockFrom(callSeq)
    const { blockEnd } = session
    await this.#parts.store.commit([metaOp(session)])
    session.durableEnd = Math.max(session.durableEnd, blockEnd)
  }

  /**
   * A number was refused: it is used up like any other. Within the block a restart knows that; one above it gets a block of its own, which rides along
   * with the next flush. Lost with it, the Authorisation may be admitted after all, and only its agent has it.
   */
  useUp(session: Session, callSeq: number): void {
    if (callSeq <= session.blockEnd) return
    session.blockEnd = blockFrom(callSeq)
    // A failure is reported by the store itself, and stops everything.
    this.saveMeta(session).catch(() => undefined)
  }

  /** Admits a call: its record rides along with the next flush; lost with it, the call never ran and is free. */
  admit(session: Session, auth: Signed<Authorisation>): void {
    reserve(session, auth.value.callSeq, auth.value.capMicros)
    const op = { type: 'put', key: keys.open(session.key, auth.value.callSeq), value: auth.bytes } as const
    // A failure is reported by the store itself, and stops everything.
    this.#parts.store.commit([op], { durable: false }).catch(() => undefined)
  }

  /**
   * Moves a session by its row of the table; false when there is none, and nothing changed. No call is admitted from this moment on, when that is
   * what it means; what says so to others waits until it is on disk.
   */
  async move(session: Session, on: SessionEvent, endReason?: string, ops: readonly StoreOp[] = []): Promise<boolean> {
    const row = sessionTransition(session.phase, on)
    if (row === undefined) return false
    const { from, to } = row
    session.phase = to
    session.endReason ??= endReason
    this.#parts.log('sessionPhase', { session: session.key, from, on, to })
    await this.#parts.store.commit([...ops, metaOp(session)])
    session.durablePhase = to
    return true
  }

  saveMeta(session: Session): Promise<void> {
    return this.#parts.store.commit([metaOp(session)], { durable: false })
  }

  /** Statements, Payouts and what follows from them, with the session's state, in one batch. */
  async saveSettlement(session: Session, ops: readonly StoreOp[]): Promise<void> {
    await this.#parts.store.commit([...ops, metaOp(session)])
  }

  /** A settled session brought less than was countersigned. To be committed with its state. */
  lose(coordinator: PeerText, lostNumerator: bigint): StoreOp {
    const sum = (this.#lost.get(coordinator) ?? 0n) + lostNumerator
    this.#lost.set(coordinator, sum)
    return { type: 'put', key: keys.lost(coordinator), value: utf8(String(sum)) }
  }

  /** Keeps a newer Notice. False when it is not newer. Throws as openDocument. */
  async takeNotice(session: Session, bytes: Uint8Array): Promise<boolean> {
    const notice = openDocument(this.#parts.scope, Notice, bytes, session.grant.coordinator)
    if (!equalBytes(notice.value.sessionId, session.id)) {
      throw new OrienError('badDocument', { message: 'the notice is for another session' })
    }
    return keepInTurn(session, async () => {
      if (session.notice !== undefined && notice.value.noticeSeq <= session.notice.value.noticeSeq) return false
      session.notice = notice
      const ops: StoreOp[] = [{ type: 'put', key: keys.notice(session.key), value: bytes }, ...rebase(session)]
      await this.#parts.store.commit(ops, { durable: false })
      return true
    })
  }

  /** See takeCheque. */
  takeCheque(session: Session, bytes: Uint8Array): Promise<boolean> {
    return keepInTurn(session, () => takeCheque(this.#parts, session, bytes))
  }

  /** See takeAck. */
  takeAck(session: Session, bytes: Uint8Array): Promise<AckVerdict> {
    return takeAck(this.#parts, session, bytes)
  }

  /** See acksOnDisk. */
  acksOnDisk(session: Session): Promise<void> {
    return acksOnDisk(this.#parts, session)
  }

  /** What the coordinator last said that it received and owes. Throws `storeCorrupt`. */
  async lastStatement(session: Session): Promise<Statement | undefined> {
    let last: Statement | undefined
    for await (const [key, bytes] of this.#parts.store.scan(range(`statement/${session.key}/`)))
      last = readEntry(key, () => openDocument(this.#parts.scope, Statement, bytes, session.grant.coordinator).value)
    return last
  }

  /** An Exit that both signed, before it is brought to the ledger. */
  async saveSignedExit(session: Session, exit: Exit): Promise<void> {
    await this.#parts.store.commit([{ type: 'put', key: keys.signedExit(session.key), value: encodeExit(exit) }])
    session.signedExit = exit
  }

  /** Keeps documents that prove a breach. */
  async keepEvidence(session: Session, what: string, documents: readonly Signed<unknown>[]): Promise<void> {
    await this.#parts.store.commit(
      documents.map(({ id, bytes }) => ({
        type: 'put' as const,
        key: keys.evidence(session.key, `${what}/${hex(id)}`),
        value: bytes,
      })),
    )
  }

  /** Reads everything back but what is paid. Returns the calls that did not survive. Throws `storeCorrupt`. */
  async load(): Promise<LostCall[]> {
    const lost: LostCall[] = []
    for await (const [key, bytes] of this.#parts.store.scan(range('lost/')))
      this.#lost.set(
        key.slice('lost/'.length) as PeerText,
        readEntry(key, () => BigInt(utf8Text(bytes))),
      )
    for await (const [key, bytes] of this.#parts.store.scan(range('session/'))) {
      const session = await loadSession(this.#parts, key.slice('session/'.length), bytes)
      if (session === undefined) continue
      this.#sessions.set(session.key, session)
      lost.push(...(await loadOpenCalls(this.#parts, session)))
    }
    return lost
  }
}

/** The end of a block that begins with a number: numbers end too, and one that is no count would be a damaged entry. */
function blockFrom(callSeq: number): number {
  return Math.min(Number.MAX_SAFE_INTEGER, callSeq + CALL_BLOCK)
}

function metaOp(session: Session): StoreOp {
  const { phase, blockEnd, acksSentThrough, endReason, finalSent, settledAt } = session
  const meta: SessionMeta = {
    phase,
    blockEnd,
    acksSentThrough,
    finalSent,
    ...(endReason === undefined ? {} : { endReason }),
    ...(settledAt === undefined ? {} : { settledAt }),
  }
  return putJson(keys.meta(session.key), meta)
}
