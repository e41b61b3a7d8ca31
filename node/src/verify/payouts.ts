import { hex, isOrienError, Payout, peekDocument, Statement, type Scope } from '@orien/protocol'
import type { Store } from '../store/port.ts'
import { valuesOf } from './entries.ts'

/**
 * The Payouts of a book that may be a session's, each once: those that list a Statement of its, and those that nobody else here would miss, because
 * they cannot be read or list no Statement of the book. A set has one for each transaction that paid some of its legs; older books hold only one of
 * them, under the set's id alone.
 */
export async function payoutsOf(scope: Scope, store: Store, sid: string): Promise<readonly Uint8Array[]> {
  const owners = await ownersOf(scope, store)
  const found = new Map<string, Uint8Array>()
  for (const bytes of await valuesOf(store, 'payout/')) {
    const statementIds = readable(() => peekDocument(scope, Payout, bytes).value.statementIds) ?? []
    const sessions = statementIds.map((id) => owners.get(hex(id))).filter((one) => one !== undefined)
    if (sessions.length === 0 || sessions.includes(sid)) found.set(hex(bytes), bytes)
  }
  return [...found.values()]
}

/** The session of each Statement, by its id. */
async function ownersOf(scope: Scope, store: Store): Promise<ReadonlyMap<string, string>> {
  const owners = new Map<string, string>()
  for (const bytes of await valuesOf(store, 'statement/')) {
    const statement = readable(() => peekDocument(scope, Statement, bytes))
    if (statement !== undefined) owners.set(hex(statement.id), hex(statement.value.sessionId))
  }
  return owners
}

/** Undefined for what cannot be read: whoever looks at the document itself says so. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (isOrienError(error)) return undefined
    throw error
  }
}
