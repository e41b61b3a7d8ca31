import {
  Authorisation,
  equalBytes,
  fromHex,
  Grant,
  hex,
  Notice,
  openDocument,
  OrienError,
  peekDocument,
  Receipt,
  Ack,
  type PeerText,
  type Signed,
} from '@orien/protocol'
import type { Lane } from '../rails/channel.ts'
import type { StoreOp } from '../store/port.ts'
import { acksOnDisk, takeAck, type AckVerdict } from './ack-book.ts'
import type { SessionBookParts } from './book-parts.ts'
import { heldCheque, rebase, takeCheque } from './cheque-book.ts'
import { decodeDone, keys, putJson, range, readJson, seqOfKey, type SessionMeta } from './records.ts'
import {
  claim,
  exposureOf,
  keepInTurn,
  newSession,
  reserve,
  settle,
  type Session,
  type SessionPhase,
} from './session.ts'

/** How many call numbers one durable reservation covers: admission then costs no flush. */
export const CALL_BLOCK = 1_024

/** An admitted call found at start without receipt: it did not survive, and is free. */
export interface LostCall {
  readonly session: Session
  readonly auth: Signed<Authorisation>
}

/** All sessions of a provider, in memory and in its store. */
export class SessionBook {
  readonly #sessions = new Map<string, Session>()
  readonly #adding = new Map<string, Promise<Session>>()
  readonly #parts: SessionBookParts

  constructor(parts: SessionBookParts) {
    this.#parts = parts
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
  }

  /** Exposure of a coordinator's unpaid sessions other than `except`, in numerators. */
  exposure(coordinator: PeerText, except?: string): bigint {
    let sum = 0n
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
    if (callSeq > session.blockEnd) session.blockEnd = callSeq + CALL_BLOCK
    const { blockEnd } = session
    await this.#parts.store.commit([metaOp(session)])
    session.durableEnd = Math.max(session.durableEnd, blockEnd)
  }

  /** Admits a call: its record rides along with the next flush; lost with it, the call never ran and is free. */
  admit(session: Session, auth: Signed<Authorisation>): void {
    reserve(session, auth.value.callSeq, auth.value.capMicros)
    const op = { type: 'put', key: keys.open(session.key, auth.value.callSeq), value: auth.bytes } as const
    // A failure is reported by the store itself, and stops everything.
    this.#parts.store.commit([op], { durable: false }).catch(() => undefined)
  }

  async setPhase(session: Session, phase: SessionPhase, endReason?: string): Promise<void> {
    session.phase = phase
    session.endReason ??= endReason
    await this.#parts.store.commit([metaOp(session)])
    session.durablePhase = phase
  }

  saveMeta(session: Session): Promise<void> {
    return this.#parts.store.commit([metaOp(session)], { durable: false })
  }

  /** Statements, Payouts and what follows from them, with the session's state, in one batch. */
  async saveSettlement(session: Session, ops: readonly StoreOp[]): Promise<void> {
    const { phase } = session
    await this.#parts.store.commit([...ops, metaOp(session)])
    session.durablePhase = phase
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

  /** Reads everything back but what is paid: nothing can happen to that any more. Returns the calls that did not survive. */
  async load(): Promise<LostCall[]> {
    const lost: LostCall[] = []
    for await (const [key, bytes] of this.#parts.store.scan(range('session/'))) {
      const sid = key.slice('session/'.length)
      const session = await this.#loadOne(sid, bytes)
      if (session === undefined) continue
      this.#sessions.set(sid, session)
      for await (const [openKey, auth] of this.#parts.store.scan(range(`open/${sid}/`))) {
        const found = peekDocument(this.#parts.scope, Authorisation, auth)
        reserve(session, seqOfKey(openKey), found.value.capMicros)
        lost.push({ session, auth: found })
      }
    }
    return lost
  }

  async #loadOne(sid: string, grantBytes: Uint8Array): Promise<Session | undefined> {
    const { scope, store, channels } = this.#parts
    const metaBytes = await store.get(keys.meta(sid))
    if (metaBytes === undefined) throw new OrienError('storeCorrupt', { message: `session ${sid} has no state` })
    const meta = readJson<SessionMeta>(keys.meta(sid), metaBytes)
    if (meta.phase === 'paid') return undefined
    const grant = peekDocument(scope, Grant, grantBytes)
    if (hex(grant.id) !== sid || fromHex(sid) === undefined)
      throw new OrienError('storeCorrupt', { message: `session ${sid} is not what its key says` })
    const rail = await channels.use(grant.value.channel.rail, grant.value.channel.url)
    const session = newSession(grant, rail.lane(grant.value, grant.id))
    session.phase = meta.phase
    session.durablePhase = meta.phase
    session.blockEnd = meta.blockEnd
    session.durableEnd = meta.blockEnd
    // Everything reserved counts as used: what was admitted but not flushed is gone, and free.
    session.lastCallSeq = meta.blockEnd
    session.acksSentThrough = meta.acksSentThrough
    session.endReason = meta.endReason
    session.finalSent = meta.finalSent
    session.settledAt = meta.settledAt
    const notice = await store.get(keys.notice(sid))
    if (notice !== undefined) session.notice = peekDocument(scope, Notice, notice)
    session.cheque = heldCheque(await store.get(keys.cheque(sid)))
    session.nextCheque = heldCheque(await store.get(keys.nextCheque(sid)))
    await this.#loadReceipts(session)
    return session
  }

  async #loadReceipts(session: Session): Promise<void> {
    const { scope, store } = this.#parts
    for await (const [key, bytes] of store.scan(range(`done/${session.key}/`))) {
      const receipt = peekDocument(scope, Receipt, decodeDone(key, bytes).receipt)
      const auth = peekDocument(scope, Authorisation, decodeDone(key, bytes).authorisation)
      const { receiptSeq, callSeq, numerator, lastTick } = receipt.value
      session.head = { seq: receiptSeq, id: receipt.id }
      session.durableSeq = receiptSeq
      session.claimed += numerator
      const price = session.terms.get(auth.value.toolId)?.priceMicrosPerMin
      if (price === undefined) throw new OrienError('storeCorrupt', { message: `receipt ${key} has no term` })
      claim(session, { receiptSeq, callSeq, id: receipt.id, numerator, lastTick: lastTick ?? 0, price })
    }
    for await (const [, bytes] of store.scan(range(`ack/${session.key}/`))) {
      const ack = peekDocument(scope, Ack, bytes).value
      settle(session, ack.throughSeq, ack.acceptedNumerator)
    }
    const { ackedThrough: through, accepted } = session
    session.taken = { through, accepted, onDisk: Promise.resolve(), flushed: true }
  }
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
