import { getAddress, isAddress } from 'viem'
import { isoTime, type Handler } from './context.ts'
import { formatDecimal } from './decimal.ts'
import { Refusal } from './errors.ts'
import { stringifyExact, type JsonObject, type Writable } from './json.ts'
import { clearnodeLimits } from './limits.ts'
import { object, optionalUint32, pageOf, text } from './params.ts'
import { sessionView, transactionView } from './pushes.ts'
import { balancesOf } from './tables.ts'

/**
 * Newest first (or `sort: asc`), 10 by default, 100 at most. `rows` come oldest first. The real node pastes `sort` into
 * its query: what is no order of SQL fails with the request's own text.
 */
const paged = <T>(params: JsonObject, rows: readonly T[], failure: string): readonly T[] => {
  const { offset, limit, sort = 'desc' } = pageOf(params)
  const order = sort.trim().toLowerCase()
  if (!['asc', 'desc', ''].includes(order)) throw new Refusal(failure)
  const size = limit === 0n ? clearnodeLimits.pageDefault : Math.min(Number(limit), clearnodeLimits.pageMax)
  const ordered = order === 'desc' ? rows.toReversed() : rows
  return ordered.slice(Number(offset), Number(offset) + size)
}

/** Accounts and wallets are looked up by their checksummed address. */
const normal = (account: string): string => (isAddress(account, { strict: false }) ? getAddress(account) : account)

export const ping: Handler = async () => ({ method: 'pong', params: null })

export const getConfig: Handler = async (node) => ({
  method: 'get_config',
  params: {
    broker_address: node.broker.address,
    networks: node.networks.map((network) => ({
      chain_id: network.chainId,
      name: network.name,
      custody_address: network.custodyAddress,
      adjudicator_address: network.adjudicatorAddress,
    })),
  },
})

export const getAssets: Handler = async (node, _socket, request) => {
  const chainId = optionalUint32(object(request.params), 'chain_id')
  const assets = node.assets.filter((asset) => chainId === undefined || BigInt(asset.chainId) === chainId)
  return { method: 'get_assets', params: { assets: assets.map(assetView) } }
}

export const assetView = (asset: { token: string; chainId: number; symbol: string; decimals: number }): Writable => ({
  token: asset.token,
  chain_id: asset.chainId,
  symbol: asset.symbol,
  decimals: asset.decimals,
})

/** The caller's own share of an account: its unified balance, or what it holds in one session. */
export const getLedgerBalances: Handler = async (node, socket, request) => {
  const wallet = socket.login?.wallet ?? ''
  const account = normal(text(object(request.params), 'account_id')) || wallet
  const balances = balancesOf(node.store.tables, account, wallet)
  return {
    method: 'get_ledger_balances',
    params: { ledger_balances: balances.map(({ asset, amount }) => ({ asset, amount: formatDecimal(amount) })) },
  }
}

/** Public. Without `wallet` a logged-in socket gets its own entries, another everybody's. */
export const getLedgerEntries: Handler = async (node, socket, request) => {
  const params = object(request.params)
  const account = normal(text(params, 'account_id'))
  const asset = text(params, 'asset')
  const wallet = normal(text(params, 'wallet')) || (socket.login?.wallet ?? '')
  const { entries, entriesByAccount } = node.store.tables
  const rows = (account === '' ? entries : (entriesByAccount.get(account) ?? [])).filter(
    (row) => (asset === '' || row.asset === asset) && (wallet === '' || row.wallet === wallet),
  )
  return {
    method: 'get_ledger_entries',
    params: {
      ledger_entries: paged(params, rows, 'failed to get ledger entries').map((row) => ({
        id: row.id,
        account_id: row.account,
        account_type: 0,
        asset: row.asset,
        participant: row.wallet,
        credit: row.credit,
        debit: row.debit,
        created_at: isoTime(row.atMs),
      })),
    },
  }
}

const transactionTypes = new Set([
  'transfer',
  'deposit',
  'withdrawal',
  'app_deposit',
  'app_withdrawal',
  'escrow_lock',
  'escrow_unlock',
])

export const getLedgerTransactions: Handler = async (node, _socket, request) => {
  const params = object(request.params)
  const account = normal(text(params, 'account_id'))
  const asset = text(params, 'asset')
  const type = text(params, 'tx_type')
  if (type !== '' && !transactionTypes.has(type)) throw new Refusal('invalid ledger transaction type')
  const rows = node.store.tables.transactions.filter(
    (row) =>
      (account === '' || row.from === account || row.to === account) &&
      (asset === '' || row.asset === asset) &&
      (type === '' || row.type === type),
  )
  const page = paged(params, rows, 'failed to get transactions')
  return {
    method: 'get_ledger_transactions',
    params: { ledger_transactions: page.map((row) => transactionView(node, row)) },
  }
}

/** Sessions without their allocations, the last changed first. */
export const getAppSessions: Handler = async (node, _socket, request) => {
  const params = object(request.params)
  const participant = text(params, 'participant')
  const status = text(params, 'status')
  const rows = [...node.store.tables.sessions.values()].filter(
    (row) => (participant === '' || row.participants.includes(participant)) && (status === '' || row.status === status),
  )
  const page = paged(params, rows, 'failed to get application sessions')
  return { method: 'get_app_sessions', params: { app_sessions: page.map(sessionView) } }
}

/** A definition; its application is left empty. */
export const getAppDefinition: Handler = async (node, _socket, request) => {
  const id = text(object(request.params), 'app_session_id')
  if (id === '') throw new Refusal('missing account ID')
  const row = node.store.tables.sessions.get(id)
  if (row === undefined) throw new Refusal('failed to get application session')
  return {
    method: 'get_app_definition',
    params: {
      application: '',
      protocol: row.protocol,
      participants: row.participants,
      weights: row.weights.map(BigInt),
      quorum: BigInt(row.quorum),
      challenge: BigInt(row.challenge),
      nonce: BigInt(row.nonce),
    },
  }
}

export const getChannels: Handler = async (_node, _socket, request) => {
  pageOf(object(request.params))
  return { method: 'get_channels', params: { channels: [] } }
}

/** What the caller asked that could move money, newest first; the signatures are the request's in both places. */
export const getRpcHistory: Handler = async (node, socket, request) => {
  const params = object(request.params)
  const own = node.history
    .filter(({ sender }) => sender === socket.login?.wallet)
    .toSorted((a, b) => Number(a.request.tsMs - b.request.tsMs))
  return {
    method: 'get_rpc_history',
    params: {
      rpc_entries: paged(params, own, 'failed to retrieve RPC history').map((row) => ({
        id: row.id,
        sender: row.sender,
        req_id: row.request.id,
        method: row.request.method,
        params: stringifyExact(row.request.params),
        timestamp: row.request.tsMs,
        req_sig: row.request.signatures,
        response: row.response,
        res_sig: row.request.signatures,
      })),
    },
  }
}

/** The chain side is not modelled: there is no custody contract behind this node. */
export const onChainRefused: Handler = async (_node, _socket, { method }) => {
  throw new Refusal(`${method} is not modelled by this devnet node: credit wallets through its faucet`)
}

export const testModeRefused: Handler = async () => {
  throw new Refusal('test mode endpoints are disabled')
}
