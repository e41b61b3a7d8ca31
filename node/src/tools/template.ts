import type { JsonObject } from './schema-rules.ts'
import { isJsonObject } from './schema-rules.ts'

/** A piece of an argv element: text as it stands, or the value of an argument. */
export type TemplatePart = { readonly literal: string } | { readonly name: string }

/**
 * One element of a command.
 * text: its parts joined; left out when one of its arguments is absent. spread (`{name...}`): an element for each item. flag (`{name?--flag}` of a
 * boolean): the flag when true. option (`{name?--flag}` of another scalar): two elements, flag and value.
 * `guarded`: a value must not make the element begin with “-”.
 */
export type TemplateElement =
  | { readonly kind: 'text'; readonly parts: readonly TemplatePart[]; readonly guarded: boolean }
  | { readonly kind: 'spread'; readonly name: string; readonly guarded: boolean }
  | { readonly kind: 'flag'; readonly name: string; readonly flag: string }
  | { readonly kind: 'option'; readonly name: string; readonly flag: string }

/** A command with typed places for arguments. */
export interface CommandTemplate {
  readonly program: string
  readonly elements: readonly TemplateElement[]
}

/** What is wrong with a command: which element, and what to write instead. */
export interface TemplateFault {
  readonly element: number
  readonly words: string
}

/** How the schema types an argument, as far as a command line cares. */
export interface ArgumentType {
  readonly scalar: 'string' | 'number' | 'boolean'
  readonly list: boolean
  readonly required: boolean
  /** No value of it can hold anything that an option parser would take for its own. */
  readonly plain: boolean
}

const PLACE = /\{\{|\}\}|\{([A-Za-z_][\w-]{0,63})(?:(\.\.\.)|\?([^{}]+))?\}|[{}]/g

/**
 * The types of a schema's top-level properties. A property that no command line can carry is a fault, told by its name.
 */
export function argumentTypes(
  schema: JsonObject,
): ReadonlyMap<string, ArgumentType> | { readonly name: string; readonly words: string } {
  const types = new Map<string, ArgumentType>()
  const required = Array.isArray(schema['required']) ? (schema['required'] as unknown[]) : []
  for (const [name, property] of Object.entries(isJsonObject(schema['properties']) ? schema['properties'] : {})) {
    const list = isJsonObject(property) && property['type'] === 'array'
    const item = list ? property['items'] : property
    const scalar = isJsonObject(item) ? scalarOf(item['type']) : undefined
    if (scalar === undefined || !isJsonObject(item)) {
      return { name, words: 'must have the type string, number, integer or boolean, or be an array of one of these' }
    }
    types.set(name, {
      scalar,
      list,
      required: required.includes(name),
      plain: scalar !== 'string' || isPlainEnum(item['enum']),
    })
  }
  return types
}

/** Parses a command against the types of its arguments. */
export function parseTemplate(
  command: readonly string[],
  types: ReadonlyMap<string, ArgumentType>,
): CommandTemplate | TemplateFault {
  const [program = '', ...rest] = command
  if (program === '' || /[{}]/.test(program))
    return { element: 0, words: 'must be the name of a program, without placeholders' }
  if (program.includes('/') && !program.startsWith('/'))
    return { element: 0, words: 'must be a plain name or an absolute path' }
  if (command.some((element) => element.includes('\0')))
    return { element: command.findIndex((one) => one.includes('\0')), words: 'holds a zero character' }
  const elements: TemplateElement[] = []
  const used = new Set<string>()
  let afterDashes = false
  for (const [at, text] of rest.entries()) {
    const parsed = parseElement(text, types, { afterDashes, before: rest[at - 1] ?? '' })
    if (typeof parsed === 'string') return { element: at + 1, words: parsed }
    elements.push(parsed)
    for (const name of namesOf(parsed)) used.add(name)
    afterDashes ||= text === '--'
  }
  const idle = [...types.keys()].find((name) => !used.has(name))
  if (idle !== undefined)
    return {
      element: command.length - 1,
      words: `leaves the argument “${idle}” of the schema unused; place {${idle}} or take it out`,
    }
  return { program, elements }
}

interface ElementContext {
  readonly afterDashes: boolean
  readonly before: string
}

function parseElement(
  text: string,
  types: ReadonlyMap<string, ArgumentType>,
  context: ElementContext,
): TemplateElement | string {
  const parts: TemplatePart[] = []
  let whole: TemplateElement | undefined
  let end = 0
  const literal = (piece: string): void => {
    if (piece !== '') parts.push({ literal: piece })
  }
  for (const match of text.matchAll(PLACE)) {
    const [found, name, dots, flag] = match
    literal(text.slice(end, match.index))
    end = match.index + found.length
    if (found === '{{' || found === '}}') literal(found.slice(1))
    else if (name === undefined)
      return 'has a brace that belongs to no placeholder; write {{ or }} for the character itself'
    else {
      const type = types.get(name)
      if (type === undefined) return `names “${name}”, which the schema does not have`
      const alone = found === text
      if ((dots !== undefined || flag !== undefined) && !alone) return `must be {${name}…} alone in its element`
      if (dots === undefined && type.list) return `is a list; write {${name}...} alone in its element`
      if (dots !== undefined && !type.list) return `is no list; write {${name}}`
      if (dots !== undefined) whole = { kind: 'spread', name, guarded: !context.afterDashes }
      else if (flag !== undefined) whole = { kind: type.scalar === 'boolean' ? 'flag' : 'option', name, flag }
      else parts.push({ name })
    }
  }
  literal(text.slice(end))
  return whole ?? textElement(parts, types, context)
}

function textElement(
  parts: readonly TemplatePart[],
  types: ReadonlyMap<string, ArgumentType>,
  { afterDashes, before }: ElementContext,
): TemplateElement | string {
  let prefix = ''
  for (const part of parts) {
    if ('literal' in part) prefix += part.literal
    else {
      const type = types.get(part.name)
      // `-v{x}`: the value would be read as more short options.
      if (prefix.startsWith('-') && !prefix.includes('=') && !afterDashes && type?.plain !== true) {
        return `puts the text “${part.name}” right behind an option; write --option={${part.name}} or {${part.name}?--option}`
      }
      // `--out` without its value would swallow the next element.
      if (parts.length === 1 && before.startsWith('-') && before !== '--' && type?.required !== true) {
        return `can be absent and leave “${before}” alone; write {${part.name}?${before}} instead of both, or make it required`
      }
    }
  }
  const [first] = parts
  return { kind: 'text', parts, guarded: first !== undefined && 'name' in first && !afterDashes }
}

/** The names of the arguments in an element. */
function namesOf(element: TemplateElement): string[] {
  return element.kind === 'text' ? element.parts.flatMap((part) => ('name' in part ? [part.name] : [])) : [element.name]
}

function scalarOf(type: unknown): ArgumentType['scalar'] | undefined {
  if (type === 'integer') return 'number'
  return type === 'string' || type === 'number' || type === 'boolean' ? type : undefined
}

function isPlainEnum(values: unknown): boolean {
  return Array.isArray(values) && values.every((value) => typeof value === 'string' && !value.startsWith('-'))
}
