import { LIMITS, OrienError, utf8, utf8Text } from '@orien/protocol'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { jsonExcess } from './json-bounds.ts'
import { TOOL_LIMITS } from './limits.ts'
import { pathFault } from './paths.ts'
import {
  escapePointer,
  isJsonObject,
  PATH_FORMAT,
  schemaFault,
  type JsonObject,
  type SchemaFault,
} from './schema-rules.ts'

/** Checks arguments as they came, byte for byte. Throws `badArguments` with `details.pointer`, `tooLarge`. */
export type ArgumentCheck = (argsBytes: Uint8Array) => JsonObject

/**
 * Compiles a tool's input schema (JSON Schema 2020-12 as text, an object at its root). It need not be trusted: size, depth, keywords and
 * patterns are checked before ajv sees it, and arguments likewise.
 *
 * Throws `badDocument` with `details.pointer` when the schema is not one that ORIEN takes.
 *
 * @example
 * const check = compileSchema('{"type":"object","properties":{"n":{"type":"integer"}},"additionalProperties":false}')
 * check(utf8('{"n":3}')) // { n: 3 }
 */
export function compileSchema(schemaText: string): ArgumentCheck {
  const fault = inspectSchema(schemaText)
  if ('words' in fault) {
    const { pointer, words } = fault
    throw new OrienError('badDocument', {
      message: `input schema, ${pointer || 'root'}: ${words}`,
      details: { pointer },
    })
  }
  const { validate } = fault
  return (argsBytes) => {
    const args = parseArguments(argsBytes)
    if (validate(args)) return args
    const { pointer, words } = describe(validate.errors?.[0])
    throw badArguments(pointer, words)
  }
}

/** The compiled schema, or what is wrong with it; for those who report in their own words. */
export function inspectSchema(
  schemaText: string,
): SchemaFault | { readonly schema: JsonObject; readonly validate: ValidateFunction } {
  const root = (words: string): SchemaFault => ({ pointer: '', words })
  if (utf8(schemaText).length > LIMITS.maxSchemaBytes) return root(`is longer than ${LIMITS.maxSchemaBytes} bytes`)
  const excess = jsonExcess(schemaText, { depth: TOOL_LIMITS.maxJsonDepth, values: TOOL_LIMITS.maxJsonValues })
  if (excess !== undefined) return root(`has too much ${excess}`)
  const schema = parseJson(schemaText)
  if (!isJsonObject(schema)) return root('is not a JSON object')
  if (schema['type'] !== 'object') return root('does not describe an object; write “type”: “object”')
  const fault = schemaFault(schema)
  if (fault !== undefined) return fault
  // An instance of its own: ajv keeps what it compiled, and schemas come from strangers too.
  const ajv = new Ajv2020({ strict: true, logger: false, addUsedSchema: false, ownProperties: true })
  ajv.addFormat(PATH_FORMAT, (text: string) => pathFault(text) === undefined)
  try {
    return { schema, validate: ajv.compile(schema) }
  } catch (error) {
    return root(error instanceof Error ? error.message.slice(0, 200) : 'is refused by the validator')
  }
}

/** Parses arguments within the caps; the exact bytes were hashed by the agent, so nothing is normalised. */
function parseArguments(argsBytes: Uint8Array): JsonObject {
  if (argsBytes.length > LIMITS.maxArgsBytes) {
    throw new OrienError('tooLarge', {
      message: `arguments of ${argsBytes.length} bytes`,
      details: { maxBytes: LIMITS.maxArgsBytes },
    })
  }
  const text = decode(argsBytes)
  const excess = jsonExcess(text, { depth: TOOL_LIMITS.maxJsonDepth, values: TOOL_LIMITS.maxJsonValues })
  if (excess === 'depth') throw badArguments('', `are nested deeper than ${TOOL_LIMITS.maxJsonDepth}`)
  if (excess === 'values') throw badArguments('', `hold more than ${TOOL_LIMITS.maxJsonValues} values`)
  const args = parseJson(text)
  if (!isJsonObject(args)) throw badArguments('', 'are not a JSON object')
  return args
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8Text(bytes)
  } catch (error) {
    if (error instanceof TypeError) throw badArguments('', 'are not UTF-8')
    throw error
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** The refusal of arguments, with a JSON pointer to the fault. */
export function badArguments(pointer: string, words: string): OrienError {
  return new OrienError('badArguments', {
    message: `arguments${pointer === '' ? '' : ` at ${pointer}`}: ${words}`,
    details: { pointer },
  })
}

/** ajv's words speak of the schema only; a name that the caller invented is not repeated. */
function describe(error: ErrorObject | undefined): SchemaFault {
  const at = error?.instancePath ?? ''
  const missing: unknown = error?.params['missingProperty']
  const pointer = typeof missing === 'string' ? `${at}/${escapePointer(missing)}` : at
  return { pointer: pointer.slice(0, 200), words: error?.message ?? 'do not fit the schema' }
}
