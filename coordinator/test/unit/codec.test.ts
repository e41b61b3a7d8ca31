import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeRecord, encodeRecord } from '../../src/codec.ts'
import { crc32 } from '../../src/crc32.ts'

/** Bit by bit, as the standard has it. */
function slowCrc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}

test('behavior: the checksum is CRC-32, of any length and from any place in a buffer', () => {
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926)
  expect(crc32(new Uint8Array(0))).toBe(0)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(20), (bytes, from) => {
      const window = bytes.subarray(Math.min(from, bytes.length))
      expect(crc32(window)).toBe(slowCrc32(window))
    }),
    { numRuns: 300, seed: 5 },
  )
})

test('behavior: a record is read as it was written, amounts and bytes at any depth', () => {
  const record = {
    amount: -7n,
    big: 2n ** 70n,
    bytes: Uint8Array.of(1, 2, 3),
    empty: new Uint8Array(0),
    list: [1, 'é', null, 5n, [Uint8Array.of(9)], { inner: Uint8Array.of(4, 5), flag: true }],
    nothing: {},
  }
  expect(decodeRecord(encodeRecord(record))).toEqual(record)
  expect(decodeRecord(encodeRecord({ ...record, absent: undefined }))).toEqual(record)
  // A Buffer has a JSON form of its own, which is not to be used; and a window writes no more than it shows.
  const window = Buffer.from('xxabcyy').subarray(2, 5)
  expect(decodeRecord(encodeRecord({ window }))).toEqual({ window: Uint8Array.from(Buffer.from('abc')) })
})

test('behavior: a record is its checksum, the length of its JSON, the JSON and the bytes', () => {
  const text = '{"a":{"$n":"1"},"b":{"$b":[0,2]},"c":[{"$b":[2,1]}]}'
  const bytes = encodeRecord({ a: 1n, b: Uint8Array.of(7, 8), c: [Uint8Array.of(9)] })
  expect(Buffer.from(bytes.subarray(4)).toString('latin1')).toBe(
    `\0\0\0${String.fromCharCode(text.length)}${text}\x07\x08\x09`,
  )
  expect(Buffer.from(bytes).readUInt32BE(0)).toBe(slowCrc32(bytes.subarray(4)))
})
