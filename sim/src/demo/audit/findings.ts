import type { AuditCode, Audited, Violation } from './types.ts'

/** What the checks found, each thing once. */
export interface Findings {
  add(code: AuditCode, what: Audited, id: string, detail: string): void
  /** True when something of that code and id is found already. */
  has(code: AuditCode, what: Audited, id: string): boolean
  all(): readonly Violation[]
}

export function createFindings(): Findings {
  const found = new Map<string, Violation>()
  const keyOf = (code: AuditCode, what: Audited, id: string): string => `${code} ${what} ${id}`
  return {
    add(code, what, id, detail) {
      const key = keyOf(code, what, id)
      if (!found.has(key)) found.set(key, { code, what, id, detail })
    },
    has: (code, what, id) => found.has(keyOf(code, what, id)),
    all: () => [...found.values()],
  }
}

/** Digits of an id that a person compares. */
const SHORT = 12

/** The beginning of an id in hex. */
export function short(id: string): string {
  return id.slice(0, id.startsWith('0x') ? SHORT + 2 : SHORT)
}

/** Where a document stands in a book: `ada receipt/3fa9c1d2e4f5/2`. `path` is of the store's key: session or payout, number. */
export function placeOf(book: string, what: Audited, id: string, seq?: number): string {
  return `${book} ${what}/${short(id)}${seq === undefined ? '' : `/${seq}`}`
}
