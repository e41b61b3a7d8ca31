import { equalBytes } from '../bytes.ts'
import { OrienError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { readStrictly, shapeOf, type FieldSpec, type Shape } from './strict.ts'

/** One kind of signed document: its payload type, its one encoding, its checks. */
export interface DocumentType<T> {
  /** `/orien/<document>/1`; a new field is a new type. */
  readonly type: string
  /** Payload bytes. Throws `badDocument` when a field is out of bounds, `tooLarge`. */
  encode(value: T): Uint8Array
  /** The value of payload bytes. Throws `badDocument` unless they are the one encoding of a value within bounds. */
  decode(payload: Uint8Array): T
}

/** What protons generates for a message. */
export interface WireCodec<W> {
  encode(value: Partial<W>): Uint8Array
  decode(bytes: Uint8Array): W
  /** Reads what is plainly in its one encoding at a fraction of the cost. */
  readonly shape?: Shape
}

/** A codec with the shape of its message, for what comes by the thousand. `specs` says what the `.proto` says. */
export function withShape<W>(codec: WireCodec<W>, specs: Readonly<Record<string, FieldSpec>>): WireCodec<W> {
  return { encode: (value) => codec.encode(value), decode: (bytes) => codec.decode(bytes), shape: shapeOf(specs) }
}

/** Builds a document type named `name` of a wire message and the checks of its fields. */
export function documentType<T>(
  name: string,
  codec: WireCodec<unknown>,
  check: (value: T) => void,
  maxBytes: number = LIMITS.maxEnvelopeBytes,
): DocumentType<T> {
  return {
    type: `/orien/${name}/1`,
    encode: (value) => encodeChecked(name, codec, check, maxBytes, value),
    decode: (payload) => decodeCanonical<T>(name, codec, check, maxBytes, payload),
  }
}

/** Encodes a value that its checks let pass. Throws `badDocument`, `tooLarge`. */
export function encodeChecked<T>(
  name: string,
  codec: WireCodec<unknown>,
  check: (value: T) => void,
  maxBytes: number,
  value: T,
): Uint8Array {
  check(value)
  const payload = codec.encode(value as Partial<unknown>)
  if (payload.length > maxBytes) throw tooLarge(name, maxBytes)
  return payload
}

/**
 * Decodes a message that has exactly one encoding. Unknown fields, default values written out, fields twice or in
 * another order and non-minimal varints all change the re-encoding, and are refused by that.
 */
export function decodeCanonical<T>(
  name: string,
  codec: WireCodec<unknown>,
  check: (value: T) => void,
  maxBytes: number,
  payload: Uint8Array,
): T {
  if (payload.length > maxBytes) throw tooLarge(name, maxBytes)
  const read = codec.shape === undefined ? undefined : readStrictly(codec.shape, payload)
  const value = read ?? decodeAgain(name, codec, payload)
  check(value as T)
  return value as T
}

function decodeAgain(name: string, codec: WireCodec<unknown>, payload: Uint8Array): unknown {
  let value: unknown
  let again: Uint8Array
  try {
    value = codec.decode(payload)
    again = codec.encode(value as Partial<unknown>)
  } catch (cause) {
    throw new OrienError('badDocument', { message: `${name} cannot be decoded`, cause })
  }
  if (!equalBytes(again, payload)) {
    throw new OrienError('badDocument', { message: `${name} is not in its one encoding` })
  }
  return value
}

function tooLarge(name: string, maxBytes: number): OrienError {
  return new OrienError('tooLarge', { message: `${name} is longer than ${maxBytes} bytes`, details: { maxBytes } })
}
