import { utf8 } from '../bytes.ts'
import { OrienError } from '../errors.ts'
import { parsePeer } from '../identity/peer.ts'
import { isAddress } from '../identity/address.ts'
import { LIMITS } from '../limits.ts'

/** Field checks shared by every document. Each throws `badDocument` naming the field. */

export function fail(field: string, what: string): never {
  throw new OrienError('badDocument', { message: `${field} ${what}`, details: { field } })
}

export function check(holds: boolean, field: string, what: string): void {
  if (!holds) fail(field, what)
}

/** A 32-byte hash or id. */
export function hash32(value: Uint8Array, field: string): void {
  bytesOf(value, field, 32, 32)
}

export function bytesOf(value: Uint8Array, field: string, min: number, max: number): void {
  const fits = value instanceof Uint8Array && value.length >= min && value.length <= max
  if (!fits) fail(field, `is not ${min} to ${max} bytes`)
}

/** Text of at most `maxBytes` UTF-8 bytes: valid Unicode without control characters other than newline and tab. */
export function text(value: string, field: string, maxBytes: number, minBytes = 0): void {
  check(typeof value === 'string', field, 'is not text')
  if (isPlain(value)) {
    check(
      value.length >= minBytes && value.length <= maxBytes,
      field,
      `is not ${minBytes} to ${maxBytes} bytes of text`,
    )
    return
  }
  // Half a surrogate pair has an encoding of its own in the wire library, but none in UTF-8.
  check(value.isWellFormed(), field, 'is not Unicode')
  const length = value.length > maxBytes ? value.length : utf8(value).length
  check(length >= minBytes && length <= maxBytes, field, `is not ${minBytes} to ${maxBytes} bytes of text`)
  check(!/[\p{Cc}--[\t\n]]/v.test(value), field, 'holds control characters')
}

/** Printable ASCII alone: a byte for each character, and nothing to look for. */
function isPlain(value: string): boolean {
  for (let at = 0; at < value.length; at++) {
    const unit = value.charCodeAt(at)
    if (unit < 0x20 || unit > 0x7e) return false
  }
  return true
}

/** A whole number from `min` to `max`. */
export function whole(value: number, field: string, max: number, min = 0): void {
  const fits = Number.isSafeInteger(value) && value >= min && value <= max
  if (!fits) fail(field, `is not a whole number from ${min} to ${max}`)
}

/** A sequence number: 0 … 2⁵³−1. */
export function sequence(value: number, field: string, min = 0): void {
  whole(value, field, Number.MAX_SAFE_INTEGER, min)
}

/** Unix ms. */
export function time(value: number, field: string): void {
  whole(value, field, LIMITS.maxTimeMs)
}

export function amount(value: bigint, field: string, max: bigint = LIMITS.maxAllowanceMicros, min = 0n): void {
  const fits = typeof value === 'bigint' && value >= min && value <= max
  if (!fits) fail(field, `is not an amount from ${min} to ${max}`)
}

export function uint64(value: bigint, field: string): void {
  amount(value, field, (1n << 64n) - 1n)
}

export function list<T>(
  values: readonly T[],
  field: string,
  max: number,
  each: (value: T, field: string) => void,
  min = 0,
): void {
  check(
    Array.isArray(values) && values.length >= min && values.length <= max,
    field,
    `does not hold ${min} to ${max} entries`,
  )
  values.forEach((value, at) => each(value, `${field}[${at}]`))
}

export function oneOf(value: string, field: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) fail(field, `is none of ${allowed.join(', ')}`)
}

export function peer(value: string, field: string): void {
  try {
    parsePeer(value)
  } catch (cause) {
    throw new OrienError('badDocument', { message: `${field} is not an ed25519 PeerId`, details: { field }, cause })
  }
}

/** An EVM address in EIP-55 spelling. */
export function address(value: string, field: string): void {
  check(isAddress(value), field, 'is not an address in EIP-55 spelling')
}

/** An identifier: letters, digits, `_`, `-`, `.`; starts with a letter. */
export function identifier(value: string, field: string): void {
  check(/^[a-z][a-zA-Z0-9_.-]{0,63}$/.test(value), field, 'is not an identifier')
}

export function distinct(values: readonly string[], field: string): void {
  check(new Set(values).size === values.length, field, 'holds an entry twice')
}

/** An embedded envelope, still unopened. */
export function envelope(value: Uint8Array, field: string): void {
  bytesOf(value, field, 1, LIMITS.maxEnvelopeBytes)
}

export function present<T>(value: T | undefined, field: string): asserts value is T {
  check(value !== undefined, field, 'is missing')
}
