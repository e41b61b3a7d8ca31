import { setImmediate as nextTurn } from 'node:timers/promises'
import { clearnodeLimits } from './limits.ts'
import { Refusal } from './errors.ts'
import { Journal } from './journal.ts'
import { apply, emptyTables, type Draft, type Row, type Tables } from './tables.ts'

/**
 * The database of the stand-in: the tables in memory and the journal on disk.
 *
 * A request checks against the tables as they stand when its turn begins, hands over its rows, and these become
 * visible only after later turns and a flush. So two requests on two sockets that arrive together both pass their
 * checks and both commit, as they do on the real node, by construction and not by timing.
 */
export interface Store {
  readonly tables: Tables
  /** Writes the rows durably, then makes them visible. `unique` names a key that may be written once only. */
  readonly commit: (method: string, drafts: readonly Draft[], unique?: Unique) => Promise<readonly Row[]>
  readonly close: () => Promise<void>
}

export interface Unique {
  readonly key: string
  readonly taken: (tables: Tables) => boolean
  readonly refusal: string
}

export const openStore = async (home: string, nowMs: () => number): Promise<Store> => {
  const { journal, lines } = await Journal.open(home)
  const tables = emptyTables()
  for (const line of lines) for (const row of line.rows) apply(tables, row)
  const last = { seq: lines.at(-1)?.seq ?? 0, entry: tables.entries.length, transaction: tables.transactions.length }
  let lastKeyId = tables.lastKeyId
  const inFlight = new Set<string>()

  const numbered = (draft: Draft, atMs: number): Row => {
    switch (draft.table) {
      case 'entry':
        return { ...draft, id: ++last.entry, atMs }
      case 'transaction':
        return { ...draft, id: ++last.transaction, atMs }
      case 'key':
        return 'id' in draft ? draft : { ...draft, id: ++lastKeyId, atMs }
      case 'session':
      case 'keyGone':
      case 'tag':
        return draft
      default:
        return draft satisfies never
    }
  }

  const commit: Store['commit'] = async (method, drafts, unique) => {
    for (let turn = 0; turn < clearnodeLimits.turnsBeforeCommit; turn++) await nextTurn()
    if (unique !== undefined) {
      if (inFlight.has(unique.key) || unique.taken(tables)) throw new Refusal(unique.refusal)
      inFlight.add(unique.key)
    }
    try {
      const atMs = nowMs()
      const rows = drafts.map((draft) => numbered(draft, atMs))
      if (rows.length > 0) await journal.append({ seq: ++last.seq, atMs, method, rows })
      for (const row of rows) apply(tables, row)
      return rows
    } finally {
      if (unique !== undefined) inFlight.delete(unique.key)
    }
  }

  return { tables, commit, close: () => journal.close() }
}
