import fc from 'fast-check'
import { expect, test } from 'vitest'
import { byCodePoint, concatBytes, equalBytes, fromHex, hex, utf8, utf8Text } from '../../src/index.ts'

const run = { numRuns: 300, seed: 11 }

test('behavior: hex and back', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(hex(bytes)).toBe(Buffer.from(bytes).toString('hex'))
      expect(fromHex(hex(bytes))).toEqual(bytes)
      expect(fromHex(`0x${hex(bytes).toUpperCase()}`)).toEqual(bytes)
    }),
    run,
  )
})

test('behavior: what is not hex is undefined', () => {
  for (const text of ['0', '0x0', 'zz', '0X00', ' 00', '00 ', '0x0x00', '-1']) expect(fromHex(text)).toBeUndefined()
})

test('behavior: text is UTF-8, and nothing else is text', () => {
  expect(utf8Text(utf8('aé€😀'))).toBe('aé€😀')
  for (const bad of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x9f]]) {
    expect(() => utf8Text(Uint8Array.from(bad))).toThrow(TypeError)
  }
})

test('behavior: byCodePoint orders as UTF-8 bytes are ordered', () => {
  const text = fc.string({ unit: 'binary', maxLength: 5 })
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(byCodePoint(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
    { numRuns: 2_000, seed: 12 },
  )
  expect(['\u{10000}', '\u{ffff}', '\ue000', '\ud7ff'].toSorted(byCodePoint)).toEqual([
    '\ud7ff',
    '\ue000',
    '\u{ffff}',
    '\u{10000}',
  ])
})

test('behavior: joined bytes are a copy', () => {
  const part = Uint8Array.of(1, 2)
  const joined = concatBytes(part, new Uint8Array(0), Uint8Array.of(3))
  part[0] = 9
  expect([...joined]).toEqual([1, 2, 3])
  expect([
    equalBytes(joined, Uint8Array.of(1, 2, 3)),
    equalBytes(joined, part),
    equalBytes(joined, Uint8Array.of(1, 2, 4)),
  ]).toEqual([true, false, false])
})
