import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  capNumerator,
  ceilMicros,
  floorMicros,
  formatUsdc,
  least,
  micros,
  numerator,
  NUMERATOR_PER_MICRO,
  numeratorOf,
  parseUsdc,
} from '../../../src/index.ts'
import { expectCode } from '../../expect.ts'

const MAX = (1n << 64n) - 1n
const any = fc.bigInt({ min: 0n, max: MAX })
const run = { numRuns: 500, seed: 8 }

describe('text', () => {
  test('behavior: every amount is written and read back', () => {
    fc.assert(
      fc.property(any, (value) => {
        expect(parseUsdc(formatUsdc(micros(value)))).toBe(value)
      }),
      run,
    )
  })

  test('behavior: an amount means the same with zeros at its end', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: MAX / 1_000_000n - 1n }), fc.nat(999_999), (whole, part) => {
        const fraction = String(part).padStart(6, '0')
        expect(parseUsdc(`${whole}.${fraction}`)).toBe(whole * 1_000_000n + BigInt(part))
        expect(formatUsdc(parseUsdc(`${whole}.${fraction}`))).not.toMatch(/\.\d*0$|\.$/)
      }),
      run,
    )
  })

  test('error: any text either is an amount in one of its spellings or is badMoney', () => {
    const text = fc.oneof(fc.string({ maxLength: 12 }), fc.stringMatching(/^[0-9.,e+-]{0,10}$/))
    fc.assert(
      fc.property(text, (value) => {
        if (/^(0|[1-9]\d{0,11})(\.\d{1,6})?$/.test(value)) expect(parseUsdc(value) >= 0n).toBe(true)
        else if (!/^\d/.test(value) || value.length < 13) expectCode(() => parseUsdc(value), 'badMoney')
      }),
      run,
    )
  })

  test('error: a message quotes no more than a little of the text', () => {
    const error = expectCode(() => parseUsdc('9'.repeat(10_000)), 'badMoney')
    expect(error.message.length).toBeLessThan(100)
  })
})

describe('amounts', () => {
  test('error: nothing outside uint64 is an amount or a numerator', () => {
    for (const value of [-1n, MAX + 1n]) {
      expectCode(() => micros(value), 'badMoney')
      expectCode(() => numerator(value), 'badMoney')
    }
    expect([micros(MAX), numerator(0n)]).toEqual([MAX, 0n])
  })

  test('behavior: floor and ceiling lie around the numerator, at most one micro apart', () => {
    fc.assert(
      fc.property(any, (value) => {
        const [floor, ceil] = [floorMicros(numerator(value)), ceilMicros(numerator(value))]
        expect(floor * NUMERATOR_PER_MICRO <= value && value <= ceil * NUMERATOR_PER_MICRO).toBe(true)
        expect(ceil - floor).toBe(value % NUMERATOR_PER_MICRO === 0n ? 0n : 1n)
      }),
      run,
    )
  })

  test('behavior: many short calls cost what one long one does', () => {
    const price = micros(10_000n)
    let sum = 0n
    for (let call = 0; call < 10_000; call++) sum += numeratorOf(price, 5)
    expect(floorMicros(numerator(sum))).toBe(8_333n)
    expect(floorMicros(numeratorOf(price, 50_000))).toBe(8_333n)
  })

  test('error: a time that is not whole, or a product above uint64, is badMoney', () => {
    for (const ms of [1.5, Number.NaN, Number.POSITIVE_INFINITY, -1])
      expectCode(() => numeratorOf(micros(1n), ms), 'badMoney')
    expectCode(() => numeratorOf(micros(MAX), 2), 'badMoney')
    expectCode(() => capNumerator(micros(MAX)), 'badMoney')
  })

  test('behavior: least is the smaller', () => {
    expect([least(1n, 2n), least(2n, 1n), least(1n, 1n)]).toEqual([1n, 1n, 1n])
  })
})
