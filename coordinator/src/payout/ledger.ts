import type { StoreOp } from '@orien/node/store'
import { hex, least, micros, Payout, signDocument, type Address } from '@orien/protocol'
import { decodeRecord, encodeRecord } from '../codec.ts'
import type { Core } from '../core.ts'
import { after, keys } from '../keys.ts'
import { accounts } from '../ledger/accounts.ts'
import type { Posting } from '../ledger/postings.ts'
import type { UnpaidStatement } from '../settle/closed.ts'
import type { GasLane, PayoutRecord, PayoutStatement } from './record.ts'

/** A Statement that waits, as a candidate for a payout. */
export type Candidate = PayoutStatement & { readonly atMs: number; readonly key: string }

/** Payouts as they are stored: the worker's copy in memory, and every change of it in one durable batch. */
export interface PayoutLedger {
  readonly records: ReadonlyMap<string, PayoutRecord>
  lane(): GasLane
  /** False for a book that never used the gas key, nor looked at it. */
  readonly laneKnown: boolean
  /** Where the gas key stood when the book was begun. */
  beginLane(lane: GasLane): void
  /** The gas key's next nonce, by itself. */
  saveLane(lane: GasLane): Promise<void>
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
  /** A transaction that paid legs: all of them, whenever each was proved, are in its Payout document. */
  readonly paidBy?: string
}

export async function openPayoutLedger(core: Core): Promise<PayoutLedger> {
  const records = new Map<string, PayoutRecord>()
  for await (const [key, value] of core.store.scan({ gte: keys.payouts, lt: after(keys.payouts) })) {
    const record = decodeRecord<PayoutRecord>(value, key)
    records.set(hex(record.payoutId), record)
  }
  const stored = await core.store.get(keys.gasLane)
  let lane: GasLane = stored === undefined ? { nextNonce: 0 } : decodeRecord<GasLane>(stored, keys.gasLane)
  let known = stored !== undefined

  return {
    records,
    lane: () => lane,
    get laneKnown() {
      return known
    },
    beginLane(next) {
      lane = next
      known = true
      core.book.attach({ type: 'put', key: keys.gasLane, value: encodeRecord(next) })
    },
    async saveLane(next) {
      lane = widened(lane, next)
      known = true
      const ops: StoreOp[] = [{ type: 'put', key: keys.gasLane, value: encodeRecord(lane) }]
      await core.book.commit({ nowMs: core.clock.wallMs(), postings: [], ops })
    },
    async candidates(nowMs, limit) {
      const found: Candidate[] = []
      const taken = new Set<Address>()
      for await (const [key, value] of core.store.scan({ gte: keys.allUnpaid, lt: after(keys.allUnpaid) })) {
        const { statementId, sessionId, split, payoutWallet, atMs, fromMs } = decodeRecord<UnpaidStatement>(value, key)
        if (fromMs > nowMs || !core.chain.mayReceive(payoutWallet)) continue
        const isWorth = taken.has(payoutWallet) || !isDust(core, payoutWallet, nowMs - atMs)
        if (!isWorth) continue
        taken.add(payoutWallet)
        found.push({ statementId, sessionId, split, payoutWallet, atMs, key })
        if (found.length >= limit) break
      }
      return found
    },
    async save(change) {
      const { record, finished, postings } = change
      const id = hex(record.payoutId)
      const next = change.lane === undefined ? undefined : widened(lane, change.lane)
      const ops = [...recordOps(id, { ...change, lane: next }), ...documentOps(core, id, change)]
      if (finished) records.delete(id)
      else records.set(id, record)
      lane = next ?? lane
      known ||= next !== undefined
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

/** A lane that remembers every account nonce signed for, whatever became of its transaction. */
function widened({ signedThrough = -1 }: GasLane, next: GasLane): GasLane {
  const signed = next.flight?.transactions.map(({ accountNonce }) => accountNonce) ?? []
  return { ...next, signedThrough: Math.max(signedThrough, ...signed) }
}

/** Who wants payouts of small amounts wants small ones counted: dust is at most this part of the threshold. */
const DUST_SHARE = 10n

/** So little waits for a wallet that a leg is not worth its gas yet; what is old enough goes all the same. */
function isDust({ book, config }: Core, wallet: Address, ageMs: number): boolean {
  const { dustMicros, dustMaxAgeMs, thresholdMicros } = config.payout
  const waiting = 0n - book.balance(accounts.payable(wallet))
  return waiting < least(dustMicros, thresholdMicros / DUST_SHARE) && ageMs < dustMaxAgeMs
}

function recordOps(
  id: string,
  { record, finished, lane, taken = [] }: Omit<PayoutChange, 'lane'> & { readonly lane: GasLane | undefined },
): StoreOp[] {
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

function documentOps(core: Core, id: string, { record, paidBy: transaction }: PayoutChange): StoreOp[] {
  const legs = record.legs.filter(({ paidBy }) => paidBy === transaction)
  if (transaction === undefined || legs.length === 0) return []
  const { bytes } = signDocument(core.scope, core.signer, Payout, {
    payoutId: record.payoutId,
    statementIds: record.statements.map(({ statementId }) => statementId),
    legs: legs.map(({ recipient, micros: amount }) => ({ recipient, micros: micros(amount) })),
    transaction,
  })
  return [{ type: 'put', key: keys.payoutDocument(id, transaction), value: bytes }]
}
