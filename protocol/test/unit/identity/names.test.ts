import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addressOfBytes,
  hex,
  isAddress,
  keyOfPeer,
  keccak,
  parsePeer,
  peerOfKey,
  recoverAddress,
  utf8,
} from '../../../src/index.ts'
import { expectCode } from '../../expect.ts'
import { WALLETS } from '../../keys.ts'

const run = { numRuns: 200, seed: 10 }
const key32 = fc.uint8Array({ minLength: 32, maxLength: 32 })

describe('peers', () => {
  test('behavior: a PeerId holds its key', () => {
    fc.assert(
      fc.property(key32, (key) => {
        const peer = peerOfKey(key)
        expect(keyOfPeer(peer)).toEqual(key)
        expect(parsePeer(peer)).toBe(peer)
        expect(peer).toMatch(/^12D3KooW/)
      }),
      run,
    )
  })

  test('error: only ed25519 keys have one', () => {
    for (const length of [0, 31, 33]) expectCode(() => peerOfKey(new Uint8Array(length)), 'badDocument')
  })

  test('error: no other text is one', () => {
    fc.assert(
      fc.property(key32, fc.nat(51), fc.constantFrom('', '0', 'l', ' ', '1', 'é'), (key, at, put) => {
        const peer = peerOfKey(key)
        const other = peer.slice(0, at) + put + peer.slice(at + 1)
        if (other === peer) return
        let parsed: Uint8Array | undefined
        try {
          parsed = keyOfPeer(other)
        } catch (error) {
          expect(error).toMatchObject({ code: 'badDocument' })
          return
        }
        // A changed digit may name another key, but never this one in another spelling.
        expect(hex(parsed)).not.toBe(hex(key))
        expect(peerOfKey(parsed)).toBe(other)
      }),
      run,
    )
    expectCode(() => keyOfPeer('1'.repeat(10_000)), 'badDocument')
  })
})

describe('addresses', () => {
  test('behavior: exactly one spelling of 20 bytes is an address', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), fc.nat(39), (bytes, at) => {
        const address = addressOfBytes(bytes)
        expect(isAddress(address)).toBe(true)
        const letter = address.charAt(at + 2)
        const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()
        const misspelt = address.slice(0, at + 2) + other + address.slice(at + 3)
        expect(isAddress(misspelt)).toBe(misspelt === address)
      }),
      run,
    )
  })

  test('behavior: a text once refused stays refused', () => {
    const wrong = WALLETS.agent.address.toLowerCase()
    expect([isAddress(wrong), isAddress(wrong), isAddress(WALLETS.agent.address)]).toEqual([false, false, true])
    expect(isAddress('0x'.padEnd(100_000, 'a'))).toBe(false)
  })
})

describe('recovery', () => {
  const digest = keccak(utf8('recover me'))

  test('behavior: gives the wallet that signed', () => {
    for (const wallet of Object.values(WALLETS))
      expect(recoverAddress(digest, wallet.sign(digest))).toBe(wallet.address)
    expect(keccak(utf8('recover '), utf8('me'))).toEqual(digest)
  })

  test('behavior: anything malformed is undefined, never thrown', () => {
    const good = WALLETS.agent.sign(digest)
    expect(recoverAddress(digest.subarray(1), good)).toBeUndefined()
    for (const v of [0, 1, 26, 29, 255]) expect(recoverAddress(digest, good.with(64, v))).toBeUndefined()
    expect(recoverAddress(digest, new Uint8Array(65).fill(0xff))).toBeUndefined()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 70 }), (text, signature) => {
        expect(recoverAddress(text, signature)).toBeUndefined()
      }),
      run,
    )
  })
})
