/** Names of the coordinator's counters, units last. */
export const COUNTERS = [
  'quotes_total',
  'sessions_opened_total',
  'sessions_void_total',
  'sessions_frozen_total',
  'sessions_closed_total',
  'sessions_paid_total',
  'batches_total',
  'receipts_total',
  'acks_total',
  'disputes_total',
  'refused_documents_total',
  'debits_total',
  'debited_micros_total',
  'refunded_micros_total',
  'shortfall_micros_total',
  'payout_transactions_total',
  'paid_micros_total',
  'decisions_total',
] as const
export type Counter = (typeof COUNTERS)[number]

export interface Metrics {
  add(counter: Counter, amount?: number | bigint): void
  /** Every counter, decimal text. */
  read(): Readonly<Record<Counter, string>>
}

/** Counters in memory: they start at 0 with the process. */
export function createMetrics(): Metrics {
  const values = new Map<Counter, bigint>(COUNTERS.map((name) => [name, 0n]))
  return {
    add: (counter, amount = 1) => void values.set(counter, (values.get(counter) ?? 0n) + BigInt(amount)),
    read: () =>
      Object.fromEntries([...values].map(([name, value]) => [name, value.toString()])) as Record<Counter, string>,
  }
}
