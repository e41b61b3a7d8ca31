import { Point, verify as cofactoredVerify } from '@noble/ed25519'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { equalBytes, fromHex, isUsableKey, nobleCrypto, nobleSigner, passesPrechecks } from '../../../src/index.ts'
import { ed25519Vectors } from '../../make-vectors/ed25519.ts'

const vectors = ed25519Vectors()
const bytes = (text: string): Uint8Array => fromHex(text) ?? new Uint8Array(0)

describe('the one acceptance rule', () => {
  test.each(vectors.map((one) => [one.valid ? 'accepted' : 'refused', one.name, one] as const))(
    'behavior: %s: %s',
    (_, __, { publicKey, message, signature, valid }) => {
      expect(nobleCrypto.verify(bytes(publicKey), bytes(message), bytes(signature))).toBe(valid)
    },
  )

  test('behavior: the vectors bite: the library alone accepts dozens that the rule refuses', () => {
    const taken = vectors.filter(({ publicKey, message, signature, valid }) => {
      if (valid) return false
      try {
        return cofactoredVerify(bytes(signature), bytes(message), bytes(publicKey))
      } catch {
        // It throws for lengths; that is no acceptance.
        return false
      }
    })
    expect(taken.length).toBeGreaterThan(40)
    for (const part of ['R has mixed', 'R has small', 'A has mixed', 'A has small', 'identity', 'non-canonical']) {
      expect(
        taken.some((one) => one.name.includes(part)),
        part,
      ).toBe(true)
    }
  })

  test('behavior: the equation alone holds for small and mixed keys, so only the prechecks refuse them', () => {
    const exact = vectors.filter((one) => one.why.includes('byte for byte'))
    expect(exact.length).toBeGreaterThanOrEqual(23)
    for (const { publicKey, signature } of exact)
      expect(passesPrechecks(bytes(publicKey), bytes(signature))).toBe(false)
  })

  test('behavior: what a signer makes is accepted, and nothing one bit away', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 64 }),
        fc.nat(511),
        (seed, message, bit) => {
          const signer = nobleSigner(seed)
          const signature = signer.sign(message)
          expect(nobleCrypto.verify(signer.publicKey, message, signature)).toBe(true)
          const at = bit >> 3
          signature[at] = (signature[at] ?? 0) ^ (1 << (bit & 7))
          expect(nobleCrypto.verify(signer.publicKey, message, signature)).toBe(false)
        },
      ),
      { numRuns: 20, seed: 1 },
    )
  })

  test('behavior: anything at all is answered, never thrown', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 70 }),
        fc.uint8Array({ maxLength: 8 }),
        fc.uint8Array({ maxLength: 70 }),
        (key, message, signature) => {
          expect(nobleCrypto.verify(key, message, signature)).toBe(false)
        },
      ),
      { numRuns: 300, seed: 2 },
    )
  })
})

describe('Buffers, whose slice() is a window', () => {
  test('behavior: verification leaves the caller’s bytes as they are', () => {
    for (const { publicKey, message, signature, valid } of vectors) {
      const [key, proof] = [Buffer.from(publicKey, 'hex'), Buffer.from(signature, 'hex')]
      expect(nobleCrypto.verify(key, Buffer.from(message, 'hex'), proof)).toBe(valid)
      expect([key.toString('hex'), proof.toString('hex')]).toEqual([publicKey, signature])
    }
  })

  test('behavior: a seed in a Buffer is copied too', () => {
    const seed = Buffer.alloc(32, 5)
    const signer = nobleSigner(seed)
    const before = signer.sign(Uint8Array.of(1))
    seed.fill(0)
    expect(equalBytes(signer.sign(Uint8Array.of(1)), before)).toBe(true)
  })
})

describe('keys', () => {
  test('behavior: a key stays good, and stays bad, however often and from whichever array it is asked', () => {
    const good = nobleSigner(new Uint8Array(32).fill(9)).publicKey
    const bad = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')
      .add(Point.BASE)
      .toBytes()
    for (let round = 0; round < 3; round++) {
      expect(isUsableKey(good.slice())).toBe(true)
      expect(isUsableKey(bad.slice())).toBe(false)
    }
    const reused = good.slice()
    expect(isUsableKey(reused)).toBe(true)
    reused.set(bad)
    expect(isUsableKey(reused)).toBe(false)
  })

  test('behavior: a flood of keys does not change what is answered', () => {
    const good = nobleSigner(new Uint8Array(32).fill(9)).publicKey
    for (let at = 0; at < 5_000; at++) {
      const off = new Uint8Array(32)
      new DataView(off.buffer).setUint32(4, at)
      off[31] = 0x7f
      off.fill(0xff, 8, 31)
      // y ≥ p or off the curve: cheap to refuse, but remembered.
      if (!isUsableKey(off)) continue
    }
    expect(isUsableKey(good)).toBe(true)
  })

  test('behavior: the seed is copied: changing it later changes no signature', () => {
    const seed = new Uint8Array(32).fill(5)
    const signer = nobleSigner(seed)
    const before = signer.sign(Uint8Array.of(1))
    seed.fill(0)
    expect(equalBytes(signer.sign(Uint8Array.of(1)), before)).toBe(true)
  })
})

describe('hash', () => {
  test('behavior: sha256 is over all parts, one after the other', () => {
    const whole = nobleCrypto.sha256(Uint8Array.of(1, 2, 3))
    expect(nobleCrypto.sha256(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3))).toEqual(whole)
    expect(Buffer.from(nobleCrypto.sha256()).toString('hex')).toMatch(/^e3b0c442.*b855$/)
  })
})
