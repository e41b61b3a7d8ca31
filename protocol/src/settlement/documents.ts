import { concatBytes, hex } from '../bytes.ts'
import type { Address } from '../identity/address.ts'
import { LIMITS } from '../limits.ts'
import type { Micros, Numerator } from '../money/micros.ts'
import type { Split } from '../money/split.ts'
import type { Crypto } from '../ports.ts'
import { address, amount, check, distinct, hash32, list, present, sequence, text } from '../wire/checks.ts'
import { documentType, withShape } from '../wire/document.ts'
import type { Id } from '../wire/envelope.ts'
import { leafHash, treeOf } from '../wire/merkle.ts'
import { shapeOf } from '../wire/strict.ts'
import { Payout as PayoutWire, Statement as StatementWire } from './settlement.wire.ts'

/** What a session settled at. A later close is booked by a further Statement with the next statementSeq. */
export interface Statement {
  readonly sessionId: Id
  readonly statementSeq: number
  /** Merkle root over leaves (receipt id ‖ settled numerator as uint64), in order of receiptSeq; 32 zero bytes for none. */
  readonly root: Uint8Array
  readonly receipts: number
  readonly totalMicros: Micros
  /** What the channel's close paid the coordinator. */
  readonly receivedMicros: Micros
  /** Of min(total, received). */
  readonly split: Split
  /** The rail's own words on the close: its version and the ledger entries that paid. */
  readonly closeEvidence: string
}

/** As in settlement.wire.proto. */
const STATEMENT = {
  sessionId: 'bytes',
  statementSeq: 'number',
  root: 'bytes',
  receipts: 'number',
  totalMicros: 'bigint',
  receivedMicros: 'bigint',
  split: { one: shapeOf({ providerMicros: 'bigint', platformMicros: 'bigint', reserveMicros: 'bigint' }) },
  closeEvidence: 'text',
} as const

/** Statement (coordinator). */
export const Statement = documentType<Statement>('statement', withShape(StatementWire, STATEMENT), (statement) => {
  hash32(statement.sessionId, 'sessionId')
  sequence(statement.statementSeq, 'statementSeq', 1)
  hash32(statement.root, 'root')
  sequence(statement.receipts, 'receipts')
  amount(statement.totalMicros, 'totalMicros')
  amount(statement.receivedMicros, 'receivedMicros')
  present(statement.split, 'split')
  const { providerMicros, platformMicros, reserveMicros } = statement.split
  const paid = statement.totalMicros < statement.receivedMicros ? statement.totalMicros : statement.receivedMicros
  check(providerMicros + platformMicros + reserveMicros === paid, 'split', 'does not sum to what is paid')
  text(statement.closeEvidence, 'closeEvidence', 1_024)
})

/** One receipt as it settled. */
export interface SettledReceipt {
  readonly receiptId: Id
  readonly settledNumerator: Numerator
}

/** The Statement's root. */
export function settledRoot(crypto: Crypto, receipts: readonly SettledReceipt[]): Uint8Array {
  if (receipts.length === 0) return new Uint8Array(32)
  const leaves = receipts.map((one) => leafHash(crypto, concatBytes(one.receiptId, uint64Bytes(one.settledNumerator))))
  return treeOf(crypto, leaves).root
}

function uint64Bytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, value)
  return bytes
}

export interface PayoutLeg {
  readonly recipient: Address
  readonly micros: Micros
}

/** A set of Statements paid in one transaction. payoutId = hash of the set. */
export interface Payout {
  readonly payoutId: Id
  readonly statementIds: readonly Id[]
  readonly legs: readonly PayoutLeg[]
  /** Transaction hash, 0x and 64 lower-case hex digits. */
  readonly transaction: string
}

/** As in settlement.wire.proto. */
const PAYOUT = {
  payoutId: 'bytes',
  statementIds: 'bytes*',
  legs: shapeOf({ recipient: 'text', micros: 'bigint' }),
  transaction: 'text',
} as const

/** Payout (coordinator). */
export const Payout = documentType<Payout>('payout', withShape(PayoutWire, PAYOUT), (payout) => {
  hash32(payout.payoutId, 'payoutId')
  list(payout.statementIds, 'statementIds', LIMITS.maxPayoutStatements, hash32, 1)
  distinct(payout.statementIds.map(hex), 'statementIds')
  list(
    payout.legs,
    'legs',
    LIMITS.maxPayoutLegs,
    (leg, at) => {
      address(leg.recipient, `${at}.recipient`)
      amount(leg.micros, `${at}.micros`, LIMITS.maxAllowanceMicros * 100n, 1n)
    },
    1,
  )
  distinct(
    payout.legs.map((leg) => leg.recipient),
    'legs',
  )
  check(/^0x[0-9a-f]{64}$/.test(payout.transaction), 'transaction', 'is not a transaction hash')
})

/** payoutId: sha256 over the statement ids in their order. Never a counter. */
export function payoutIdOf(crypto: Crypto, statementIds: readonly Id[]): Id {
  return crypto.sha256(...statementIds)
}
