import { describe, expect, test } from 'vitest'
import { concatBytes, LIMITS, nobleCrypto, Payout, payoutIdOf, settledRoot, Statement } from '../../../src/index.ts'
import * as wire from '../../../src/settlement/settlement.wire.ts'
import { refuses, takes } from '../../bounds.ts'
import { WALLETS } from '../../keys.ts'
import { hash, numerator, payout, statement } from '../../samples.ts'

describe('statement: bounds', () => {
  const split = (providerMicros: bigint): object => ({ providerMicros, platformMicros: 0n, reserveMicros: 0n })
  takes(Statement, { ...statement, receivedMicros: 100n, split: split(100n) }, [
    ['closeEvidence', ''],
    ['totalMicros', 100n],
    ['receipts', 0],
  ])
  refuses(Statement, wire.Statement, statement, [
    ['sessionId', new Uint8Array(31)],
    ['statementSeq', 0],
    ['root', new Uint8Array(31)],
    ['receipts', -1],
    ['totalMicros', LIMITS.maxAllowanceMicros + 1n],
    ['receivedMicros', LIMITS.maxAllowanceMicros + 1n],
    ['split', undefined],
    ['split.providerMicros', 186n],
    ['split.reserveMicros', 5n],
    ['receivedMicros', 204n, 'split'],
    ['totalMicros', 204n, 'split'],
    ['closeEvidence', 'e'.repeat(1_025)],
  ])
})

describe('payout: bounds', () => {
  takes(Payout, payout, [['legs', [{ recipient: WALLETS.payout.address, micros: 1n }]]])
  refuses(Payout, wire.Payout, payout, [
    ['payoutId', new Uint8Array(31)],
    ['statementIds', []],
    ['statementIds', [hash(1), hash(1)]],
    ['statementIds', [new Uint8Array(31)]],
    ['legs', []],
    ['legs', [payout.legs[0], payout.legs[0]]],
    ['legs', Array.from({ length: 101 }, () => payout.legs[0])],
    ['legs[0].recipient', WALLETS.payout.address.toLowerCase()],
    ['legs[0].micros', 0n],
    ['transaction', ''],
    ['transaction', `0x${'AB'.repeat(32)}`],
    ['transaction', `0x${'ab'.repeat(31)}`],
  ])
})

describe('the Statement’s root', () => {
  const receipts = Array.from({ length: 5 }, (_, at) => ({
    receiptId: hash(at + 1),
    settledNumerator: numerator(BigInt(at)),
  }))
  const leaf = (at: number): Uint8Array => {
    const amount = new Uint8Array(8)
    amount[7] = at
    return nobleCrypto.sha256(Uint8Array.of(0), hash(at + 1), amount)
  }
  const node = (left: Uint8Array, right: Uint8Array): Uint8Array => nobleCrypto.sha256(Uint8Array.of(1), left, right)

  test('behavior: is 32 zero bytes for none, the leaf for one, and pairs neighbours', () => {
    expect(settledRoot(nobleCrypto, [])).toEqual(new Uint8Array(32))
    expect(settledRoot(nobleCrypto, receipts.slice(0, 1))).toEqual(leaf(0))
    expect(settledRoot(nobleCrypto, receipts.slice(0, 3))).toEqual(node(node(leaf(0), leaf(1)), leaf(2)))
    expect(settledRoot(nobleCrypto, receipts)).toEqual(
      node(node(node(leaf(0), leaf(1)), node(leaf(2), leaf(3))), leaf(4)),
    )
  })

  test('behavior: changes with any receipt, any amount and their order', () => {
    const roots = [
      receipts,
      receipts.toReversed(),
      receipts.slice(1),
      receipts.with(2, { receiptId: hash(9), settledNumerator: numerator(2n) }),
      receipts.with(2, { receiptId: hash(3), settledNumerator: numerator(3n) }),
    ].map((list) => Buffer.from(settledRoot(nobleCrypto, list)).toString('hex'))
    expect(new Set(roots).size).toBe(roots.length)
  })
})

test('behavior: payoutId is the hash of the statement ids in their order', () => {
  expect(payoutIdOf(nobleCrypto, [hash(1), hash(2)])).toEqual(nobleCrypto.sha256(concatBytes(hash(1), hash(2))))
  expect(payoutIdOf(nobleCrypto, [hash(2), hash(1)])).not.toEqual(payoutIdOf(nobleCrypto, [hash(1), hash(2)]))
})
