import { createHash, createPrivateKey, createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto'
import { OrienError, passesPrechecks, type Crypto, type Signer } from '@orien/protocol'

/** DER of an ed25519 key up to its 32 bytes (RFC 8410). */
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
const SEED_BYTES = 32
const HASH_BYTES = 32

/** Below this one joined copy is faster than feeding a hash object part by part. */
const JOIN_BELOW_BYTES = 4_096

const keys = new Map<string, KeyObject>()
const KEYS_MAX = 4_096

/**
 * Hashing and verification by node:crypto, about 66 µs a signature. What OpenSSL alone accepts changes with its
 * version, so the shared prechecks come first; behind them every version agrees with the one acceptance rule.
 */
export const nodeCrypto: Crypto = {
  sha256(...parts) {
    let bytes = 0
    for (const part of parts) bytes += part.length
    if (bytes > JOIN_BELOW_BYTES) {
      const running = createHash('sha256')
      for (const part of parts) running.update(part)
      return plain(running.digest())
    }
    const [only] = parts
    return digestOf(only !== undefined && parts.length === 1 ? only : joined(parts, bytes))
  },
  verify(publicKey, message, signature) {
    if (!passesPrechecks(publicKey, signature)) return false
    return verify(null, message, publicKeyOf(publicKey), signature)
  },
}

/**
 * A signer with a 32-byte ed25519 seed (RFC 8032) by node:crypto, about 24 µs a signature. Throws `internal` unless the seed has 32
 * bytes.
 *
 * @example
 * const signer = keySigner(systemRandom.bytes(32))
 * const signature = signer.sign(utf8('hello'))
 */
export function keySigner(seed: Uint8Array): Signer {
  if (seed.length !== SEED_BYTES) throw new OrienError('internal', { message: `a seed has ${SEED_BYTES} bytes` })
  const key = createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, seed]), format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return {
    publicKey: new Uint8Array(spki.subarray(PUBLIC_PREFIX.length)),
    sign: (message) => plain(sign(null, message, key)),
  }
}

const scratch = new Uint8Array(JOIN_BELOW_BYTES)

/** Parts one after the other, in a buffer that the next call overwrites. */
function joined(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  let at = 0
  for (const part of parts) {
    scratch.set(part, at)
    at += part.length
  }
  return scratch.subarray(0, bytes)
}

/** By way of text: 32 bytes of an array of their own lie in the heap, while those of a Buffer are a piece of memory for the collector to follow. */
function digestOf(bytes: Uint8Array): Uint8Array {
  const text = hash('sha256', bytes, 'latin1')
  const digest = new Uint8Array(HASH_BYTES)
  for (let at = 0; at < HASH_BYTES; at++) digest[at] = text.charCodeAt(at)
  return digest
}

/** The key object of 32 bytes that passed the prechecks, made once per key. */
function publicKeyOf(bytes: Uint8Array): KeyObject {
  const name = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const known = keys.get(name)
  if (known !== undefined) return known
  const key = createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, bytes]), format: 'der', type: 'spki' })
  if (keys.size >= KEYS_MAX) for (const oldest of keys.keys()) if (keys.delete(oldest)) break
  keys.set(name, key)
  return key
}

/** A Uint8Array over a Buffer's bytes: what leaves here is the same type whichever adapter made it. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}
