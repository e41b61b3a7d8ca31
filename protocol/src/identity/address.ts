import { keccak_256 } from '@noble/hashes/sha3.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { concatBytes, fromHex, hex, utf8 } from '../bytes.ts'

declare const addressBrand: unique symbol

/** A 20-byte EVM account in EIP-55 spelling. Two texts are the same account exactly when they are equal. */
export type Address = `0x${string}` & { readonly [addressBrand]: true }

const spelled = new Map<string, boolean>()
const SPELLED_MAX = 4_096

/** True for an address spelled with its EIP-55 checksum. */
export function isAddress(text: string): text is Address {
  const cached = spelled.get(text)
  if (cached !== undefined) return cached
  const bytes = /^0x[0-9a-fA-F]{40}$/.test(text) ? fromHex(text) : undefined
  const good = bytes !== undefined && addressOfBytes(bytes) === text
  if (spelled.size >= SPELLED_MAX) spelled.clear()
  if (text.length <= 42) spelled.set(text, good)
  return good
}

const spellings = new Map<string, Address>()

/** EIP-55 spelling of 20 bytes. */
export function addressOfBytes(bytes: Uint8Array): Address {
  const lower = hex(bytes)
  const known = spellings.get(lower)
  if (known !== undefined) return known
  const address = spell(lower)
  // The oldest goes.
  if (spellings.size >= SPELLED_MAX) for (const oldest of spellings.keys()) if (spellings.delete(oldest)) break
  spellings.set(lower, address)
  return address
}

function spell(lower: string): Address {
  const digest = hex(keccak_256(utf8(lower)))
  let text = '0x'
  for (let at = 0; at < lower.length; at++) {
    const digit = lower.charAt(at)
    text += Number.parseInt(digest.charAt(at), 16) >= 8 ? digit.toUpperCase() : digit
  }
  return text as Address
}

/** keccak-256 of all parts, one after the other. */
export function keccak(...parts: readonly Uint8Array[]): Uint8Array {
  return keccak_256(parts.length === 1 && parts[0] !== undefined ? parts[0] : concatBytes(...parts))
}

/**
 * The account that made a 65-byte `r ‖ s ‖ v` signature over a 32-byte digest; undefined for anything malformed,
 * high-s or with v other than 27 and 28.
 */
export function recoverAddress(digest: Uint8Array, signature: Uint8Array): Address | undefined {
  if (signature.length !== 65 || digest.length !== 32) return undefined
  const v = signature[64]
  if (v !== 27 && v !== 28) return undefined
  try {
    const parsed = secp256k1.Signature.fromBytes(signature.subarray(0, 64), 'compact').addRecoveryBit(v - 27)
    if (parsed.hasHighS()) return undefined
    const point = parsed.recoverPublicKey(digest).toBytes(false)
    return addressOfBytes(keccak(point.subarray(1)).subarray(12))
  } catch {
    // Not a point on the curve: the same answer as any other bad signature.
    return undefined
  }
}
