import { isOrienError, utf8 } from '@orien/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderArgv } from '../../../src/tools/argv.ts'
import { argumentTypes, parseTemplate, type CommandTemplate } from '../../../src/tools/template.ts'

const SCHEMA = {
  properties: {
    text: { type: 'string' },
    must: { type: 'string' },
    level: { type: 'integer' },
    mode: { type: 'string', enum: ['fast', 'slow'] },
    on: { type: 'boolean' },
    files: { type: 'array', items: { type: 'string' } },
    constructor: { type: 'string' },
  },
  required: ['must'],
}

/** Types of the properties that a command names, so that none stays unused. */
function template(command: readonly string[]): CommandTemplate | string {
  const types = argumentTypes(SCHEMA)
  if ('words' in types) return types.words
  const named = new Map([...types].filter(([name]) => command.some((text) => new RegExp(`\\{${name}[}.?]`).test(text))))
  const parsed = parseTemplate(['tool', ...command], named)
  return 'words' in parsed ? `${parsed.element}: ${parsed.words}` : parsed
}

function argv(command: readonly string[], args: Record<string, unknown>): readonly string[] {
  const parsed = template(command)
  if (typeof parsed === 'string') throw new Error(parsed)
  return renderArgv(parsed, args).slice(1)
}

function pointer(command: readonly string[], args: Record<string, unknown>): unknown {
  try {
    argv(command, args)
  } catch (error) {
    if (isOrienError(error, 'badArguments')) return error.details['pointer']
    throw error
  }
  return 'accepted'
}

describe('placeholders', () => {
  it.each<[string[], Record<string, unknown>, string[]]>([
    [['{text}'], { text: 'a b;$x' }, ['a b;$x']],
    [['{text}', 'x'], {}, ['x']],
    [['--x={text}'], { text: '-y' }, ['--x=-y']],
    [['--x={text}'], {}, []],
    [['{text}.{mode}'], { text: 'a', mode: 'fast' }, ['a.fast']],
    [['{text}.{mode}'], { text: 'a' }, []],
    [['-O{level}'], { level: 3 }, ['-O3']],
    [['-m{mode}'], { mode: 'slow' }, ['-mslow']],
    [['{on?--loud}'], { on: true }, ['--loud']],
    [['{on?--loud}'], { on: false }, []],
    [['{text?--name}'], { text: 'n' }, ['--name', 'n']],
    [['{text?--name}'], {}, []],
    [['{level?-n}'], { level: 2 }, ['-n', '2']],
    [['{files...}'], { files: ['a', 'b'] }, ['a', 'b']],
    [['{files...}'], { files: [] }, []],
    [['--', '{files...}'], { files: ['-a'] }, ['--', '-a']],
    [['--', '{text}'], { text: '-a' }, ['--', '-a']],
    [['--out', '{must}'], { must: 'd' }, ['--out', 'd']],
    [['{{}}', 'a{{b}}c'], {}, ['{}', 'a{b}c']],
    [['{text}'], { text: '' }, ['']],
    [['{constructor}', '{text}'], { text: 'a' }, ['a']],
  ])('behavior: %j with %j is %j', (command, args, expected) => {
    expect(argv(command, args)).toEqual(expected)
  })

  it.each<[string[]]>([
    [['{']],
    [['a}']],
    [['{no such}']],
    [['x{files...}']],
    [['{files}']],
    [['{text...}']],
    [['a{on?--x}']],
    [['-v{text}']],
    [['--x{text}']],
    [['--out', '{text}']],
  ])('error: %j is no template', (command) => {
    expect(template(command)).toBeTypeOf('string')
  })

  it('error: a placeholder the schema does not have, a program with one, a relative program', () => {
    for (const command of [['tool', '{x}'], ['{x}'], ['./tool'], ['']]) {
      expect(parseTemplate(command, new Map())).toHaveProperty('words')
    }
  })
})

describe('option injection', () => {
  it.each<[string[], Record<string, unknown>, unknown]>([
    [['{text}'], { text: '-rf' }, '/text'],
    [['{text}.sol'], { text: '--exec=x' }, '/text'],
    [['{level}'], { level: -1 }, '/level'],
    [['{text?--name}'], { text: '--evil' }, '/text'],
    [['{files...}'], { files: ['a', '-x'] }, '/files/1'],
    [['{text}'], { text: 'a\0b' }, '/text'],
    [['--x={text}'], { text: '\ud800' }, '/text'],
    [['a{text}'], { text: '-rf' }, 'accepted'],
  ])('error: %j with %j is refused at %s', (command, args, expected) => {
    expect(pointer(command, args)).toBe(expected)
  })

  it('behavior: no value ever makes an option or another element', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.string()), (text, files) => {
        const told = pointer(['{text}', '--x={text}', '{files...}'], { text, files })
        if (told !== 'accepted') return
        const made = argv(['{text}', '--x={text}', '{files...}'], { text, files })
        expect(made).toEqual([text, `--x=${text}`, ...files])
        expect(made.filter((element) => element.startsWith('-'))).toEqual([`--x=${text}`])
        expect(made.every((element) => utf8(element).every((byte) => byte !== 0))).toBe(true)
      }),
    )
  })

  it('error: a command line longer than the kernel takes', () => {
    const command = Array.from({ length: 4 }, () => 'a{text}')
    expect(() => argv(command, { text: 'x'.repeat(60_000) })).toThrow(expect.objectContaining({ code: 'tooLarge' }))
  })
})
