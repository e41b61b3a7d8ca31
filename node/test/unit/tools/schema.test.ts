import { isOrienError, utf8 } from '@orien/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonExcess } from '../../../src/tools/json-bounds.ts'
import { patternFault } from '../../../src/tools/pattern.ts'
import { compileSchema } from '../../../src/tools/schema.ts'

const closed = (properties: object, more: object = {}): string =>
  JSON.stringify({ type: 'object', properties, additionalProperties: false, ...more })

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (isOrienError(error)) return `${error.code} ${String(error.details['pointer'] ?? '')}`.trimEnd()
    throw error
  }
  return 'accepted'
}

describe('arguments', () => {
  const check = compileSchema(
    closed(
      {
        n: { type: 'integer', minimum: 1 },
        path: { type: 'string', format: 'workspace-path' },
        list: { type: 'array', items: { type: 'string' } },
        'a/b': { type: 'string' },
      },
      { required: ['n'] },
    ),
  )

  it('behavior: what fits comes back as it was sent', () => {
    expect(check(utf8(' {"n": 1, "path": "src/a.sol"} '))).toEqual({ n: 1, path: 'src/a.sol' })
  })

  it.each([
    ['{"n":0}', 'badArguments /n'],
    ['{"n":1.5}', 'badArguments /n'],
    ['{"n":1e999}', 'badArguments /n'],
    ['{}', 'badArguments /n'],
    ['{"n":1,"other":2}', 'badArguments'],
    ['{"n":1,"__proto__":{}}', 'badArguments'],
    ['{"n":1,"list":["a",3]}', 'badArguments /list/1'],
    ['{"n":1,"a/b":3}', 'badArguments /a~1b'],
    ['[]', 'badArguments'],
    ['null', 'badArguments'],
    ['{"n":1', 'badArguments'],
    ['', 'badArguments'],
    ['{"n":1}{}', 'badArguments'],
  ])('error: %s is refused', (text, expected) => {
    expect(codeOf(() => check(utf8(text)))).toBe(expected)
  })

  it.each([
    '/etc/passwd',
    '../key',
    'a/../../b',
    'a//b',
    './a',
    'a/',
    '',
    'a\\b',
    'a\0b',
    'a\u001bb',
    'e\u0301',
    'x'.repeat(256),
  ])('error: the path %j leads out of the workspace or is not normal', (path) => {
    expect(codeOf(() => check(utf8(JSON.stringify({ n: 1, path }))))).toBe('badArguments /path')
  })

  it('error: bytes that are not UTF-8', () => {
    expect(codeOf(() => check(Uint8Array.of(0x7b, 0xff, 0x7d)))).toBe('badArguments')
  })

  it('error: too many bytes, too deep, too wide: refused before anything is parsed', () => {
    expect(codeOf(() => check(new Uint8Array(65_537).fill(0x20)))).toBe('tooLarge')
    expect(codeOf(() => check(utf8('['.repeat(60_000))))).toBe('badArguments')
    expect(codeOf(() => check(utf8(`{"list":[${'"",'.repeat(5_000)}""]}`)))).toBe('badArguments')
    const wide = Array.from({ length: 5_000 }, (_, at) => `"p${at}":1`).join(',')
    expect(codeOf(() => check(utf8(`{${wide}}`)))).toBe('badArguments')
  })

  it('behavior: no bytes do anything but pass or be refused', () => {
    const passesOrIsRefused = (bytes: Uint8Array): void => {
      expect(codeOf(() => check(bytes))).toMatch(/^(accepted|badArguments)/)
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), passesOrIsRefused))
    fc.assert(fc.property(fc.json().map(utf8), passesOrIsRefused))
  })
})

