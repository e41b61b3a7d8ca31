import type { Request } from './context.ts'
import { isObject, parseExact, rawField, type Json } from './json.ts'

/** What a WebSocket message is: a request, or one of the two refusals that are answered under an id of the node's own. */
export type Message = Request | 'invalid message format' | 'message validation failed'

const maxUint64 = 2n ** 64n - 1n
const isUint = (value: Json | undefined): value is bigint =>
  typeof value === 'bigint' && value >= 0n && value <= maxUint64

const lowerKeys = (value: Json): { readonly [key: string]: Json } | undefined =>
  isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key.toLowerCase(), item] as const))
    : undefined

const parsed = (text: string): Json | undefined => {
  try {
    return parseExact(text)
  } catch {
    // Not JSON: the caller answers with the refusal for that.
    return undefined
  }
}

/** Reads `{ req: [id, method, params, ts], sig? }`, keeping the exact text of `req`. */
export const readMessage = (text: string): Message => {
  const top = lowerKeys(parsed(text) ?? null)
  const req = top?.['req']
  const sig = top?.['sig'] ?? []
  const raw = rawField(text, 'req')
  if (!Array.isArray(req) || raw === undefined || req.length !== 4) return 'invalid message format'
  const [id, method, params, tsMs] = req as readonly Json[]
  if (!isUint(id) || typeof method !== 'string' || !isUint(tsMs)) return 'invalid message format'
  if (params !== null && !isObject(params)) return 'invalid message format'
  if (!Array.isArray(sig) || !sig.every((item) => typeof item === 'string')) return 'invalid message format'
  if (id === 0n || method === '') return 'message validation failed'
  return { id, method, params: params ?? {}, tsMs, text: raw, signatures: sig }
}
