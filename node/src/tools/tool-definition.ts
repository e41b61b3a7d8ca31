import type { Tool } from '@orien/protocol'
import type { z } from 'zod'
import { renderArgv, type Argv } from './argv.ts'
import { compileSchema, inspectSchema } from './schema.ts'
import { argumentTypes, parseTemplate, type CommandTemplate } from './template.ts'

/** A tool of one's own: what the Offer says of it, and what only its provider knows. */
export interface ToolDefinition extends Tool {
  readonly verification: 'none'
  readonly command: CommandTemplate
  /** True when the tool may reach the network; nothing enforces it before confinement does. */
  readonly network: boolean
  /** Absolute paths of provider-owned files it may read. */
  readonly secrets: readonly string[]
}

/** A tool as both forms of the catalogue agree on it, before command and schema were looked at together. */
export interface RawTool extends Omit<Tool, 'verification' | 'inputSchema'> {
  readonly command: readonly string[]
  readonly schema: unknown
  readonly network: boolean
  readonly secrets: readonly string[]
}

/** The schema of a tool without arguments. */
const NO_ARGUMENTS = { type: 'object', properties: {}, additionalProperties: false }

/** The checked tool; what is wrong is told to zod under the key it stands at (`schemaKey` differs between the two forms). */
export function defineTool(
  raw: RawTool,
  schemaKey: string,
  context: z.core.$RefinementCtx,
): ToolDefinition | undefined {
  const { command, schema = NO_ARGUMENTS, ...rest } = raw
  const inputSchema = typeof schema === 'string' ? schema : JSON.stringify(schema)
  const complain = (path: PropertyKey[], message: string, input?: unknown): undefined => {
    context.addIssue({ code: 'custom', path, message, input })
  }

  const inspected = inspectSchema(inputSchema)
  if ('words' in inspected) return complain([schemaKey], `${inspected.pointer} ${inspected.words}`.trimStart())
  if (inspected.schema['additionalProperties'] !== false) {
    return complain(
      [schemaKey],
      'is open: a tool takes no argument it has no place for; write additionalProperties = false',
    )
  }
  const types = argumentTypes(inspected.schema)
  if ('words' in types) return complain([schemaKey], `/properties/${types.name} ${types.words}`)
  const template = parseTemplate(command, types)
  if ('words' in template) return complain(['command', template.element], template.words, command[template.element])
  return { ...rest, inputSchema, command: template, verification: 'none' }
}

/**
 * The way from the exact argument bytes of an Authorisation to a command line. Compile once per tool.
 *
 * The function throws `badArguments` with `details.pointer`, `tooLarge`.
 *
 * @example
 * const argvOf = compileTool(catalogue.tools[0])
 * argvOf(utf8('{"file":"Token.sol","optimize":true}')) // ['solc', '--optimize', '--', 'Token.sol']
 */
export function compileTool(tool: ToolDefinition): (argsBytes: Uint8Array) => Argv {
  const check = compileSchema(tool.inputSchema)
  return (argsBytes) => renderArgv(tool.command, check(argsBytes))
}
