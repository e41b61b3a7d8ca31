import type { StoreOp } from '@orien/node/store'
import { hex, micros, Payout, signDocument, type PayoutLeg } from '@orien/protocol'
import { decodeRecord, encodeRecord } from '../codec.ts'
import type { Core } from '../core.ts'
import { after, keys } from '../keys.ts'
import type { Posting } from '../ledger/postings.ts'
import type { UnpaidStatement } from '../settle/closed.ts'
import type { GasLane, PayoutRecord, PayoutStatement } from './record.ts'

/** A Statement that waits, as a candidate for a payout. */
export type Candidate = PayoutStatement & { readonly atMs: number; readonly key: string }

/** Payouts as they are stored: the worker's copy in memory, and every change of it in one durable batch. */
export interface PayoutLedger {
  readonly records: ReadonlyMap<string, PayoutRecord>
  lane(): GasLane
  /** Waiting Statements, oldest first, whose wallet may be paid now. */
  candidates(nowMs: number, limit: number): Promise<readonly Candidate[]>
  /** One decision: a payout's new record, the gas lane after it, and what it moves. */
  save(change: PayoutChange): Promise<void>
  /** A payout that is live or finished. */
  find(payoutId: string): Promise<PayoutRecord | undefined>
}

export interface PayoutChange {
  readonly record: PayoutRecord
  readonly finished: boolean
  readonly lane?: GasLane
  readonly postings: readonly Posting[]
  /** Statements that enter the payout now. */
  readonly taken?: readonly Candidate[]
  /** Legs that one transaction paid: they get a Payout document. */
  readonly paid?: { readonly transaction: string; readonly legs: readonly PayoutLeg[] }
}

export async function openPayoutLedger(core: Core): Promise<PayoutLedger> {
  const records = new Map<string, PayoutRecord>()
  for await (const [key, value] of core.store.scan({ gte: keys.payouts, lt: after(keys.payouts) })) {
    const record = decodeRecord<PayoutRecord>(value, key)
    records.set(hex(record.payoutId), record)
  }
  const stored = await core.store.get(keys.gasLane)
  let lane: GasLane = stored === undefined ? { nextNonce: 0 } : decodeRecord<GasLane>(stored, keys.gasLane)

  return {
    records,
    lane: () => lane,
    async candidates(nowMs, limit) {
      const found: Candidate[] = []
      for await (const [key, value] of core.store.scan({ gte: keys.allUnpaid, lt: after(keys.allUnpaid) })) {
        const { statementId, sessionId, split, payoutWallet, atMs, fromMs } = decodeRecord<UnpaidStatement>(value, key)
        if (fromMs > nowMs || !core.chain.mayReceive(payoutWallet)) continue
        found.push({ statementId, sessionId, split, payoutWallet, atMs, key })
        if (found.length >= limit) break
      }
      return found
    },
    async save(change) {
      const { record, finished, postings } = change
      const id = hex(record.payoutId)
      const ops = [...recordOps(id, change), ...documentOps(core, id, change)]
      if (finished) records.delete(id)
      else records.set(id, record)
      lane = change.lane ?? lane
      await core.book.commit({ nowMs: core.clock.wallMs(), postings, ops })
    },
    async find(payoutId) {
      const live = records.get(payoutId)
      if (live !== undefined) return live
      const value = await core.store.get(keys.finishedPayout(payoutId))
      return value === undefined ? undefined : decodeRecord<PayoutRecord>(value)
    },
  }
}

function recordOps(id: string, { record, finished, lane, taken = [] }: PayoutChange): StoreOp[] {
  const value = encodeRecord(record)
  const ops: StoreOp[] = finished
    ? [
        { type: 'del', key: keys.payout(id) },
        { type: 'put', key: keys.finishedPayout(id), value },
      ]
    : [{ type: 'put', key: keys.payout(id), value }]
  if (lane !== undefined) ops.push({ type: 'put', key: keys.gasLane, value: encodeRecord(lane) })
  for (const { key, statementId } of taken) {
    ops.push({ type: 'del', key }, { type: 'put', key: keys.taken(hex(statementId)), value: record.payoutId })
  }
  return ops
}

function documentOps(core: Core, id: string, { record, paid }: PayoutChange): StoreOp[] {
  if (paid === undefined || paid.legs.length === 0) return []
  const { bytes } = signDocument(core.scope, core.signer, Payout, {
    payoutId: record.payoutId,
    statementIds: record.statements.map(({ statementId }) => statementId),
    legs: paid.legs.map(({ recipient, micros: amount }) => ({ recipient, micros: micros(amount) })),
    transaction: paid.transaction,
  })
  return [{ type: 'put', key: keys.payoutDocument(id, paid.transaction), value: bytes }]
}
