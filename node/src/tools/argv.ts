import { OrienError, utf8 } from '@orien/protocol'
import { TOOL_LIMITS } from './limits.ts'
import { badArguments } from './schema.ts'
import { escapePointer, type JsonObject } from './schema-rules.ts'
import type { CommandTemplate, TemplateElement } from './template.ts'

export type Argv = readonly [program: string, ...args: string[]]

/**
 * The command line of one call, from checked arguments. No shell is involved; each element is one argument of exec.
 *
 * Throws `badArguments` with `details.pointer`: text that is not Unicode or holds a zero, or a value that begins with “-” where an option parser
 * could take it for an option. Throws `tooLarge` above 120 KiB.
 */
export function renderArgv(template: CommandTemplate, args: JsonObject): Argv {
  const argv: [string, ...string[]] = [template.program]
  for (const element of template.elements) argv.push(...renderElement(element, args))
  let bytes = 0
  for (const element of argv) bytes += utf8(element).length + 1
  if (bytes > TOOL_LIMITS.maxArgvBytes) {
    throw new OrienError('tooLarge', {
      message: `a command line of ${bytes} bytes`,
      details: { maxBytes: TOOL_LIMITS.maxArgvBytes },
    })
  }
  return argv
}

function renderElement(element: TemplateElement, args: JsonObject): string[] {
  switch (element.kind) {
    case 'flag':
      return valueOf(args, element.name) === true ? [element.flag] : []
    case 'option': {
      const value = textOf(args, element.name)
      return value === undefined ? [] : [element.flag, guard(value, element.name)]
    }
    case 'spread': {
      const items = valueOf(args, element.name)
      if (!Array.isArray(items)) return []
      return items.map((item: unknown, at) => {
        const text = scalarText(item, `${element.name}/${at}`)
        return element.guarded ? guard(text, `${element.name}/${at}`) : text
      })
    }
    case 'text': {
      let text = ''
      let named = ''
      for (const part of element.parts) {
        const piece = 'literal' in part ? part.literal : textOf(args, part.name)
        if (piece === undefined) return []
        text += piece
        if (named === '' && 'name' in part) named = part.name
      }
      return [element.guarded ? guard(text, named) : text]
    }
    default:
      return element satisfies never
  }
}

/** Own properties only: an argument called `constructor` is absent unless it was sent. */
function valueOf(args: JsonObject, name: string): unknown {
  return Object.hasOwn(args, name) ? args[name] : undefined
}

function textOf(args: JsonObject, name: string): string | undefined {
  const value = valueOf(args, name)
  return value === undefined ? undefined : scalarText(value, name)
}

function scalarText(value: unknown, at: string): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'string') throw badArguments(pointerTo(at), 'is not text, number or boolean')
  if (value.includes('\0')) throw badArguments(pointerTo(at), 'holds a zero character')
  if (!value.isWellFormed()) throw badArguments(pointerTo(at), 'is not Unicode')
  return value
}

function guard(text: string, at: string): string {
  if (text.startsWith('-')) throw badArguments(pointerTo(at), 'begins with “-” and could be taken for an option')
  return text
}

/** `at` is a declared name, for list items followed by `/` and the place. */
function pointerTo(at: string): string {
  return `/${at.split('/').map(escapePointer).join('/')}`
}
