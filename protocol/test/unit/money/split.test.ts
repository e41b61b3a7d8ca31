import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DEFAULT_SPLIT, isSplit, micros, splitTotal } from '../../../src/index.ts'
import { expectCode } from '../../expect.ts'

const total = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map((value) => micros(value))
const shares = fc
  .tuple(fc.nat(10_000), fc.nat(10_000))
  .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
  .map(([low, high]) => ({ platform: low, reserve: high - low, provider: 10_000 - high }))

test('behavior: a split sums exactly to its total, platform and reserve floored, for any shares', () => {
  fc.assert(
    fc.property(total, shares, (amount, split) => {
      const { providerMicros, platformMicros, reserveMicros } = splitTotal(amount, split)
      expect(providerMicros + platformMicros + reserveMicros).toBe(amount)
      expect(platformMicros).toBe((amount * BigInt(split.platform)) / 10_000n)
      expect(reserveMicros).toBe((amount * BigInt(split.reserve)) / 10_000n)
      expect(providerMicros >= (amount * BigInt(split.provider)) / 10_000n).toBe(true)
    }),
    { numRuns: 500, seed: 9 },
  )
})

test('behavior: by default 90, 7 and 3 per cent, the remainder to the provider', () => {
  expect(splitTotal(micros(1_234_567n), DEFAULT_SPLIT)).toEqual({
    providerMicros: 1_111_111n,
    platformMicros: 86_419n,
    reserveMicros: 37_037n,
  })
  expect(splitTotal(micros(1n), DEFAULT_SPLIT).providerMicros).toBe(1n)
})

test('error: shares that are negative, broken or do not sum are no split', () => {
  const bad = [
    { provider: 9_000, platform: 700, reserve: 299 },
    { provider: 10_001, platform: -1, reserve: 0 },
    { provider: 9_000.5, platform: 699.5, reserve: 300 },
    { provider: Number.NaN, platform: 700, reserve: 300 },
  ]
  for (const split of bad) {
    expect(isSplit(split)).toBe(false)
    expectCode(() => splitTotal(micros(1n), split), 'badDocument')
  }
})
