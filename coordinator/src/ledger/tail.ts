import type { Store } from '@orien/node/store'
import { equalBytes, OrienError, utf8Text, type Crypto } from '@orien/protocol'
import { decodeRecord } from '../codec.ts'
import { after, keys } from '../keys.ts'
import {
  balancesDigest,
  GENESIS,
  hashOf,
  readEntry,
  storedHash,
  type BalancesDigest,
  type Checkpoint,
  type JournalEntry,
} from './chain.ts'

/** What a book is opened from: everything in it was verified back to the checkpoint. */
export interface Tail {
  readonly checkpoint: Checkpoint
  /** Number and hash of the newest entry. */
  readonly number: number
  readonly hash: Uint8Array
  /** All balances not at 0, as they stand. */
  readonly balances: ReadonlyMap<string, bigint>
  /** Accounts that entries after the checkpoint moved, as they stood at the checkpoint. */
  readonly moved: ReadonlyMap<string, bigint>
  /** The digest at the checkpoint. */
  readonly digest: BalancesDigest
}

/** The book is damaged, and what its operator can do. */
export function damaged(message: string, details: OrienError['details'] = {}, cause?: unknown): OrienError {
  return new OrienError('storeCorrupt', {
    message,
    hint: 'Restore the newest back-up of the book and start again: what it lacks is found and asked for again. Nothing was paid from the damaged one.',
    details,
    cause,
  })
}

/**
 * Reads the balances and verifies every entry since the newest checkpoint: numbering, sums, hashes; the balances are the checkpoint's plus
 * these entries, and sum to 0. Throws `storeCorrupt` naming the entry or account.
 */
export async function verifyTail(store: Store, crypto: Crypto): Promise<Tail> {
  const checkpoint = await checkpointBelow(store, Infinity)
  if (checkpoint.number > 0) await verifyOn(store, crypto, checkpoint)
  const balances = await readBalances(store)
  const moves = new Map<string, bigint>()
  const { number, hash } = await verifySegment(store, crypto, checkpoint, Infinity, moves)
  const moved = new Map<string, bigint>()
  for (const [account, amount] of moves) moved.set(account, (balances.get(account) ?? 0n) - amount)
  const digest = balancesDigest(crypto)
  let total = 0n
  for (const [account, balance] of balances) {
    total += balance
    digest.change(account, 0n, moved.get(account) ?? balance)
  }
  for (const [account, balance] of moved) if (!balances.has(account)) digest.change(account, 0n, balance)
  const shown = digest.read()
  if (shown.accounts !== checkpoint.accounts || !equalBytes(shown.digest, checkpoint.digest) || total !== 0n) {
    throw await wrongBalance(store, balances, checkpoint.number)
  }
  return { checkpoint, number, hash, balances, moved, digest }
}

/**
 * Verifies the entries after `from` up to `through`: numbers without a gap, sums of 0, hashes from that of `from`; adds what they move to
 * `moves`. Returns the last one's number and hash. Throws `storeCorrupt`.
 */
export async function verifySegment(
  store: Store,
  crypto: Crypto,
  from: Checkpoint,
  through: number,
  moves: Map<string, bigint>,
): Promise<{ readonly number: number; readonly hash: Uint8Array }> {
  let { number, hash } = from
  const end = through === Infinity ? after(keys.journals) : keys.journal(through + 1)
  for await (const [key, value] of store.scan({ gte: keys.journal(number + 1), lt: end })) {
    number += 1
    if (key !== keys.journal(number)) throw damaged(`entry ${number} of the journal is missing`, { entry: number })
    hash = hashOf(crypto, hash, value)
    if (!equalBytes(hash, storedHash(value)))
      throw damaged(`entry ${number} of the journal was changed`, { entry: number })
    const entry = entryOf(number, value)
    let sum = 0n
    for (const [account, amount] of entry.moves) {
      sum += amount
      moves.set(account, (moves.get(account) ?? 0n) + amount)
    }
    if (sum !== 0n) throw damaged(`entry ${number} of the journal does not balance`, { entry: number })
  }
  if (through !== Infinity && number !== through)
    throw damaged(`entry ${number + 1} of the journal is missing`, { entry: number + 1 })
  return { number, hash }
}

/** The entry of a checkpoint is there, and is the one it was made on. Throws `storeCorrupt`. */
async function verifyOn(store: Store, crypto: Crypto, { number, hash }: Checkpoint): Promise<void> {
  const entry = await store.get(keys.journal(number))
  const before = await store.get(keys.journal(number - 1))
  const missing = number > 1 && before === undefined ? number - 1 : number
  if (entry === undefined || missing < number)
    throw damaged(`entry ${missing} of the journal is missing`, { entry: missing })
  const previous = before === undefined ? GENESIS.hash : storedHash(before)
  const isIt = equalBytes(hash, storedHash(entry)) && equalBytes(hash, hashOf(crypto, previous, entry))
  if (!isIt) throw damaged(`entry ${number} of the journal was changed`, { entry: number })
}

