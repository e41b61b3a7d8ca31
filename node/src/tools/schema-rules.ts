import { patternFault } from './pattern.ts'

/** What is wrong with a schema: a JSON pointer into it, and words that say what to write instead. */
export interface SchemaFault {
  readonly pointer: string
  readonly words: string
}

export type JsonObject = Readonly<Record<string, unknown>>

/** True for a JSON object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const DIALECT = 'https://json-schema.org/draft/2020-12/schema'
/** Format of an argument that names a file of the workspace. */
export const PATH_FORMAT = 'workspace-path'

/** Keywords whose value is taken as it is; ajv checks it. */
const PLAIN = [
  ...['type', 'enum', 'const', 'required', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'],
  ...['title', 'description', 'default', 'examples', 'deprecated', '$comment'],
]
const SCALARS: readonly unknown[] = ['string', 'number', 'integer', 'boolean', 'null']

type Rule = (value: unknown, pointer: string, schema: JsonObject) => SchemaFault | undefined

const RULES: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(PLAIN.map((keyword): [string, Rule] => [keyword, () => undefined])),
  $schema: (value, pointer) =>
    value === DIALECT ? undefined : { pointer, words: `is not 2020-12; write “${DIALECT}”` },
  format: (value, pointer) =>
    value === PATH_FORMAT ? undefined : { pointer, words: `is not known; the only format is “${PATH_FORMAT}”` },
  pattern: (value, pointer) => {
    const words = typeof value === 'string' ? patternFault(value) : 'is not text'
    return words === undefined ? undefined : { pointer, words }
  },
  // Comparing objects with each other takes time that grows with the square of their number.
  uniqueItems: (_, pointer, schema) =>
    isJsonObject(schema['items']) && SCALARS.includes(schema['items']['type'])
      ? undefined
      : { pointer, words: 'needs items of one scalar type' },
  additionalProperties: (value, pointer) => (value === false ? undefined : schemaFault(value, pointer)),
  items: (value, pointer) => (value === false ? undefined : schemaFault(value, pointer)),
  properties: (value, pointer) =>
    isJsonObject(value) ? eachFault(Object.entries(value), pointer) : { pointer, words: 'is not an object' },
  prefixItems: listFault,
  anyOf: listFault,
  oneOf: listFault,
  allOf: listFault,
  not: (value, pointer) => schemaFault(value, pointer),
}

/**
 * The first thing in a schema that ORIEN does not take, or undefined. Allowed is the part of JSON Schema 2020-12 whose checking takes time
 * in proportion to schema × value: no references, no conditions, no pattern that can backtrack. ajv in strict mode checks the rest.
 */
export function schemaFault(schema: unknown, pointer = ''): SchemaFault | undefined {
  if (!isJsonObject(schema)) return { pointer, words: 'is not an object' }
  for (const [keyword, value] of Object.entries(schema)) {
    const at = `${pointer}/${escapePointer(keyword)}`
    if (!Object.hasOwn(RULES, keyword)) return { pointer: at, words: 'is not a keyword that is supported; take it out' }
    const fault = RULES[keyword]?.(value, at, schema)
    if (fault !== undefined) return fault
  }
  return undefined
}

/** One step of a JSON pointer (RFC 6901). */
export function escapePointer(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1')
}

function listFault(value: unknown, pointer: string): SchemaFault | undefined {
  if (!Array.isArray(value)) return { pointer, words: 'is not an array' }
  return eachFault([...value.entries()], pointer)
}

function eachFault(parts: readonly (readonly [PropertyKey, unknown])[], pointer: string): SchemaFault | undefined {
  for (const [step, part] of parts) {
    const fault = schemaFault(part, `${pointer}/${escapePointer(String(step))}`)
    if (fault !== undefined) return fault
  }
  return undefined
}
