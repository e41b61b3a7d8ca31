import { concatBytes, utf8, utf8Text, type Crypto } from '@orien/protocol'

/** One numbered line of the journal. Lines are only ever added, and each seals all before it. */
export interface JournalEntry {
  readonly number: number
  readonly atMs: number
  readonly kind: string
  readonly ref: string
  /** [account, micro-USDC]. */
  readonly moves: readonly (readonly [string, bigint])[]
  /** sha256(hash of the entry before ‖ canonical bytes of this one). */
  readonly hash: Uint8Array
}

/** What stood after an entry: written with it, so that a start verifies only what came later. */
export interface Checkpoint {
  readonly number: number
  /** Of that entry. */
  readonly hash: Uint8Array
  /** How many accounts were not at 0, and the digest of them all. */
  readonly accounts: number
  readonly digest: Uint8Array
}

const HASH_BYTES = 32

/** What stands before the first entry. */
export const GENESIS: Checkpoint = {
  number: 0,
  hash: new Uint8Array(HASH_BYTES),
  accounts: 0,
  digest: new Uint8Array(HASH_BYTES),
}

/**
 * An entry as it is stored: its hash, then its canonical bytes, the JSON array [number, atMs, kind, ref, account, decimal amount, account, …] as
 * JSON.stringify writes it, in UTF-8. What is hashed is what is stored, so verifying needs no writing anew.
 */
export function sealEntry(crypto: Crypto, previous: Uint8Array, entry: Omit<JournalEntry, 'hash'>): Sealed {
  const { number, atMs, kind, ref, moves } = entry
  const amounts = moves.flatMap(([account, amount]) => [account, amount.toString()])
  const canonical = utf8(JSON.stringify([number, atMs, kind, ref, ...amounts]))
  const hash = crypto.sha256(previous, canonical)
  return { hash, bytes: concatBytes(hash, canonical) }
}

export interface Sealed {
  readonly hash: Uint8Array
  readonly bytes: Uint8Array
}

/** The hash that stored bytes of an entry must begin with. */
export function hashOf(crypto: Crypto, previous: Uint8Array, bytes: Uint8Array): Uint8Array {
  return crypto.sha256(previous, bytes.subarray(HASH_BYTES))
}

/** The hash they do begin with. */
export function storedHash(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, HASH_BYTES)
}

/** The entry of stored bytes whose hash was verified. Throws what JSON and BigInt throw. */
export function readEntry(bytes: Uint8Array): JournalEntry {
  const [number, atMs, kind, ref, ...amounts] = JSON.parse(utf8Text(bytes.subarray(HASH_BYTES))) as [
    number,
    number,
    string,
    string,
    ...string[],
  ]
  const moves: [string, bigint][] = []
  for (let at = 0; at + 1 < amounts.length; at += 2) moves.push([amounts[at] ?? '', BigInt(amounts[at + 1] ?? '')])
  return { number, atMs, kind, ref, moves, hash: storedHash(bytes) }
}

/** The digest of a set of balances, kept up to date. */
export interface BalancesDigest {
  /** An account went from one balance to another. */
  change(account: string, before: bigint, after: bigint): void
  read(): Pick<Checkpoint, 'accounts' | 'digest'>
}

/**
 * Digest of a set of balances: sha256(account ‖ NUL ‖ decimal balance) of each that is not at 0, all XORed. So one changed account costs two
 * hashes and not a walk over all: it finds damage, it is not meant against who can write the whole store.
 */
export function balancesDigest(crypto: Crypto): BalancesDigest {
  const sum = new Uint8Array(HASH_BYTES)
  let accounts = 0
  const toggle = (account: string, balance: bigint): void => {
    const word = crypto.sha256(utf8(`${account}\0${balance}`))
    for (let at = 0; at < HASH_BYTES; at++) sum[at] = (sum[at] ?? 0) ^ (word[at] ?? 0)
  }
  return {
    change(account, before, after) {
      if (before === after) return
      if (before !== 0n) toggle(account, before)
      if (after !== 0n) toggle(account, after)
      accounts += Number(after !== 0n) - Number(before !== 0n)
    },
    read: () => ({ accounts, digest: Uint8Array.from(sum) }),
  }
}
