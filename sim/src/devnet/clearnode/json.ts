/**
 * JSON as the real node treats it. Its request ids and times are exact 64-bit integers, but parameters pass through
 * doubles: a larger integer loses its last bits before anything is checked or hashed. Signatures cover the exact text of
 * `req`, whose span is found in the raw message.
 */
export type JsonObject = { readonly [key: string]: Json }
export type Json = null | boolean | string | number | readonly Json[] | JsonObject

/** What may be written: additionally bigint, as an integer literal, and undefined fields, which are left out. */
export type Writable =
  null | boolean | string | bigint | number | undefined | readonly Writable[] | { readonly [key: string]: Writable }

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown
// The source text of a number (ES2025) is in the runtime; the compiler's library does not know it yet.
const parseWithSource = JSON.parse as (text: string, reviver: Reviver) => unknown
const rawJson = (JSON as unknown as { rawJSON: (text: string) => unknown }).rawJSON

/** Parses JSON with doubles; throws SyntaxError as JSON.parse does. */
export const parseDoubles = (text: string): Json => JSON.parse(text) as Json

/** Parses JSON with unsigned integer literals as bigint, all other numbers as doubles. */
export const parseIntegers = (text: string): unknown =>
  parseWithSource(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && /^\d+$/.test(source) ? BigInt(source) : value,
  )

/** Writes JSON; bigint becomes an integer literal of any size. */
export const stringifyExact = (value: Writable): string =>
  JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? rawJson(item.toString()) : item))

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** JSON text of a string as Go's encoder writes it: `<`, `>`, `&` and the two line separators are escaped. */
export const goString = (text: string): string =>
  JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)

const endOfString = (text: string, start: number): number => {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

const endOfValue = (text: string, start: number): number => {
  let at = start
  let depth = 0
  while (at < text.length) {
    const c = text.charAt(at)
    if (c === '"') {
      at = endOfString(text, at)
      if (depth === 0) return at
      continue
    }
    if (c === '{' || c === '[') depth++
    else if (c === '}' || c === ']') {
      if (depth === 0) return at
      depth--
      if (depth === 0) return at + 1
    } else if (c === ',' && depth === 0) return at
    at++
  }
  return at
}

/**
 * The exact text of a top-level field of an object, surrounding white space removed; undefined when absent.
 * The message must already have passed parseExact. Keys match without regard to case and the last one wins, as in Go.
 */
export const rawField = (text: string, name: string): string | undefined => {
  let found: string | undefined
  let at = text.indexOf('{') + 1
  while (at < text.length) {
    while (at < text.length && /[\s,]/.test(text.charAt(at))) at++
    if (text.charAt(at) !== '"') break
    const keyEnd = endOfString(text, at)
    const key = JSON.parse(text.slice(at, keyEnd)) as string
    const start = text.indexOf(':', keyEnd) + 1
    const end = endOfValue(text, start)
    if (key.toLowerCase() === name) found = text.slice(start, end).trim()
    at = end
  }
  return found
}
