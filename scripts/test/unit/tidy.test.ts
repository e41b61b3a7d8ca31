import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { bans } from '../../tidy/bans.ts'
import { applyExceptions } from '../../tidy/exceptions.ts'
import exceptions from '../../tidy/exceptions.json' with { type: 'json' }
import { load } from '../../tidy/load.ts'
import { topLevel } from '../../tidy/tables.ts'
import { format, rules, tidy } from '../../tidy/tidy.ts'
import { type Fixture, fixtures } from './tidy/fixtures.ts'
import { houseOf } from './tidy/house-of.ts'

const places = (name: string, house: Fixture['bad']) => (rules[name]?.(house) ?? []).map((violation) => violation.at)

describe('every rule bites', () => {
  it.each(fixtures.map((fixture) => [`${fixture.rule}: ${fixture.what}`, fixture] as const))(
    'error: %s',
    (_, { rule, bad, at }) => {
      const found = rules[rule]?.(bad) ?? []
      expect(found.map((violation) => violation.rule)).toContain(rule)
      if (at !== undefined) expect(found.some((violation) => violation.at.startsWith(at))).toBe(true)
    },
  )

  it.each(fixtures.map((fixture) => [`${fixture.rule}: ${fixture.what}`, fixture] as const))(
    'behavior: mended, %s is no violation',
    (_, { rule, good, at }) => {
      const found = places(rule, good)
      expect(at === undefined ? found : found.filter((place) => place.startsWith(at))).toEqual([])
    },
  )

  it('behavior: no rule is without a house that breaks it', () => {
    const shown = new Set(fixtures.map((fixture) => fixture.rule))
    expect(Object.keys(rules).filter((name) => !shown.has(name))).toEqual([])
  })

  it('behavior: the top level is exactly the table', () => {
    expect(places('top-level', houseOf({}, { top: [...topLevel, '.git', 'node_modules'] }))).toEqual([])
    expect(places('top-level', houseOf({}, { top: topLevel.slice(1) }))).toEqual(topLevel.slice(0, 1))
  })
})

/** Source text that uses a word of the ban table. */
function using(word: string): string {
  if (word === 'import node:*') return `import 'node:fs/promises'`
  const [module, name] = word.startsWith('import ') ? word.slice(7).split('#') : []
  if (module !== undefined)
    return name === undefined ? `import '${module}/sub'` : `import { ${name} as x } from '${module}'`
  if (word.startsWith('.')) return `anything${word}(32)`
  return word === 'new Date()' ? 'const now = new Date()' : `const used = ${word}`
}

describe('the ban table', () => {
  const words = [...new Set(bans.flatMap(({ banned }) => banned))]

  it.each(words)('error: %s is seen', (word) => {
    const path = `${bans.find(({ banned }) => banned.includes(word))?.folder}deep/a.ts`
    expect(places('ambient', houseOf({ [path]: using(word) }))).toEqual([path])
  })

  it.each(bans.map(({ folder, banned }) => [folder, banned] as const))('error: %s is watched', (folder, banned) => {
    const files = Object.fromEntries(banned.map((word, index) => [`${folder}deep/${index}.ts`, using(word)]))
    expect(places('ambient', houseOf(files))).toEqual(Object.keys(files))
  })

  it.each([
    ['globalThis.setTimeout(f, 1)'],
    ['const { random } = Math'],
    ['const { now: t } = Date'],
    ['const t = Date()'],
    ['const later = { at: Date["now"]() }'],
    ['const timers = { setTimeout }'],
    ['const a = (x: number) => { process.exit(x) }'],
    [`import fs from 'fs'`],
    [`const fs = await import('node:fs')`],
    [`import * as c from 'node:crypto'\nc.randomBytes(1)`],
    ['class A { p = performance.now() }'],
    ['globalThis.crypto.randomUUID()'],
  ])('error: %s does not get through', (text) => {
    expect(places('ambient', houseOf({ 'protocol/src/a.ts': text })).length).toBeGreaterThan(0)
  })

  it.each([
    ['const d = new Date(atMs)'],
    ['type T = typeof setTimeout; let d: Date; function f(process: string) { return process }'],
    ['interface Clock { setTimeout(f: () => void): void; process: number }'],
    [`import { setTimeout } from './timers.ts'\nsetTimeout(1)`],
    ['timers.setTimeout(f, 1); node.process.run(); ports.fetch(x)'],
    [`import { createHash } from 'node:crypto'\nimport { join } from 'node:path'`],
    ['const fetch = ports.fetch; fetch(1); const { process: p } = q'],
  ])('behavior: %s is no use of a global', (text) => {
    expect(places('ambient', houseOf({ 'protocol/src/a.ts': text }))).toEqual([])
  })
})

describe('exceptions', () => {
  const long = { rule: 'file-size', at: 'a.ts', message: 'has 450 lines', amount: 450 }
  const after = (allowed: number) =>
    applyExceptions([long], { 'file-size': { 'a.ts': allowed } }).map((violation) => violation.rule)

  it('behavior: an exception covers exactly what is there', () => {
    expect(after(450)).toEqual([])
  })

  it('error: what grew beyond its exception is a violation', () => {
    expect(after(449)).toEqual(['file-size'])
  })

  it('error: an exception larger than needed must shrink', () => {
    expect(after(451)).toEqual(['exception'])
  })

  it('error: an exception that nothing needs must go', () => {
    const left = applyExceptions([], { 'file-size': { 'a.ts': 450 } })
    expect(left.map((violation) => violation.rule)).toEqual(['exception'])
  })

  it('error: a rule that does not count knows no exception', () => {
    const cycle = { rule: 'cycle', at: 'a.ts', message: '' }
    expect(applyExceptions([cycle], { cycle: { 'a.ts': 1 } }).map((violation) => violation.rule)).toContain('cycle')
  })
})

describe('this house', () => {
  it('behavior: is tidy', async () => {
    const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')
    expect(tidy(await load(root), exceptions).map(format)).toEqual([])
  })
})
