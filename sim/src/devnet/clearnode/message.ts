import type { Request } from './context.ts'
import { isObject, parseDoubles, parseIntegers, rawField, type Json } from './json.ts'

/**
 * What a WebSocket message is: a request, or a refusal that comes before any method. A refusal is answered under the
 * request's id when that much could be read, else (id undefined) under an id of the node's own, its clock in ms.
 */
export type Message = Request | Unreadable
export interface Unreadable {
  readonly refusal: 'invalid message format' | 'message validation failed'
  readonly id: bigint | undefined
}

const badFormat = (id?: bigint): Unreadable => ({ refusal: 'invalid message format', id })
const invalid: Unreadable = { refusal: 'message validation failed', id: undefined }
const maxUint64 = 2n ** 64n - 1n

/** A uint64 literal; null counts as 0, as it does to Go. */
const uintOf = (value: unknown): bigint | undefined => {
  if (value === null) return 0n
  return typeof value === 'bigint' && value <= maxUint64 ? value : undefined
}

const lowerKeys = <T>(object: { readonly [key: string]: T }): Map<string, T> =>
  new Map(Object.entries(object).map(([key, item]) => [key.toLowerCase(), item]))

const parsed = (text: string): { doubles: Json; integers: unknown } | undefined => {
  try {
    return { doubles: parseDoubles(text), integers: parseIntegers(text) }
  } catch {
    // Not JSON: the caller answers with the refusal for that.
    return undefined
  }
}

const isHex = (value: unknown): value is string =>
  typeof value === 'string' && /^0[xX][0-9a-fA-F]*$/.test(value) && value.length % 2 === 0

/** A number that no double holds ends the reading, as it does in Go. */
const overflows = (value: Json): boolean =>
  typeof value === 'number'
    ? !Number.isFinite(value)
    : typeof value === 'object' && value !== null && Object.values(value).some(overflows)

/** Reads `{ req: [id, method, params, ts], sig? }`, keeping the exact text of `req`. */
export const readMessage = (text: string): Message => {
  const both = parsed(text)
  if (both === undefined) return badFormat()
  if (both.doubles === null) return invalid
  if (!isObject(both.doubles)) return badFormat()
  const top = lowerKeys(both.doubles)
  const req = top.get('req')
  const sig = top.get('sig') ?? []
  const raw = rawField(text, 'req')
  if (req === undefined || req === null || raw === undefined) return invalid
  if (!Array.isArray(req) || req.length !== 4) return badFormat()
  const exact = lowerKeys(both.integers as { readonly [key: string]: unknown }).get('req') as readonly unknown[]
  const [, method, params] = req as readonly Json[]
  const id = uintOf(exact[0])
  const tsMs = uintOf(exact[3])
  if (id === undefined) return badFormat()
  const known = id === 0n ? undefined : id
  if ((typeof method !== 'string' && method !== null) || tsMs === undefined || params === undefined)
    return badFormat(known)
  if (overflows(params) || !Array.isArray(sig) || !sig.every(isHex)) return badFormat(known)
  const empty = params === null || params === 0 || params === '' || params === false
  if (id === 0n || method === null || method === '' || empty || tsMs === 0n || top.get('res')) return invalid
  return { id, method, params, tsMs, text: raw, signatures: sig }
}
