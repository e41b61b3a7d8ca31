import {
  End,
  equalBytes,
  Final,
  isOrienError,
  openDocument,
  openRead,
  OrienError,
  type Ack,
  type PeerText,
  type Signed,
} from '@orien/protocol'
import { decodeRecord } from '../codec.ts'
import { refused, type Core } from '../core.ts'
import { keys } from '../keys.ts'
import { COORDINATOR_LIMITS } from '../limits.ts'
import type { Live } from '../sessions/live.ts'
import type { StoredReceipt } from '../sessions/load.ts'
import type { Registry } from '../sessions/registry.ts'
import { collects, moneyOf, type Session } from '../sessions/session.ts'
import type { Standings } from '../standing/standing.ts'
import { takeAck, takeWaitingAcks } from './acks.ts'
import { takeCheque } from './cheques.ts'
import { beginDraft, finishDraft, happen, keepEvidence, type Draft } from './draft.ts'
import { readBatch, readOrThrow, vouchedFor, type Papers, type ReadBatch } from './reading.ts'
import { takeReceipt, type Earlier, type OpenedReceipt } from './receipts.ts'

/** The documents of one request on the receipts stream. */
export interface Batch extends Papers {
  readonly cheques: readonly Uint8Array[]
  readonly final?: Uint8Array | undefined
  readonly ends: readonly Uint8Array[]
}

/** What collecting needs. */
export interface Collecting {
  readonly core: Core
  readonly registry: Registry
  readonly standings: Standings
}

/**
 * Takes a batch in one durable decision: cheques, receipts with Acks, Final, Ends, in that order. Receipts and Acks are taken up to the first
 * that is refused; what one of the agent's papers lacks never holds back the provider's others. The first refusal is returned. Rejects only when
 * the book cannot be written.
 */
export function takeBatch(
  collecting: Collecting,
  live: Live,
  from: PeerText,
  batch: Batch,
): Promise<OrienError | undefined> {
  const { core, registry, standings } = collecting
  // Begun now, waited for in turn: signatures are verified while the batches before this one are decided and flushed.
  const reading = isWorthReading(live, from, batch) ? readBatch(core, live.session, batch) : Promise.resolve(NOTHING)
  // Whoever waits for it in turn has the error.
  reading.catch(() => undefined)
  return registry.inTurn(live, async () => {
    const read = await reading
    const draft = beginDraft(core, standings, live, from)
    const why = await firstRefusal(draft, live, () => takeAll(draft, batch, read))
    const decision = finishDraft(draft)
    if (decision !== undefined) await registry.commit(live, decision)
    core.metrics.add('batches_total')
    if (why !== undefined) core.metrics.add('refused_documents_total')
    return why
  })
}

async function firstRefusal(draft: Draft, live: Live, take: () => Promise<void>): Promise<OrienError | undefined> {
  try {
    await take()
    return undefined
  } catch (error) {
    const { code, message, details } = isOrienError(error)
      ? error
      : new OrienError('internal', { message: 'the batch could not be taken' })
    if (code === 'internal')
      draft.core.log('collectFailed', { session: live.sid, error: error instanceof Error ? error.message : 'unknown' })
    return new OrienError(code, { message, details, money: moneyOf(draft.session, live.grant), cause: error })
  }
}

const NOTHING: ReadBatch = { receipts: [], acks: [] }

/** False for a batch that is refused as a whole, before anything of it is looked at. */
function isWorthReading({ session }: Live, from: PeerText, batch: Batch): boolean {
  return isParty(session, from) && fits(batch)
}

function isParty({ agent, provider }: Session, from: PeerText): boolean {
  return from === agent || from === provider
}

async function takeAll(draft: Draft, batch: Batch, read: ReadBatch): Promise<void> {
  const { session } = draft
  if (!fits(batch)) throw refused('tooLarge', 'the batch holds too many documents')
  if (session.state === 'FUNDING') throw refused('sessionPending', 'the session is not open yet')
  if (!isParty(session, draft.from)) throw refused('unknownSession', 'no such session of this peer')
  const { final } = batch
  const parts: (() => void | Promise<void>)[] = [
    ...batch.cheques.map((cheque) => () => takeCheque(draft, cheque)),
    () => takeReceiptsAndAcks(draft, read),
    ...(final === undefined ? [] : [() => takeFinal(draft, final)]),
    ...batch.ends.map((end) => () => takeEnd(draft, end)),
  ]
  let first: OrienError | undefined
  for (const part of parts) {
    try {
      await part()
    } catch (error) {
      if (!isOrienError(error)) throw error
      first ??= error
    }
  }
  if (first !== undefined) throw first
}

