import {
  acceptedOf,
  Ack,
  equalBytes,
  exceptionFor,
  hex,
  numerator,
  openDocument,
  OrienError,
  peekDocument,
  Receipt,
  type Signed,
} from '@orien/protocol'
import type { StoreOp } from '../store/port.ts'
import { decodeDone, keys } from './records.ts'
import type { SessionBookParts } from './book-parts.ts'
import { awaitsAcks, settle, type Session } from './session.ts'

/** What an Ack was: the next one, one we have, or a second, different one over a receipt. */
export type AckVerdict = 'news' | 'known' | 'second'

/**
 * PROTOCOL's checks on an Ack, the same as the coordinator's, and its place in the book. Of two over one receipt both are kept as
 * evidence and the higher acceptance counts. An Ack counts once it is on disk, and rides there with the next flush: `acksOnDisk` asks for one. Throws `badSignature`, `badDocument`, `outOfOrder` with `expected`, `badReceipt`.
 */
export async function takeAck(parts: SessionBookParts, session: Session, bytes: Uint8Array): Promise<AckVerdict> {
  const ack = openDocument(parts.scope, Ack, bytes, session.grant.agent)
  const { value } = ack
  if (!equalBytes(value.sessionId, session.id))
    throw new OrienError('badDocument', { message: 'the ack is for another session' })
  if (value.fromSeq <= session.taken.through) return takeSecond(parts, session, ack)
  if (value.fromSeq !== session.taken.through + 1 || value.throughSeq > session.durableSeq) {
    throw new OrienError('outOfOrder', {
      message: 'the ack does not follow',
      details: { expected: session.taken.through + 1 },
    })
  }
  checkAck(session, value)
  const { throughSeq, acceptedNumerator } = value
  const onDisk = parts.store
    .commit([{ type: 'put', key: keys.ack(session.key, throughSeq), value: bytes }, ...logDeletions(session, value)], {
      durable: 'later',
    })
    .then(() => settle(session, throughSeq, acceptedNumerator))
  session.taken = { through: throughSeq, accepted: acceptedNumerator, onDisk, flushed: false }
  onDisk.catch(() => undefined)
  // A window without room waits for this Ack: its next call must not wait longer than it has to.
  if (session.openCaps.size + session.unacked.size >= session.grant.windowCalls) askFlush(parts, session)
  return 'news'
}

/** Resolves when every Ack that was taken is on disk and counts. Throws as the store does. */
export async function acksOnDisk(parts: SessionBookParts, session: Session): Promise<void> {
  if (!awaitsAcks(session)) return
  askFlush(parts, session)
  await session.taken.onDisk
}

/** What comes of it is told by the Ack's own promise. */
function askFlush({ store }: SessionBookParts, { taken }: Session): void {
  if (taken.flushed) return
  taken.flushed = true
  store.commit([]).catch(() => undefined)
}

/** The Ack's sum must be what its exceptions leave of our own receipts. */
function checkAck(session: Session, ack: Ack): void {
  let { accepted } = session.taken
  for (let seq = ack.fromSeq; seq <= ack.throughSeq; seq++) {
    const receipt = session.unacked.get(seq)
    if (receipt === undefined)
      throw new OrienError('outOfOrder', { message: 'the ack covers a receipt that is not open' })
    const exception = exceptionFor(ack, seq)
    if (exception?.code === 'unknown') throw badAck('the ack does not know a call that the agent signed')
    if (exception !== undefined && exception.acceptedMs < receipt.lastTick)
      throw badAck('the ack accepts less than the agent had acknowledged by its ticks')
    accepted += acceptedOf(receipt, exception, receipt.price)
  }
  const head = session.unacked.get(ack.throughSeq)
  if (head === undefined || !equalBytes(head.id, ack.headId)) throw badAck('the ack names another receipt')
  if (accepted !== ack.acceptedNumerator) throw badAck('the sum of the ack is wrong')
}

/** An Ack over receipts that have one: the same again is fine, another one is evidence, and counts where it accepts more. */
async function takeSecond(parts: SessionBookParts, session: Session, ack: Signed<Ack>): Promise<AckVerdict> {
  const { throughSeq, headId, acceptedNumerator } = ack.value
  await acksOnDisk(parts, session)
  const first = await parts.store.get(keys.ack(session.key, throughSeq))
  if (first !== undefined && equalBytes(peekDocument(parts.scope, Ack, first).id, ack.id)) return 'known'
  if (!equalBytes(await receiptIdAt(parts, session, throughSeq), headId)) throw badAck('the ack names another receipt')
  const ops: StoreOp[] = [{ type: 'put', key: keys.evidence(session.key, `ack/${hex(ack.id)}`), value: ack.bytes }]
  if (first !== undefined) {
    const firstId = hex(peekDocument(parts.scope, Ack, first).id)
    ops.push({ type: 'put', key: keys.evidence(session.key, `ack/${firstId}`), value: first })
  }
  const raised = throughSeq === session.ackedThrough && acceptedNumerator > session.accepted
  const counts = raised && acceptedNumerator <= session.claimed
  if (counts) ops.push({ type: 'put', key: keys.ack(session.key, throughSeq), value: ack.bytes })
  await parts.store.commit(ops)
  // Another Ack may have followed meanwhile: then the sum is its.
  if (counts && throughSeq === session.ackedThrough && acceptedNumerator > session.accepted) {
    session.accepted = numerator(acceptedNumerator)
    if (throughSeq === session.taken.through) session.taken = { ...session.taken, accepted: session.accepted }
  }
  return 'second'
}

async function receiptIdAt(parts: SessionBookParts, session: Session, seq: number): Promise<Uint8Array> {
  const key = keys.done(session.key, seq)
  const done = await parts.store.get(key)
  if (done === undefined) throw badAck('the ack covers a receipt that is not there')
  return peekDocument(parts.scope, Receipt, decodeDone(key, done).receipt).id
}

/** What a countersigned call printed is not needed again. */
function logDeletions(session: Session, ack: Ack): StoreOp[] {
  const ops: StoreOp[] = []
  for (let seq = ack.fromSeq; seq <= ack.throughSeq; seq++) ops.push({ type: 'del', key: keys.log(session.key, seq) })
  return ops
}

function badAck(message: string): OrienError {
  return new OrienError('badReceipt', { message })
}
