import type { Store, StoreOp } from '@orien/node/store'
import { isOrienError, OrienError, utf8, utf8Text } from '@orien/protocol'
import { decodeRecord, encodeRecord } from '../codec.ts'
import { after, keys } from '../keys.ts'
import { kindOf } from './accounts.ts'
import type { Posting } from './postings.ts'

/** One numbered line of the journal. Lines are only ever added. */
export interface JournalEntry {
  readonly number: number
  readonly atMs: number
  readonly kind: string
  readonly ref: string
  /** [account, micro-USDC]. */
  readonly moves: readonly (readonly [string, bigint])[]
}

/** Everything one decision makes durable. */
export interface BookBatch {
  readonly nowMs: number
  readonly postings: readonly Posting[]
  readonly ops: readonly StoreOp[]
}

/** The journal and the balances it adds up to. */
export interface Book {
  balance(account: string): bigint
  /** Sum of all accounts of a kind, for example `payable`. */
  sum(kind: string): bigint
  /** Why nothing can be written any more, if so. */
  readonly failure: OrienError | undefined
  /**
   * One decision in one durable batch: its documents and records, its journal entries, and the balances after them. Balances
   * change at once and batches reach the store in the order of their calls, so decisions may overlap. Rejects as
   * Store.commit; afterwards the book refuses everything, because memory is ahead of the disk.
   */
  commit(batch: BookBatch): Promise<void>
}

/** Opens the book of a store: balances as stored. `onFailure` is told once, when it cannot be written any more. Throws `storeCorrupt`. */
export async function openBook(store: Store, onFailure: (error: OrienError) => void = () => undefined): Promise<Book> {
  const balances = new Map<string, bigint>()
  const sums = new Map<string, bigint>()
  for await (const [key, value] of store.scan({ gte: keys.balances, lt: after(keys.balances) })) {
    const account = key.slice(keys.balances.length)
    add(balances, account, BigInt(utf8Text(value)))
    add(sums, kindOf(account), BigInt(utf8Text(value)))
  }
  let last = 0
  for await (const [, value] of store.scan({ gte: keys.journals, lt: after(keys.journals), reverse: true, limit: 1 })) {
    last = decodeRecord<JournalEntry>(value).number
  }
  let failure: OrienError | undefined

  const apply = (posting: Posting, atMs: number): StoreOp[] => {
    const moves = merged(posting)
    if (moves.length === 0) return []
    last += 1
    const entry: JournalEntry = { number: last, atMs, kind: posting.kind, ref: posting.ref, moves }
    const ops: StoreOp[] = [{ type: 'put', key: keys.journal(last), value: encodeRecord(entry) }]
    for (const [account, amount] of moves) {
      const balance = add(balances, account, amount)
      add(sums, kindOf(account), amount)
      ops.push(balanceOp(account, balance))
      if (balance === 0n) balances.delete(account)
    }
    return ops
  }

  return {
    balance: (account) => balances.get(account) ?? 0n,
    sum: (kind) => sums.get(kind) ?? 0n,
    get failure() {
      return failure
    },
    async commit({ nowMs, postings, ops }) {
      if (failure !== undefined) throw failure
      const all = [...ops]
      for (const posting of postings) all.push(...apply(posting, nowMs))
      try {
        await store.commit(all)
      } catch (cause) {
        const first = failure === undefined
        failure ??= isOrienError(cause)
          ? cause
          : new OrienError('internal', { message: 'the book cannot be written', cause })
        if (first) onFailure(failure)
        throw failure
      }
    },
  }
}

function balanceOp(account: string, balance: bigint): StoreOp {
  const key = keys.balance(account)
  return balance === 0n ? { type: 'del', key } : { type: 'put', key, value: utf8(balance.toString()) }
}

/** Moves by account, without zeros. Throws `internal` when they do not sum to 0. */
function merged({ kind, moves }: Posting): [string, bigint][] {
  const byAccount = new Map<string, bigint>()
  let sum = 0n
  for (const { account, micros } of moves) {
    add(byAccount, account, micros)
    sum += micros
  }
  if (sum !== 0n) throw new OrienError('internal', { message: `the entry ${kind} does not balance`, details: { kind } })
  return [...byAccount].filter(([, micros]) => micros !== 0n)
}

function add(amounts: Map<string, bigint>, name: string, amount: bigint): bigint {
  const sum = (amounts.get(name) ?? 0n) + amount
  amounts.set(name, sum)
  return sum
}