/** The newest checkpoint with a number below `number`. Throws `storeCorrupt`. */
export async function checkpointBelow(store: Store, number: number): Promise<Checkpoint> {
  const end = number === Infinity ? after(keys.checkpoints) : keys.checkpoint(number)
  for await (const [key, value] of store.scan({ gte: keys.checkpoints, lt: end, reverse: true, limit: 1 })) {
    const checkpoint = decodeRecord<Checkpoint>(value, key)
    if (key !== keys.checkpoint(checkpoint.number)) throw damaged(`the checkpoint at ${key} is misplaced`, { key })
    return checkpoint
  }
  return GENESIS
}

/** The entry of bytes that are on the chain. */
function entryOf(number: number, value: Uint8Array): JournalEntry {
  let entry: JournalEntry
  try {
    entry = readEntry(value)
  } catch (cause) {
    throw damaged(`entry ${number} of the journal cannot be read`, { entry: number }, cause)
  }
  if (entry.number !== number) throw damaged(`entry ${number} of the journal is misplaced`, { entry: number })
  return entry
}

async function readBalances(store: Store): Promise<Map<string, bigint>> {
  const balances = new Map<string, bigint>()
  for await (const [key, value] of store.scan({ gte: keys.balances, lt: after(keys.balances) })) {
    const account = key.slice(keys.balances.length)
    balances.set(account, balanceOf(account, value))
  }
  return balances
}

/** Decimal text; damaged bytes need not even be text. */
function balanceOf(account: string, value: Uint8Array): bigint {
  try {
    const text = utf8Text(value)
    if (/^-?[1-9][0-9]*$/.test(text)) return BigInt(text)
  } catch (cause) {
    throw damaged(`the balance of ${account} cannot be read`, { account }, cause)
  }
  throw damaged(`the balance of ${account} cannot be read`, { account })
}

/** Names the account that the whole journal disagrees on: only looked for when there is one. */
async function wrongBalance(store: Store, balances: ReadonlyMap<string, bigint>, number: number): Promise<OrienError> {
  const replayed = new Map<string, bigint>()
  for await (const [key, value] of store.scan({ gte: keys.journals, lt: after(keys.journals) })) {
    for (const [account, amount] of entryOf(Number(key.slice(keys.journals.length)), value).moves)
      replayed.set(account, (replayed.get(account) ?? 0n) + amount)
  }
  for (const account of new Set([...balances.keys(), ...replayed.keys()])) {
    const stored = balances.get(account) ?? 0n
    const expected = replayed.get(account) ?? 0n
    if (stored !== expected)
      return damaged(`the account ${account} holds ${stored}, its journal adds up to ${expected}`, { account })
  }
  return damaged(`the checkpoint at entry ${number} was changed`, { entry: number })
}

/** What is older than a tail, one segment after another, newest first. */
export interface OlderSegments {
  /** Everything after the entry of this number is verified. */
  readonly from: number
  /** Verifies one segment: its entries lead from one checkpoint to the next, balances too. Throws `storeCorrupt`. */
  verifyNext(): Promise<void>
}

/** Begins at the tail's checkpoint and ends before the first entry, where every account is at 0. */
export function olderSegments(store: Store, crypto: Crypto, tail: Tail): OlderSegments {
  const balances = new Map(tail.balances)
  const digest = balancesDigest(crypto)
  for (const [account, balance] of balances) digest.change(account, 0n, balance)
  const put = (account: string, balance: bigint): void => {
    digest.change(account, balances.get(account) ?? 0n, balance)
    if (balance === 0n) balances.delete(account)
    else balances.set(account, balance)
  }
  for (const [account, balance] of tail.moved) put(account, balance)
  let from = tail.checkpoint
  return {
    get from() {
      return from.number
    },
    async verifyNext() {
      const before = await checkpointBelow(store, from.number)
      const moves = new Map<string, bigint>()
      const { hash } = await verifySegment(store, crypto, before, from.number, moves)
      if (!equalBytes(hash, from.hash))
        throw damaged(`the checkpoint at entry ${from.number} was changed`, { entry: from.number })
      for (const [account, amount] of moves) put(account, (balances.get(account) ?? 0n) - amount)
      const { accounts, digest: shown } = digest.read()
      if (accounts !== before.accounts || !equalBytes(shown, before.digest))
        throw damaged(`the checkpoint at entry ${before.number} was changed`, { entry: before.number })
      from = before
    },
  }
}
