import {
  acceptedOf,
  Ack,
  exceptionFor,
  Grant,
  Notice,
  openDocument,
  OrienError,
  peekDocument,
  Receipt,
  Authorisation,
  decodeCheque,
  encodeCheque,
  equalBytes,
  hex,
  fromHex,
  type Cheque,
  type PeerText,
  type Scope,
  type Signed,
} from '@orien/protocol'
import type { ChannelRails, Lane } from '../rails/channel.ts'
import type { Store, StoreOp } from '../store/port.ts'
import { AFTER, decodeDone, keys, putJson, readJson, seqOfKey, type SessionMeta } from './records.ts'
import { claim, exposureOf, newSession, reserve, settle, type Session, type SessionPhase } from './session.ts'

/** How many call numbers one durable reservation covers: admission then costs no flush. */
export const CALL_BLOCK = 1_024

export interface SessionBookParts {
  readonly scope: Scope
  readonly store: Store
  readonly channels: ChannelRails
}

/** An admitted call found at start without receipt: it did not survive, and is free. */
export interface LostCall {
  readonly session: Session
  readonly auth: Signed<Authorisation>
}

/** All sessions of a provider, in memory and in its store. */
export class SessionBook {
  readonly #sessions = new Map<string, Session>()
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

  /** Exposure of a coordinator's unpaid sessions other than `except`, in numerators. */
  exposure(coordinator: PeerText, except?: string): bigint {
    let sum = 0n
    for (const session of this.#sessions.values()) {
      if (session.grant.coordinator !== coordinator || session.phase === 'paid' || session.key === except) continue
      sum += exposureOf(session)
    }
    return sum
  }

  /** Takes a granted session in, durably, with its first block of call numbers. */
  async add(grant: Signed<Grant>, lane: Lane): Promise<Session> {
    const session = newSession(grant, lane)
    session.blockEnd = CALL_BLOCK
    await this.#parts.store.commit([
      { type: 'put', key: keys.session(session.key), value: grant.bytes },
      metaOp(session),
    ])
    this.#sessions.set(session.key, session)
    return session
  }

  /** Reserves the next block of call numbers when `callSeq` needs it. */
  async reserveThrough(session: Session, callSeq: number): Promise<void> {
    if (callSeq <= session.blockEnd) return
    session.blockEnd = callSeq + CALL_BLOCK
    await this.#parts.store.commit([metaOp(session)])
  }

  /** Admits a call: its record rides along with the next flush; lost with it, the call never ran and is free. */
  admit(session: Session, auth: Signed<Authorisation>): Promise<void> {
    reserve(session, auth.value.callSeq, auth.value.capMicros)
    return this.#parts.store.commit(
      [{ type: 'put', key: keys.open(session.key, auth.value.callSeq), value: auth.bytes }],
      { durable: false },
    )
  }

  async setPhase(session: Session, phase: SessionPhase, endReason?: string): Promise<void> {
    session.phase = phase
    session.endReason ??= endReason
    await this.#parts.store.commit([metaOp(session)])
  }

  saveMeta(session: Session): Promise<void> {
    return this.#parts.store.commit([metaOp(session)], { durable: false })
  }

  /** Keeps a newer Notice. False when it is not newer. Throws as openDocument. */
  async takeNotice(session: Session, bytes: Uint8Array): Promise<boolean> {
    const notice = openDocument(this.#parts.scope, Notice, bytes, session.grant.coordinator)
    if (!equalBytes(notice.value.sessionId, session.id)) {
      throw new OrienError('badDocument', { message: 'the notice is for another session' })
    }
    if (session.notice !== undefined && notice.value.noticeSeq <= session.notice.value.noticeSeq) return false
    session.notice = notice
    await this.#parts.store.commit([{ type: 'put', key: keys.notice(session.key), value: bytes }], { durable: false })
    return true
  }

  /** Keeps a verified cheque when it covers more, durably before it is relied on. Throws `badCheque`. */
  async takeCheque(session: Session, bytes: Uint8Array): Promise<boolean> {
    const cheque = decodeCheque(bytes)
    await this.#verifyCheque(session, cheque)
    const better =
      session.cheque === undefined ||
      cheque.ceilingMicros > session.cheque.ceilingMicros ||
      cheque.base > session.cheque.base
    if (!better) return false
    await this.#parts.store.commit([{ type: 'put', key: keys.cheque(session.key), value: bytes }])
    session.cheque = cheque
    session.chequeBytes = bytes
    return true
  }

  async #verifyCheque(session: Session, cheque: Cheque): Promise<void> {
    const base = session.notice?.value.base ?? session.lane.base
    const wrong =
      !equalBytes(cheque.sessionId, session.id) ||
      cheque.ceilingMicros > session.grant.allowanceMicros ||
      (cheque.base !== base && cheque.base !== base + 1)
    if (wrong) throw new OrienError('badCheque', { message: 'the cheque is not drawn on this channel as it stands' })
    const rail = await this.#parts.channels.use(session.grant.channel.rail, session.grant.channel.url)
    rail.verify(session.lane, cheque)
  }

  /**
   * Keeps an Ack that continues the ones before: same checks as the coordinator's. An exact repetition is no news.
   * Throws `outOfOrder`, `badReceipt`.
   */
  async takeAck(session: Session, bytes: Uint8Array): Promise<boolean> {
    const ack = openDocument(this.#parts.scope, Ack, bytes, session.grant.agent)
    const { value } = ack
    if (!equalBytes(value.sessionId, session.id))
      throw new OrienError('badDocument', { message: 'the ack is for another session' })
    if (value.throughSeq <= session.ackedThrough) return false
    if (value.fromSeq !== session.ackedThrough + 1 || value.throughSeq > session.head.seq) {
      throw new OrienError('outOfOrder', {
        message: 'the ack does not follow',
        details: { expected: session.ackedThrough + 1 },
      })
    }
    checkAckSum(session, value)
    // Rides along with the next flush: an Ack lost in a crash is sent again at the next attach.
    await this.#parts.store.commit(
      [{ type: 'put', key: keys.ack(session.key, value.throughSeq), value: bytes }, ...logDeletions(session, value)],
      { durable: false },
    )
    settle(session, value.throughSeq, value.acceptedNumerator)
    return true
  }

  /** Reads everything back. Returns the calls that did not survive. */
  async load(): Promise<LostCall[]> {
    const lost: LostCall[] = []
    for await (const [key, bytes] of this.#parts.store.scan({ gte: 'session/', lt: `session/${AFTER}` })) {
      const sid = key.slice('session/'.length)
      const session = await this.#loadOne(sid, bytes)
      this.#sessions.set(sid, session)
      for await (const [openKey, auth] of this.#parts.store.scan(range(`open/${sid}/`))) {
        const found = peekDocument(this.#parts.scope, Authorisation, auth)
        reserve(session, seqOfKey(openKey), found.value.capMicros)
        lost.push({ session, auth: found })
      }
    }
    return lost
  }

  async #loadOne(sid: string, grantBytes: Uint8Array): Promise<Session> {
    const { scope, store, channels } = this.#parts
    const grant = peekDocument(scope, Grant, grantBytes)
    if (hex(grant.id) !== sid || fromHex(sid) === undefined)
      throw new OrienError('storeCorrupt', { message: `session ${sid} is not what its key says` })
    const rail = await channels.use(grant.value.channel.rail, grant.value.channel.url)
    const session = newSession(grant, rail.lane(grant.value, grant.id))
    const metaBytes = await store.get(keys.meta(sid))
    if (metaBytes === undefined) throw new OrienError('storeCorrupt', { message: `session ${sid} has no state` })
    const meta = readJson<SessionMeta>(keys.meta(sid), metaBytes)
    session.phase = meta.phase as SessionPhase
    session.blockEnd = meta.blockEnd
    // Everything reserved counts as used: what was admitted but not flushed is gone, and free.
    session.lastCallSeq = meta.blockEnd
    session.acksSentThrough = meta.acksSentThrough
    session.endReason = meta.endReason
    session.finalSent = meta.finalSent
    const notice = await store.get(keys.notice(sid))
    if (notice !== undefined) session.notice = peekDocument(scope, Notice, notice)
    const cheque = await store.get(keys.cheque(sid))
    if (cheque !== undefined) {
      session.cheque = decodeCheque(cheque)
      session.chequeBytes = encodeCheque(session.cheque)
    }
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
      session.claimed += numerator
      const price = session.terms.get(auth.value.toolId)?.priceMicrosPerMin
      if (price === undefined) throw new OrienError('storeCorrupt', { message: `receipt ${key} has no term` })
      claim(session, { receiptSeq, callSeq, id: receipt.id, numerator, lastTick: lastTick ?? 0, price })
    }
    for await (const [, bytes] of store.scan(range(`ack/${session.key}/`))) {
      const ack = peekDocument(scope, Ack, bytes).value
      settle(session, ack.throughSeq, ack.acceptedNumerator)
    }
  }
}

