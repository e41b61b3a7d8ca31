import {
  Ack,
  decodeCheque,
  Grant,
  hex,
  peekDocument,
  type Id,
  type Micros,
  type Numerator,
  type Signed,
} from '@orien/protocol'
import { decodeRecord } from '../codec.ts'
import { createRanges } from '../collect/ranges.ts'
import type { Core } from '../core.ts'
import { after, keys } from '../keys.ts'
import { worthKeeping, type Brief, type KeptCheque, type Live } from './live.ts'
import { unanswered } from './opening.ts'
import { totalOf, type Session } from './session.ts'

/** A receipt as it is stored. */
export interface StoredReceipt {
  readonly id: Id
  readonly receiptSeq: number
  readonly callSeq: number
  readonly priceMicrosPerMin: Micros
  readonly numerator: Numerator
  readonly lastTick?: number
  readonly firstSeenMs: number
  readonly authorised: boolean
  /** Both envelopes, as they came. */
  readonly authorisation: Uint8Array
  readonly receipt: Uint8Array
  /** What proves lastTick, of a receipt that came without an Ack: its agent is shown it. */
  readonly tickAck?: Uint8Array
}

/** An Ack as it is posted. */
export interface StoredAck {
  readonly id: Id
  readonly fromSeq: number
  readonly throughSeq: number
  /** [receiptSeq, acceptedMs]. */
  readonly exceptions: readonly (readonly [number, number])[]
  readonly ack: Uint8Array
}

/** What a receipt settled at, where its first Ack does not say. */
export interface StoredRuling {
  readonly receiptSeq: number
  readonly numerator: Numerator
  readonly why: 'uncontested' | 'higherAck' | 'twoReceipts'
}

/** A session in memory with nothing collected yet. */
export function emptyLive(core: Core, session: Session): Live {
  const grant = Grant.decode(session.grant)
  return {
    sid: hex(session.sessionId),
    grant,
    firstLane: core.channel.lane(grant, session.sessionId),
    session,
    durable: session,
    unacked: new Map(),
    calls: createRanges(session.usedCalls),
    cheques: [],
    waitingAcks: new Map(),
    openUnsure: undefined,
  }
}

/** Every session of the store that is not over, with what its documents say. Throws `storeCorrupt`. */
export async function loadSessions(core: Core): Promise<Live[]> {
  const all: Live[] = []
  for await (const [key, value] of core.store.scan({ gte: keys.sessions, lt: after(keys.sessions) })) {
    const live = emptyLive(core, decodeRecord<Session>(value, key))
    await Promise.all([loadReceipts(core, live), loadCheques(core, live), loadWaitingAcks(core, live)])
    // Whether they were sent, and what was answered, died with the process before.
    if (live.session.state === 'FUNDING') live.openUnsure = unanswered(core, live.session.opening.tsMs)
    all.push(live)
  }
  return all
}

/** Receipts without an Ack; all of them only where the record does not say which calls they are of. */
async function loadReceipts(core: Core, live: Live): Promise<void> {
  const { ackedThrough, collectedThrough, usedCalls } = live.session
  const rulings = new Map<number, Numerator>()
  for await (const ruling of scan<StoredRuling>(core, keys.rulings(live.sid)))
    rulings.set(ruling.receiptSeq, ruling.numerator)
  const isTold = usedCalls !== undefined && (usedCalls.length > 0 || collectedThrough === 0)
  const from = keys.receipt(live.sid, isTold ? ackedThrough + 1 : 0)
  for await (const [key, value] of core.store.scan({ gte: from, lt: after(keys.receipts(live.sid)) })) {
    const stored = decodeRecord<StoredReceipt>(value, key)
    live.calls.add(stored.callSeq)
    if (stored.receiptSeq <= ackedThrough) continue
    live.unacked.set(stored.receiptSeq, briefOf(stored, rulings.get(stored.receiptSeq)))
  }
}

/** What is remembered of a stored receipt. */
export function briefOf(stored: StoredReceipt, ruled?: Numerator): Brief {
  const { id, receiptSeq, priceMicrosPerMin, numerator, lastTick, firstSeenMs, authorised } = stored
  return {
    id,
    receiptSeq,
    priceMicrosPerMin,
    numerator,
    firstSeenMs,
    authorised,
    ...(lastTick === undefined ? {} : { lastTick }),
    ...(ruled === undefined ? {} : { ruled }),
  }
}

/** Every cheque a session ever had. */
export async function allCheques(core: Core, sid: string): Promise<readonly KeptCheque[]> {
  const cheques: KeptCheque[] = []
  const prefix = keys.cheques(sid)
  for await (const [, bytes] of core.store.scan({ gte: prefix, lt: after(prefix) })) {
    cheques.push({ bytes, cheque: decodeCheque(bytes) })
  }
  return cheques
}

async function loadCheques(core: Core, live: Live): Promise<void> {
  const cheques = await allCheques(core, live.sid)
  live.cheques = worthKeeping(cheques, totalOf(live.session), live.session.newestCheque)
}

async function loadWaitingAcks(core: Core, live: Live): Promise<void> {
  const prefix = keys.waitingAcks(live.sid)
  for await (const [, bytes] of core.store.scan({ gte: prefix, lt: after(prefix) })) {
    // Its signature was checked before it was stored.
    const ack: Signed<Ack> = peekDocument(core.scope, Ack, bytes)
    live.waitingAcks.set(hex(ack.id), ack)
  }
}

/** Records below a prefix, in key order. */
export async function* scan<T>(core: Pick<Core, 'store'>, prefix: string): AsyncGenerator<T> {
  for await (const [key, value] of core.store.scan({ gte: prefix, lt: after(prefix) }))
    yield decodeRecord<T>(value, key)
}
