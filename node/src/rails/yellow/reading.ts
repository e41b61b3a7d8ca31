import { parseAnyRPCResponse, RPCMethod, RPCTxType, type RPCTransaction } from '@erc7824/nitrolite'
import { micros, OrienError, type Address } from '@orien/protocol'
import type { Allocations, Lane, Reading } from '../channel.ts'
import { errorText, type YellowClient } from './client.ts'
import { microsOfText, unitsOfText } from './decimal.ts'
import type { YellowLimits } from './limits.ts'
import { refusalOf } from './refusals.ts'
import type { YellowMessage } from './socket.ts'

/** What reading needs: the client's questions, and where to stop. */
export interface Reader {
  readonly client: Pick<YellowClient, 'ask'>
  readonly limits: YellowLimits
}

const NOTHING: Allocations = { agentMicros: micros(0n), coordinatorMicros: micros(0n), providerMicros: micros(0n) }
const ABSENT: Reading = { status: 'absent', version: 0, definitionMatches: false, allocations: NOTHING, evidence: '' }

/** A session's row in the node's list. */
interface SessionRow {
  readonly status: 'open' | 'closed'
  readonly version: number
  readonly definitionMatches: boolean
}

/**
 * What stands in a channel, or what its close paid. No single answer says both status and money, so the status is read
 * before and after the money, until both agree. Throws `unreachable`, `railRefused`.
 */
export async function readLane(reader: Reader, lane: Lane): Promise<Reading> {
  for (let attempt = 0; attempt < reader.limits.readingAttempts; attempt++) {
    const before = await findSession(reader, lane)
    if (before === undefined) return ABSENT
    const money = before.status === 'open' ? await standing(reader, lane) : await paidOut(reader, lane)
    const after = before.status === 'closed' ? before : await findSession(reader, lane)
    if (after?.version === before.version && after.status === before.status) return { ...before, ...money }
  }
  throw new OrienError('unreachable', { message: 'the channel moved while it was read, again and again' })
}

/** Status and version; undefined when the node has no session of that id. */
export async function findSession(reader: Reader, lane: Lane): Promise<SessionRow | undefined> {
  const definition = await reader.client.ask(RPCMethod.GetAppDefinition, { app_session_id: lane.id })
  if (definition.method === 'error') {
    if (refusalOf(errorText(definition)) !== 'absent') throw refused()
    // The same words may hide a fault of its database: only a list without it proves absence.
    return findRow(reader, lane)
  }
  // The list is sorted by when a row last changed: rows move while we page, so a full pass can miss one.
  for (let pass = 0; pass < reader.limits.readingAttempts; pass++) {
    const row = await findRow(reader, lane)
    if (row !== undefined) return row
  }
  throw new OrienError('unreachable', { message: 'the node has the session and does not list it' })
}

async function findRow(reader: Reader, lane: Lane): Promise<SessionRow | undefined> {
  const { pageSize: limit, maxPages } = reader.limits
  for (let page = 0; page < maxPages; page++) {
    const params = { participant: lane.agentWallet, limit, offset: page * limit }
    const rows = listOf(await reader.client.ask(RPCMethod.GetAppSessions, params), 'app_sessions')
    const found = rows.find((row) => row['app_session_id'] === lane.id)
    if (found !== undefined) return sessionRow(found, lane)
    if (rows.length < limit) return undefined
  }
  throw refused()
}

/**
 * Rows are taken apart here and not by the SDK: anybody can create sessions that name our wallet beside what is no
 * address, and its parser refuses a whole page for one such row.
 */
function listOf(message: YellowMessage, key: string): readonly Readonly<Record<string, unknown>>[] {
  const { params } = message
  const rows: unknown =
    typeof params === 'object' && params !== null ? (params as Record<string, unknown>)[key] : undefined
  if (message.method === 'error' || !Array.isArray(rows)) throw refused()
  return rows.filter((row): row is Record<string, unknown> => typeof row === 'object' && row !== null)
}

/** The id is the hash of the definition, so a row of our id has our definition; what it shows is compared all the same. */
function sessionRow(row: Readonly<Record<string, unknown>>, lane: Lane): SessionRow {
  const { status, version, participants, weights, quorum } = row
  if ((status !== 'open' && status !== 'closed') || typeof version !== 'number') throw refused()
  const wallets = [lane.agentWallet, lane.coordinatorWallet, lane.providerWallet]
  const shown = JSON.stringify([participants, weights, quorum])
  return { status, version, definitionMatches: shown === JSON.stringify([wallets, [2, 1, 1], 3]) }
}

