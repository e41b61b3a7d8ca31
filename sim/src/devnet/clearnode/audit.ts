import { open } from 'node:fs/promises'
import { ClearnodeError } from './errors.ts'
import { ledgerPath, readJournal } from './journal.ts'
import type { EntryRow } from './tables.ts'

/**
 * Every ledger entry of a home, oldest first, read from the file alone (the node may be stopped).
 * Errors: CLEARNODE_LEDGER_DAMAGED when a line is no transaction.
 */
export const readLedger = async (home: string): Promise<EntryRow[]> => {
  const { lines } = await readJournal(home)
  return lines.flatMap((line) => line.rows.filter((row): row is EntryRow => row.table === 'entry'))
}

/**
 * Changes one byte, the first digit of the stored amount, of the entry at `index` of `readLedger`. The node must be
 * stopped. A node started afterwards loads the ledger as it is; finding the change is an audit's work.
 * Errors: CLEARNODE_NO_SUCH_ENTRY.
 */
export const tamperLedgerEntry = async (home: string, index: number): Promise<void> => {
  const { text } = await readJournal(home)
  const target = (await readLedger(home))[index]
  if (target === undefined)
    throw new ClearnodeError('CLEARNODE_NO_SUCH_ENTRY', `the ledger has no entry ${index}`, 'count with readLedger')
  // Entries have increasing ids and a fixed order of fields, so the row is found by its text.
  const row = text.indexOf(JSON.stringify(target))
  const field = target.debit === '0' ? '"credit":"' : '"debit":"'
  const at = text.indexOf(field, row) + field.length
  const changed = text.charAt(at) === '9' ? '8' : String(Number(text.charAt(at)) + 1)
  const file = await open(ledgerPath(home), 'r+')
  try {
    await file.write(changed, Buffer.byteLength(text.slice(0, at)))
    await file.datasync()
  } finally {
    await file.close()
  }
}
