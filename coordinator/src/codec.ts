import { concatBytes, OrienError, utf8, utf8Text } from '@orien/protocol'

const LENGTH_BYTES = 4

/**
 * Bytes of a record: its length, JSON, then every byte array of it one after the other. Amounts are written as decimal
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
  const length = new Uint8Array(LENGTH_BYTES)
  new DataView(length.buffer).setUint32(0, text.length)
  return concatBytes(length, text, ...tail)
}

/** The record that `encodeRecord` wrote. Throws `storeCorrupt` when the bytes are none. */
export function decodeRecord<T>(bytes: Uint8Array): T {
  try {
    const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0)
    const tail = bytes.subarray(LENGTH_BYTES + length)
    return JSON.parse(utf8Text(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length)), (_key, value: unknown) => {
      if (typeof value !== 'object' || value === null) return value
      if ('$n' in value && typeof value.$n === 'string') return BigInt(value.$n)
      if (!('$b' in value) || !Array.isArray(value.$b)) return value
      const [from, size] = value.$b as [number, number]
      return tail.slice(from, from + size)
    }) as T
  } catch (cause) {
    throw new OrienError('storeCorrupt', { message: 'a record of the book cannot be read', cause })
  }
}
