import type { Hex } from 'viem'
import {
  add,
  formatDecimal,
  isNegative,
  negate,
  parseDecimal,
  roundTo,
  subtract,
  zero,
  type Decimal,
} from './decimal.ts'
import { ClearnodeError } from './errors.ts'
import { clearnodeLimits } from './limits.ts'

/** One ledger entry. Amounts are decimal text. The sum of credit - debit of an account and wallet is its balance. */
export interface EntryRow {
  readonly table: 'entry'
  readonly id: number
  /** A wallet's address (unified balance) or an app session id. */
  readonly account: string
  readonly wallet: string
  readonly asset: string
  readonly credit: string
  readonly debit: string
  /** The session key that spent, when one did. */
  readonly sessionKey?: string
  readonly atMs: number
}

export interface TransactionRow {
  readonly table: 'transaction'
  readonly id: number
  readonly type: 'transfer' | 'deposit' | 'app_deposit' | 'app_withdrawal'
  readonly from: string
  readonly to: string
  readonly asset: string
  readonly amount: string
  readonly atMs: number
}

/** An app session as it stands; a later row of the same id replaces it. uint64 fields are decimal text. */
export interface SessionRow {
  readonly table: 'session'
  readonly id: Hex
  readonly application: string
  readonly protocol: string
  readonly participants: readonly string[]
  readonly weights: readonly string[]
  readonly quorum: string
  readonly challenge: string
  readonly nonce: string
  readonly status: 'open' | 'closed'
  readonly version: string
  readonly sessionData: string
  readonly createdMs: number
  readonly updatedMs: number
}

export interface KeyRow {
  readonly table: 'key'
  readonly id: number
  readonly wallet: string
  readonly key: string
  readonly application: string
  readonly scope: string
  readonly allowances: readonly { readonly asset: string; readonly amount: string }[]
  /** Unix seconds. */
  readonly expiresAt: string
  readonly atMs: number
}

/** What the cache of session keys holds of one. */
export interface CachedKey {
  readonly wallet: string
  /** Unix seconds. */
  readonly expiresAt: bigint
}

export interface KeyGoneRow {
  readonly table: 'keyGone'
  readonly key: string
}

export interface TagRow {
  readonly table: 'tag'
  readonly wallet: string
  readonly tag: string
}

export type Row = EntryRow | TransactionRow | SessionRow | KeyRow | KeyGoneRow | TagRow

type Unnumbered<T> = T extends { id: number } ? Omit<T, 'id' | 'atMs'> : T
/** A row before it is written: ids and times are given at the commit. A key that has them already is an update. */
export type Draft = Unnumbered<Row> | KeyRow

export interface Balance {
  readonly wallet: string
  readonly asset: string
  readonly amount: Decimal
}

/** The committed state, in memory. Only `apply` changes it, and only after the journal holds the rows. */
export interface Tables {
  readonly entries: EntryRow[]
  readonly transactions: TransactionRow[]
  readonly sessions: Map<string, SessionRow>
  readonly keys: Map<string, KeyRow>
  readonly tags: Map<string, string>
  /** By account, then by wallet and asset. */
  readonly balances: Map<string, Map<string, Balance>>
  readonly entriesByAccount: Map<string, EntryRow[]>
  lastKeyId: number
}

export const emptyTables = (): Tables => ({
  entries: [],
  transactions: [],
  sessions: new Map(),
  keys: new Map(),
  tags: new Map(),
  balances: new Map(),
  entriesByAccount: new Map(),
  lastKeyId: 0,
})

const balanceKey = (wallet: string, asset: string): string => `${wallet}|${asset}`

const ofAccount = <T>(map: Map<string, T>, account: string, make: () => T): T => {
  const found = map.get(account) ?? make()
  map.set(account, found)
  return found
}

const stored = (amount: string): Decimal => {
  const parsed = parseDecimal(amount)
  if (parsed !== undefined) return parsed
  throw new ClearnodeError('CLEARNODE_LEDGER_DAMAGED', 'an entry holds no decimal amount', 'restore the ledger file')
}

export const apply = (tables: Tables, row: Row): void => {
  switch (row.table) {
    case 'entry': {
      const { account, wallet, asset } = row
      tables.entries.push(row)
      ofAccount<EntryRow[]>(tables.entriesByAccount, account, () => []).push(row)
      const balances = ofAccount<Map<string, Balance>>(tables.balances, account, () => new Map())
      const key = balanceKey(wallet, asset)
      const before = balances.get(key)?.amount ?? zero
      balances.set(key, { wallet, asset, amount: subtract(add(before, stored(row.credit)), stored(row.debit)) })
      return
    }
    case 'transaction':
      tables.transactions.push(row)
      return
    case 'session':
      // In order of change: lists show the last changed first.
      tables.sessions.delete(row.id)
      tables.sessions.set(row.id, row)
      return
    case 'key':
      tables.keys.set(row.key, row)
      tables.lastKeyId = Math.max(tables.lastKeyId, row.id)
      return
    case 'keyGone':
      tables.keys.delete(row.key)
      return
    case 'tag':
      tables.tags.set(row.wallet, row.tag)
      return
    default:
      row satisfies never
  }
}

/** What one wallet holds in one account. */
export const balanceOf = (tables: Tables, account: string, wallet: string, asset: string): Decimal =>
  tables.balances.get(account)?.get(balanceKey(wallet, asset))?.amount ?? zero

/** Every asset one wallet ever had in one account, in order of the asset's name. */
export const balancesOf = (tables: Tables, account: string, wallet: string): Balance[] =>
  [...(tables.balances.get(account)?.values() ?? [])]
    .filter((balance) => balance.wallet === wallet)
    .toSorted((a, b) => (a.asset < b.asset ? -1 : 1))

/** What all participants together hold in a session, by asset. */
export const sessionTotals = (tables: Tables, session: SessionRow): Map<string, Decimal> => {
  const totals = new Map<string, Decimal>()
  for (const wallet of new Set(session.participants))
    for (const { asset, amount } of balancesOf(tables, session.id, wallet))
      totals.set(asset, add(totals.get(asset) ?? zero, amount))
  return totals
}

/**
 * The entry that moves `amount` into (negative: out of) an account; none when it is zero. The amount is stored with the
 * digits its column keeps.
 */
export const entry = (account: string, wallet: string, asset: string, exact: Decimal, sessionKey?: string): Draft[] => {
  if (exact.units === 0n) return []
  const amount = roundTo(exact, clearnodeLimits.storedScale)
  const out = isNegative(amount)
  return [
    {
      table: 'entry',
      account,
      wallet,
      asset,
      credit: out ? '0' : formatDecimal(amount),
      debit: out ? formatDecimal(negate(amount)) : '0',
      ...(sessionKey === undefined ? {} : { sessionKey }),
    },
  ]
}
