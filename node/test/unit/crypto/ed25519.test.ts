import { createPublicKey, verify as opensslVerify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromHex, nobleCrypto, nobleSigner, utf8 } from '@orien/protocol'
import { keySigner, nodeCrypto } from '../../../src/crypto/index.ts'

interface Vector {
  readonly name: string
  readonly publicKey: string
  readonly message: string
  readonly signature: string
  readonly valid: boolean
}

const file = new URL('../../../../protocol/vectors/ed25519.json', import.meta.url)
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] }
const bytes = (text: string): Uint8Array => fromHex(text) ?? new Uint8Array(0)

/** What OpenSSL says without our prechecks. */
function unchecked({ publicKey, message, signature }: Vector): boolean {
  if (publicKey.length !== 64) return false
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey, 'hex').toString('base64url') },
    format: 'jwk',
  })
  return opensslVerify(null, bytes(message), key, bytes(signature))
}

describe('the one acceptance rule', () => {
  test('behavior: the file has vectors of every kind', () => {
    expect(vectors.length).toBeGreaterThan(150)
    for (const kind of [
      'valid',
      'S + L',
      'R is the identity',
      'R has mixed',
      'R non-canonical',
      'A has small',
      'A has mixed',
      'A non-canonical',
    ]) {
      expect(
        vectors.some((one) => one.name.startsWith(kind)),
        kind,
      ).toBe(true)
    }
  })

  test.each(vectors.map((one) => [one.valid ? 'accepted' : 'refused', one.name, one] as const))(
    'behavior: %s by both verifiers: %s',
    (_, __, { publicKey, message, signature, valid }) => {
      const [key, text, proof] = [bytes(publicKey), bytes(message), bytes(signature)]
      expect([nodeCrypto.verify(key, text, proof), nobleCrypto.verify(key, text, proof)]).toEqual([valid, valid])
    },
  )

  test('behavior: the prechecks are needed: OpenSSL alone accepts keys with a torsion part', () => {
    const taken = vectors.filter((one) => !one.valid && unchecked(one))
    expect(taken.filter((one) => one.name.startsWith('A has mixed')).length).toBeGreaterThanOrEqual(14)
  })

  test('behavior: on anything at all the two verifiers agree', () => {
    const encodings = vectors.flatMap((one) => [bytes(one.publicKey), bytes(one.signature).subarray(0, 32)])
    const point = fc.oneof(
      fc.constantFrom(...encodings.filter((one) => one.length === 32)),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
    )
    const s = fc.oneof(
      fc.constantFrom(
        ...vectors.map((one) => bytes(one.signature).subarray(32, 64)).filter((one) => one.length === 32),
      ),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
    )
    fc.assert(
      fc.property(point, point, s, fc.uint8Array({ maxLength: 4 }), (key, r, tail, message) => {
        const signature = Buffer.concat([r, tail])
        expect(nodeCrypto.verify(key, message, signature)).toBe(nobleCrypto.verify(key, message, signature))
      }),
      { numRuns: 200, seed: 3 },
    )
  })
})

describe('signers and hashes', () => {
  test('behavior: both signers make the same key and the same bytes, and each verifier takes them', () => {
    for (const fill of [0, 1, 0x7f, 0xff]) {
      const seed = new Uint8Array(32).fill(fill)
      const [node, noble] = [keySigner(seed), nobleSigner(seed)]
      const message = utf8(`message ${fill}`)
      expect(node.publicKey).toEqual(noble.publicKey)
      expect(node.sign(message)).toEqual(noble.sign(message))
      for (const crypto of [nodeCrypto, nobleCrypto]) {
        expect(crypto.verify(node.publicKey, message, node.sign(message))).toBe(true)
        expect(crypto.verify(node.publicKey, utf8('other'), node.sign(message))).toBe(false)
      }
    }
  })

  test('error: a seed of another length is refused', () => {
    expect(() => keySigner(new Uint8Array(31))).toThrow(expect.objectContaining({ code: 'internal' }))
  })

  test('behavior: both hash parts as one text, short and long, as plain Uint8Arrays', () => {
    for (const length of [0, 1, 55, 64, 4_095, 4_096, 4_097, 20_000]) {
      const whole = Uint8Array.from({ length }, (_, at) => at % 256)
      const parts = [whole.subarray(0, length >> 1), new Uint8Array(0), whole.subarray(length >> 1)]
      const hashes = [
        nodeCrypto.sha256(whole),
        nodeCrypto.sha256(...parts),
        nobleCrypto.sha256(whole),
        nobleCrypto.sha256(...parts),
      ]
      for (const hash of hashes) expect(hash).toEqual(hashes[0])
      expect(hashes[0]?.constructor).toBe(Uint8Array)
    }
    expect(nodeCrypto.sha256()).toEqual(nobleCrypto.sha256())
  })
})
