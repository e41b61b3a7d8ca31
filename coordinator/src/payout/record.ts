import type { RawTransaction, SignedLeg } from '@orien/node/rails'
import type { Address, Id, Split } from '@orien/protocol'

/** A Statement in a payout. */
export interface PayoutStatement {
  readonly statementId: Id
  readonly sessionId: Id
  readonly split: Split
  readonly payoutWallet: Address
}

/**
 * - `sent`: in a transaction that is not proved yet
 * - `blocked`: failed in a mined transaction; its authorisation can still be used by anyone
 * - `paid`: proved by the chain's logs
 */
export type LegState = 'sent' | 'blocked' | 'paid'

export interface PayoutLegRecord extends SignedLeg {
  readonly attempt: number
  readonly state: LegState
  readonly failures: number
  /** When a blocked leg is looked at again. */
  readonly retryAtMs: number
  readonly paidBy?: string
}

/** One set of Statements, with its signed legs. */
export interface PayoutRecord {
  readonly payoutId: Id
  readonly createdMs: number
  readonly statements: readonly PayoutStatement[]
  readonly legs: readonly PayoutLegRecord[]
}

/** The gas key's one transaction that is not mined yet. */
export interface Flight {
  readonly payoutId: Id
  readonly recipients: readonly Address[]
  /** Same nonce, rising fees; any of them may be the one that is mined. */
  readonly transactions: readonly RawTransaction[]
  /** When the newest was made. */
  readonly madeMs: number
}

export interface GasLane {
  readonly nextNonce: number
  /** The highest account nonce ever signed for: a transaction that was given up for a lower nonce may still be mined. */
  readonly signedThrough?: number
  readonly flight?: Flight
}
