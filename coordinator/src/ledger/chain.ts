import { concatBytes, fromHex, hex, utf8, type Crypto } from '@orien/protocol'

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
 * The hash of an entry. Canonical bytes: the JSON array [number, atMs, kind, ref, [[account, decimal amount]…]] as JSON.stringify writes
 * it, without spaces, in UTF-8.
 */
export function entryHash(crypto: Crypto, previous: Uint8Array, entry: Omit<JournalEntry, 'hash'>): Uint8Array {
  const { number, atMs, kind, ref, moves } = entry
  const amounts = moves.map(([account, amount]) => [account, amount.toString()])
  return crypto.sha256(previous, utf8(JSON.stringify([number, atMs, kind, ref, amounts])))
}

const MODULUS = 1n << 256n

/**
 * Digest of a set of balances: the sum, modulo 2^256, of sha256(account ‖ 0 ‖ decimal balance) over those not at 0. A sum, so that one
 * changed account costs two hashes and not a walk over all: it finds damage, it is not meant against who can write the whole store.
 */
export function balancesDigest(crypto: Crypto): BalancesDigest {
  let sum = 0n
  let accounts = 0
  return {
    change(account, before, after) {
      if (before !== 0n) sum += MODULUS - word(crypto, account, before)
      if (after !== 0n) sum += word(crypto, account, after)
      sum %= MODULUS
      accounts += Number(after !== 0n) - Number(before !== 0n)
    },
    read: () => ({ accounts, digest: fromHex(sum.toString(16).padStart(2 * HASH_BYTES, '0')) ?? new Uint8Array() }),
  }
}

export interface BalancesDigest {
  /** An account went from one balance to another. */
  change(account: string, before: bigint, after: bigint): void
  read(): Pick<Checkpoint, 'accounts' | 'digest'>
}

function word(crypto: Crypto, account: string, balance: bigint): bigint {
  return BigInt(`0x${hex(crypto.sha256(concatBytes(utf8(account), SEPARATOR, utf8(balance.toString()))))}`)
}

const SEPARATOR = new Uint8Array(1)
