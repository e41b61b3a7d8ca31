import { isWorkspacePath } from '@orien/protocol'
import fc from 'fast-check'
import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compileGlobs, globFault } from '../../../src/tools/glob.ts'
import { pathFault } from '../../../src/tools/paths.ts'
import { parseBytes, parseCpu } from '../../../src/tools/sizes.ts'

describe('workspace paths', () => {
  it.each(['a', 'a/b.c', '.hidden', '..a', 'a..', '...', '-x', 'é/ü', 'a b', 'x'.repeat(255)])(
    'behavior: %j is one',
    (path) => {
      expect(pathFault(path)).toBeUndefined()
    },
  )

  it.each([
    '',
    '/',
    '/a',
    'a/',
    '//',
    '.',
    '..',
    'a/./b',
    'a/../b',
    'a//b',
    'a\\b',
    '\0',
    'a\nb',
    '\u009b2J',
    '\ud800',
    'x'.repeat(256),
  ])('error: %j is none', (path) => {
    expect(pathFault(path)).toBeTypeOf('string')
  })

  it('error: too long as a whole, too deep', () => {
    expect(pathFault(Array.from({ length: 10 }, () => 'x'.repeat(200)).join('/'))).toBeTypeOf('string')
    expect(pathFault(Array.from({ length: 33 }, () => 'x').join('/'))).toBeTypeOf('string')
  })

  it('behavior: what passes stays below its folder, and passes the protocol’s own rule', () => {
    const piece = fc.constantFrom('..', '.', '', 'a', 'b', '\\', '/', '\0', 'é', ' ')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.constantFrom('/', ''), (parts, joint) => {
        const path = parts.join(joint)
        if (pathFault(path) !== undefined) return
        expect(posix.join('/root/call', path)).toBe(`/root/call/${path}`)
        expect(isWorkspacePath(path)).toBe(true)
      }),
    )
  })
})

describe('globs', () => {
  it.each([
    ['a', 'a', true],
    ['a', 'ab', false],
    ['*', 'a', true],
    ['*', 'a/b', false],
    ['*.js', 'a.js', true],
    ['*.js', 'd/a.js', false],
    ['**', 'a/b/c', true],
    ['**/*.js', 'a.js', true],
    ['**/*.js', 'a/b/c.js', true],
    ['a/**', 'a/b/c', true],
    ['a/**/z', 'a/z', true],
    ['a/**/z', 'a/b/c/z', true],
    ['a/**/z', 'b/z', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['*a*b*', 'xxaxxbxx', true],
    ['[a]', '[a]', true],
    ['[a]', 'a', false],
  ])('behavior: %s on %s: %s', (glob, path, expected) => {
    expect(compileGlobs([glob]).matches(path)).toBe(expected)
  })

  it('behavior: folders that cannot hold a match are not looked into', () => {
    const globs = compileGlobs(['out/*.js', 'lib/**'])
    expect(['out', 'lib', 'lib/x/y', 'src', 'out/x'].map((folder) => globs.mayHold(folder))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
  })

  it('behavior: a hostile name costs no more than its length', () => {
    const glob = `${'*a'.repeat(100)}*b`
    expect(compileGlobs([glob]).matches('a'.repeat(255))).toBe(false)
    expect(
      compileGlobs([Array.from({ length: 16 }, () => '**/x').join('/')]).matches(
        Array.from({ length: 32 }, () => 'y').join('/'),
      ),
    ).toBe(false)
  })

  it('error: what is no glob', () => {
    expect(['../*', '/a', 'a**', '**b/c', '', 'a//b'].map((glob) => typeof globFault(glob))).toEqual(
      Array.from({ length: 6 }, () => 'string'),
    )
  })
})

describe('sizes', () => {
  it.each([
    ['4GB', 4_000_000_000],
    ['512MiB', 536_870_912],
    ['1.5 KiB', 1_536],
    ['17', 17],
    ['17B', 17],
    ['0', undefined],
    ['-1', undefined],
    ['1TB', undefined],
    ['1e9', undefined],
    ['0.0001KB', undefined],
    ['1.0005KiB', undefined],
  ])('behavior: %s is %s bytes', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes)
  })

  it.each([
    ['2', 2_000],
    ['0.25', 250],
    ['0', undefined],
    ['1/2', undefined],
    ['-1', undefined],
  ])('behavior: %s is %s thousandths of a core', (text, millis) => {
    expect(parseCpu(text)).toBe(millis)
  })
})
