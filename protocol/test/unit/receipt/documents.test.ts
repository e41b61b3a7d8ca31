import { describe } from 'vitest'
import { Ack, LIMITS, OUTCOMES, Receipt } from '../../../src/index.ts'
import * as wire from '../../../src/receipt/receipt.wire.ts'
import { refuses, takes, type Edit } from '../../bounds.ts'
import { ack, hash, receipt } from '../../samples.ts'

const free = { ...receipt, numerator: 0n }

describe('receipt: bounds', () => {
  takes(
    Receipt,
    free,
    OUTCOMES.map((outcome): Edit => ['outcome', outcome]),
  )
  takes(Receipt, receipt, [
    ['exitCode', undefined],
    ['exitCode', 255],
    ['effectiveMs', LIMITS.maxMeasuredMs],
    ['lastTick', 0],
    ['numerator', (1n << 64n) - 1n],
    ['resumesReceipt', hash(1)],
  ])
  refuses(Receipt, wire.Receipt, receipt, [
    ...(['sessionId', 'authId', 'prevId', 'outputHash', 'logHash'] as const).map((field): Edit => [
      field,
      new Uint8Array(31),
    ]),
    ['callSeq', 0],
    ['receiptSeq', 0],
    ['outcome', 'fine'],
    ['outcome', 'providerError', 'numerator'],
    ['outcome', 'notStarted', 'numerator'],
    ['exitCode', 256],
    ['startedAtMs', LIMITS.maxTimeMs + 1],
    ['queuedMs', LIMITS.maxSessionMs + 1],
    ['effectiveMs', LIMITS.maxMeasuredMs + 1],
    ['effectiveMs', 1.5],
    ['cpuMs', -1],
    ['throttledMs', -1],
    ['maxRssBytes', Number.MAX_SAFE_INTEGER + 1],
    ['lastTick', LIMITS.maxMeasuredMs + 1],
    ['numerator', 1n << 64n],
    ['resumesReceipt', new Uint8Array(0)],
  ])
})

describe('ack: bounds', () => {
  const exception = { receiptSeq: 2, acceptedMs: 5, code: 'time' }
  const value = { ...ack, fromSeq: 2, throughSeq: 4, exceptions: [exception] }
  takes(Ack, value, [
    ['exceptions', []],
    ['exceptions', [exception, { ...exception, receiptSeq: 4, code: 'unknown' }]],
    ['fromSeq', 1],
    ['throughSeq', 2],
    ['acceptedNumerator', 0n],
  ])
  refuses(Ack, wire.Ack, value, [
    ['sessionId', new Uint8Array(31)],
    ['fromSeq', 0],
    ['throughSeq', 1],
    ['headId', new Uint8Array(31)],
    ['exceptions[0].receiptSeq', 1],
    ['exceptions[0].receiptSeq', 5],
    ['exceptions[0].acceptedMs', LIMITS.maxMeasuredMs + 1],
    ['exceptions[0].code', 'mood'],
    ['exceptions', [exception, exception]],
    ['exceptions', [{ ...exception, receiptSeq: 4 }, exception]],
    ['acceptedNumerator', -1n],
  ])
})
