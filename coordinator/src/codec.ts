import { concatBytes, OrienError, utf8, utf8Text } from '@orien/protocol'
import { crc32 } from './crc32.ts'

const CRC_BYTES = 4
const HEAD_BYTES = 2 * CRC_BYTES

/**
 * Bytes of a record: CRC-32 of what follows, length of the JSON, JSON, then every byte array of it one after the other. Amounts are written as decimal
 * text, byte arrays as their place in the tail, so neither ever passes through a float or base64.
 */
export function encodeRecord(value: unknown): Uint8Array {
  const tail: Uint8Array[] = []
  let at = 0
  const text = utf8(
    JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, key, seen: unknown) {
      // The holder's own value: a Buffer has turned into JSON before it gets here.
      const raw = this[key]
      if (typeof raw === 'bigint') return { $n: raw.toString() }
      if (!(raw instanceof Uint8Array)) return seen
      tail.push(raw)
      at += raw.length
      return { $b: [at - raw.length, raw.length] }
    }),
  )
  const head = new Uint8Array(HEAD_BYTES)
  const record = concatBytes(head, text, ...tail)
  const view = new DataView(record.buffer, record.byteOffset)
  view.setUint32(CRC_BYTES, text.length)
  view.setUint32(0, crc32(record.subarray(CRC_BYTES)))
  return record
}

/** The record that `encodeRecord` wrote under a key. Throws `storeCorrupt` naming the key when the bytes are none, or not all as they were written. */
export function decodeRecord<T>(bytes: Uint8Array, key?: string): T {
  try {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (view.getUint32(0) !== crc32(bytes.subarray(CRC_BYTES))) throw new RangeError('the checksum differs')
    const length = view.getUint32(CRC_BYTES)
    const tail = bytes.subarray(HEAD_BYTES + length)
    return JSON.parse(utf8Text(bytes.subarray(HEAD_BYTES, HEAD_BYTES + length)), (_key, value: unknown) => {
      if (typeof value !== 'object' || value === null) return value
      if ('$n' in value && typeof value.$n === 'string') return BigInt(value.$n)
      if (!('$b' in value) || !Array.isArray(value.$b)) return value
      const [from, size] = value.$b as [number, number]
      return tail.slice(from, from + size)
    }) as T
  } catch (cause) {
    const named = key === undefined ? 'a record' : `the record ${key}`
    const details = key === undefined ? {} : { key }
    throw new OrienError('storeCorrupt', { message: `${named} of the book cannot be read`, details, cause })
  }
}
