import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  add,
  compare,
  formatDecimal,
  parseDecimal,
  subtract,
  type Decimal,
} from '../../src/devnet/clearnode/decimal.ts'
import { parseIntegers, rawField, stringifyExact } from '../../src/devnet/clearnode/json.ts'

const decimal = (text: string): Decimal => {
  const parsed = parseDecimal(text)
  if (parsed === undefined) throw new Error(text)
  return parsed
}

test('behavior: decimals are exact, print without trailing zeros, and take every spelling', () => {
  const spellings = ['1.500', '-0.10', '.5', '2.', '1e3', '12e-7', '+7', '0.000', '100']
  const printed = ['1.5', '-0.1', '0.5', '2', '1000', '0.0000012', '7', '0', '100']
  expect(spellings.map((text) => formatDecimal(decimal(text)))).toEqual(printed)
  for (const text of ['', '.', 'abc', '1,5', '0x10', '1e9999999', '--1', 'NaN'])
    expect(parseDecimal(text)).toBeUndefined()
  expect(formatDecimal(subtract(add(decimal('0.1'), decimal('0.2')), decimal('0.3')))).toBe('0')
  expect(compare(decimal('1.10'), decimal('1.1'))).toBe(0)
})

test('behavior: unsigned integers keep every bit where they must and the text of req is found byte for byte', () => {
  const text = '{ "sig":[], "req" : [18446744073709551615, "a\\"]}", {"x": 1.50, "req":[2]} , 3 ]  , "sid":"0x"}'
  expect(rawField(text, 'req')).toBe('[18446744073709551615, "a\\"]}", {"x": 1.50, "req":[2]} , 3 ]')
  expect(rawField(text, 'nothing')).toBeUndefined()
  expect(parseIntegers('[18446744073709551615]')).toEqual([18446744073709551615n])
  expect(stringifyExact([18446744073709551615n, 'a'])).toBe('[18446744073709551615,"a"]')
})

test('behavior: the text of any field of any object is the one the parser read', () => {
  const key = fc.string({ unit: 'grapheme' }).filter((name) => name !== '__proto__')
  fc.assert(
    fc.property(fc.dictionary(key, fc.jsonValue()), fc.jsonValue(), (fields, value) => {
      const others = Object.fromEntries(Object.entries(fields).filter(([name]) => name.toLowerCase() !== 'req'))
      const raw = rawField(JSON.stringify({ ...others, req: value }, undefined, 1), 'req')
      expect(JSON.parse(raw ?? '')).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})
