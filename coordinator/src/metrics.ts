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

/** The state machines whose steps are rows of tables. */
export type Machine = 'session' | 'channel' | 'debit' | 'receipt' | 'settlement' | 'refund' | 'payout'

/** One row of a state machine, by a name that stays. */
export interface Transition {
  readonly machine: Machine
  readonly row: string
}

export interface Metrics {
  add(counter: Counter, amount?: number | bigint): void
  /** Rows that were taken. */
  took(rows: readonly Transition[]): void
  /** How often each row was taken, by `machine/row`: what a simulator measures its coverage by. */
  transitions(): Readonly<Record<string, number>>
  /** Every counter, decimal text. */
  read(): Readonly<Record<Counter, string>>
}

/** Counters in memory: they start at 0 with the process. */
export function createMetrics(): Metrics {
  const rows = new Map<string, number>()
  const values = new Map<Counter, bigint>(COUNTERS.map((name) => [name, 0n]))
  return {
    add: (counter, amount = 1) => void values.set(counter, (values.get(counter) ?? 0n) + BigInt(amount)),
    took(taken) {
      for (const { machine, row } of taken) {
        const name = `${machine}/${row}`
        rows.set(name, (rows.get(name) ?? 0) + 1)
      }
    },
    transitions: () => Object.fromEntries(rows),
    read: () =>
      Object.fromEntries([...values].map(([name, value]) => [name, value.toString()])) as Record<Counter, string>,
  }
}
