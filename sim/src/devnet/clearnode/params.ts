import { parseDecimal, zero, type Decimal } from './decimal.ts'
import { Refusal } from './errors.ts'
import { isObject, textOfNumber, type Json, type JsonObject } from './json.ts'

/**
 * Decoding of request parameters with the real node's tolerance: unknown fields pass, absent ones are zero, keys match
 * without regard to case, a wrong type is `failed to parse parameters`.
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

const field = (object: JsonObject, name: string): Json | undefined => {
  let found: Json | undefined
  for (const [key, value] of Object.entries(object)) if (key.toLowerCase() === name) found = value
  return found ?? undefined
}

export const text = (object: JsonObject, name: string): string => {
  const value = field(object, name)
  if (value === undefined) return ''
  if (typeof value !== 'string') throw unparsable()
  return value
}

export const uint = (object: JsonObject, name: string): bigint => {
  const value = field(object, name)
  if (value === undefined) return 0n
  if (typeof value !== 'bigint' || value < 0n || value > maxUint64) throw unparsable()
  return value
}

const decimal = (object: JsonObject, name: string): Decimal => {
  const value = field(object, name)
  if (value === undefined) return zero
  const written = typeof value === 'bigint' ? value.toString() : typeof value === 'string' ? value : textOfNumber(value)
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
  if (typeof value !== 'string') throw unparsable()
  return value
}

const integerItem = (value: Json): bigint => {
  if (typeof value !== 'bigint') throw unparsable()
  return value
}

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

/** Offset and limit of a list request: 10 by default, 100 at most, enforced by the caller. `sort` is `asc`, `desc` or ''. */
export const pageOf = (params: JsonObject): { offset: bigint; limit: bigint; sort: string } => ({
  offset: uint(params, 'offset'),
  limit: uint(params, 'limit'),
  sort: text(params, 'sort'),
})