async function standing(reader: Reader, lane: Lane): Promise<Pick<Reading, 'allocations' | 'evidence'>> {
  const held = (wallet: Address): Promise<bigint> => ledgerSum(reader, lane.id, wallet, lane.asset)
  const allocations = {
    agentMicros: micros(await held(lane.agentWallet)),
    coordinatorMicros: micros(await held(lane.coordinatorWallet)),
    providerMicros: micros(await held(lane.providerWallet)),
  }
  return { allocations, evidence: '' }
}

/** A closed session's entries sum to zero; what left it, to whom, are its transactions. */
async function paidOut(reader: Reader, lane: Lane): Promise<Pick<Reading, 'allocations' | 'evidence'>> {
  const rows = await transactions(reader, { account: lane.id, asset: lane.asset, type: RPCTxType.AppWithdrawal })
  const paid = (wallet: Address): bigint =>
    rows.filter((row) => row.toAccount === wallet).reduce((sum, row) => sum + microsOfText(row.amount), 0n)
  const allocations = {
    agentMicros: micros(paid(lane.agentWallet)),
    coordinatorMicros: micros(paid(lane.coordinatorWallet)),
    providerMicros: micros(paid(lane.providerWallet)),
  }
  const words = rows.map((row) => `${row.id}:${row.toAccount}:${row.amount}`).join(' ')
  return { allocations, evidence: `yellow-v0 ${lane.id} withdrawals ${words}`.slice(0, EVIDENCE_BYTES) }
}

/** A Statement's bound; ASCII, so characters are bytes. */
const EVIDENCE_BYTES = 1_024

/** Σ credit − debit of a wallet in an account, in whole micro-USDC. Pages to the end; a row seen twice counts once. */
export async function ledgerSum(reader: Reader, account: string, wallet: Address, asset: string): Promise<bigint> {
  const entries = new Map<number, bigint>()
  const { pageSize: limit, maxPages } = reader.limits
  for (let page = 0; page < maxPages; page++) {
    const params = { account_id: account, wallet, asset, limit, offset: page * limit }
    const answer = parseAnyRPCResponse((await reader.client.ask(RPCMethod.GetLedgerEntries, params)).text)
    if (answer.method !== RPCMethod.GetLedgerEntries) throw refused()
    const { ledgerEntries } = answer.params
    for (const { id, credit, debit } of ledgerEntries) entries.set(id, unitsOf(credit) - unitsOf(debit))
    if (ledgerEntries.length < limit) {
      const sum = [...entries.values()].reduce((total, units) => total + units, 0n)
      return sum < 0n ? 0n : sum / UNITS_PER_MICRO
    }
  }
  throw refused()
}

/** The node stores 18 fraction digits; dust adds up, so it is summed before it is rounded. */
const LEDGER_DIGITS = 18
const UNITS_PER_MICRO = 10n ** 12n
const unitsOf = (text: string): bigint => unitsOfText(text, LEDGER_DIGITS)

export interface TransactionQuery {
  readonly account: string
  readonly asset: string
  readonly type?: RPCTxType
  /** Stop before the first row for which this is true. */
  readonly until?: (row: RPCTransaction) => boolean
  /** Default: to the end. */
  readonly atMost?: number
}

/** Transactions of an account, newest first, each once. */
export async function transactions(reader: Reader, query: TransactionQuery): Promise<readonly RPCTransaction[]> {
  return (await transactionsAt(reader, query)).rows
}

/** The same, with the node's own time of the newest page: what had landed by then is among them. */
export async function transactionsAt(
  reader: Reader,
  { account, asset, type, until, atMost }: TransactionQuery,
): Promise<{ readonly rows: readonly RPCTransaction[]; readonly atMs: number }> {
  const rows = new Map<number, RPCTransaction>()
  const { maxPages } = reader.limits
  const limit = Math.min(atMost ?? reader.limits.pageSize, reader.limits.pageSize)
  let firstAtMs: number | undefined
  for (let page = 0; page < maxPages; page++) {
    const filter = type === undefined ? {} : { tx_type: type }
    const params = { account_id: account, asset, ...filter, limit, offset: page * limit }
    const answer = parseAnyRPCResponse((await reader.client.ask(RPCMethod.GetLedgerTransactions, params)).text)
    if (answer.method !== RPCMethod.GetLedgerTransactions) throw refused()
    firstAtMs ??= answer.timestamp ?? 0
    const found = answer.params.ledgerTransactions
    const end = until === undefined ? -1 : found.findIndex(until)
    for (const row of end < 0 ? found : found.slice(0, end)) rows.set(row.id, row)
    const isLast = end >= 0 || found.length < limit || rows.size >= (atMost ?? Infinity)
    if (isLast) return { rows: [...rows.values()], atMs: firstAtMs }
  }
  throw refused()
}

function refused(): OrienError {
  return new OrienError('railRefused', { message: 'the node refused a read, or its answer cannot be read' })
}
