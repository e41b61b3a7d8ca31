/** Small byte helpers shared by every document. */

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Up to this many bytes an array lies in the heap itself, and a loop is faster than asking the encoder for memory. */
const SHORT = 64

/** UTF-8 bytes of `text`. */
export function utf8(text: string): Uint8Array {
  const { length } = text
  if (length > SHORT) return encoder.encode(text)
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at++) {
    const unit = text.charCodeAt(at)
    if (unit >= 0x80) return encoder.encode(text)
    bytes[at] = unit
  }
  return bytes
}

/** Text of UTF-8 `bytes`; throws TypeError when they are not UTF-8. */
export function utf8Text(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

/** Lower-case hex, two digits a byte, no prefix. */
export function hex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += HEX[byte]
  return text
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Bytes of hex text, with or without 0x; undefined when it is not hex. */
export function fromHex(text: string): Uint8Array | undefined {
  let from = text.startsWith('0x') ? 2 : 0
  const digits = text.length - from
  if (digits % 2 !== 0) return undefined
  const bytes = new Uint8Array(digits / 2)
  for (let at = 0; at < bytes.length; at++) {
    const high = digitOf(text.charCodeAt(from++))
    const low = digitOf(text.charCodeAt(from++))
    if (high < 0 || low < 0) return undefined
    bytes[at] = high * 16 + low
  }
  return bytes
}

/** What a hex digit stands for; −1 for any other character. */
function digitOf(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30
  const letter = unit | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

/** True when both hold the same bytes. Not constant-time: nothing compared with it is secret. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}

/** Orders two texts by their code points, which is the order of their UTF-8 bytes; `<` is not, beyond U+FFFF. */
export function byCodePoint(a: string, b: string): number {
  const shared = Math.min(a.length, b.length)
  for (let at = 0; at < shared; at++) {
    const left = a.charCodeAt(at)
    const right = b.charCodeAt(at)
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

/** Surrogates stand for the highest code points, so they go above every other unit. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}

/** All parts joined into one new array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const joined = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
