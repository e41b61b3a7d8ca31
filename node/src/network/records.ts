import { NETWORK_LIMITS } from './limits.ts'
import type { RecordValidator } from './port.ts'

/** What a DHT server remembers of records: the newest sequence of each key, so that an older one never replaces it. */
export interface RecordBook {
  /** The sequence of a valid record, undefined for any other. Remembers nothing. */
  seqOf(key: string, value: Uint8Array): number | undefined
  /** True when the record is valid and not older than one seen; then it is remembered as the newest. */
  admit(key: string, value: Uint8Array): boolean
}

/** `wallMs` lets keys expire after recordMs; without it they stay. */
export function createRecordBook(validate: RecordValidator, wallMs?: () => number): RecordBook {
  const newest = new Map<string, { seq: number; atMs: number }>()

  const seqOf = (key: string, value: Uint8Array): number | undefined => {
    if (value.length > NETWORK_LIMITS.maxRecordBytes) return undefined
    return validate(key, value)?.seq
  }

  const makeRoom = (nowMs: number): boolean => {
    if (newest.size < NETWORK_LIMITS.maxRecords) return true
    for (const [key, { atMs }] of newest) {
      if (nowMs - atMs < NETWORK_LIMITS.recordMs) break
      newest.delete(key)
    }
    return newest.size < NETWORK_LIMITS.maxRecords
  }

  const admit = (key: string, value: Uint8Array): boolean => {
    const seq = seqOf(key, value)
    if (seq === undefined) return false
    const known = newest.get(key)
    if (known !== undefined && seq < known.seq) return false
    const nowMs = wallMs?.() ?? 0
    if (known === undefined && !makeRoom(nowMs)) return false
    newest.delete(key)
    newest.set(key, { seq, atMs: nowMs })
    return true
  }

  return { seqOf, admit }
}
