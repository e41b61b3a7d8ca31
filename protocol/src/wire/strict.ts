import { equalBytes, utf8Text } from '../bytes.ts'

/**
 * A reader of messages in their one encoding, for the documents that come by the thousand: one pass, nothing written out again. It answers
 * only what it is sure of: fields in ascending order, each in its own wire type, no default written out, shortest varints, ASCII text, numbers
 * up to 2⁵³ − 1. Of anything else it says nothing, and the generated codec and its re-encoding decide. So it never widens what is accepted.
 */

/**
 * One field. `?` has presence of its own, so its default value may be written out; `*` repeats; a shape is a list of such messages; `one` is a
 * single message, which may be absent.
 */
export type FieldSpec =
  | 'bytes'
  | 'text'
  | 'number'
  | 'bigint'
  | 'flag'
  | `${'bytes' | 'text' | 'number'}?`
  | `${'bytes' | 'text'}*`
  | Shape
  | { readonly one: Shape }

/** The fields of a message, numbered 1, 2, … in the order they are named. */
export interface Shape {
  readonly fields: readonly Field[]
  readonly empty: Readonly<Record<string, unknown>>
  /** Names of the fields that repeat: a new list each time. */
  readonly lists: readonly string[]
}

interface Field {
  readonly name: string
  readonly kind: 'bytes' | 'text' | 'number' | 'bigint' | 'flag' | 'message'
  readonly optional: boolean
  readonly repeated: boolean
  /** 0 varint, 2 bytes behind their length. */
  readonly wireType: 0 | 2
  readonly items?: Shape
  /** The text read last, with its bytes: a batch says the same words again and again. */
  readonly lastText: { bytes: Uint8Array; text: string }
}

interface Cursor {
  readonly bytes: Uint8Array
  at: number
}

const NOTHING = new Uint8Array(0)
/** Beyond it bit operations would wrap, and no message has that many fields. */
const MAX_TAG = 0xffff
const EMPTY = { bytes: NOTHING, text: '', number: 0, bigint: 0n, flag: false } as const

/**
 * A shape of its fields in the order of their numbers; a shape as a field is a list of such messages.
 *
 * @example
 * const Tick = shapeOf({ authId: 'bytes', ms: 'number' })
 */
export function shapeOf(specs: Readonly<Record<string, FieldSpec>>): Shape {
  const fields = Object.entries(specs).map(([name, spec]) => fieldOf(name, spec))
  const empty = fields.flatMap(({ name, kind, optional, repeated }) =>
    optional || repeated || kind === 'message' ? [] : [[name, EMPTY[kind]] as const],
  )
  const lists = fields.filter(({ repeated }) => repeated).map(({ name }) => name)
  return { fields, empty: Object.fromEntries(empty), lists }
}

function fieldOf(name: string, spec: FieldSpec): Field {
  const lastText = { bytes: NOTHING, text: '' }
  if (typeof spec !== 'string') {
    const single = 'one' in spec
    const items = single ? spec.one : spec
    return { name, kind: 'message', optional: single, repeated: !single, wireType: 2, items, lastText }
  }
  const optional = spec.endsWith('?')
  const repeated = spec.endsWith('*')
  const kind = (optional || repeated ? spec.slice(0, -1) : spec) as Exclude<Field['kind'], 'message'>
  return { name, kind, optional, repeated, wireType: kind === 'bytes' || kind === 'text' ? 2 : 0, lastText }
}

/** The value of bytes that are its one encoding; undefined when that cannot be told here. Byte fields are windows on `bytes`. */
export function readStrictly(shape: Shape, bytes: Uint8Array): unknown {
  return readMessage({ bytes, at: 0 }, bytes.length, shape)
}

function readMessage(cursor: Cursor, end: number, shape: Shape): unknown {
  const value: Record<string, unknown> = { ...shape.empty }
  for (const name of shape.lists) value[name] = []
  let last = 0
  while (cursor.at < end) {
    const tag = readVarint(cursor, end)
    if (tag < 0 || tag > MAX_TAG) return undefined
    const number = tag >>> 3
    const field = shape.fields[number - 1]
    if (field === undefined || (tag & 7) !== field.wireType) return undefined
    if (number < last || (number === last && !field.repeated)) return undefined
    last = number
    const read = field.wireType === 0 ? readNumber(cursor, end, field) : readBytes(cursor, end, field)
    if (read === undefined) return undefined
    if (field.repeated) (value[field.name] as unknown[]).push(read)
    else value[field.name] = read
  }
  return value
}

function readNumber(cursor: Cursor, end: number, { kind, optional }: Field): unknown {
  const value = readVarint(cursor, end)
  if (value < 0 || (value === 0 && !optional)) return undefined
  if (kind === 'bigint') return BigInt(value)
  if (kind === 'number') return value
  return value === 1 ? true : undefined
}

function readBytes(cursor: Cursor, end: number, field: Field): unknown {
  const length = readVarint(cursor, end)
  const from = cursor.at
  const to = from + length
  if (length < 0 || to > end) return undefined
  if (field.items !== undefined) return readMessage(cursor, to, field.items)
  if (length === 0 && !field.optional && !field.repeated) return undefined
  cursor.at = to
  const { buffer, byteOffset } = cursor.bytes
  const part = new Uint8Array(buffer, byteOffset + from, length)
  return field.kind === 'text' ? textOf(part, field.lastText) : part
}

function textOf(bytes: Uint8Array, last: Field['lastText']): string | undefined {
  if (equalBytes(bytes, last.bytes)) return last.text
  for (const byte of bytes) if (byte >= 0x80) return undefined
  last.text = utf8Text(bytes)
  last.bytes = Uint8Array.from(bytes)
  return last.text
}

/** A varint in its shortest form, up to 2⁵³ − 1; −1 for anything else. */
function readVarint(cursor: Cursor, end: number): number {
  const { bytes } = cursor
  let value = 0
  let scale = 1
  for (let at = cursor.at; at < end; at++) {
    const byte = bytes[at] ?? 0
    value += (byte & 0x7f) * scale
    if (byte < 0x80) {
      cursor.at = at + 1
      const shortest = byte !== 0 || scale === 1
      return shortest && value <= Number.MAX_SAFE_INTEGER ? value : -1
    }
    scale *= 128
    if (scale > 2 ** 49) return -1
  }
  return -1
}