describe('schemas', () => {
  it.each([
    ['not JSON', '{', ''],
    ['no object', '[]', ''],
    ['not describing an object', '{"type":"string"}', ''],
    ['a reference', closed({ a: { $ref: '#' } }), '/properties/a/$ref'],
    ['a remote schema', closed({}, { $schema: 'http://evil.example/' }), '/$schema'],
    ['a condition', closed({}, { if: {} }), '/if'],
    ['a misspelt keyword', closed({ a: { type: 'string', maxLenght: 3 } }), '/properties/a/maxLenght'],
    ['pattern keys', closed({}, { patternProperties: { '^(a+)+$': {} } }), '/patternProperties'],
    [
      'a bad pattern, deep',
      closed({ a: { type: 'array', items: { type: 'string', pattern: 'x' } } }),
      '/properties/a/items/pattern',
    ],
    [
      'unique objects',
      closed({ a: { type: 'array', uniqueItems: true, items: { type: 'object' } } }),
      '/properties/a/uniqueItems',
    ],
    ['a type that does not exist', closed({ a: { type: 'text' } }), ''],
    ['a keyword without its type', closed({ a: { minLength: 3 } }), ''],
    ['a required property that is not there', closed({}, { required: ['a'] }), ''],
    ['too long', closed({ a: { type: 'string', description: 'x'.repeat(9_000) } }), ''],
    ['too deep', `{"type":"object","not":${'{"not":'.repeat(30)}{}${'}'.repeat(31)}`, ''],
  ])('error: %s', (_, schema, pointer) => {
    expect(codeOf(() => compileSchema(schema))).toBe(`badDocument ${pointer}`.trimEnd())
  })

  it('behavior: nested schemas of strangers are taken when they are in bounds', () => {
    const check = compileSchema(
      closed({
        o: {
          type: 'object',
          properties: { v: { anyOf: [{ type: 'null' }, { type: 'string', pattern: '^v[0-9]+$' }] } },
        },
      }),
    )
    expect(codeOf(() => check(utf8('{"o":{"v":"v12"}}')))).toBe('accepted')
    expect(codeOf(() => check(utf8('{"o":{"v":"w"}}')))).toMatch(/^badArguments \/o\/v/)
  })
})

describe('patterns', () => {
  it.each([
    '^$',
    '^[a-z][a-z0-9_]{0,63}$',
    '^\\d+\\.\\d+\\.\\d+$',
    '^v?\\d{1,3}$',
    '^0x[0-9a-fA-F]{40}$',
    '^[^/]+/[^/]+$',
    '^é+a$',
    '^a{3}a$',
    '^[\\w.-]+$',
  ])('behavior: %s is allowed', (source) => {
    expect(patternFault(source)).toBeUndefined()
    expect(new RegExp(source, 'u')).toBeInstanceOf(RegExp)
  })

  it.each([
    'a+',
    '^a',
    '^(a+)+$',
    '^(a|a)*$',
    '^a*a*$',
    '^a*b?a$',
    '^\\w+\\d$',
    '^.*x$',
    '^[^b]+é$',
    '^a{2,4}a$',
    '^a|b$',
    '^(?=a)a$',
    '^\\1$',
    '^\\p{L}+$',
    '^a+?b$',
    '^a**$',
    '^a{5000}$',
    '^[$',
    '^[]$',
    '^[z-a]$',
    '^[\\d-z]$',
    '^*$',
  ])('error: %s is refused', (source) => {
    expect(patternFault(source)).toBeTypeOf('string')
  })

  it('behavior: what is allowed compiles and has one way to match', () => {
    // With one way on at each character, greedy and lazy quantifiers agree on every capture.
    const atom = fc.constantFrom('a', 'b', '[ab]', '[^a]', '\\d', '\\w', '.', 'é', '\\.')
    const count = fc.constantFrom('', '*', '+', '?', '{0,2}', '{2}')
    const source = fc.array(fc.tuple(atom, count), { maxLength: 5 })
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '1', '.', 'é'), maxLength: 8 })
    fc.assert(
      fc.property(source, text, (places, input) => {
        const plain = `^${places.map(([set, times]) => set + times).join('')}$`
        if (patternFault(plain) !== undefined) return
        const captures = (lazy: string): string[] | null =>
          new RegExp(
            `^${places.map(([set, times]) => `(${set}${/^(\{2\})?$/.test(times) ? times : times + lazy})`).join('')}$`,
            'u',
          ).exec(input)
        expect(captures('')?.slice()).toEqual(captures('?')?.slice())
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('JSON bounds', () => {
  it.each([
    ['{"a":[1,2,3]}', { depth: 2, values: 5 }, undefined],
    ['{"a":[1,2,3]}', { depth: 1, values: 5 }, 'depth'],
    ['[1,2,3,4,5,6]', { depth: 2, values: 5 }, 'values'],
    ['"[[[[,,,,,,"', { depth: 1, values: 1 }, undefined],
    ['"\\"[[[["', { depth: 1, values: 1 }, undefined],
    ['[[],[],[],[]]', { depth: 2, values: 5 }, 'values'],
  ] as const)('behavior: %s within %j: %s', (text, bounds, expected) => {
    expect(jsonExcess(text, bounds)).toBe(expected)
  })
})
