import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readBook, type BookSession } from '@orien/node'
import { openLevelStore, type Store } from '@orien/node/store'
import {
  Ack,
  Authorisation,
  decodeCheque,
  Grant,
  isOrienError,
  Payout,
  peekDocument,
  Receipt,
  Statement,
  workAnswers,
  type Scope,
} from '@orien/protocol'
import { placeOf, type Findings } from './findings.ts'
import type { Audited, AuditedParty } from './types.ts'

export type BookRole = 'agent' | 'provider'

/** One party's book, as `readBook` gives it. */
export interface Book {
  /** The party's name. */
  readonly name: string
  readonly role: BookRole
  readonly sessions: readonly BookSession[]
}

/** Folder of a party's book. */
export function bookFolder(home: string, name: string, role: BookRole): string {
  return join(home, name, role)
}

/** The books of all agents and providers. One that cannot be read is reported, by the entry that is at fault, and left out. */
export async function readBooks(
  scope: Scope,
  home: string,
  parties: readonly AuditedParty[],
  findings: Findings,
): Promise<readonly Book[]> {
  const books: Book[] = []
  for (const { name, role } of parties) {
    if (role === 'coordinator') continue
    const folder = bookFolder(home, name, role)
    // Opening would make it: a party that never started has no book.
    if (!existsSync(folder)) continue
    try {
      books.push({ name, role, sessions: await readBook(scope, folder, role) })
    } catch (error) {
      if (!isOrienError(error) || error.code === 'locked') throw error
      await reportUnreadable(scope, name, folder, findings, error.message)
    }
  }
  return books
}

/** What each kind of entry must decode as, and what it is called. */
const ENTRIES: Readonly<Record<string, { readonly what: Audited; check(scope: Scope, bytes: Uint8Array): void }>> = {
  session: { what: 'grant', check: (scope, bytes) => void peekDocument(scope, Grant, bytes) },
  auth: { what: 'authorisation', check: (scope, bytes) => void peekDocument(scope, Authorisation, bytes) },
  receipt: { what: 'receipt', check: (scope, bytes) => void peekDocument(scope, Receipt, bytes) },
  done: { what: 'receipt', check: checkDone },
  ack: { what: 'ack', check: (scope, bytes) => void peekDocument(scope, Ack, bytes) },
  cheque: { what: 'cheque', check: (_scope, bytes) => void decodeCheque(bytes) },
  statement: { what: 'statement', check: (scope, bytes) => void peekDocument(scope, Statement, bytes) },
  payout: { what: 'payout', check: (scope, bytes) => void peekDocument(scope, Payout, bytes) },
}

function checkDone(scope: Scope, bytes: Uint8Array): void {
  const { done } = workAnswers.decode(bytes)
  if (done !== undefined) peekDocument(scope, Receipt, done.receipt)
}

async function reportUnreadable(
  scope: Scope,
  name: string,
  folder: string,
  findings: Findings,
  why: string,
): Promise<void> {
  const store = await openIfWhole(folder)
  const found = store === undefined ? [] : await unreadable(scope, store)
  await store?.close()
  if (found.length === 0) findings.add('bookUnreadable', 'book', name, why)
  for (const { key, what, detail } of found) {
    const [, id = '', seq] = key.split('/')
    // What follows a Payout's id is its transaction.
    findings.add(
      'bookUnreadable',
      what,
      placeOf(name, what, id, seq === undefined || what === 'payout' ? undefined : Number(seq)),
      `${key}: ${detail}`,
    )
  }
}

async function openIfWhole(folder: string): Promise<Store | undefined> {
  try {
    return await openLevelStore(folder)
  } catch (error) {
    if (isOrienError(error, 'storeCorrupt')) return undefined
    throw error
  }
}

async function unreadable(scope: Scope, store: Store): Promise<{ key: string; what: Audited; detail: string }[]> {
  const found: { key: string; what: Audited; detail: string }[] = []
  for await (const [key, bytes] of store.scan({})) {
    const entry = ENTRIES[key.slice(0, key.indexOf('/'))]
    if (entry === undefined) continue
    try {
      entry.check(scope, bytes)
    } catch (error) {
      if (!isOrienError(error)) throw error
      found.push({ key, what: entry.what, detail: error.message })
    }
  }
  return found
}
