import type { Address } from '../identity/address.ts'
import type { PeerText } from '../identity/peer.ts'
import { LIMITS } from '../limits.ts'
import type { Micros, Numerator } from '../money/micros.ts'
import { isSplit, type SplitBps } from '../money/split.ts'
import { checkWindow } from '../offer/offer.ts'
import {
  address,
  amount,
  bytesOf,
  check,
  distinct,
  envelope,
  hash32,
  identifier,
  list,
  oneOf,
  peer,
  present,
  sequence,
  text,
  time,
  uint64,
  whole,
} from '../wire/checks.ts'
import { documentType, withShape } from '../wire/document.ts'
import type { Id } from '../wire/envelope.ts'
import {
  End as EndWire,
  Final as FinalWire,
  Fund as FundWire,
  Grant as GrantWire,
  Notice as NoticeWire,
  Open as OpenWire,
  Quote as QuoteWire,
} from './session.wire.ts'
import { END, FINAL, FUND, GRANT, NOTICE, OPEN, QUOTE } from './shapes.ts'

/** An agent's wish for a session; the coordinator knows the agent by the stream. */
export interface Open {
  readonly nonce16: Uint8Array
  readonly coordinator: PeerText
  /** The provider's Offer envelope, whole. */
  readonly offer: Uint8Array
  /** The agent's WalletBinding envelopes (spend). */
  readonly bindings: readonly Uint8Array[]
  readonly allowanceMicros: Micros
  readonly durationMs: number
  readonly windowMicros: Micros
  readonly windowCalls: number
  readonly memo?: string
  readonly continuesSession?: Id
}

/** Open (agent). */
export const Open = documentType<Open>('open', withShape(OpenWire, OPEN), (open) => {
  bytesOf(open.nonce16, 'nonce16', 16, 16)
  peer(open.coordinator, 'coordinator')
  envelope(open.offer, 'offer')
  list(open.bindings, 'bindings', LIMITS.maxBindings, envelope, 1)
  amount(open.allowanceMicros, 'allowanceMicros', LIMITS.maxAllowanceMicros, 1n)
  whole(open.durationMs, 'durationMs', LIMITS.maxSessionMs, 1)
  checkWindow(open, 'window')
  if (open.memo !== undefined) text(open.memo, 'memo', LIMITS.maxMemoBytes)
  if (open.continuesSession !== undefined) hash32(open.continuesSession, 'continuesSession')
})

/** The coordinator's answer to an Open, with the exact Grant to come: sessionId = id(Grant). */
export interface Quote {
  readonly validUntilMs: number
  /** Payload bytes of the Grant. */
  readonly grant: Uint8Array
}

/** Quote (coordinator). */
export const Quote = documentType<Quote>('quote', withShape(QuoteWire, QUOTE), (quote) => {
  time(quote.validUntilMs, 'validUntilMs')
  bytesOf(quote.grant, 'grant', 1, LIMITS.maxEnvelopeBytes)
})

/** The agent's funding of a quoted session. */
export interface Fund {
  /** The Quote envelope, whole. */
  readonly quote: Uint8Array
  /** 1 … 5. */
  readonly attempt: number
  /** The rail's signed open messages, exact bytes. */
  readonly openMessages: readonly Uint8Array[]
  /** Cheque 1, encoded. */
  readonly cheque: Uint8Array
}

/** Fund (agent). */
export const Fund = documentType<Fund>('fund', withShape(FundWire, FUND), (fund) => {
  envelope(fund.quote, 'quote')
  whole(fund.attempt, 'attempt', LIMITS.maxFundAttempts, 1)
  list(
    fund.openMessages,
    'openMessages',
    LIMITS.maxOpenMessages,
    (one, at) => bytesOf(one, at, 1, LIMITS.maxOpenMessageBytes),
    1,
  )
  bytesOf(fund.cheque, 'cheque', 1, LIMITS.maxChequeBytes)
})

/** Price and limit of one tool, fixed for a session. */
export interface Term {
  readonly toolId: string
  readonly priceMicrosPerMin: Micros
  readonly maxMs: number
}

/** The channel a session is paid through. */
export interface GrantChannel {
  /** The rail's name: `yellow-v0`, `memory`. */
  readonly rail: string
  readonly url: string
  readonly appSessionId: string
  /** The rail's own definition of the channel, exact text. */
  readonly definition: string
}

/** The terms of a session. Its id is the session's id. */
export interface Grant {
  readonly openId: Id
  /** Payload types both ends may use. */
  readonly documents: readonly string[]
  readonly agent: PeerText
  readonly provider: PeerText
  readonly coordinator: PeerText
  /** WalletBinding envelopes of agent and coordinator. */
  readonly bindings: readonly Uint8Array[]
  readonly agentWallet: Address
  readonly coordinatorWallet: Address
  readonly providerWallet: Address
  readonly payoutWallet: Address
  readonly asset: string
  readonly channel: GrantChannel
  readonly allowanceMicros: Micros
  readonly terms: readonly Term[]
  readonly splitBps: SplitBps
  readonly windowMicros: Micros
  readonly windowCalls: number
  readonly expiresAtMs: number
  readonly collectMs: number
  readonly contestMs: number
  readonly chequeTsMs: number
  readonly payoutMs: number
}

