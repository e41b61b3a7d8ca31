import type { Store, StoreOp } from '@orien/node/store'
import { isOrienError, OrienError, utf8, type Crypto } from '@orien/protocol'
import { encodeRecord } from '../codec.ts'
import { keys } from '../keys.ts'
import { COORDINATOR_LIMITS } from '../limits.ts'
import { kindOf } from './accounts.ts'
import { sealEntry, type Checkpoint, type JournalEntry } from './chain.ts'
import { createDoubts, type Doubts } from './doubts.ts'
import type { Posting } from './postings.ts'
import { verifyTail, type Tail } from './tail.ts'

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
  /** Why nothing may be signed from it, if anything: the book is read-only as long as there is a doubt. */
  readonly doubts: Doubts
  /** Entries of the journal. */
  readonly entries: number
  /** Why nothing can be written any more, if so. */
  readonly failure: OrienError | undefined
  /**
   * One decision in one durable batch: its documents and records, its journal entries, and the balances after them. Balances
   * change at once and batches reach the store in the order of their calls, so decisions may overlap. Rejects as
   * Store.commit; afterwards the book refuses everything, because memory is ahead of the disk.
   */
  commit(batch: BookBatch): Promise<void>
  /** Written with the next decision: what is worth nothing before there is one costs no flush of its own. */
  attach(op: StoreOp): void
}

/**
 * Opens the book of a store, its tail verified. `onFailure` is told once, when it cannot be written any more. Throws `storeCorrupt` naming
 * the entry or account.
 */
export async function openBook(store: Store, crypto: Crypto, onFailure?: (error: OrienError) => void): Promise<Book> {
  return bookFrom(store, crypto, await verifyTail(store, crypto), onFailure)
}

/** The book that goes on from a verified tail. */
export function bookFrom(
  store: Store,
  crypto: Crypto,
  tail: Tail,
  onFailure: (error: OrienError) => void = () => undefined,
): Book {
  const balances = new Map(tail.balances)
  const sums = new Map<string, bigint>()
  for (const [account, balance] of balances) add(sums, kindOf(account), balance)
  const journal = journalFrom(crypto, tail, balances)
  let failure: OrienError | undefined
  let attached: StoreOp[] = []

  const apply = (posting: Posting, atMs: number): StoreOp[] => {
    const moves = merged(posting)
    if (moves.length === 0) return []
    const ops = journal.append({ atMs, kind: posting.kind, ref: posting.ref, moves })
    for (const [account, amount] of moves) add(sums, kindOf(account), amount)
    return ops
  }

  return {
    doubts: createDoubts(),
    get entries() {
      return journal.entries()
    },
    balance: (account) => balances.get(account) ?? 0n,
    sum: (kind) => sums.get(kind) ?? 0n,
    get failure() {
      return failure
    },
    attach: (op) => void attached.push(op),
    async commit({ nowMs, postings, ops }) {
      if (failure !== undefined) throw failure
      const all = [...attached, ...ops]
      attached = []
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

/** Numbers entries, chains them, moves the balances, and writes a checkpoint every so often. */
function journalFrom(crypto: Crypto, tail: Tail, balances: Map<string, bigint>) {
  let { number, hash } = tail
  const { digest } = tail
  /** Accounts that moved since the last checkpoint, as they stood there. */
  const moved = new Map(tail.moved)

  const checkpoint = (): StoreOp => {
    for (const [account, before] of moved) digest.change(account, before, balances.get(account) ?? 0n)
    moved.clear()
    const value: Checkpoint = { number, hash, ...digest.read() }
    return { type: 'put', key: keys.checkpoint(number), value: encodeRecord(value) }
  }

  return {
    entries: () => number,
    append(draft: Pick<JournalEntry, 'atMs' | 'kind' | 'ref' | 'moves'>): StoreOp[] {
      number += 1
      const sealed = sealEntry(crypto, hash, { number, ...draft })
      hash = sealed.hash
      const ops: StoreOp[] = [{ type: 'put', key: keys.journal(number), value: sealed.bytes }]
      for (const [account, amount] of draft.moves) {
        const before = balances.get(account) ?? 0n
        if (!moved.has(account)) moved.set(account, before)
        const balance = before + amount
        ops.push(balanceOp(account, balance))
        if (balance === 0n) balances.delete(account)
        else balances.set(account, balance)
      }
      if (number % COORDINATOR_LIMITS.checkpointEvery === 0) ops.push(checkpoint())
      return ops
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
