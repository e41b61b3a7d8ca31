import { LIMITS, utf8 } from '@orien/protocol'
import { TOOL_LIMITS } from './limits.ts'

/**
 * Why a text is no path of a file in a workspace, or undefined when it is one: relative, normalised (no empty, `.` or `..` segment, no
 * trailing slash, Unicode NFC), no backslash or control character, each name ≤ 255 bytes, all ≤ 1 024 bytes.
 *
 * @example
 * pathFault('src/Token.sol') // undefined
 * pathFault('../key') // 'has a “..” segment'
 */
export function pathFault(path: string): string | undefined {
  if (path === '') return 'is empty'
  if (path.startsWith('/')) return 'is absolute'
  if (path.length > LIMITS.maxPathBytes || utf8(path).length > LIMITS.maxPathBytes) return 'is too long'
  if (!path.isWellFormed()) return 'is not Unicode'
  if (hasControls(path)) return 'holds control characters'
  if (path.includes('\\')) return 'holds a backslash'
  if (path !== path.normalize('NFC')) return 'is not in Unicode normal form C'
  const segments = path.split('/')
  if (segments.length > TOOL_LIMITS.maxPathSegments) return 'is too deep'
  for (const segment of segments) {
    if (segment === '') return 'has an empty segment'
    if (segment === '.' || segment === '..') return `has a “${segment}” segment`
    if (utf8(segment).length > TOOL_LIMITS.maxSegmentBytes) return 'has a name that is too long'
  }
  return undefined
}

/** True when the text holds C0, DEL or C1 control characters: they drive terminals and end strings. */
export function hasControls(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true
  }
  return false
}
