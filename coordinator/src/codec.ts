import { OrienError, utf8, utf8Text } from '@orien/protocol'
import { crc32 } from './crc32.ts'

const encoder = new TextEncoder()
const CRC_BYTES = 4
const HEAD_BYTES = 2 * CRC_BYTES

/**
 * Bytes of a record: CRC-32 of what follows, length of the JSON, JSON, then every byte array of it one after the other. Amounts are written as decimal
 * text, byte arrays as their place in the tail, so neither ever passes through a float or base64.
 */
export function encodeRecord(value: unknown): Uint8Array {
  const tail: Tail = { parts: [], bytes: 0 }
  const json = JSON.stringify(plainOf(value, tail))
  let record = new Uint8Array(HEAD_BYTES + json.length + tail.bytes)
  const { read, written: fast } = encoder.encodeInto(json, record.subarray(HEAD_BYTES))
  let written = fast
  if (read < json.length || written !== json.length) {
    // Not ASCII alone, so longer than it was taken for: rare.
    const text = utf8(json)
    written = text.length
    record = new Uint8Array(HEAD_BYTES + written + tail.bytes)
    record.set(text, HEAD_BYTES)
  }
  let at = HEAD_BYTES + written
  for (const part of tail.parts) {
    record.set(part, at)
    at += part.length
  }
  const view = new DataView(record.buffer, record.byteOffset)
  view.setUint32(CRC_BYTES, written)
  view.setUint32(0, crc32(record.subarray(CRC_BYTES)))
  return record
}

interface Tail {
  readonly parts: Uint8Array[]
  bytes: number
}

/** The value as JSON has it. Not by a replacer: calling one for every field costs three times as much as the rest. */
function plainOf(value: unknown, tail: Tail): unknown {
  if (typeof value === 'bigint') return { $n: value.toString() }
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) {
    tail.parts.push(value)
    tail.bytes += value.length
    return { $b: [tail.bytes - value.length, value.length] }
  }
  if (Array.isArray(value)) return value.map((one) => plainOf(one, tail))
  const plain: Record<string, unknown> = {}
  for (const [key, one] of Object.entries(value)) plain[key] = plainOf(one, tail)
  return plain
}

/** What `plainOf` made plain, as it was; by hand for the same reason. Fresh from the parser, the value is changed where it stands. */
function restored(value: unknown, tail: Uint8Array): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) value[at] = restored(value[at], tail)
    return value
  }
  const fields = value as Record<string, unknown>
  const { $n, $b } = fields
  if (typeof $n === 'string') return BigInt($n)
  if (Array.isArray($b)) {
    const [from, size] = $b as [number, number]
    return tail.slice(from, from + size)
  }
  for (const key in fields) {
    const one = fields[key]
    if (typeof one === 'object' && one !== null) fields[key] = restored(one, tail)
  }
  return fields
}

/** The record that `encodeRecord` wrote under a key. Throws `storeCorrupt` naming the key when the bytes are none, or not all as they were written. */
export function decodeRecord<T>(bytes: Uint8Array, key?: string): T {
  try {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (view.getUint32(0) !== crc32(bytes.subarray(CRC_BYTES))) throw new RangeError('the checksum differs')
    const length = view.getUint32(CRC_BYTES)
    const tail = bytes.subarray(HEAD_BYTES + length)
    return restored(JSON.parse(utf8Text(bytes.subarray(HEAD_BYTES, HEAD_BYTES + length))), tail) as T
  } catch (cause) {
    const named = key === undefined ? 'a record' : `the record ${key}`
    const details = key === undefined ? {} : { key }
    throw new OrienError('storeCorrupt', { message: `${named} of the book cannot be read`, details, cause })
  }
}
