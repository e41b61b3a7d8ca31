import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  concatBytes,
  leafHash,
  nobleCrypto,
  nodeHash,
  proofRoot,
  treeOf,
  type Crypto,
  type LastPath,
} from '../../../src/index.ts'

const leaf = (value: number): Uint8Array => leafHash(nobleCrypto, Uint8Array.of(value & 0xff, value >> 8))

test('behavior: leaves and nodes are hashed apart', () => {
  const [a, b] = [leaf(1), leaf(2)]
  expect(leafHash(nobleCrypto, concatBytes(a, b))).not.toEqual(nodeHash(nobleCrypto, a, b))
  expect(nodeHash(nobleCrypto, a, b)).toEqual(nobleCrypto.sha256(Uint8Array.of(1), a, b))
  expect(nodeHash(nobleCrypto, a, b)).not.toEqual(nodeHash(nobleCrypto, b, a))
})

test('behavior: every leaf’s proof leads to the root, whatever the number of leaves', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 130 }), (count) => {
      const leaves = Array.from({ length: count }, (_, at) => leaf(at))
      const { root, proofs } = treeOf(nobleCrypto, leaves)
      leaves.forEach((one, at) => expect(proofRoot(nobleCrypto, one, proofs[at] ?? [])).toEqual(root))
      expect(Math.max(...proofs.map((proof) => proof.length))).toBe(Math.ceil(Math.log2(count)))
    }),
    { numRuns: 25, seed: 7 },
  )
})

test('behavior: a proof leads elsewhere from another leaf', () => {
  const { root, proofs } = treeOf(nobleCrypto, [1, 2, 3].map(leaf))
  expect(proofRoot(nobleCrypto, leaf(1), proofs[2] ?? [])).not.toEqual(root)
})

test('behavior: with the path walked last a batch costs one node a document, and whatever differs is hashed', () => {
  let hashed = 0
  const counting: Crypto = {
    ...nobleCrypto,
    sha256: (...parts) => {
      hashed++
      return nobleCrypto.sha256(...parts)
    },
  }
  const leaves = Array.from({ length: 64 }, (_, at) => leaf(at))
  const { root, proofs } = treeOf(nobleCrypto, leaves)
  const last: LastPath = []
  leaves.forEach((one, at) => expect(proofRoot(counting, one, proofs[at] ?? [], last)).toEqual(root))
  expect(hashed).toBe(63)
  const proof = proofs[63] ?? []
  proof.forEach((step, at) => {
    const changed = proof.with(at, { ...step, hash: leaf(999) })
    expect(proofRoot(counting, leaf(63), changed, last)).toEqual(proofRoot(nobleCrypto, leaf(63), changed))
    const turned = proof.with(at, { ...step, left: !step.left })
    expect(proofRoot(counting, leaf(63), turned, last)).toEqual(proofRoot(nobleCrypto, leaf(63), turned))
  })
})

test('error: there is no tree without a leaf', () => {
  expect(() => treeOf(nobleCrypto, [])).toThrow(RangeError)
})
