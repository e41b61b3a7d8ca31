import { byCodePoint } from '@orien/protocol'
import type { ScanRange } from './port.ts'

/** True when the key lies within the range. Keys are ordered by their UTF-8 bytes. */
export function inRange(key: string, range: ScanRange): boolean {
  return (
    (range.gte === undefined || byCodePoint(key, range.gte) >= 0) &&
    (range.gt === undefined || byCodePoint(key, range.gt) > 0) &&
    (range.lte === undefined || byCodePoint(key, range.lte) <= 0) &&
    (range.lt === undefined || byCodePoint(key, range.lt) < 0)
  )
}
