import {
  capNumerator,
  hex,
  NO_RECEIPT,
  NUMERATOR_PER_MICRO,
  type Cheque,
  type CollectedReceipt,
  type ErrorCode,
  type Exit,
  type Grant,
  type Id,
  type Micros,
  type Notice,
  type Numerator,
  type Outgoing,
  type Signed,
  type Term,
} from '@orien/protocol'
import type { Lane } from '../rails/channel.ts'

/** Where a session stands for the provider. The coordinator's Notices move it on from `ending`. */
export type SessionPhase = 'open' | 'frozen' | 'ending' | 'closed' | 'paid'

/** A receipt not yet countersigned. */
export interface UnackedReceipt {
  readonly receiptSeq: number
  readonly callSeq: number
  readonly id: Id
  readonly numerator: Numerator
  readonly lastTick: number
  readonly price: Micros
}

/** A receipt that is on disk, as it goes to the coordinator. */
export interface RecentReceipt {
  readonly receiptSeq: number
  readonly collected: Outgoing<CollectedReceipt>
}

/** An Ack that was checked: through which receipt, accepting how much in all, and when it counts. */
export interface TakenAck {
  readonly through: number
  readonly accepted: bigint
  readonly onDisk: Promise<void>
  /** A flush was asked for: waiting for it needs no other. */
  flushed: boolean
}

/** A verified cheque, and its bytes as they are passed on. */
export interface HeldCheque {
  readonly cheque: Cheque
  readonly bytes: Uint8Array
}

/** One session as the provider holds it; everything here can be read back from the store. */
export interface Session {
  readonly id: Id
  /** hex(id): the key of maps, folders and store entries. */
  readonly key: string
  readonly grant: Grant
  readonly grantBytes: Uint8Array
  readonly lane: Lane
  readonly terms: ReadonlyMap<string, Term>
  phase: SessionPhase
  /** The phase on disk: what says that no more calls come (Final, End) rests on this one. */
  durablePhase: SessionPhase
  notice: Signed<Notice> | undefined
  /** The highest cheque of the newest Notice's base: the only one that calls are admitted on. */
  cheque: HeldCheque | undefined
  /** The cheque of the next base, while a debit that moves the base is on its way. */
  nextCheque: HeldCheque | undefined
  /** A close without the coordinator that both signed, on disk. */
  signedExit: Exit | undefined
  /** The last callSeq looked at, admitted or refused; after a restart, the end of the reserved block. */
  lastCallSeq: number
  /** Call numbers up to here are reserved; up to `durableEnd` that is on disk, and they may be admitted. */
  blockEnd: number
  durableEnd: number
  /** Caps of calls without receipt, by callSeq. */
  readonly openCaps: Map<number, Numerator>
  /** The last place taken in the chain of receipts. */
  head: { readonly seq: number; readonly id: Id }
  /** Receipts through here are on disk: only these may be sent. */
  durableSeq: number
  /** The newest receipts as they are collected, up to durableSeq: what the store need not be asked for. */
  recent: RecentReceipt[]
  /** Everything claimed by receipts 1 … head. */
  claimed: bigint
  readonly unacked: Map<number, UnackedReceipt>
  /** Σ of `unacked` (U) and of `openCaps` (R), kept with them. */
  unsettled: bigint
  reserved: bigint
  /** Through this receipt the agent has countersigned, accepting `accepted`: by Acks that are on disk. */
  ackedThrough: number
  accepted: bigint
  /** The newest Ack that was checked. Nothing rests on it until `onDisk`. */
  taken: TakenAck
  /** Cheques and Notices are kept one after the other: each is placed by the base that the one before left. */
  keeping: Promise<unknown>
  /** Acks through here are known to the coordinator. */
  acksSentThrough: number
  endReason: string | undefined
  finalSent: boolean
  /** The newest Statement and Payout were fetched in this state. */
  settledAt: 'CLOSED' | 'PAID' | undefined
}

