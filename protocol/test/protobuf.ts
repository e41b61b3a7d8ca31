import { concatBytes } from '../src/index.ts'

/** One field of a protobuf message as it stands in the bytes. */
export interface RawField {
  readonly number: number
  /** 0 varint, 2 length-delimited: all that ORIEN's messages use. */
  readonly wireType: 0 | 2
  /** The varint's value, or the content. */
  readonly varint: bigint
  readonly content: Uint8Array
}

export function readVarint(bytes: Uint8Array, at: number): { value: bigint; next: number } {
  let value = 0n
  let shift = 0n
  for (let next = at; next < bytes.length; next++) {
    const byte = bytes[next] ?? 0
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return { value, next: next + 1 }
    shift += 7n
  }
  throw new Error('a varint without an end')
}

/** A varint in the fewest bytes, or in one more than needed. */
export function varint(value: bigint, padded = false): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  if (padded) {
    bytes.push((bytes.pop() ?? 0) | 0x80, 0)
  }
  return Uint8Array.from(bytes)
}

/** The top-level fields of a message, in the order of the bytes. */
export function readFields(bytes: Uint8Array): RawField[] {
  const fields: RawField[] = []
  for (let at = 0; at < bytes.length;) {
    const tag = readVarint(bytes, at)
    const wireType = Number(tag.value & 7n)
    if (wireType !== 0 && wireType !== 2) throw new Error('a wire type that ORIEN does not use')
    const head = readVarint(bytes, tag.next)
    const end = wireType === 0 ? head.next : head.next + Number(head.value)
    fields.push({
      number: Number(tag.value >> 3n),
      wireType,
      varint: head.value,
      content: wireType === 2 ? bytes.slice(head.next, end) : new Uint8Array(0),
    })
    at = end
  }
  return fields
}

/** Which part of a field to write in one byte more than needed. */
export type Padded = 'tag' | 'head' | undefined

export function writeField(field: RawField, padded?: Padded): Uint8Array {
  const tag = varint((BigInt(field.number) << 3n) | BigInt(field.wireType), padded === 'tag')
  const head = varint(field.wireType === 0 ? field.varint : BigInt(field.content.length), padded === 'head')
  return concatBytes(tag, head, field.content)
}

export function writeFields(fields: readonly RawField[]): Uint8Array {
  return concatBytes(...fields.map((field) => writeField(field)))
}

/** A varint field with value 0, which the one encoding leaves out. */
export function zeroField(number: number): RawField {
  return { number, wireType: 0, varint: 0n, content: new Uint8Array(0) }
}

/** An empty length-delimited field, which the one encoding leaves out unless the field is optional. */
export function emptyField(number: number): RawField {
  return { number, wireType: 2, varint: 0n, content: new Uint8Array(0) }
}
