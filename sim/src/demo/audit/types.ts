import type { Address } from '@orien/protocol'
import type { Arc } from '../../devnet/arc.ts'

/** A party and its accounts, as the audit asks for them. */
export interface AuditedParty {
  readonly name: string
  readonly role: 'agent' | 'provider' | 'coordinator'
  /** In the channel ledger. */
  readonly channelWallet: Address
  /** On the chain: where it is paid, or pays from. */
  readonly chainAccounts: readonly { readonly name: string; readonly address: Address }[]
}

/** What is read of the settlement chain: a running devnet has it as `arc`. */
export type AuditedChain = Pick<Arc, 'token' | 'transfers' | 'balanceMicros'>

/** Where balances are read. */
export interface BalanceSources {
  readonly devnet: { readonly arc: AuditedChain }
  /** Folder of the ClearNode's ledger; the node may be stopped. */
  readonly clearnodeHome: string
  readonly parties: readonly AuditedParty[]
}

/** What every account held at one moment. Faucet money that came later is told apart by the two counts. */
export interface Balances {
  /** By channel wallet, micro-USDC. */
  readonly channel: ReadonlyMap<Address, bigint>
  /** By chain account, micro-USDC. */
  readonly chain: ReadonlyMap<Address, bigint>
  /** Lines of the ClearNode's ledger then. */
  readonly ledgerLines: number
  /** Logs of the token then. */
  readonly chainLogs: number
}

export interface AuditInput extends BalanceSources {
  readonly chainId: number
  /** Holds `<agent>/agent` and `<provider>/provider`, the parties' books. Their daemons are stopped. */
  readonly home: string
  readonly addresses: { readonly treasury: Address; readonly platform: Address; readonly reserve: Address }
  readonly before: Balances
  readonly after: Balances
}

/** What kind of thing is wrong. */
export const AUDITED = [
  'book',
  'offer',
  'grant',
  'authorisation',
  'receipt',
  'ack',
  'cheque',
  'close',
  'statement',
  'payout',
  'ledger',
  'chain',
  'party',
] as const
export type Audited = (typeof AUDITED)[number]

/** Stable codes of the checks; README.md tells what each means. */
export const AUDIT_CODES = [
  // books
  'bookUnreadable',
  'badSignature',
  'brokenChain',
  'copiesDiffer',
  'evidenceMissing',
  'bookMissing',
  'foreignWallet',
  'overTerms',
  // cheques
  'chequeMissing',
  'badCheque',
  'chequeOverAllowance',
  'chequeTooSmall',
  // the channel ledger
  'ledgerUnreadable',
  'entryUnexplained',
  'entryMissing',
  'ledgerUnbalanced',
  'assetNotConserved',
  'channelUnknown',
  'channelMissing',
  'channelFunding',
  'channelOpen',
  'receivedMismatch',
  'restMismatch',
  'refundMissing',
  'transferUnexplained',
  // payouts
  'statementUnpaid',
  'statementPaidTwice',
  'payoutStatementUnknown',
  'legAmount',
  'legUnproved',
  'paidTwice',
  'paidUnowed',
  // sums
  'balanceMismatch',
  'paidNotDebited',
] as const
export type AuditCode = (typeof AUDIT_CODES)[number]

/** One thing that is wrong. */
export interface Violation {
  readonly code: AuditCode
  readonly what: Audited
  /** Where it stands: `<book> receipt/<session>/<seq>`, `clearnode entry/<id>`, `chain <transaction>`, … */
  readonly id: string
  readonly detail: string
}

export interface CallRow {
  readonly agent: string
  readonly tool: string
  readonly provider: string
  readonly session: string
  readonly outcome: string
  readonly effectiveMs: number
  /** As the receipt claims it: 60 000 numerator are 1 µUSDC. */
  readonly numerator: bigint
  /** numerator / 60 000 in µUSDC, cut after two digits. */
  readonly costText: string
  /** hex. */
  readonly receiptId: string
  /** What the agent countersigned; undefined when it never did. */
  readonly acceptedNumerator: bigint | undefined
  /** What the agent authorised at most, and at which price. */
  readonly capMicros: bigint
  readonly priceMicrosPerMin: bigint
  /** The last tick the agent signed for. */
  readonly lastTickMs: number
}

/** How a channel closed: by a cheque at the total, a kept cheque above it, one below it, by agent and provider alone, or not. */
export type ClosedBy = 'exact' | 'cheque' | 'short' | 'exit' | 'open'

export interface SessionRow {
  /** hex. */
  readonly id: string
  readonly agent: string
  readonly provider: string
  readonly allowanceMicros: bigint
  /** Settled and paid for: min(total, received), or the provider's share of an exit. */
  readonly spentMicros: bigint
  /** Back with the agent: what the close gave it, and the refund. */
  readonly refundedMicros: bigint
  /** By the coordinator, from the close. */
  readonly receivedMicros: bigint
  readonly closedBy: ClosedBy
}

export interface PayoutRow {
  readonly transaction: string
  readonly providerMicros: bigint
  readonly platformMicros: bigint
  readonly reserveMicros: bigint
  readonly legs: readonly { readonly name: string; readonly recipient: Address; readonly micros: bigint }[]
}

export interface PartyRow {
  readonly name: string
  /** `channel`, or the name of the chain account. */
  readonly account: string
  readonly beforeMicros: bigint
  readonly afterMicros: bigint
  /** After − before − what a faucet gave meanwhile. */
  readonly differenceMicros: bigint
}

export interface AuditTotals {
  readonly calls: number
  readonly receipts: number
  readonly countersigned: number
  /** Σ min(total, received). */
  readonly debitedMicros: bigint
  /** Allowances, or what was left of them, back with agents. */
  readonly refundedMicros: bigint
  /** By what the chain proves. */
  readonly paidMicros: { readonly provider: bigint; readonly platform: bigint; readonly reserve: bigint }
  readonly payoutTxs: readonly string[]
}

export interface AuditReport {
  readonly violations: readonly Violation[]
  readonly calls: readonly CallRow[]
  readonly sessions: readonly SessionRow[]
  readonly payouts: readonly PayoutRow[]
  readonly parties: readonly PartyRow[]
  readonly totals: AuditTotals
}

export type TamperKind = 'receipt' | 'ledger' | 'payout' | 'cheque'

/** What tampering needs: every daemon stopped; the ClearNode is stopped by it. */
export interface TamperInput {
  readonly chainId: number
  readonly home: string
  readonly clearnodeHome: string
  readonly devnet: { readonly clearnode: { stop(): Promise<void> } }
  readonly parties: readonly AuditedParty[]
}

/** The one byte that was changed, and where: the audit's violation has the same `what` and `id`. */
export interface Tampered {
  readonly what: TamperKind
  readonly id: string
  readonly file: string
  readonly detail: string
}
