import { randomInt } from 'node:crypto'
import { isoTime, type Handler } from './context.ts'
import { formatDecimal } from './decimal.ts'
import { Refusal } from './errors.ts'
import type { JsonObject, Writable } from './json.ts'
import { clearnodeLimits } from './limits.ts'
import { pageOf, text, uint } from './params.ts'
import { sessionView, transactionView } from './pushes.ts'
import { balancesOf } from './tables.ts'

/** Newest first (or `sort: asc`), 10 by default, 100 at most. `rows` come oldest first. */
const paged = <T>(params: JsonObject, rows: readonly T[]): readonly T[] => {
  const { offset, limit, sort } = pageOf(params)
  const size = limit === 0n ? clearnodeLimits.pageDefault : Math.min(Number(limit), clearnodeLimits.pageMax)
  const ordered = sort === 'asc' ? rows : rows.toReversed()
  return ordered.slice(Number(offset), Number(offset) + size)
}

export const ping: Handler = async () => ({ method: 'pong', params: {} })

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

export const getAssets: Handler = async (node, _socket, { params }) => {
  const chainId = uint(params, 'chain_id')
  const assets = node.assets.filter((asset) => chainId === 0n || BigInt(asset.chainId) === chainId)
  return { method: 'get_assets', params: { assets: assets.map(assetView) } }
}

export const assetView = (asset: { token: string; chainId: number; symbol: string; decimals: number }): Writable => ({
  token: asset.token,
  chain_id: asset.chainId,
  symbol: asset.symbol,
  decimals: asset.decimals,
})

/** The caller's own share of an account: its unified balance, or what it holds in one session. */
export const getLedgerBalances: Handler = async (node, socket, { params }) => {
  const wallet = socket.login?.wallet ?? ''
  const account = text(params, 'account_id') || wallet
  const balances = balancesOf(node.store.tables, account, wallet)
  return {
    method: 'get_ledger_balances',
    params: { ledger_balances: balances.map(({ asset, amount }) => ({ asset, amount: formatDecimal(amount) })) },
  }
}

/** Public. Without `wallet` a logged-in socket gets its own entries, another everybody's. */
export const getLedgerEntries: Handler = async (node, socket, { params }) => {
  const account = text(params, 'account_id')
  const asset = text(params, 'asset')
  const wallet = text(params, 'wallet') || (socket.login?.wallet ?? '')
  const rows = node.store.tables.entries.filter(
    (row) =>
      (account === '' || row.account === account) &&
      (asset === '' || row.asset === asset) &&
      (wallet === '' || row.wallet === wallet),
  )
  return {
    method: 'get_ledger_entries',
    params: {
      ledger_entries: paged(params, rows).map((row) => ({
        id: row.id,
        account_id: row.account,
        account_type: row.accountType,
        asset: row.asset,
        participant: row.wallet,
        credit: row.credit,
        debit: row.debit,
        created_at: isoTime(row.atMs),
      })),
    },
  }
}

export const getLedgerTransactions: Handler = async (node, _socket, { params }) => {
  const account = text(params, 'account_id')
  const asset = text(params, 'asset')
  const type = text(params, 'tx_type')
  const rows = node.store.tables.transactions.filter(
    (row) =>
      (account === '' || row.from === account || row.to === account) &&
      (asset === '' || row.asset === asset) &&
      (type === '' || row.type === type),
  )
  return {
    method: 'get_ledger_transactions',
    params: { ledger_transactions: paged(params, rows).map((row) => transactionView(node, row)) },
  }
}

/** Sessions without their allocations. */
export const getAppSessions: Handler = async (node, _socket, { params }) => {
  const participant = text(params, 'participant')
  const status = text(params, 'status')
  const rows = [...node.store.tables.sessions.values()].filter(
    (row) => (participant === '' || row.participants.includes(participant)) && (status === '' || row.status === status),
  )
  return { method: 'get_app_sessions', params: { app_sessions: paged(params, rows).map(sessionView) } }
}

/** A definition without its application. */
export const getAppDefinition: Handler = async (node, _socket, { params }) => {
  const row = node.store.tables.sessions.get(text(params, 'app_session_id'))
  if (row === undefined) throw new Refusal('failed to get app session')
  return {
    method: 'get_app_definition',
    params: {
      protocol: row.protocol,
      participants: row.participants,
      weights: row.weights.map(BigInt),
      quorum: BigInt(row.quorum),
      challenge: BigInt(row.challenge),
      nonce: BigInt(row.nonce),
    },
  }
}

export const getChannels: Handler = async () => ({ method: 'get_channels', params: { channels: [] } })

/** A short name of a wallet, made at first asking. */
export const getUserTag: Handler = async (node, socket) => {
  const wallet = socket.login?.wallet ?? ''
  const known = node.store.tables.tags.get(wallet)
  if (known !== undefined) return { method: 'get_user_tag', params: { tag: known } }
  const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
  const tag = Array.from({ length: 6 }, () => letters.charAt(randomInt(letters.length))).join('')
  await node.store.commit('get_user_tag', [{ table: 'tag', wallet, tag }])
  return { method: 'get_user_tag', params: { tag } }
}

export const getRpcHistory: Handler = async (node, socket, { params }) => ({
  method: 'get_rpc_history',
  params: {
    rpc_entries: paged(
      params,
      node.history.filter(({ sender }) => sender === socket.login?.wallet),
    ).map(({ id, sender, request, response, responseSignature }) => ({
      id,
      sender,
      req_id: request.id,
      method: request.method,
      params: request.text,
      timestamp: request.tsMs,
      req_sig: request.signatures,
      res_sig: [responseSignature],
      response,
    })),
  },
})

/** The chain side is not modelled: there is no custody contract behind this node. */
export const onChainRefused: Handler = async (_node, _socket, { method }) => {
  throw new Refusal(`${method} is not modelled by this devnet node: credit wallets through its faucet`)
}
