import { equalBytes, type Crypto, type Signer } from '@orien/protocol'
import { keySigner, nodeCrypto } from '@orien/node/crypto'

/** Keys and verification of a world: `cheap` ones cost one hash, and anybody could make them; nobody in an honest world does. */
export interface WorldCrypto {
  readonly crypto: Crypto
  signer(seed: Uint8Array): Signer
}

export const realCrypto: WorldCrypto = { crypto: nodeCrypto, signer: keySigner }

const SIGNATURE_BYTES = 64

export const cheapCrypto: WorldCrypto = {
  crypto: {
    sha256: (...parts) => nodeCrypto.sha256(...parts),
    verify: (publicKey, message, signature) => equalBytes(signature, cheapSignature(publicKey, message)),
  },
  signer(seed) {
    // The public key is a real one, so that PeerIds are.
    const { publicKey } = keySigner(seed)
    return { publicKey, sign: (message) => cheapSignature(publicKey, message) }
  },
}

function cheapSignature(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  const signature = new Uint8Array(SIGNATURE_BYTES)
  signature.set(nodeCrypto.sha256(publicKey, message))
  return signature
}
