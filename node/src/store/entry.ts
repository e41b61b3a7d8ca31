import { OrienError, utf8Text } from '@orien/protocol'

/** Reads an entry of our own store. Throws `storeCorrupt` with the entry's name, whatever it is that cannot be read. */
export function readEntry<T>(key: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw damaged(key, cause)
  }
}

/** An entry of JSON, when `fits` says that it is one. Throws `storeCorrupt`. */
export function readJsonEntry<T>(key: string, bytes: Uint8Array, fits: (value: Partial<T>) => boolean): T {
  const value = readEntry(key, () => JSON.parse(utf8Text(bytes)) as T | null)
  if (typeof value !== 'object' || value === null || !fits(value)) throw damaged(key)
  return value
}

/** A number that counts something. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

export function damaged(key: string, cause?: unknown): OrienError {
  return new OrienError('storeCorrupt', {
    message: `the entry ${key} is damaged`,
    hint: 'Restore the folder from a back-up; nothing was signed.',
    details: { entry: key },
    cause,
  })
}
