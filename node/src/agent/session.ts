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
  notice: Signed<Notice> | undefined
  /** The last call number used, and through which numbers are reserved durably. */
  lastCallSeq: number
  blockEnd: number
  /** The reservation under way; every number above waits for it. */
  reserving: Promise<void>
  head: { readonly seq: number; readonly id: Id }
  /** A: what was accepted of receipts 1 … head. */
  accepted: bigint
  /** Through here an Ack is durable. */
  ackedThrough: number
  ackBytes: Uint8Array | undefined
  /** R: caps of calls in flight. */
  reserved: bigint
  inFlight: number
  /** The highest ceiling ever signed, and the number of its cheque. */
  ceilingMicros: Micros
  chequeSeq: number
  chequeBytes: Uint8Array | undefined
  /** The newest debit signed, and the channel version it starts from. */
  cosigned: { readonly version: number; readonly totalMicros: Micros }
}

export function newAgentSession(
  grant: Signed<Grant>,
  lane: Lane,
  cheque: { readonly ceilingMicros: Micros; readonly bytes: Uint8Array },
): AgentSession {
  return {
    id: grant.id,
    key: hex(grant.id),
    grant: grant.value,
    grantBytes: grant.bytes,
    lane,
    terms: new Map(grant.value.terms.map((term) => [term.toolId, term])),
    phase: 'open',
    notice: undefined,
    lastCallSeq: 0,
    blockEnd: 0,
    reserving: Promise.resolve(),
    head: { seq: 0, id: NO_RECEIPT },
    accepted: 0n,
    ackedThrough: 0,
    ackBytes: undefined,
    reserved: 0n,
    inFlight: 0,
    ceilingMicros: cheque.ceilingMicros,
    chequeSeq: 1,
    chequeBytes: cheque.bytes,
    cosigned: { version: 0, totalMicros: micros(0n) },
  }
}

/** Invariant 3: the largest ceiling that may be signed now. */
export function ceilingAllowed(session: AgentSession): Micros {
  const { windowMicros, allowanceMicros } = session.grant
  return least(micros(ceilMicros(numerator(session.accepted)) + windowMicros), allowanceMicros)
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
  const headroom = session.ceilingMicros * NUMERATOR_PER_MICRO - session.accepted
  const half = (session.grant.windowMicros * NUMERATOR_PER_MICRO) / 2n
  return headroom <= half && ceilingAllowed(session) > session.ceilingMicros
}
