import type { StoreOp } from '@orien/node/store'
import {
  acceptedOf,
  equalBytes,
  exceptionFor,
  hex,
  numerator,
  numeratorOf,
  least,
  type Ack,
  type AckException,
  type Numerator,
  type Signed,
} from '@orien/protocol'
import { decodeRecord, encodeRecord } from '../codec.ts'
import { refused } from '../core.ts'
import { after, keys } from '../keys.ts'
import { COORDINATOR_LIMITS } from '../limits.ts'
import type { Brief } from '../sessions/live.ts'
import { scan, type StoredAck, type StoredReceipt, type StoredRuling } from '../sessions/load.ts'
import { happen, keepEvidence, settle, type Draft } from './draft.ts'
import { settlementOf, type ReceiptRow } from './settlements.ts'

/**
 * PROTOCOL's checks on one Ack whose envelope is good, and its posting. One ahead of its receipts waits; one that is known is fine; a
 * second, different one over the same receipts freezes the session, and the higher acceptance stands. Throws `badDocument`, `tooLarge`.
 */
export async function takeAck(draft: Draft, ack: Signed<Ack>): Promise<void> {
  const { session } = draft
  const { fromSeq, throughSeq, sessionId } = ack.value
  if (!equalBytes(sessionId, session.sessionId)) throw refused('badDocument', 'the Ack is of another session')
  if (isClosing(draft)) return
  if (fromSeq > session.ackedThrough + 1 || throughSeq > session.collectedThrough) wait(draft, ack)
  else if (fromSeq <= session.ackedThrough) await takeSecondAck(draft, ack)
  else post(draft, ack)
}

/** Acks that waited and whose receipts are here now. One that turns out bad is dropped: its sender is not here to be told. */
export async function takeWaitingAcks(draft: Draft): Promise<void> {
  for (;;) {
    const { session, live } = draft
    const ready = [...live.waitingAcks.values()].find(
      ({ value }) => value.fromSeq <= session.ackedThrough + 1 && value.throughSeq <= session.collectedThrough,
    )
    if (ready === undefined) return
    live.waitingAcks.delete(hex(ready.id))
    draft.ops.push({ type: 'del', key: keys.waitingAck(live.sid, hex(ready.id)) })
    try {
      await takeAck(draft, ready)
    } catch (error) {
      keepEvidence(draft, ready.id, ready.bytes)
      draft.core.log('sessionAckDropped', {
        session: live.sid,
        why: error instanceof Error ? error.message : 'unknown',
      })
    }
  }
}

/** From CLOSING on, what is settled stays: a later Ack is evidence only. */
function isClosing({ session: { state } }: Draft): boolean {
  return state === 'CLOSING' || state === 'CLOSED' || state === 'PAID'
}

function wait(draft: Draft, ack: Signed<Ack>): void {
  const { live } = draft
  const id = hex(ack.id)
  if (live.waitingAcks.has(id)) return
  if (live.waitingAcks.size >= COORDINATOR_LIMITS.maxWaitingAcks)
    throw refused('tooLarge', 'too many Acks wait for their receipts')
  live.waitingAcks.set(id, ack)
  draft.ops.push({ type: 'put', key: keys.waitingAck(live.sid, id), value: ack.bytes })
}

