import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ERROR_HINTS, MONEY_WHERE, OUTCOMES, SESSION_STATES } from '../../src/index.ts'
import { SAMPLES } from '../samples.ts'

const src = new URL('../../src/', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, src), 'utf8')
const protos = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.wire.proto'))

/** Fields of a .proto file: the message they are in, their number and name. */
function fieldsOf(proto: string): { message: string; number: string; name: string }[] {
  let message = ''
  return proto.split('\n').flatMap((line) => {
    message = /^message (\w+)/.exec(line)?.[1] ?? message
    const field = /^\s+(?:repeated |optional )?\w+ (\w+) = (\d+)/.exec(line)
    return field === null ? [] : [{ message, name: field[1] ?? '', number: field[2] ?? '' }]
  })
}

test.each(protos)('behavior: the specification beside %s names every field with its number', (path) => {
  const readme = read(path.replace(/[^/]+$/, 'README.md'))
  for (const { message, number, name } of fieldsOf(read(path))) {
    // Either a row of a table (`| 3 | name |`, or names sharing a row), or a list in the text (`3 name`, `3 \`name\``).
    const row = new RegExp(String.raw`^\| [^|]*\b${number}\b[^|]*\|[^|]*\b${name}\b`, 'm')
    const range = new RegExp(String.raw`^\| (\d+)(?:[^|\d]+\d+)+ *\|[^|]*\b${name}\b`, 'm')
    const inText = new RegExp(String.raw`\b${number}\s+\x60?${name}\b`)
    expect(row.test(readme) || range.test(readme) || inText.test(readme), `${message}.${name} = ${number}`).toBe(true)
  }
})

test('behavior: the specification names every document, state, outcome and place of money', () => {
  const front = read('../README.md')
  for (const { type } of SAMPLES) expect(front).toContain(`\`${type.type}\``)
  for (const where of MONEY_WHERE) expect(front).toContain(`\`${where}\``)
  for (const state of SESSION_STATES) expect(read('session/README.md')).toContain(state)
  for (const outcome of OUTCOMES) expect(read('receipt/README.md')).toContain(`\`${outcome}\``)
})

test('behavior: every code in the last column of a failure table is a code', () => {
  for (const path of protos.map((one) => one.replace(/[^/]+$/, 'README.md'))) {
    const [, table = ''] = read(path).split(/^\| failure +\| code.*\n/m)
    const codes = [...table.matchAll(/^\|[^|]*\|([^|]*)\|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, code = '']) => code),
    )
    expect(codes.length, path).toBeGreaterThan(0)
    for (const code of codes)
      if (code !== 'expected' && code !== 'head') expect(Object.keys(ERROR_HINTS), path).toContain(code)
  }
})
