import type { ScanRange } from './port.ts'

const SURROGATES_FROM = 0xd800
const ABOVE_SURROGATES = 0xe000

/** Orders two texts as their UTF-8 bytes are ordered, which JavaScript's `<` does not do beyond U+FFFF. */
export function byUtf8(a: string, b: string): number {
  const shared = Math.min(a.length, b.length)
  for (let at = 0; at < shared; at++) {
    const left = a.charCodeAt(at)
    const right = b.charCodeAt(at)
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

/** Surrogates stand for the highest code points, so they go above everything else. */
function rank(unit: number): number {
  if (unit < SURROGATES_FROM) return unit
  return unit >= ABOVE_SURROGATES ? unit - 0x800 : unit + 0x2000
}

/** True when the key lies within the range. */
export function inRange(key: string, range: ScanRange): boolean {
  return (
    (range.gte === undefined || byUtf8(key, range.gte) >= 0) &&
    (range.gt === undefined || byUtf8(key, range.gt) > 0) &&
    (range.lte === undefined || byUtf8(key, range.lte) <= 0) &&
    (range.lt === undefined || byUtf8(key, range.lt) < 0)
  )
}
