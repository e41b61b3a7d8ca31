import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  acceptedOf,
  agentBoundMs,
  capMs,
  capNumerator,
  claimOf,
  exceptionFor,
  LIMITS,
  numeratorOf,
  sumNumerators,
  TIMES,
  uncontestedOf,
  withinTerms,
  type AckException,
} from '../../../src/index.ts'
import { expectCode } from '../../expect.ts'
import { ack, micros, numerator, receipt } from '../../samples.ts'

const price = fc.bigInt({ min: 1n, max: LIMITS.maxPriceMicrosPerMin }).map(micros)
const cap = fc.bigInt({ min: 1n, max: LIMITS.maxAllowanceMicros }).map(micros)
const ms = fc.integer({ min: 0, max: LIMITS.maxMeasuredMs })
const run = { numRuns: 300, seed: 5 }

describe('what may be claimed', () => {
  test('behavior: a claim is price times time, and never above the cap', () => {
    fc.assert(
      fc.property(price, cap, ms, (priceMicrosPerMin, capMicros, effectiveMs) => {
        const claim = claimOf({ priceMicrosPerMin, capMicros }, effectiveMs)
        const byTime = numeratorOf(priceMicrosPerMin, effectiveMs)
        const byCap = capNumerator(capMicros)
        expect(claim).toBe(byTime < byCap ? byTime : byCap)
        expect(withinTerms({ ...receipt, effectiveMs, numerator: claim }, { priceMicrosPerMin, capMicros })).toBe(true)
        const more = numerator(claim + 1n)
        expect(withinTerms({ ...receipt, effectiveMs, numerator: more }, { priceMicrosPerMin, capMicros })).toBe(false)
      }),
      run,
    )
  })

  test('behavior: capMs is the last whole millisecond the cap pays for', () => {
    fc.assert(
      fc.property(price, cap, (priceMicrosPerMin, capMicros) => {
        const last = capMs(capMicros, priceMicrosPerMin)
        if (last >= LIMITS.maxMeasuredMs) return
        expect(numeratorOf(priceMicrosPerMin, last) <= capNumerator(capMicros)).toBe(true)
        expect(numeratorOf(priceMicrosPerMin, last + 1) > capNumerator(capMicros)).toBe(true)
      }),
      run,
    )
  })

  test('behavior: a cap of 1 µ at the lowest price pays for a minute, and at the highest for nothing', () => {
    expect(capMs(micros(1n), micros(1n))).toBe(60_000)
    expect(capMs(micros(1n), micros(LIMITS.maxPriceMicrosPerMin))).toBe(0)
    expect(capMs(micros((1n << 64n) - 1n), micros(1n))).toBe(Number.MAX_SAFE_INTEGER)
  })

  test('error: price 0 has no capMs', () => {
    expectCode(() => capMs(micros(1n), micros(0n)), 'badMoney')
  })
})

describe('what an agent accepts', () => {
  test('behavior: its own clock with a tolerance, less the time in the queue, never negative', () => {
    expect(agentBoundMs(0, 0)).toBe(5)
    expect(agentBoundMs(1_000, 0)).toBe(1_006)
    expect(agentBoundMs(1_000.9, 0)).toBe(1_006)
    expect(agentBoundMs(1_000, 400)).toBe(606)
    expect(agentBoundMs(1_000, 5_000)).toBe(0)
  })

  test('behavior: an exception lowers a claim and never raises it', () => {
    const exception = (acceptedMs: number): AckException => ({ receiptSeq: 1, acceptedMs, code: 'time' })
    fc.assert(
      fc.property(price, ms, ms, (priceMicrosPerMin, effectiveMs, acceptedMs) => {
        const claim = numeratorOf(priceMicrosPerMin, effectiveMs)
        const accepted = acceptedOf({ numerator: claim }, exception(acceptedMs), priceMicrosPerMin)
        expect(accepted <= claim).toBe(true)
        expect(accepted <= numeratorOf(priceMicrosPerMin, acceptedMs)).toBe(true)
        expect(acceptedOf({ numerator: claim }, undefined, priceMicrosPerMin)).toBe(claim)
      }),
      run,
    )
  })

  test('behavior: an exception is found by its receiptSeq', () => {
    const one: AckException = { receiptSeq: 3, acceptedMs: 1, code: 'cap' }
    const value = { ...ack, throughSeq: 5, exceptions: [one] }
    expect([exceptionFor(value, 3), exceptionFor(value, 4)]).toEqual([one, undefined])
  })
})

describe('what nobody contests', () => {
  test('behavior: settles at the last tick seen and 30 s more, never above the claim', () => {
    const at = micros(10_000n)
    const claim = numerator(10_000n * 3_600_000n)
    expect(uncontestedOf({ numerator: claim }, at)).toBe(10_000n * 30_000n)
    expect(uncontestedOf({ numerator: claim, lastTick: 15_000 }, at)).toBe(10_000n * 45_000n)
    expect(uncontestedOf({ numerator: numerator(7n), lastTick: 15_000 }, at)).toBe(7n)
    expect(TIMES.tickAckMs).toBe(30_000)
  })
})

describe('sums', () => {
  test('behavior: do not depend on the order', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 1n << 50n }).map(numerator), { maxLength: 20 }), (parts) => {
        expect(sumNumerators(parts)).toBe(sumNumerators(parts.toReversed()))
        expect(sumNumerators(parts)).toBe(parts.reduce<bigint>((a, b) => a + b, 0n))
      }),
      run,
    )
  })

  test('error: a sum above uint64 is badMoney', () => {
    const half = numerator(1n << 63n)
    expectCode(() => sumNumerators([half, half]), 'badMoney')
  })
})
