import {
  ceilMicros,
  hex,
  least,
  micros,
  NO_RECEIPT,
  NUMERATOR_PER_MICRO,
  numerator,
  type Grant,
  type Id,
  type Micros,
  type Notice,
  type Signed,
  type Term,
} from '@orien/protocol'
import type { Lane } from '../rails/channel.ts'

/** Where a session stands for its agent. */
export type AgentPhase = 'open' | 'frozen' | 'ending' | 'closed' | 'paid'

/** One session as its agent holds it; everything here can be read back from the store. */
export interface AgentSession {
  readonly id: Id
  readonly key: string
  readonly grant: Grant
  readonly grantBytes: Uint8Array
  readonly lane: Lane
  readonly terms: ReadonlyMap<string, Term>
  phase: AgentPhase
  /** The run of the agent whose spend cap it counts against. */
  run: number
  /** Why we ended it; absent when it ended by others or by its time, so that nobody has to be told. */
  endReason: string | undefined
  notice: Signed<Notice> | undefined
  /** The last call number used, and through which numbers are reserved durably. */
  lastCallSeq: number
  blockEnd: number
  /** The reservation under way; every number above waits for it. */
  reserving: Promise<void>
  head: { readonly seq: number; readonly id: Id }
  /** callSeqs that have a receipt: a second one is never accepted. */
  readonly answered: Set<number>
  /** What was accepted of receipts 1 … head. */
  accepted: bigint
  /** Through here an Ack is durable, accepting `acked` (A): all that a cheque, a debit or an Exit may rest on. */
  ackedThrough: number
  acked: bigint
  ackBytes: Uint8Array | undefined
  /** R: caps of calls in flight. */
  reserved: bigint
  inFlight: number
  /** Receipts checked whose Ack was not sent yet, and what they claim: the provider still counts them (U). */
  unsent: { readonly receipts: number; readonly claimed: bigint }
  /** The highest ceiling ever signed, and the base of its cheque. */
  ceilingMicros: Micros
  chequeBase: number
  chequeBytes: Uint8Array | undefined
  /** The last cheque number used, exact closes included. */
  chequeSeq: number
  /** The cheque being drawn; the next one waits, so that a ceiling never falls. */
  drawing: Promise<unknown>
  /** The newest debit signed, and the channel version it starts from. */
  cosigned: { readonly version: number; readonly totalMicros: Micros }
  /** What its channel paid to others when the ledger showed it closed; undefined while nobody looked, or it is open. */
  paidAway: Micros | undefined
}

export function newAgentSession(
  grant: Signed<Grant>,
  lane: Lane,
  cheque: { readonly ceilingMicros: Micros; readonly base: number; readonly bytes: Uint8Array },
): AgentSession {
  return {
    id: grant.id,
    key: hex(grant.id),
    grant: grant.value,
    grantBytes: grant.bytes,
    lane,
    terms: new Map(grant.value.terms.map((term) => [term.toolId, term])),
    phase: 'open',
    run: 0,
    endReason: undefined,
    notice: undefined,
    lastCallSeq: 0,
    blockEnd: 0,
    reserving: Promise.resolve(),
    head: { seq: 0, id: NO_RECEIPT },
    answered: new Set(),
    accepted: 0n,
    ackedThrough: 0,
    acked: 0n,
    ackBytes: undefined,
    reserved: 0n,
    inFlight: 0,
    unsent: { receipts: 0, claimed: 0n },
    ceilingMicros: cheque.ceilingMicros,
    chequeBase: cheque.base,
    chequeBytes: cheque.bytes,
    chequeSeq: 1,
    drawing: Promise.resolve(),
    cosigned: { version: 0, totalMicros: micros(0n) },
    paidAway: undefined,
  }
}

/** The channel as it stands: on the base of the newest Notice. */
export function laneNow(session: AgentSession): Lane {
  return { ...session.lane, base: session.notice?.value.base ?? session.lane.base }
}

/** True while a debit that moves the base is on its way: until its Notice no other cheque is given. */
export function debitPending(session: AgentSession): boolean {
  return session.chequeBase > laneNow(session).base
}

/**
 * True when the coordinator holds a cheque or a debit of ours that is not in our book: an older back-up, or a tail that the disk lost. Nothing
 * more may be signed then, or a number would stand under two cheques.
 */
export function isBehind({ notice, ceilingMicros, cosigned }: AgentSession): boolean {
  if (notice === undefined) return false
  return notice.value.ceilingHeldMicros > ceilingMicros || notice.value.debitedMicros > cosigned.totalMicros
}

/** Invariant 3: the largest ceiling that may be signed now. */
export function ceilingAllowed(session: AgentSession): Micros {
  const { windowMicros, allowanceMicros } = session.grant
  return least(micros(ceilMicros(numerator(session.acked)) + windowMicros), allowanceMicros)
}

/** What of the allowance no accepted receipt and no call in flight needs, in micro-USDC. */
export function remainingMicros(session: AgentSession): Micros {
  const used = ceilMicros(numerator(session.accepted + session.reserved))
  return used >= session.grant.allowanceMicros ? micros(0n) : micros(session.grant.allowanceMicros - used)
}

/** Why a call with this cap has to wait: for receipts (`window`), for a cheque (`ceiling`), for the coordinator (`held`); or not. */
export function mustWait(session: AgentSession, capMicros: Micros): 'window' | 'ceiling' | 'held' | undefined {
  const cap = capMicros * NUMERATOR_PER_MICRO
  const all = session.accepted + session.reserved + cap
  const { windowMicros, windowCalls } = session.grant
  if (session.inFlight >= windowCalls) return 'window'
  if (session.reserved + cap > windowMicros * NUMERATOR_PER_MICRO) return 'window'
  if (all > session.ceilingMicros * NUMERATOR_PER_MICRO) return 'ceiling'
  const held = session.notice?.value.ceilingHeldMicros ?? 0n
  if (all > (held + windowMicros) * NUMERATOR_PER_MICRO) return 'held'
  return undefined
}

/** A cheque is renewed when half of its headroom is used, so that it is never on a call's path. */
export function shouldRenew(session: AgentSession): boolean {
  const headroom = session.ceilingMicros * NUMERATOR_PER_MICRO - session.acked
  const half = (session.grant.windowMicros * NUMERATOR_PER_MICRO) / 2n
  return headroom <= half && mayRenew(session)
}

/** True when a higher ceiling than the last may be signed now. */
export function mayRenew(session: AgentSession): boolean {
  return ceilingAllowed(session) > session.ceilingMicros && !debitPending(session)
}

/** True when the provider may have no room for the calls in flight until it has the Acks that were not sent yet. */
export function reliesOnAcks({ grant, inFlight, reserved, unsent }: AgentSession): boolean {
  if (unsent.receipts === 0) return false
  const window = grant.windowMicros * NUMERATOR_PER_MICRO
  return inFlight + unsent.receipts > grant.windowCalls || reserved + unsent.claimed > window
}
