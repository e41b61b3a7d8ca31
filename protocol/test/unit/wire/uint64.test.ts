import { expect, test } from 'vitest'
import fc from 'fast-check'
import { Final, NO_RECEIPT } from '../../../src/session/documents.ts'
import type { Numerator } from '../../../src/money/micros.ts'

const finalOf = (claimed: bigint): Final => ({
  sessionId: new Uint8Array(32).fill(1),
  lastSeq: 1,
  headId: NO_RECEIPT,
  claimedNumerator: claimed as Numerator,
})
const roundTrip = (claimed: bigint): bigint => Final.decode(Final.encode(finalOf(claimed))).claimedNumerator

test('behavior: every bit length of a uint64 survives its encoding, at both edges', () => {
  for (let bits = 0n; bits < 64n; bits++) {
    for (const value of [(1n << bits) - 1n, 1n << bits, (1n << bits) + 1n]) expect(roundTrip(value)).toBe(value)
  }
  expect(roundTrip((1n << 64n) - 1n)).toBe((1n << 64n) - 1n)
})

test('behavior: numerators of three to seven cents survive, which the runtime of protons alone writes as zeros', () => {
  for (const value of [2n ** 31n, 3_000_000_000n, 2n ** 32n - 1n]) expect(roundTrip(value)).toBe(value)
})

test('behavior: any uint64 survives its encoding', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (value) => roundTrip(value) === value),
    { seed: 42, numRuns: 2_000 },
  )
})