/** Entries whose key starts with `prefix`. */
export function range(prefix: string): { readonly gte: string; readonly lt: string } {
  return { gte: prefix, lt: prefix + AFTER }
}

function metaOp(session: Session): StoreOp {
  const { phase, blockEnd, acksSentThrough, endReason, finalSent } = session
  const meta: SessionMeta = {
    phase,
    blockEnd,
    acksSentThrough,
    finalSent,
    ...(endReason === undefined ? {} : { endReason }),
  }
  return putJson(keys.meta(session.key), meta)
}

/** The Ack's sum must be what its exceptions leave of our own receipts. */
function checkAckSum(session: Session, ack: Ack): void {
  let accepted = session.accepted
  for (let seq = ack.fromSeq; seq <= ack.throughSeq; seq++) {
    const receipt = session.unacked.get(seq)
    if (receipt === undefined)
      throw new OrienError('outOfOrder', { message: 'the ack covers a receipt that is not open' })
    const exception = exceptionFor(ack, seq)
    if (exception !== undefined && exception.acceptedMs < receipt.lastTick) {
      throw new OrienError('badReceipt', {
        message: 'the ack accepts less than the agent had acknowledged by its ticks',
      })
    }
    accepted += acceptedOf(receipt, exception, receipt.price)
  }
  const head = session.unacked.get(ack.throughSeq)
  if (head === undefined || !equalBytes(head.id, ack.headId))
    throw new OrienError('badReceipt', { message: 'the ack names another receipt' })
  if (accepted !== ack.acceptedNumerator) throw new OrienError('badReceipt', { message: 'the sum of the ack is wrong' })
}

/** What a countersigned call printed is not needed again. */
function logDeletions(session: Session, ack: Ack): StoreOp[] {
  const ops: StoreOp[] = []
  for (let seq = ack.fromSeq; seq <= ack.throughSeq; seq++) ops.push({ type: 'del', key: keys.log(session.key, seq) })
  return ops
}