export function newSession(grant: Signed<Grant>, lane: Lane): Session {
  return {
    id: grant.id,
    key: hex(grant.id),
    grant: grant.value,
    grantBytes: grant.bytes,
    lane,
    terms: new Map(grant.value.terms.map((term) => [term.toolId, term])),
    phase: 'open',
    durablePhase: 'open',
    notice: undefined,
    cheque: undefined,
    nextCheque: undefined,
    signedExit: undefined,
    lastCallSeq: 0,
    blockEnd: 0,
    durableEnd: 0,
    openCaps: new Map(),
    head: { seq: 0, id: NO_RECEIPT },
    durableSeq: 0,
    recent: [],
    claimed: 0n,
    unacked: new Map(),
    unsettled: 0n,
    reserved: 0n,
    ackedThrough: 0,
    accepted: 0n,
    taken: { through: 0, accepted: 0n, onDisk: Promise.resolve(), flushed: true },
    keeping: Promise.resolve(),
    acksSentThrough: 0,
    endReason: undefined,
    finalSent: false,
    settledAt: undefined,
  }
}

/** The channel version that cheques must be drawn on: the newest Notice's. */
export function baseOf(session: Session): number {
  return session.notice?.value.base ?? session.lane.base
}

/** A + U + R: what this session may come to, as far as it is admitted, in numerators from the provider's own records. */
export function exposureOf(session: Session): bigint {
  return session.accepted + session.unsettled + session.reserved
}

/** A call was admitted: its cap counts until it has a receipt or a refusal. */
export function reserve(session: Session, callSeq: number, capMicros: Micros): void {
  const cap = capNumerator(capMicros)
  session.openCaps.set(callSeq, cap)
  session.reserved += cap
  session.lastCallSeq = Math.max(session.lastCallSeq, callSeq)
}

/** A call got its receipt: its cap is free, what it claims counts until it is countersigned. */
export function claim(session: Session, receipt: UnackedReceipt): void {
  const cap = session.openCaps.get(receipt.callSeq)
  if (cap !== undefined) {
    session.openCaps.delete(receipt.callSeq)
    session.reserved -= cap
  }
  session.unacked.set(receipt.receiptSeq, receipt)
  session.unsettled += receipt.numerator
}

/** Runs what keeps a cheque or a Notice of a session when the one before is kept. */
export function keepInTurn<T>(session: Session, keep: () => Promise<T>): Promise<T> {
  const kept = session.keeping.then(keep)
  session.keeping = kept.catch(() => undefined)
  return kept
}

/**
 * True when the coordinator says that it has receipts which are not in our book: an older back-up, or a tail that the disk lost. Nothing more may
 * be signed in that chain, or one place would have two receipts.
 */
export function isBehind(session: Session): boolean {
  return (session.notice?.value.collectedThrough ?? 0) > session.durableSeq
}

/** True when an Ack was checked that is not on disk yet. */
export function awaitsAcks(session: Session): boolean {
  return session.taken.through > session.ackedThrough
}

/** The agent countersigned through a receipt, accepting this much in all; that is on disk. */
export function settle(session: Session, throughSeq: number, accepted: bigint): void {
  for (let seq = session.ackedThrough + 1; seq <= throughSeq; seq++) {
    const receipt = session.unacked.get(seq)
    if (receipt === undefined) continue
    session.unacked.delete(seq)
    session.unsettled -= receipt.numerator
  }
  session.ackedThrough = throughSeq
  session.accepted = accepted
}

/**
 * Invariant 2: why a call with this cap must not be admitted, or undefined. `elsewhere` is the exposure of the
 * coordinator's other unpaid sessions.
 */
export function admissionRefusal(
  session: Session,
  capMicros: Micros,
  elsewhere: bigint,
  maxUnpaidMicros: Micros,
): ErrorCode | undefined {
  const { unsettled, reserved } = session
  const cap = capNumerator(capMicros)
  const all = exposureOf(session) + cap
  const { windowMicros, windowCalls } = session.grant
  const held = session.notice?.value.ceilingHeldMicros ?? 0n
  const ceiling = session.cheque?.cheque.ceilingMicros
  if (ceiling === undefined || all > NUMERATOR_PER_MICRO * ceiling) return 'chequeNeeded'
  if (all > NUMERATOR_PER_MICRO * (held + windowMicros)) return 'chequeNeeded'
  if (unsettled + reserved + cap > NUMERATOR_PER_MICRO * windowMicros) return 'windowFull'
  if (session.openCaps.size + session.unacked.size >= windowCalls) return 'windowFull'
  if (elsewhere + all > NUMERATOR_PER_MICRO * maxUnpaidMicros) return 'exposureFull'
  return undefined
}
