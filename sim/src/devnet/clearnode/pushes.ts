import { getAddress, isAddress } from 'viem'
import { isoSeconds, isoTime, type Node } from './context.ts'
import { formatDecimal, isZero } from './decimal.ts'
import type { Writable } from './json.ts'
import { balancesOf, type SessionRow, type TransactionRow } from './tables.ts'

const balancesView = (node: Node, wallet: string): Writable => {
  const account = isAddress(wallet, { strict: false }) ? getAddress(wallet) : wallet
  const balances = balancesOf(node.store.tables, account, account)
  return { balance_updates: balances.map(({ asset, amount }) => ({ asset, amount: formatDecimal(amount) })) }
}

/** `bu`: all balances of a wallet, to every socket logged in with it. */
export const balanceUpdate = (node: Node, wallet: string): Promise<void> =>
  node.pushTo(wallet, 'bu', balancesView(node, wallet))

/** What a socket is told after it logged in: its open channels (none here) and its balances. */
export const welcome = (node: Node, wallet: string): readonly (readonly [method: string, params: Writable])[] => [
  ['channels', { channels: [] }],
  ['bu', balancesView(node, wallet)],
]

/** `asu`: a session as it stands now and what its participants hold, to each of them. */
export const sessionUpdate = async (node: Node, session: SessionRow): Promise<void> => {
  const { tables } = node.store
  const allocations = [...new Set(session.participants)].flatMap((participant) =>
    balancesOf(tables, session.id, participant)
      .filter(({ amount }) => !isZero(amount))
      .map(({ asset, amount }) => ({ participant, asset, amount: formatDecimal(amount) })),
  )
  const params = { app_session: { ...sessionView(session), application: '' }, participant_allocations: allocations }
  for (const wallet of session.participants) await node.pushTo(wallet, 'asu', params)
}

export const sessionView = (row: SessionRow): { readonly [field: string]: Writable } => ({
  app_session_id: row.id,
  application: row.application,
  status: row.status,
  participants: row.participants,
  session_data: row.sessionData === '' ? undefined : row.sessionData,
  protocol: row.protocol,
  challenge: BigInt(row.challenge),
  weights: row.weights.map(BigInt),
  quorum: BigInt(row.quorum),
  version: BigInt(row.version),
  nonce: BigInt(row.nonce),
  created_at: isoSeconds(row.createdMs),
  updated_at: isoSeconds(row.updatedMs),
})

export const transactionView = (node: Node, row: TransactionRow): Writable => ({
  id: row.id,
  tx_type: row.type,
  from_account: row.from,
  from_account_tag: node.store.tables.tags.get(row.from),
  to_account: row.to,
  to_account_tag: node.store.tables.tags.get(row.to),
  asset: row.asset,
  amount: row.amount,
  created_at: isoTime(row.atMs),
})
