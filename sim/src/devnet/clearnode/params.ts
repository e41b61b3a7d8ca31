import { parseDecimal, zero, type Decimal } from './decimal.ts'
import { Refusal } from './errors.ts'
import { isObject, type Json, type JsonObject } from './json.ts'

/**
 * Decoding of request parameters with the real node's tolerance: unknown fields pass, absent ones are zero, keys match
 * without regard to case, a wrong type is `failed to parse parameters`. Integers arrive as doubles (json.ts).
 */
export interface Allocation {
  readonly participant: string
  readonly asset: string
  readonly amount: Decimal
}

export interface Definition {
  readonly application: string
  readonly protocol: string
  readonly participants: readonly string[]
  readonly weights: readonly bigint[]
  readonly quorum: bigint
  readonly challenge: bigint
  readonly nonce: bigint
}

const unparsable = (): Refusal => new Refusal('failed to parse parameters')
const maxUint64 = 2n ** 64n - 1n
const maxUint32 = 2n ** 32n - 1n

const field = (object: JsonObject, name: string): Json | undefined => {
  const spellings = Object.keys(object).filter((key) => key.toLowerCase() === name)
  // Of several spellings the last in the order of bytes wins, as when Go re-reads its own map.
  const last = spellings.toSorted((a, b) => (a < b ? -1 : 1)).at(-1)
  return last === undefined ? undefined : (object[last] ?? undefined)
}

export const text = (object: JsonObject, name: string): string => {
  const value = field(object, name)
  if (value === undefined) return ''
  if (typeof value !== 'string') throw unparsable()
  return value
}

/** Text, or undefined when it is absent or null. */
export const optionalText = (object: JsonObject, name: string): string | undefined =>
  field(object, name) === undefined ? undefined : text(object, name)

const integer = (value: Json): bigint => {
  const written = typeof value === 'number' ? String(value) : ''
  if (!/^-?\d+$/.test(written)) throw unparsable()
  return BigInt(written)
}

const optionalUint = (object: JsonObject, name: string, most: bigint): bigint | undefined => {
  const value = field(object, name)
  if (value === undefined) return undefined
  const parsed = integer(value)
  if (parsed < 0n || parsed > most) throw unparsable()
  return parsed
}

export const uint = (object: JsonObject, name: string): bigint => optionalUint(object, name, maxUint64) ?? 0n

export const optionalUint32 = (object: JsonObject, name: string): bigint | undefined =>
  optionalUint(object, name, maxUint32)

const decimal = (object: JsonObject, name: string): Decimal => {
  const value = field(object, name)
  if (value === undefined) return zero
  const written = typeof value === 'number' ? String(value) : typeof value === 'string' ? value : undefined
  const parsed = written === undefined ? undefined : parseDecimal(written)
  if (parsed === undefined) throw unparsable()
  return parsed
}

export const list = <T>(object: JsonObject, name: string, item: (value: Json) => T): readonly T[] => {
  const value = field(object, name)
  if (value === undefined) return []
  if (!Array.isArray(value)) throw unparsable()
  return (value as readonly Json[]).map(item)
}

export const object = (value: Json | undefined): JsonObject => {
  if (value === undefined || value === null) return {}
  if (!isObject(value)) throw unparsable()
  return value
}

export const allocationOf = (value: Json): Allocation => {
  const fields = object(value)
  return { participant: text(fields, 'participant'), asset: text(fields, 'asset'), amount: decimal(fields, 'amount') }
}

const stringItem = (value: Json): string => {
  if (value === null) return ''
  if (typeof value !== 'string') throw unparsable()
  return value
}

const integerItem = (value: Json): bigint => (value === null ? 0n : integer(value))

export const definitionOf = (params: JsonObject): Definition => {
  const fields = object(field(params, 'definition'))
  return {
    application: text(fields, 'application'),
    protocol: text(fields, 'protocol'),
    participants: list(fields, 'participants', stringItem),
    weights: list(fields, 'weights', integerItem),
    quorum: uint(fields, 'quorum'),
    challenge: uint(fields, 'challenge'),
    nonce: uint(fields, 'nonce'),
  }
}

/** Offset and limit of a list request: 10 by default, 100 at most, enforced by the caller. */
export const pageOf = (params: JsonObject): { offset: bigint; limit: bigint; sort: string | undefined } => ({
  offset: optionalUint32(params, 'offset') ?? 0n,
  limit: optionalUint32(params, 'limit') ?? 0n,
  sort: optionalText(params, 'sort'),
})
