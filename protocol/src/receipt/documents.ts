import { LIMITS } from '../limits.ts'
import type { Numerator } from '../money/micros.ts'
import { check, hash32, list, oneOf, sequence, time, uint64, whole } from '../wire/checks.ts'
import { documentType, withShape } from '../wire/document.ts'
import type { Id } from '../wire/envelope.ts'
import { shapeOf } from '../wire/strict.ts'
import { Ack as AckWire, Receipt as ReceiptWire } from './receipt.wire.ts'

/** How a call ended. All but `providerError` and `notStarted` are billed for the time the tool ran. */
export const OUTCOMES = [
  /** Exit code 0. */
  'ok',
  'exitNonZero',
  'signal',
  /** Stopped by us: at the cap, the tool's maxMs, the session's end, the agent's wish, its silence, its output limit. */
  'cap',
  'maxMs',
  'expired',
  'cancelled',
  'ended',
  'tickAck',
  'output',
  'providerError',
  /** Cancelled, ended or late while it waited. */
  'notStarted',
] as const
export type Outcome = (typeof OUTCOMES)[number]

/** A provider's claim for one call. A session's receipts form one chain by receiptSeq and prevId. */
export interface Receipt {
  readonly sessionId: Id
  readonly authId: Id
  readonly callSeq: number
  /** 1, 2, … without a gap. */
  readonly receiptSeq: number
  /** Id of the receipt before; 32 zero bytes for the first. */
  readonly prevId: Id
  readonly outcome: Outcome
  readonly exitCode?: number
  readonly startedAtMs: number
  readonly queuedMs: number
  /** Monotonic, from release until the main process exited, rounded up. */
  readonly effectiveMs: number
  /** Evidence, unbilled. */
  readonly cpuMs: number
  readonly throttledMs: number
  readonly maxRssBytes: number
  /** sha256 of the encoded Output. */
  readonly outputHash: Uint8Array
  /** sha256 of all of standard error. */
  readonly logHash: Uint8Array
  /** ms of the last TickAck. */
  readonly lastTick?: number
  readonly numerator: Numerator
  readonly resumesReceipt?: Id
}

/** As in receipt.wire.proto. */
const RECEIPT = {
  sessionId: 'bytes',
  authId: 'bytes',
  callSeq: 'number',
  receiptSeq: 'number',
  prevId: 'bytes',
  outcome: 'text',
  exitCode: 'number?',
  startedAtMs: 'number',
  queuedMs: 'number',
  effectiveMs: 'number',
  cpuMs: 'number',
  throttledMs: 'number',
  maxRssBytes: 'number',
  outputHash: 'bytes',
  logHash: 'bytes',
  lastTick: 'number?',
  numerator: 'bigint',
  resumesReceipt: 'bytes?',
} as const

/** Receipt (provider). */
export const Receipt = documentType<Receipt>('receipt', withShape(ReceiptWire, RECEIPT), (receipt) => {
  for (const key of ['sessionId', 'authId', 'prevId', 'outputHash', 'logHash'] as const) hash32(receipt[key], key)
  sequence(receipt.callSeq, 'callSeq', 1)
  sequence(receipt.receiptSeq, 'receiptSeq', 1)
  oneOf(receipt.outcome, 'outcome', OUTCOMES)
  if (receipt.exitCode !== undefined) whole(receipt.exitCode, 'exitCode', 255)
  time(receipt.startedAtMs, 'startedAtMs')
  whole(receipt.queuedMs, 'queuedMs', LIMITS.maxSessionMs)
  whole(receipt.effectiveMs, 'effectiveMs', LIMITS.maxMeasuredMs)
  for (const key of ['cpuMs', 'throttledMs', 'maxRssBytes'] as const) sequence(receipt[key], key)
  if (receipt.lastTick !== undefined) whole(receipt.lastTick, 'lastTick', LIMITS.maxMeasuredMs)
  uint64(receipt.numerator, 'numerator')
  const free = receipt.outcome === 'providerError' || receipt.outcome === 'notStarted'
  check(!free || receipt.numerator === 0n, 'numerator', `is not 0 for ${receipt.outcome}`)
  if (receipt.resumesReceipt !== undefined) hash32(receipt.resumesReceipt, 'resumesReceipt')
})

/** Why an agent accepts less than a receipt claims. */
export const EXCEPTION_CODES = ['time', 'price', 'cap', 'unknown'] as const
export type ExceptionCode = (typeof EXCEPTION_CODES)[number]

export interface AckException {
  readonly receiptSeq: number
  readonly acceptedMs: number
  readonly code: ExceptionCode
}

/** An agent's countersignature over the receipts fromSeq … throughSeq, and so over the whole chain. */
export interface Ack {
  readonly sessionId: Id
  readonly fromSeq: number
  readonly throughSeq: number
  /** Id of receipt throughSeq. */
  readonly headId: Id
  readonly exceptions: readonly AckException[]
  /** Over 1 … throughSeq. */
  readonly acceptedNumerator: Numerator
}

/** As in receipt.wire.proto. */
const ACK = {
  sessionId: 'bytes',
  fromSeq: 'number',
  throughSeq: 'number',
  headId: 'bytes',
  exceptions: shapeOf({ receiptSeq: 'number', acceptedMs: 'number', code: 'text' }),
  acceptedNumerator: 'bigint',
} as const

/** Ack (agent). */
export const Ack = documentType<Ack>('ack', withShape(AckWire, ACK), (ack) => {
  hash32(ack.sessionId, 'sessionId')
  sequence(ack.fromSeq, 'fromSeq', 1)
  sequence(ack.throughSeq, 'throughSeq', ack.fromSeq)
  hash32(ack.headId, 'headId')
  list(ack.exceptions, 'exceptions', LIMITS.maxExceptions, (one, at) => {
    whole(one.receiptSeq, `${at}.receiptSeq`, ack.throughSeq, ack.fromSeq)
    whole(one.acceptedMs, `${at}.acceptedMs`, LIMITS.maxMeasuredMs)
    oneOf(one.code, `${at}.code`, EXCEPTION_CODES)
  })
  for (let at = 1; at < ack.exceptions.length; at++) {
    check(
      (ack.exceptions[at - 1]?.receiptSeq ?? 0) < (ack.exceptions[at]?.receiptSeq ?? 0),
      'exceptions',
      'are not in order, each once',
    )
  }
  uint64(ack.acceptedNumerator, 'acceptedNumerator')
})
