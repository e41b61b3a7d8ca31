import { formatDecimal, parseDecimal } from '../../devnet/clearnode/decimal.ts'
import { ClearnodeError } from '../../devnet/clearnode/errors.ts'
import { readJournal, type JournalLine } from '../../devnet/clearnode/journal.ts'
import type { EntryRow, SessionRow, TransactionRow } from '../../devnet/clearnode/tables.ts'
import type { Findings } from './findings.ts'

/** The node keeps 18 fraction digits; so does the audit: nothing is rounded before it is compared. */
const DIGITS = 18
export const UNITS_PER_MICRO = 10n ** 12n

/** The one asset of the devnet. */
export const ASSET = 'usdc'

/** A line of the ledger: one transaction of the node's database. */
export interface LedgerLine {
  readonly entries: readonly Entry[]
  readonly transactions: readonly Transaction[]
  /** The app session as the line leaves it. */
  readonly session: SessionRow | undefined
}

export interface Entry extends EntryRow {
  /** credit − debit. */
  readonly units: bigint
}

export interface Transaction extends TransactionRow {
  readonly units: bigint
}

/** The whole ledger, oldest first; undefined, with a finding, when its file holds no ledger. */
export async function readLines(home: string, findings: Findings): Promise<readonly LedgerLine[] | undefined> {
  try {
    return (await readJournal(home)).lines.map(lineOf)
  } catch (error) {
    if (!(error instanceof ClearnodeError)) throw error
    findings.add('ledgerUnreadable', 'ledger', 'clearnode', error.message)
    return undefined
  }
}

function lineOf({ rows }: JournalLine): LedgerLine {
  const entries: Entry[] = []
  const transactions: Transaction[] = []
  let session: SessionRow | undefined
  for (const row of rows) {
    if (row.table === 'entry') entries.push({ ...row, units: unitsOf(row.credit) - unitsOf(row.debit) })
    else if (row.table === 'transaction') transactions.push({ ...row, units: unitsOf(row.amount) })
    else if (row.table === 'session') session = row
  }
  return { entries, transactions, session }
}

function unitsOf(text: string): bigint {
  const decimal = parseDecimal(text)
  if (decimal !== undefined && decimal.scale <= DIGITS) return decimal.units * 10n ** BigInt(DIGITS - decimal.scale)
  throw new ClearnodeError('CLEARNODE_LEDGER_DAMAGED', `“${text.slice(0, 40)}” is no amount`, 'restore the ledger file')
}

/** Decimal text of units, all digits. */
export function unitsText(units: bigint): string {
  return formatDecimal({ units, scale: DIGITS })
}

/** A channel as the ledger's entries show it. */
export interface ChannelFacts {
  readonly id: string
  status: 'open' | 'closed'
  /** Units in, by wallet, from unified balances. */
  readonly paidIn: Map<string, bigint>
  /** Units out, by wallet, to unified balances. */
  readonly paidOut: Map<string, bigint>
}

/** What the ledger says happened. */
export interface LedgerFacts {
  readonly channels: ReadonlyMap<string, ChannelFacts>
  readonly transfers: readonly Transaction[]
}

/** Collects channels and transfers: the money by the entries, save where `corrected` knows better, the moves by the transactions. */
export function factsOf(lines: readonly LedgerLine[], corrected: ReadonlyMap<number, bigint>): LedgerFacts {
  const channels = new Map<string, ChannelFacts>()
  const transfers: Transaction[] = []
  for (const { entries, transactions, session } of lines) {
    transfers.push(...transactions.filter(({ type }) => type === 'transfer'))
    if (session === undefined) continue
    const channel: ChannelFacts = channels.get(session.id) ?? {
      id: session.id,
      status: session.status,
      paidIn: new Map(),
      paidOut: new Map(),
    }
    channels.set(session.id, channel)
    channel.status = session.status
    for (const entry of entries) {
      // Unified balances alone: what moves inside the channel is nobody's yet.
      if (entry.account !== entry.wallet || entry.asset !== ASSET) continue
      const units = corrected.get(entry.id) ?? entry.units
      if (units < 0n) increase(channel.paidIn, entry.wallet, -units)
      else increase(channel.paidOut, entry.wallet, units)
    }
  }
  return { channels, transfers }
}

/** What a wallet holds in its unified balance after `lines`. */
export function unifiedBalance(lines: readonly LedgerLine[], wallet: string): bigint {
  let sum = 0n
  for (const { entries } of lines)
    for (const { account, wallet: owner, asset, units } of entries)
      if (account === wallet && owner === wallet && asset === ASSET) sum += units
  return sum
}

/** What the faucet gave a wallet in `lines`. */
export function faucetUnits(lines: readonly LedgerLine[], wallet: string): bigint {
  let sum = 0n
  for (const { transactions } of lines)
    for (const { type, to, asset, units } of transactions)
      if (type === 'deposit' && to === wallet && asset === ASSET) sum += units
  return sum
}

export function increase<K>(map: Map<K, bigint>, key: K, by: bigint): void {
  map.set(key, (map.get(key) ?? 0n) + by)
}
