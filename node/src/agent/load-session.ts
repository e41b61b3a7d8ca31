import {
  Ack,
  Authorisation,
  decodeCheque,
  equalBytes,
  Fund,
  Grant,
  hex,
  micros,
  Notice,
  openNamed,
  openDocument,
  peekDocument,
  Quote,
  Receipt,
  type Micros,
  type Scope,
  type Signed,
} from '@orien/protocol'
import type { ChannelRails } from '../rails/channel.ts'
import { damaged, readEntry } from '../store/entry.ts'
import type { Store } from '../store/port.ts'
import type { LogEvent } from './ports.ts'
import { agentKeys, range, readMeta } from './records.ts'
import { laneNow, newAgentSession, type AgentSession } from './session.ts'

export interface SpendBookParts {
  readonly scope: Scope
  readonly store: Store
  readonly channels: ChannelRails
  readonly log: LogEvent
}

/** A session of the book. One that is paid has nothing left to do; only what it cost, in which run, still counts. */
export type LoadedSession =
  | { readonly session: AgentSession }
  | { readonly session: undefined; readonly run: number; readonly costNumerator: bigint }

/**
 * Reads one session back, and holds every entry against what vouches for it: its key, a signature, or the Acks. Throws `storeCorrupt` naming the
 * entry.
 */
export async function loadSession(parts: SpendBookParts, sid: string, grantBytes: Uint8Array): Promise<LoadedSession> {
  const { scope, store } = parts
  const metaBytes = await store.get(agentKeys.meta(sid))
  if (metaBytes === undefined) throw damaged(agentKeys.meta(sid))
  const meta = readMeta(agentKeys.meta(sid), metaBytes)
  const grant = readEntry(agentKeys.session(sid), () => grantOf(scope, grantBytes))
  if (hex(grant.id) !== sid) throw damaged(agentKeys.session(sid))
  const last = await lastAck(parts, sid, grant.value)
  if (meta.phase === 'paid')
    return { session: undefined, run: meta.run ?? 0, costNumerator: last?.value.acceptedNumerator ?? 0n }
  const session = await sessionOf(parts, grant)
  session.chequeSeq = Math.max(session.chequeSeq, meta.chequeSeq)
  session.phase = meta.phase
  session.endReason = meta.endReason
  session.run = meta.run ?? 0
  // Reserved counts as used: an Authorisation of ours may be out there.
  session.blockEnd = meta.blockEnd
  session.lastCallSeq = meta.blockEnd
  session.cosigned = { version: meta.cosigned.version, totalMicros: micros(BigInt(meta.cosigned.totalMicros)) }
  await loadPapers(parts, session)
  await loadReceipts(parts, session, last)
  await checkAcks(parts, session)
  return { session }
}

/** What the session of a Fund may hold. */
export function allowanceOf(scope: Scope, fund: Uint8Array): Micros {
  const { quote } = peekDocument(scope, Fund, fund).value
  return Grant.decode(peekDocument(scope, Quote, quote).value.grant).allowanceMicros
}

function grantOf(scope: Scope, bytes: Uint8Array): Signed<Grant> {
  return openNamed(scope, Grant, bytes, ({ coordinator }) => coordinator)
}

/** With the highest cheque we gave. */
async function sessionOf({ store, channels }: SpendBookParts, grant: Signed<Grant>): Promise<AgentSession> {
  const key = agentKeys.cheque(hex(grant.id))
  const bytes = await store.get(key)
  if (bytes === undefined) throw damaged(key)
  const { ceilingMicros, base, chequeSeq, sessionId } = readEntry(key, () => decodeCheque(bytes))
  if (!equalBytes(sessionId, grant.id)) throw damaged(key)
  const rail = await channels.use(grant.value.channel.rail, grant.value.channel.url)
  const session = newAgentSession(grant, rail.lane(grant.value, grant.id), { ceilingMicros, base, bytes })
  session.chequeSeq = chequeSeq
  return session
}

/** The newest Notice, and the cheque once more: a ceiling that only the disk made up must not be built on. */
async function loadPapers({ scope, store, channels }: SpendBookParts, session: AgentSession): Promise<void> {
  const { key, grant, chequeBytes } = session
  const notice = await store.get(agentKeys.notice(key))
  if (notice !== undefined) {
    const kept = readEntry(agentKeys.notice(key), () => openDocument(scope, Notice, notice, grant.coordinator))
    if (!equalBytes(kept.value.sessionId, session.id)) throw damaged(agentKeys.notice(key))
    session.notice = kept
  }
  if (session.phase !== 'open' || chequeBytes === undefined) return
  const rail = await channels.use(grant.channel.rail, grant.channel.url)
  readEntry(agentKeys.cheque(key), () =>
    rail.verify({ ...laneNow(session), base: session.chequeBase }, decodeCheque(chequeBytes)),
  )
}

/** The last Ack: what all of them came to. We signed it. */
async function lastAck({ scope, store }: SpendBookParts, sid: string, grant: Grant): Promise<Signed<Ack> | undefined> {
  for await (const [key, bytes] of store.scan({ ...range(`ack/${sid}/`), reverse: true, limit: 1 })) {
    const ack = readEntry(key, () => openDocument(scope, Ack, bytes, grant.agent))
    if (key !== agentKeys.ack(sid, ack.value.throughSeq) || hex(ack.value.sessionId) !== sid) throw damaged(key)
    return ack
  }
  return undefined
}

/** Those that an attach sends again. */
async function checkAcks(
  { scope, store }: SpendBookParts,
  { key: sid, grant, ackedThrough }: AgentSession,
): Promise<void> {
  const gte = agentKeys.ack(sid, Math.max(0, ackedThrough - 2 * grant.windowCalls) + 1)
  for await (const [key, bytes] of store.scan({ ...range(`ack/${sid}/`), gte }))
    readEntry(key, () => openDocument(scope, Ack, bytes, grant.agent))
}

/** Every receipt that was countersigned, with its Authorisation: one chain, up to the head that the last Ack names. */
async function loadReceipts(
  { scope, store }: SpendBookParts,
  session: AgentSession,
  last: Signed<Ack> | undefined,
): Promise<void> {
  const sid = session.key
  for await (const [key, bytes] of store.scan(range(`receipt/${sid}/`))) {
    const { id, value } = readEntry(key, () => peekDocument(scope, Receipt, bytes))
    const { seq, id: before } = session.head
    if (value.receiptSeq !== seq + 1 || key !== agentKeys.receipt(sid, seq + 1) || !equalBytes(value.prevId, before))
      throw damaged(key)
    const authKey = agentKeys.auth(sid, value.receiptSeq)
    const auth = await store.get(authKey)
    if (auth === undefined) throw damaged(authKey)
    if (auth.length > 0) readEntry(authKey, () => peekDocument(scope, Authorisation, auth))
    session.answered.add(value.callSeq)
    session.head = { seq: value.receiptSeq, id }
  }
  if (session.head.seq !== (last?.value.throughSeq ?? 0)) throw damaged(`receipt/${sid}`)
  if (last === undefined) return
  if (!equalBytes(last.value.headId, session.head.id)) throw damaged(agentKeys.receipt(sid, session.head.seq))
  session.accepted = last.value.acceptedNumerator
  session.acked = last.value.acceptedNumerator
  session.ackedThrough = last.value.throughSeq
  session.ackBytes = last.bytes
}
