import {
  Ack,
  Authorisation,
  decodeExit,
  equalBytes,
  fromHex,
  Grant,
  hex,
  Notice,
  openNamed,
  openDocument,
  peekDocument,
  Receipt,
  TickAck,
  type Scope,
  type Signed,
} from '@orien/protocol'
import { damaged, readEntry } from '../store/entry.ts'
import type { SessionBookParts } from './book-parts.ts'
import { heldCheque } from './cheque-book.ts'
import { decodeDone, keys, range, readMeta, seqOfKey } from './records.ts'
import { baseOf, claim, newSession, reserve, settle, type HeldCheque, type Session } from './session.ts'

/** An admitted call found at start without receipt: it did not survive, and is free. */
export interface LostCall {
  readonly session: Session
  readonly auth: Signed<Authorisation>
}

/**
 * Reads one session back, and holds every entry against what vouches for it: its key, a signature, or the chain of receipts. Undefined when it is
 * paid: nothing can happen to it any more. Throws `storeCorrupt` naming the entry.
 */
export async function loadSession(
  parts: SessionBookParts,
  sid: string,
  grantBytes: Uint8Array,
): Promise<Session | undefined> {
  const { store, channels } = parts
  const metaBytes = await store.get(keys.meta(sid))
  if (metaBytes === undefined) throw damaged(keys.meta(sid))
  const meta = readMeta(keys.meta(sid), metaBytes)
  if (meta.phase === 'paid') return undefined
  const grant = readEntry(keys.session(sid), () => grantOf(parts.scope, grantBytes))
  if (hex(grant.id) !== sid || fromHex(sid) === undefined) throw damaged(keys.session(sid))
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
  await loadPapers(parts, session)
  await loadReceipts(parts, session)
  await loadAcks(parts, session)
  return session
}

/** Admitted calls without receipt. Their caps count until they have one. */
export async function loadOpenCalls({ scope, store }: SessionBookParts, session: Session): Promise<LostCall[]> {
  const lost: LostCall[] = []
  for await (const [key, bytes] of store.scan(range(`open/${session.key}/`))) {
    const auth = readEntry(key, () => openDocument(scope, Authorisation, bytes, session.grant.agent))
    const { callSeq, sessionId, toolId, capMicros } = auth.value
    const fits = callSeq === seqOfKey(key) && callSeq <= session.blockEnd && equalBytes(sessionId, session.id)
    if (!fits || !session.terms.has(toolId)) throw damaged(key)
    reserve(session, callSeq, capMicros)
    lost.push({ session, auth })
  }
  return lost
}

function grantOf(scope: Scope, bytes: Uint8Array): Signed<Grant> {
  return openNamed(scope, Grant, bytes, ({ coordinator }) => coordinator)
}

/** The newest Notice, the Exit that both signed, and the cheques: those that admit calls are verified again. */
async function loadPapers({ scope, store, channels }: SessionBookParts, session: Session): Promise<void> {
  const { key, grant } = session
  const notice = await store.get(keys.notice(key))
  if (notice !== undefined)
    session.notice = readEntry(keys.notice(key), () => openDocument(scope, Notice, notice, grant.coordinator))
  if (session.notice !== undefined && !equalBytes(session.notice.value.sessionId, session.id))
    throw damaged(keys.notice(key))
  const rail = await channels.use(grant.channel.rail, grant.channel.url)
  const held = async (entry: string): Promise<HeldCheque | undefined> => {
    const bytes = await store.get(entry)
    return readEntry(entry, () => {
      const cheque = heldCheque(bytes)
      if (cheque !== undefined && session.phase === 'open')
        rail.verify({ ...session.lane, base: baseOf(session) }, cheque.cheque)
      return cheque
    })
  }
  session.cheque = await held(keys.cheque(key))
  session.nextCheque = await held(keys.nextCheque(key))
  const exit = await store.get(keys.signedExit(key))
  if (exit === undefined) return
  session.signedExit = readEntry(keys.signedExit(key), () => {
    const signed = decodeExit(exit)
    rail.verifyExit(session.lane, signed)
    return signed
  })
}

/**
 * Our own receipts: each names the one before. Signatures are looked at where they still matter: of those that the coordinator does not have,
 * which are still to be sent, and of the last, which the next one builds on.
 */
async function loadReceipts({ scope, store }: SessionBookParts, session: Session): Promise<void> {
  const { provider, agent } = session.grant
  const collectedThrough = session.notice?.value.collectedThrough ?? 0
  let newest: { readonly key: string; readonly receipt: Uint8Array } | undefined
  for await (const [key, bytes] of store.scan(range(`done/${session.key}/`))) {
    const done = decodeDone(key, bytes)
    const receipt = readEntry(key, () => peekDocument(scope, Receipt, done.receipt))
    const auth = readEntry(key, () => peekDocument(scope, Authorisation, done.authorisation))
    const { receiptSeq, callSeq, numerator, lastTick } = receipt.value
    const price = session.terms.get(auth.value.toolId)?.priceMicrosPerMin
    const follows =
      receiptSeq === seqOfKey(key) &&
      receiptSeq === session.head.seq + 1 &&
      equalBytes(receipt.value.prevId, session.head.id)
    const fits =
      equalBytes(receipt.value.authId, auth.id) &&
      equalBytes(receipt.value.outputHash, scope.crypto.sha256(done.output)) &&
      callSeq <= session.blockEnd
    if (!follows || !fits || price === undefined) throw damaged(key)
    session.head = { seq: receiptSeq, id: receipt.id }
    session.durableSeq = receiptSeq
    session.claimed += numerator
    claim(session, { receiptSeq, callSeq, id: receipt.id, numerator, lastTick: lastTick ?? 0, price })
    newest = { key, receipt: done.receipt }
    if (receiptSeq <= collectedThrough) continue
    readEntry(key, () => openDocument(scope, Receipt, done.receipt, provider))
    readEntry(key, () => openDocument(scope, Authorisation, done.authorisation, agent))
    const { tickAck } = done
    if (tickAck !== undefined) readEntry(key, () => openDocument(scope, TickAck, tickAck, agent))
  }
  if (newest === undefined) return
  const { key, receipt } = newest
  readEntry(key, () => openDocument(scope, Receipt, receipt, provider))
}

/** Each Ack names a receipt of ours, and the agent signed the last, whose sum is that of all, and those that are still to be sent. */
async function loadAcks({ scope, store }: SessionBookParts, session: Session): Promise<void> {
  let newest: { readonly key: string; readonly bytes: Uint8Array } | undefined
  for await (const [key, bytes] of store.scan(range(`ack/${session.key}/`))) {
    const { throughSeq, headId, acceptedNumerator } = readEntry(key, () => peekDocument(scope, Ack, bytes)).value
    const receipt = session.unacked.get(throughSeq)
    if (throughSeq !== seqOfKey(key) || receipt === undefined || !equalBytes(receipt.id, headId)) throw damaged(key)
    settle(session, throughSeq, acceptedNumerator)
    newest = { key, bytes }
    if (throughSeq > session.acksSentThrough) readEntry(key, () => openDocument(scope, Ack, bytes, session.grant.agent))
  }
  const { ackedThrough: through, accepted } = session
  session.taken = { through, accepted, onDisk: Promise.resolve(), flushed: true }
  if (newest === undefined) return
  const { key, bytes } = newest
  readEntry(key, () => openDocument(scope, Ack, bytes, session.grant.agent))
}
