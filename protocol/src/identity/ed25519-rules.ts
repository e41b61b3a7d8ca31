import { Point } from '@noble/ed25519'
import { hex } from '../bytes.ts'

/**
 * ORIEN's one acceptance rule for ed25519, as far as no library is needed for it: what both adapters (noble and
 * node:crypto) check before any arithmetic, so that they accept exactly the same set.
 */

/** Order of the base point's subgroup, L = 2²⁵² + 27742317777372353535851937790883648493, little-endian. */
const L_BYTES = Uint8Array.from([
  0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0x10,
])

/** y of the points of order 4 (0), 1 (1) and 8 (both pairs), without the sign bit; order 2 is p − 1. */
const SMALL_ORDER_Y: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])
const SMALL_ORDER_FIRST: ReadonlySet<number> = new Set([0x00, 0x01, 0x26, 0xc7, 0xec])

const usable = new Map<string, boolean>()
const USABLE_MAX = 4_096

/**
 * True when key and signature may go on to `encode([S]B − [k]A) = R`: right lengths, S < L, A and R canonical and not
 * of small order, A torsion-free (worked out once per key). Never throws.
 */
export function passesPrechecks(publicKey: Uint8Array, signature: Uint8Array): boolean {
  return (
    signature.length === 64 &&
    isReduced(signature, 32) &&
    isPlainPoint(signature) &&
    publicKey.length === 32 &&
    isUsableKey(publicKey)
  )
}

/** True for 32 bytes that are the canonical encoding of a torsion-free point other than the identity. Remembered per key. */
export function isUsableKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== 32) return false
  const name = hex(publicKey)
  const known = usable.get(name)
  if (known !== undefined) return known
  const good = isPlainPoint(publicKey) && isTorsionFree(publicKey)
  // One out, one in: a flood of strange keys must not make every known key be worked out anew.
  if (usable.size >= USABLE_MAX) for (const oldest of usable.keys()) if (usable.delete(oldest)) break
  usable.set(name, good)
  return good
}

/** True when the 32 little-endian bytes from `at` are below L. */
function isReduced(bytes: Uint8Array, at: number): boolean {
  for (let digit = 31; digit >= 0; digit--) {
    const ours = bytes[at + digit] ?? 0
    const limit = L_BYTES[digit] ?? 0
    if (ours !== limit) return ours < limit
  }
  return false
}

/** True when the first 32 bytes encode a y below p that is not of small order. Whether y is on the curve is not asked. */
function isPlainPoint(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0
  const last = (bytes[31] ?? 0) & 0x7f
  if (last === 0x7f && first >= 0xed) {
    let all = true
    for (let at = 1; at < 31; at++) if (bytes[at] !== 0xff) all = false
    if (all) return false
  }
  if (!SMALL_ORDER_FIRST.has(first)) return true
  // Not slice(): of a Buffer that is a window, and the next line would change the caller's bytes.
  const y = Uint8Array.from(bytes.subarray(0, 32))
  y[31] = last
  return !SMALL_ORDER_Y.has(hex(y))
}

function isTorsionFree(publicKey: Uint8Array): boolean {
  try {
    return Point.fromBytes(publicKey).isTorsionFree()
  } catch {
    // Not on the curve: no key at all.
    return false
  }
}