function post(draft: Draft, ack: Signed<Ack>): void {
  const { core, live, session } = draft
  const { throughSeq, headId, acceptedNumerator } = ack.value
  // A second Ack may go on where the first one ended.
  const fromSeq = Math.max(ack.value.fromSeq, session.ackedThrough + 1)
  const exceptions = ack.value.exceptions.filter(({ receiptSeq }) => receiptSeq >= fromSeq)
  if (!equalBytes(briefAt(draft, throughSeq).id, headId)) throw refused('badDocument', 'the Ack names another head')
  const excepted = new Map(exceptions.map((one) => [one.receiptSeq, one]))
  let accepted = 0n
  let settled = 0n
  const rows: ReceiptRow[] = []
  for (let seq = fromSeq; seq <= throughSeq; seq++) {
    const brief = briefAt(draft, seq)
    const exception = excepted.get(seq)
    const amount = acceptedBy(brief, exception)
    accepted += amount
    const settlement = settlementOf(brief, { type: 'ack', accepted: amount, excepted: exception !== undefined })
    settled += settlement.adds
    rows.push(settlement.row)
  }
  const ackedNumerator = numerator(session.ackedNumerator + accepted)
  if (ackedNumerator !== acceptedNumerator && session.twoAcks === undefined)
    throw refused('badDocument', 'the Ack does not add up')
  for (let seq = fromSeq; seq <= throughSeq; seq++) live.unacked.delete(seq)
  const stored: StoredAck = {
    id: ack.id,
    fromSeq,
    throughSeq,
    exceptions: exceptions.map(({ receiptSeq, acceptedMs }) => [receiptSeq, acceptedMs]),
    ack: ack.bytes,
  }
  draft.ops.push({ type: 'put', key: keys.ack(live.sid, fromSeq), value: encodeRecord(stored) })
  draft.session = { ...session, ackedThrough: throughSeq, ackedNumerator }
  core.metrics.took(rows)
  settle(draft, numerator(settled), rows.filter(({ settles }) => settles).length)
  if (exceptions.length > 0) disputed(draft, 'exception')
}

function disputed(draft: Draft, why: string): void {
  const { session } = draft
  if (session.disputed === undefined) {
    draft.ops.push(...draft.standings.disputed([session.agent, session.provider]))
    draft.core.metrics.add('disputes_total')
    draft.session = { ...session, disputed: true }
  }
  happen(draft, { type: 'frozen', nowMs: draft.nowMs, why })
}

function briefAt({ live }: Draft, seq: number): Brief {
  const brief = live.unacked.get(seq)
  if (brief === undefined)
    throw refused('badDocument', 'the Ack covers a receipt that is not here', { details: { receiptSeq: seq } })
  return brief
}

/** What an Ack accepts of a receipt. Throws `badDocument` for an exception it may not make. */
function acceptedBy(brief: Brief, exception: AckException | undefined): Numerator {
  if (exception !== undefined) {
    const below = exception.acceptedMs < (brief.lastTick ?? 0)
    if (below && brief.authorised) throw refused('badDocument', 'the Ack accepts less than the agent saw running')
    if (exception.code === 'unknown' && brief.authorised)
      throw refused('badDocument', 'the agent signed that authorisation')
  }
  return acceptedOf(brief, exception, brief.priceMicrosPerMin)
}

/** An Ack over receipts that have one. The same again is fine; one that goes further counts for the rest as well. */
async function takeSecondAck(draft: Draft, ack: Signed<Ack>): Promise<void> {
  const { core, live, session } = draft
  const { fromSeq, throughSeq } = ack.value
  const record = await recordNow(draft, keys.ack(live.sid, fromSeq))
  if (record !== undefined && equalBytes(decodeRecord<StoredAck>(record).id, ack.id)) return
  // Each costs a walk through the receipts, and the agent can sign any number; what the provider brings is always looked at.
  if (draft.from === session.agent && session.evidence >= COORDINATOR_LIMITS.maxEvidence)
    throw refused('tooLarge', 'too many Acks over receipts that have one')
  const through = Math.min(throughSeq, session.ackedThrough)
  const rulings: StoredRuling[] = []
  const rows: ReceiptRow[] = []
  let raised = 0n
  for (const { receipt, settled, ruled } of await settledRange(draft, fromSeq, through)) {
    const { receiptSeq, id } = receipt
    if (receiptSeq === throughSeq && !equalBytes(id, ack.value.headId))
      throw refused('badDocument', 'the Ack names another head')
    const brief = briefOfStored(receipt)
    const accepted = acceptedBy(brief, exceptionFor(ack.value, receiptSeq))
    const byOthers = ruled === 'uncontested' || ruled === 'twoReceipts'
    const { row, adds } = settlementOf(brief, { type: 'secondAck', accepted, settled, byOthers })
    rows.push(row)
    if (adds === 0n) continue
    raised += adds
    rulings.push({ receiptSeq, numerator: accepted, why: 'higherAck' })
  }
  core.metrics.took(rows)
  // Only now that nothing of it is refused: a ruling without its sum would make the Statement a lie.
  for (const ruling of rulings)
    draft.ops.push({ type: 'put', key: keys.ruling(live.sid, ruling.receiptSeq), value: encodeRecord(ruling) })
  keepEvidence(draft, ack.id, ack.bytes)
  settle(draft, numerator(raised), 0)
  draft.session = { ...draft.session, twoAcks: true }
  disputed(draft, 'secondAck')
  if (throughSeq > session.ackedThrough) post(draft, ack)
}