/** Grant (coordinator). */
export const Grant = documentType<Grant>('grant', withShape(GrantWire, GRANT), checkGrant)

function checkGrant(grant: Grant): void {
  hash32(grant.openId, 'openId')
  list(grant.documents, 'documents', 64, (type, at) => text(type, at, 64, 3))
  distinct(grant.documents, 'documents')
  for (const key of ['agent', 'provider', 'coordinator'] as const) peer(grant[key], key)
  distinct([grant.agent, grant.provider, grant.coordinator], 'agent, provider and coordinator')
  list(grant.bindings, 'bindings', LIMITS.maxBindings, envelope, 2)
  for (const key of ['agentWallet', 'coordinatorWallet', 'providerWallet', 'payoutWallet'] as const)
    address(grant[key], key)
  distinct(
    [grant.agentWallet, grant.coordinatorWallet, grant.providerWallet],
    'agentWallet, coordinatorWallet and providerWallet',
  )
  text(grant.asset, 'asset', LIMITS.maxNameBytes, 1)
  present(grant.channel, 'channel')
  text(grant.channel.rail, 'channel.rail', LIMITS.maxNameBytes, 1)
  text(grant.channel.url, 'channel.url', 512, 1)
  text(grant.channel.appSessionId, 'channel.appSessionId', 128, 1)
  text(grant.channel.definition, 'channel.definition', LIMITS.maxDefinitionBytes, 1)
  amount(grant.allowanceMicros, 'allowanceMicros', LIMITS.maxAllowanceMicros, 1n)
  list(grant.terms, 'terms', LIMITS.maxToolsPerOffer, checkTerm, 1)
  distinct(
    grant.terms.map((term) => term.toolId),
    'terms',
  )
  present(grant.splitBps, 'splitBps')
  check(isSplit(grant.splitBps), 'splitBps', 'does not sum to 10 000')
  checkWindow(grant, 'window')
  for (const key of ['expiresAtMs', 'chequeTsMs'] as const) time(grant[key], key)
  check(grant.chequeTsMs > grant.expiresAtMs, 'chequeTsMs', 'is not after expiresAtMs')
  for (const key of ['collectMs', 'contestMs', 'payoutMs'] as const) whole(grant[key], key, 30 * 24 * 3_600_000)
}

function checkTerm(term: Term, field: string): void {
  identifier(term.toolId, `${field}.toolId`)
  amount(term.priceMicrosPerMin, `${field}.priceMicrosPerMin`, LIMITS.maxPriceMicrosPerMin, LIMITS.minPriceMicrosPerMin)
  whole(term.maxMs, `${field}.maxMs`, LIMITS.maxCallMs, 1)
}

/** States of a session at the coordinator (PROTOCOL, States). */
export const SESSION_STATES = [
  'FUNDING',
  'OPEN',
  'FROZEN',
  'ENDING',
  'SETTLING',
  'CLOSING',
  'CLOSED',
  'PAID',
  'VOID',
] as const
export type SessionState = (typeof SESSION_STATES)[number]

/** What the coordinator holds of a session. A higher `noticeSeq` replaces every lower one. */
export interface Notice {
  readonly sessionId: Id
  readonly noticeSeq: number
  readonly state: SessionState
  /** The channel version that cheques must be drawn on. */
  readonly base: number
  readonly debitedMicros: Micros
  readonly ceilingHeldMicros: Micros
  /** The last receiptSeq stored, with all before it. */
  readonly collectedThrough: number
}

/** Notice (coordinator). */
export const Notice = documentType<Notice>('notice', withShape(NoticeWire, NOTICE), (notice) => {
  hash32(notice.sessionId, 'sessionId')
  sequence(notice.noticeSeq, 'noticeSeq', 1)
  oneOf(notice.state, 'state', SESSION_STATES)
  sequence(notice.base, 'base')
  amount(notice.debitedMicros, 'debitedMicros')
  amount(notice.ceilingHeldMicros, 'ceilingHeldMicros')
  sequence(notice.collectedThrough, 'collectedThrough')
})

/** Ends a session; revoking is an End. */
export interface End {
  readonly sessionId: Id
  /** `done`, `revoked`, or an error code. */
  readonly reason: string
}

/** End (agent or provider). */
export const End = documentType<End>('end', withShape(EndWire, END), (end) => {
  hash32(end.sessionId, 'sessionId')
  identifier(end.reason, 'reason')
})

/** The provider's last word on a session: no receipt follows. */
export interface Final {
  readonly sessionId: Id
  readonly lastSeq: number
  /** Id of the last receipt; 32 zero bytes when there is none. */
  readonly headId: Id
  readonly claimedNumerator: Numerator
}

/** Final (provider). */
export const Final = documentType<Final>('final', withShape(FinalWire, FINAL), (final) => {
  hash32(final.sessionId, 'sessionId')
  sequence(final.lastSeq, 'lastSeq')
  hash32(final.headId, 'headId')
  uint64(final.claimedNumerator, 'claimedNumerator')
})

/** The id before the first receipt of a chain. */
export const NO_RECEIPT: Id = new Uint8Array(32)