function fits({ cheques, receipts, acks, ends }: Batch): boolean {
  const { maxBatchCheques, maxBatchReceipts, maxBatchAcks, maxBatchEnds } = COORDINATOR_LIMITS
  return (
    cheques.length <= maxBatchCheques &&
    receipts.length <= maxBatchReceipts &&
    acks.length <= maxBatchAcks &&
    ends.length <= maxBatchEnds
  )
}

async function takeReceiptsAndAcks(draft: Draft, read: ReadBatch): Promise<void> {
  const { core, live, session } = draft
  const acks = openWhile(read.acks, (ack) => openRead(core.scope, readOrThrow(ack), session.agent))
  const receipts = openWhile(read.receipts, ({ receipt, ...along }): OpenedReceipt => {
    return { ...along, receipt: openRead(core.scope, readOrThrow(receipt), session.provider) }
  })
  const earlier = await earlierOf(draft, receipts.opened)
  const vouched = vouchedFor(
    receipts.opened.map(({ receipt }) => receipt),
    [...acks.opened, ...live.waitingAcks.values()],
  )
  const before = draft.session.collectedThrough
  for (const one of receipts.opened) takeReceipt(draft, one, vouched, earlier)
  core.metrics.add('receipts_total', draft.session.collectedThrough - before)
  if (receipts.failure !== undefined) throw receipts.failure
  await takeWaitingAcks(draft)
  for (const ack of acks.opened) await takeNextAck(draft, ack)
  if (acks.failure !== undefined) throw acks.failure
}

async function takeNextAck(draft: Draft, ack: Signed<Ack>): Promise<void> {
  await takeAck(draft, ack)
  draft.core.metrics.add('acks_total')
  if (draft.live.waitingAcks.size > 0) await takeWaitingAcks(draft)
}

/** Opens documents until one refuses. */
function openWhile<T, U>(
  all: readonly T[],
  open: (one: T) => U,
): { readonly opened: readonly U[]; readonly failure?: OrienError } {
  const opened: U[] = []
  for (const one of all) {
    try {
      opened.push(open(one))
    } catch (error) {
      if (!isOrienError(error)) throw error
      return { opened, failure: error }
    }
  }
  return { opened }
}

/** What is stored under the receiptSeqs that were collected before: all looked up at once. */
async function earlierOf({ core, live, session }: Draft, opened: readonly OpenedReceipt[]): Promise<Earlier> {
  const known = opened.map(({ receipt }) => receipt.value.receiptSeq).filter((seq) => seq <= session.collectedThrough)
  const records = await Promise.all(known.map((seq) => core.store.get(keys.receipt(live.sid, seq))))
  const earlier = new Map<number, StoredReceipt>()
  known.forEach((seq, at) => {
    const record = records[at]
    if (record !== undefined) earlier.set(seq, decodeRecord<StoredReceipt>(record))
  })
  return earlier
}

function takeFinal(draft: Draft, bytes: Uint8Array): void {
  const { core, session, live } = draft
  const { value: final } = openDocument(core.scope, Final, bytes, session.provider)
  if (!equalBytes(final.sessionId, session.sessionId)) throw refused('badDocument', 'the Final is of another session')
  if (session.final || !collects(session.state)) return
  if (final.lastSeq > session.collectedThrough) {
    throw refused('outOfOrder', 'receipts are missing before the Final', {
      details: { expected: session.collectedThrough + 1 },
    })
  }
  const fits =
    final.lastSeq === session.collectedThrough &&
    equalBytes(final.headId, session.headId) &&
    final.claimedNumerator === session.claimedNumerator
  if (!fits) throw refused('badDocument', 'the Final is not of the receipts that were collected')
  draft.ops.push({ type: 'put', key: keys.evidence(live.sid, 'final'), value: bytes })
  happen(draft, { type: 'final', nowMs: draft.nowMs })
}

/** An End is signed by one of the parties; the sender's own is the likely one. */
function takeEnd(draft: Draft, bytes: Uint8Array): void {
  const { core, session } = draft
  const other = draft.from === session.agent ? session.provider : session.agent
  const { value: end, id } = openEnd(core, bytes, draft.from, other)
  if (!equalBytes(end.sessionId, session.sessionId)) throw refused('badDocument', 'the End is of another session')
  if (session.state !== 'OPEN' && session.state !== 'FROZEN') return
  keepEvidence(draft, id, bytes)
  happen(draft, { type: 'ended', nowMs: draft.nowMs, reason: end.reason })
}

function openEnd(core: Core, bytes: Uint8Array, likely: PeerText, other: PeerText): Signed<End> {
  try {
    return openDocument(core.scope, End, bytes, likely)
  } catch (error) {
    if (!isOrienError(error, 'badSignature')) throw error
    return openDocument(core.scope, End, bytes, other)
  }
}