function briefOfStored(receipt: StoredReceipt): Brief {
  const { id, receiptSeq, priceMicrosPerMin, numerator: claim, lastTick, firstSeenMs, authorised } = receipt
  const tick = lastTick === undefined ? {} : { lastTick }
  return { id, receiptSeq, priceMicrosPerMin, numerator: claim, firstSeenMs, authorised, ...tick }
}

/** A receipt with what it is settled at. */
export interface SettledNow {
  readonly receipt: StoredReceipt
  readonly settled: Numerator
  readonly ruled?: StoredRuling['why']
}

/** Receipts fromSeq … throughSeq as they are settled by what is stored, in order. */
async function settledRange(
  { core, live, ops }: Draft,
  fromSeq: number,
  throughSeq: number,
): Promise<readonly SettledNow[]> {
  const all: SettledNow[] = []
  for await (const one of settledReceipts(core, live.sid, ops)) {
    if (one.receipt.receiptSeq >= fromSeq && one.receipt.receiptSeq <= throughSeq) all.push(one)
  }
  return all
}

/**
 * Every receipt of a session with what it settled at: by a ruling, else by its Ack. One that has neither counts as 0. `ops` are those of a decision
 * in the making: what it decided before counts as much as what is stored.
 */
export async function* settledReceipts(
  core: Draft['core'],
  sid: string,
  ops: readonly StoreOp[] = [],
): AsyncGenerator<SettledNow> {
  const rulings = new Map<number, StoredRuling>()
  for await (const ruling of recordsWith<StoredRuling>(core, keys.rulings(sid), ops))
    rulings.set(ruling.receiptSeq, ruling)
  const exceptions = new Map<number, number>()
  let acked = 0
  for await (const ack of recordsWith<StoredAck>(core, keys.acks(sid), ops)) {
    acked = ack.throughSeq
    for (const [seq, acceptedMs] of ack.exceptions) exceptions.set(seq, acceptedMs)
  }
  for await (const receipt of recordsWith<StoredReceipt>(core, keys.receipts(sid), ops)) {
    const ruling = rulings.get(receipt.receiptSeq)
    const acceptedMs = exceptions.get(receipt.receiptSeq)
    const byAck =
      acceptedMs === undefined
        ? receipt.numerator
        : least(receipt.numerator, numeratorOf(receipt.priceMicrosPerMin, acceptedMs))
    const settled = ruling?.numerator ?? (receipt.receiptSeq <= acked ? byAck : numerator(0n))
    yield { receipt, settled, ...(ruling === undefined ? {} : { ruled: ruling.why }) }
  }
}

/** Records below a prefix as they stand once `ops` are written, in key order. */
async function* recordsWith<T>(core: Draft['core'], prefix: string, ops: readonly StoreOp[]): AsyncGenerator<T> {
  const changes = ops.filter(({ key }) => key.startsWith(prefix))
  if (changes.length === 0) {
    yield* scan<T>(core, prefix)
    return
  }
  const values = new Map<string, Uint8Array>()
  for await (const [key, value] of core.store.scan({ gte: prefix, lt: after(prefix) })) values.set(key, value)
  for (const op of changes) {
    if (op.type === 'put') values.set(op.key, op.value)
    else values.delete(op.key)
  }
  for (const [key, value] of [...values].toSorted(([a], [b]) => (a < b ? -1 : 1))) yield decodeRecord<T>(value, key)
}

/** One record as it stands once the draft is written. */
function recordNow({ core, ops }: Draft, key: string): Promise<Uint8Array | undefined> {
  const op = ops.findLast((one) => one.key === key)
  if (op === undefined) return core.store.get(key)
  return Promise.resolve(op.type === 'put' ? op.value : undefined)
}
