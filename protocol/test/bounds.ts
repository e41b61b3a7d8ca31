import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { expectCode } from './expect.ts'

/**
 * A value somewhere in a document: its path (`tools[0].maxMs`), what to put there, and the field that is blamed when it is not the path's
 * own.
 */
export type Edit = readonly [path: string, value: unknown, field?: string]

interface Codec {
  encode(value: object): Uint8Array
  decode(bytes: Uint8Array): unknown
}

/** The wire library's own codec: it writes what the checks would not. */
interface WireCodec {
  encode(value: never): Uint8Array
  decode(bytes: Uint8Array): unknown
}

/** A copy of `value` with one place changed. */
export function edited(value: object, path: string, replacement: unknown): object {
  const copy = structuredClone(value) as Record<string, unknown>
  const steps = path.split(/[.[\]]+/).filter((step) => step !== '')
  let place = copy
  for (const step of steps.slice(0, -1)) place = place[step] as Record<string, unknown>
  const last = steps.at(-1) ?? ''
  if (replacement === undefined) delete place[last]
  else place[last] = replacement
  return copy
}

const shown = (value: unknown): string => {
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (Array.isArray(value)) return `${value.length} entries`
  const text = typeof value === 'bigint' ? `${value}n` : String(JSON.stringify(value))
  return text.length > 40 ? `${text.slice(0, 40)}… (${text.length})` : text
}

/** Every value is refused when it is written and when it is read, naming its field. */
export function refuses(codec: Codec, wire: WireCodec, value: object, edits: readonly Edit[]): void {
  test.each(edits.map(([path, bad, field]) => [path, shown(bad), bad, field] as const))(
    'error: %s = %s',
    (path, _, bad, field) => {
      const wrong = edited(value, path, bad)
      const error = expectCode(() => codec.encode(wrong), 'badDocument')
      const root = /^[a-zA-Z0-9]+/.exec(path)?.[0] ?? path
      expect(error.details['field']).toContain(field ?? root)
      const bytes = bytesOf(wire, wrong)
      if (bytes !== undefined) expectCode(() => codec.decode(bytes), 'badDocument')
    },
  )
}

/** The wrong value as bytes, or undefined when the wire has none for it (a fraction, a negative number). */
function bytesOf(wire: WireCodec, wrong: object): Uint8Array | undefined {
  try {
    const bytes = wire.encode(wrong as never)
    return isDeepStrictEqual(toPlain(wire.decode(bytes)), toPlain(wrong)) ? bytes : undefined
  } catch {
    // The wire library throws for some of them.
    return undefined
  }
}

/** Without the difference between an absent and an undefined field, or between kinds of byte arrays. */
function toPlain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.map(toPlain)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(entries.map(([key, field]) => [key, toPlain(field)]))
}

/** Every value is taken, and comes back. */
export function takes(codec: Codec, value: object, edits: readonly Edit[]): void {
  test.each(edits.map(([path, good]) => [path, shown(good), good] as const))('behavior: %s = %s', (path, _, good) => {
    const changed = edited(value, path, good)
    expect(codec.decode(codec.encode(changed))).toEqual(changed)
  })
}
