import type { Store } from '@orien/node/store'
import { utf8Text } from '@orien/protocol'
import { decodeRecord } from '../codec.ts'
import { after, keys } from '../keys.ts'
import type { JournalEntry } from './book.ts'

/**
 * Walks the whole journal of a store and says what is wrong with it, one sentence each; an empty list when nothing is: entries
 * are numbered without a gap, each sums to 0, all together give the stored balances, and those sum to 0.
 */
export async function checkBook(store: Store): Promise<string[]> {
  const problems: string[] = []
  const replayed = new Map<string, bigint>()
  let number = 0
  for await (const [key, value] of store.scan({ gte: keys.journals, lt: after(keys.journals) })) {
    number += 1
    const entry = decodeRecord<JournalEntry>(value)
    if (entry.number !== number || key !== keys.journal(number))
      problems.push(`entry ${number} is missing or misplaced`)
    let sum = 0n
    for (const [account, amount] of entry.moves) {
      sum += amount
      replayed.set(account, (replayed.get(account) ?? 0n) + amount)
    }
    if (sum !== 0n) problems.push(`entry ${entry.number} sums to ${sum}`)
  }
  let total = 0n
  for await (const [key, value] of store.scan({ gte: keys.balances, lt: after(keys.balances) })) {
    const account = key.slice(keys.balances.length)
    const stored = BigInt(utf8Text(value))
    total += stored
    if (stored !== (replayed.get(account) ?? 0n))
      problems.push(`${account} holds ${stored}, the journal says otherwise`)
    replayed.delete(account)
  }
  for (const [account, amount] of replayed)
    if (amount !== 0n) problems.push(`${account} is ${amount} in the journal alone`)
  if (total !== 0n) problems.push(`all balances sum to ${total}`)
  return problems
}
