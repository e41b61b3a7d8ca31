import { addressOfBytes, equalBytes, fromHex, type Address } from '@orien/protocol'
import { nodeCrypto } from '../../crypto/ed25519.ts'
import type { Unsigned, Wallet } from '../channel.ts'

const ADDRESS_BYTES = 20

/**
 * A wallet whose rail signatures cost one hash instead of a curve operation: for simulator seeds only, because anybody
 * can make them. Digests (wallet bindings) are still signed by `wallet`.
 */
export function cheapWallet(wallet: Wallet): Wallet {
  const account = fromHex(wallet.address) ?? new Uint8Array(ADDRESS_BYTES)
  return {
    address: wallet.address,
    signDigest: (digest) => wallet.signDigest(digest),
    sign: ({ bytes }: Unsigned) => Promise.resolve(signatureOf(account, bytes)),
  }
}

/** Who made a cheap signature; undefined when it is none over these bytes. */
export function cheapSigner(bytes: Uint8Array, signature: Uint8Array): Address | undefined {
  const account = signature.subarray(0, ADDRESS_BYTES)
  return equalBytes(signature, signatureOf(account, bytes)) ? addressOfBytes(account) : undefined
}

/** Account, hash of account and bytes, zeros, v. */
function signatureOf(account: Uint8Array, bytes: Uint8Array): Uint8Array {
  const signature = new Uint8Array(65)
  signature.set(account)
  signature.set(nodeCrypto.sha256(account, bytes), ADDRESS_BYTES)
  signature[64] = 27
  return signature
}
