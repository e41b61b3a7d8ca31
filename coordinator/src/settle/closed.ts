import type { StoreOp } from '@orien/node/store'
import type { Reading } from '@orien/node/rails'
import {
  equalBytes,
  hex,
  least,
  LIMITS,
  micros,
  settledRoot,
  signDocument,
  splitTotal,
  Statement,
  utf8,
  utf8Text,
  type Address,
  type SettledReceipt,
} from '@orien/protocol'
import { settledReceipts } from '../collect/acks.ts'
import type { Core } from '../core.ts'
import { decodeRecord, encodeRecord } from '../codec.ts'
import { after, keys } from '../keys.ts'
import { COORDINATOR_LIMITS } from '../limits.ts'
import type { ClosedFacts } from '../sessions/events.ts'
import type { Live } from '../sessions/live.ts'
import type { Registry } from '../sessions/registry.ts'
import type { Outcome } from '../sessions/runner.ts'
import { isWithheld, totalOf } from '../sessions/session.ts'

/** A Statement waiting for a payout. */
export interface UnpaidStatement {
  readonly statementId: Uint8Array
  readonly sessionId: Uint8Array
  readonly atMs: number
  /** Not before this, when its payout wallet is new. */
  readonly fromMs: number
  readonly split: Statement['split']
  readonly payoutWallet: Address
}

export interface Closing {
  readonly core: Core
  readonly registry: Registry
}

/**
 * The channel is closed, or given up: the Statement, what it makes payable and what it owes back, in one decision. `reading` is what the
 * node says; open means nothing was received.
 */
export async function performClosed({ core, registry }: Closing, live: Live, reading: Reading): Promise<Outcome> {
  const { state, settlement } = live.session
  const type = reading.status !== 'closed' ? 'neverClosed' : state === 'CLOSED' ? 'lateClosed' : 'closed'
  const statementSeq = (settlement?.statementSeq ?? 0) + 1
  const { settledNumerator } = live.session
  const statement = await statementOf(core, live, reading, statementSeq)
  const { totalMicros, receivedMicros, split } = statement.value
  const inChannelMicros = reading.status === 'closed' ? reading.allocations.providerMicros : micros(0n)
  const facts: ClosedFacts = {
    version: reading.version,
    settledNumerator,
    totalMicros,
    receivedMicros,
    inChannelMicros,
    split,
    statementSeq,
    statementId: statement.id,
  }
  const nowMs = core.clock.wallMs()
  const ops: StoreOp[] = [{ type: 'put', key: keys.statement(live.sid, statementSeq), value: statement.bytes }]
  if (least(totalMicros, receivedMicros) > 0n) ops.push(unpaidOp(live, statement.id, split, nowMs))
  const taken = await registry.feed(live, { type, nowMs, ...facts }, ops)
  if (taken) count(core, live, facts)
  return 'done'
}

/** What lets the Statements of a session be paid that were withheld when it closed. */
export async function releaseOps(core: Core, live: Live): Promise<StoreOp[]> {
  const ops: StoreOp[] = []
  for await (const [key, value] of core.store.scan({ gte: keys.allUnpaid, lt: after(keys.allUnpaid) })) {
    const unpaid = decodeRecord<UnpaidStatement>(value, key)
    if (!equalBytes(unpaid.sessionId, live.session.sessionId)) continue
    ops.push({ type: 'put', key, value: encodeRecord({ ...unpaid, fromMs: live.session.payoutFromMs }) })
  }
  return ops
}

async function statementOf(core: Core, live: Live, reading: Reading, statementSeq: number) {
  const settled: SettledReceipt[] = []
  for await (const one of settledReceipts(core, live.sid))
    settled.push({ receiptId: one.receipt.id, settledNumerator: one.settled })
  const totalMicros = totalOf(live.session)
  const receivedMicros = reading.status === 'closed' ? reading.allocations.coordinatorMicros : micros(0n)
  return signDocument(core.scope, core.signer, Statement, {
    sessionId: live.session.sessionId,
    statementSeq,
    root: settledRoot(core.crypto, settled),
    receipts: settled.length,
    totalMicros,
    receivedMicros,
    split: splitTotal(least(totalMicros, receivedMicros), live.grant.splitBps),
    closeEvidence: clip(reading.evidence),
  })
}

function unpaidOp(live: Live, statementId: Uint8Array, split: Statement['split'], nowMs: number): StoreOp {
  const unpaid: UnpaidStatement = {
    statementId,
    sessionId: live.session.sessionId,
    atMs: nowMs,
    fromMs: isWithheld(live.session) ? LIMITS.maxTimeMs : live.session.payoutFromMs,
    split,
    payoutWallet: live.grant.payoutWallet,
  }
  return { type: 'put', key: keys.unpaid(nowMs, hex(statementId)), value: encodeRecord(unpaid) }
}

function count(core: Core, live: Live, { totalMicros, receivedMicros }: ClosedFacts): void {
  core.metrics.add('sessions_closed_total')
  if (totalMicros > receivedMicros) core.metrics.add('shortfall_micros_total', totalMicros - receivedMicros)
  core.log('sessionClosed', {
    session: live.sid,
    totalMicros: totalMicros.toString(),
    receivedMicros: receivedMicros.toString(),
  })
}

/** The rail's words, cut to what a Statement holds, never inside a character. */
function clip(text: string): string {
  const bytes = utf8(text)
  if (bytes.length <= COORDINATOR_LIMITS.maxEvidenceText) return text
  let end: number = COORDINATOR_LIMITS.maxEvidenceText
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return utf8Text(bytes.subarray(0, end))
}
