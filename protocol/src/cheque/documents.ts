import { LIMITS } from '../limits.ts'
import type { Micros } from '../money/micros.ts'
import { amount, bytesOf, hash32, list, sequence, time } from '../wire/checks.ts'
import { decodeCanonical, encodeChecked, withShape } from '../wire/document.ts'
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

function signatures(values: readonly Uint8Array[], field: string, min: number): void {
  list(values, field, LIMITS.maxSignatures, (one, at) => bytesOf(one, at, 65, 130), min)
}

function checkCheque(cheque: Cheque): void {
  hash32(cheque.sessionId, 'sessionId')
  sequence(cheque.chequeSeq, 'chequeSeq', 1)
  sequence(cheque.base, 'base')
  amount(cheque.ceilingMicros, 'ceilingMicros')
  signatures(cheque.signatures, 'signatures', 1)
}

function checkExit(exit: Exit): void {
  hash32(exit.sessionId, 'sessionId')
  sequence(exit.base, 'base')
  amount(exit.totalMicros, 'totalMicros')
  time(exit.tsMs, 'tsMs')
  signatures(exit.agentSignatures, 'agentSignatures', 0)
  signatures(exit.providerSignatures, 'providerSignatures', 0)
}

/** Both as in cheque.wire.proto. */
const CHEQUE_CODEC = withShape(ChequeWire, {
  sessionId: 'bytes',
  chequeSeq: 'number',
  base: 'number',
  ceilingMicros: 'bigint',
  signatures: 'bytes*',
})
const EXIT_CODEC = withShape(ExitWire, {
  sessionId: 'bytes',
  base: 'number',
  totalMicros: 'bigint',
  tsMs: 'number',
  agentSignatures: 'bytes*',
  providerSignatures: 'bytes*',
})

/** Encoded cheque. Throws `badDocument`, `tooLarge`. */
export function encodeCheque(cheque: Cheque): Uint8Array {
  return encodeChecked('cheque', ChequeWire, checkCheque, LIMITS.maxChequeBytes, cheque)
}

/** Throws `badDocument`, `tooLarge`. */
export function decodeCheque(bytes: Uint8Array): Cheque {
  return decodeCanonical('cheque', CHEQUE_CODEC, checkCheque, LIMITS.maxChequeBytes, bytes)
}

/** Encoded exit. Throws `badDocument`, `tooLarge`. */
export function encodeExit(exit: Exit): Uint8Array {
  return encodeChecked('exit', ExitWire, checkExit, LIMITS.maxChequeBytes * 2, exit)
}

/** Throws `badDocument`, `tooLarge`. */
export function decodeExit(bytes: Uint8Array): Exit {
  return decodeCanonical('exit', EXIT_CODEC, checkExit, LIMITS.maxChequeBytes * 2, bytes)
}
