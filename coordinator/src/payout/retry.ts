import { hex } from '@orien/protocol'
import { refused } from '../core.ts'
import { countPaid } from './flight.ts'
import { applyForeign, isFinished, postpone, readingEvent } from './legs.ts'
import { launch, meansOf, signAttempts, type Making } from './make.ts'
import type { PayoutLegRecord, PayoutRecord } from './record.ts'
import { legRow } from './steps.ts'

/**
 * Looks at legs that failed: paid by others, out of date, or to be sent again. True when a transaction is in flight. While the book is read-only
 * nothing is signed or sent; what was paid is booked.
 */
export async function retryLegs(making: Making): Promise<boolean> {
  const { core, ledger } = making
  for (const record of ledger.records.values()) {
    const due = record.legs.filter(({ state, retryAtMs }) => state === 'blocked' && retryAtMs <= core.clock.wallMs())
    if (due.length > 0 && (await retryPayout(making, record, due))) return true
  }
  return false
}

async function retryPayout(making: Making, before: PayoutRecord, due: readonly PayoutLegRecord[]): Promise<boolean> {
  const { core, ledger } = making
  let record = before
  const again: PayoutLegRecord[] = []
  for (const leg of due) {
    const reading = await core.chain.authorization(leg)
    const row = legRow(leg.state, readingEvent(leg, reading))
    if (row === undefined) continue
    core.metrics.took([row])
    switch (row.effect) {
      case 'book': {
        const transaction = reading.paidBy ?? ''
        const change = applyForeign(record, leg, transaction)
        record = change.record
        await ledger.save({
          record,
          finished: isFinished(record),
          postings: change.postings,
          paidBy: transaction,
        })
        countPaid(core, [leg])
        await making.onPaid(record)
        break
      }
      case 'sendAgain':
        again.push(leg)
        break
      case 'newAttempt': {
        if (core.book.doubts.any) break
        const [next] = await signAttempts(core, record.payoutId, [{ ...leg, attempt: leg.attempt + 1 }])
        if (next === undefined) throw refused('internal', 'a leg was not signed')
        again.push({ ...next, failures: leg.failures })
        break
      }
      case 'wait':
        core.log('payoutUnproved', { payout: hex(record.payoutId), recipient: leg.recipient })
        record = postpone(record, leg, core.clock.wallMs() + core.config.payout.maxRetryMs)
        await ledger.save({ record, finished: false, postings: [] })
        break
    }
  }
  if (again.length === 0 || core.book.doubts.any) return false
  const means = await meansOf(making)
  if (means === undefined) return false
  const sent = again.slice(0, means.maxLegs).map((leg): PayoutLegRecord => ({ ...leg, state: 'blocked' }))
  const legs = record.legs.map((leg) => sent.find(({ recipient }) => recipient === leg.recipient) ?? leg)
  await launch(making, { ...record, legs }, sent, means.feeWei)
  return true
}
