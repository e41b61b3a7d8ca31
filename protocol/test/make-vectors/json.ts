import { hex } from '../../src/index.ts'

export type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json }

/** A value as the vectors write it: bytes as hex, bigints as decimal text, absent fields left out. */
export function toJson(value: unknown): Json {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return hex(value)
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, field]) => field !== undefined)
    return Object.fromEntries(entries.map(([key, field]) => [key, toJson(field)]))
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  throw new Error(`a vector cannot hold ${typeof value}`)
}
