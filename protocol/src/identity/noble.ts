import * as ed from '@noble/ed25519'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import type { Crypto, Signer } from '../ports.ts'

ed.hashes.sha512 = sha512

/** A signer with a 32-byte ed25519 seed, in pure JavaScript. */
export function nobleSigner(seed: Uint8Array): Signer {
  const secret = seed.slice()
  return { publicKey: ed.getPublicKey(secret), sign: (message) => ed.sign(message, secret) }
}

/** Hashing and verification in pure JavaScript; slow (~1 ms a signature), runs anywhere. */
export const nobleCrypto: Crypto = {
  sha256(...parts) {
    const hash = sha256.create()
    for (const part of parts) hash.update(part)
    return hash.digest()
  },
  verify: () => false,
}
