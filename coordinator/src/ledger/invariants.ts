import type { Store } from '@orien/node/store'
import { isOrienError, type Crypto } from '@orien/protocol'
import { olderSegments, verifyTail } from './tail.ts'

/**
 * Verifies the whole book of a store at once, as a start and the audit after it do; a sentence on the first thing that is wrong, an empty list when
 * nothing is: entries are numbered without a gap and chained, each sums to 0; checkpoints are on the chain; all together give the stored
 * balances, and those sum to 0.
 */
export async function checkBook(store: Store, crypto: Crypto): Promise<string[]> {
  try {
    const older = olderSegments(store, crypto, await verifyTail(store, crypto))
    while (older.from > 0) await older.verifyNext()
    return []
  } catch (error) {
    if (!isOrienError(error, 'storeCorrupt')) throw error
    return [error.message]
  }
}
