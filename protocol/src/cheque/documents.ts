import { LIMITS } from '../limits.ts'
import type { Micros } from '../money/micros.ts'
import { amount, bytesOf, hash32, list, sequence, time } from '../wire/checks.ts'
import { decodeCanonical } from '../wire/document.ts'
import type { Id } from '../wire/envelope.ts'
import { Cheque as ChequeWire, Exit as ExitWire } from './cheque.wire.ts'

/**
 * A wallet's signature over a channel close at a cumulative ceiling. No envelope: the wallet signs the rail's own close
 * messages, which each verifier rebuilds. Opaque here; the rail drafts and verifies it.
 */
export interface Cheque {
  readonly sessionId: Id
  readonly chequeSeq: number
  /** The channel version it is drawn on. */
  readonly base: number
  readonly ceilingMicros: Micros
  readonly signatures: readonly Uint8Array[]
}

/** A close at [allowance − total, 0, total], signed by agent and provider when the coordinator is gone. */
export interface Exit {
  readonly sessionId: Id
  readonly base: number
  readonly totalMicros: Micros
  readonly tsMs: number
  /** Empty in a proposal by the other side. */
  readonly agentSignatures: readonly Uint8Array[]
  readonly providerSignatures: readonly Uint8Array[]
}

const MAX_BYTES = 1_024

function signatures(values: readonly Uint8Array[], field: string): void {
  list(values, field, LIMITS.maxSignatures, (one, at) => bytesOf(one, at, 65, 130))
}

function checkCheque(cheque: Cheque): void {
  hash32(cheque.sessionId, 'sessionId')
  sequence(cheque.chequeSeq, 'chequeSeq', 1)
  sequence(cheque.base, 'base')
  amount(cheque.ceilingMicros, 'ceilingMicros')
  signatures(cheque.signatures, 'signatures')
}

function checkExit(exit: Exit): void {
  hash32(exit.sessionId, 'sessionId')
  sequence(exit.base, 'base')
  amount(exit.totalMicros, 'totalMicros')
  time(exit.tsMs, 'tsMs')
  signatures(exit.agentSignatures, 'agentSignatures')
  signatures(exit.providerSignatures, 'providerSignatures')
}

/** Encoded cheque. Throws `badDocument`. */
export function encodeCheque(cheque: Cheque): Uint8Array {
  checkCheque(cheque)
  return ChequeWire.encode(cheque as unknown as Partial<ChequeWire>)
}

/** Throws `badDocument`, `tooLarge`. */
export function decodeCheque(bytes: Uint8Array): Cheque {
  return decodeCanonical<Cheque>('cheque', ChequeWire, checkCheque, MAX_BYTES, bytes)
}

/** Encoded exit. Throws `badDocument`. */
export function encodeExit(exit: Exit): Uint8Array {
  checkExit(exit)
  return ExitWire.encode(exit as unknown as Partial<ExitWire>)
}

/** Throws `badDocument`, `tooLarge`. */
export function decodeExit(bytes: Uint8Array): Exit {
  return decodeCanonical<Exit>('exit', ExitWire, checkExit, MAX_BYTES * 2, bytes)
}
