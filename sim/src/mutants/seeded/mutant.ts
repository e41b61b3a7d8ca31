import type { Patch } from '../patch.ts'

/** What a mistake is about. */
export type Area =
  'ledger' | 'debit' | 'payout' | 'refund' | 'receipts' | 'acks' | 'cheques' | 'agent spend' | 'provider outbox'

/** One mistake that somebody could make, as the patches that make it. */
export interface Mutant {
  readonly name: string
  readonly area: Area
  /** What goes wrong, in the words of PROTOCOL. */
  readonly what: string
  readonly patches: readonly Patch[]
}

/** A mistake of one place. */
export function mutant(name: string, area: Area, what: string, file: string, find: string, replace: string): Mutant {
  return { name, area, what, patches: [{ file, find, replace }] }
}
