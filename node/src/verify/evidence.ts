/** The documents of one session, as envelopes, from whoever kept them. */
export interface EvidenceBundle {
  readonly offer?: Uint8Array
  readonly grant: Uint8Array
  /** In order of receiptSeq, from 1. */
  readonly calls: readonly EvidenceCall[]
  /** In order of throughSeq. */
  readonly acks: readonly Uint8Array[]
  /** In order of statementSeq. */
  readonly statements: readonly Uint8Array[]
  /** Each once, in no order: one for each transaction that paid some of a set's legs. */
  readonly payouts: readonly Uint8Array[]
}

export interface EvidenceCall {
  readonly authorisation: Uint8Array
  readonly receipt: Uint8Array
}

/** The links of the chain, in order. */
export const EVIDENCE_LINKS = [
  'offer',
  'grant',
  'authorisation',
  'receipt',
  'ack',
  'close',
  'statement',
  'payout',
] as const
export type EvidenceLink = (typeof EVIDENCE_LINKS)[number]

/** One link, checked. */
export interface EvidenceStep {
  readonly link: EvidenceLink
  /** `missing`: not there yet, or not kept; the links after it cannot be held against it. */
  readonly verdict: 'good' | 'bad' | 'missing'
  readonly detail: string
}
