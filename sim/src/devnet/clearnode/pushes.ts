import type { Node } from './context.ts'
import { isoTime } from './context.ts'
import { formatDecimal } from './decimal.ts'
import type { Allocation } from './params.ts'
import { balancesOf, type SessionRow, type TransactionRow } from './tables.ts'
import type { Writable } from './json.ts'

/** `bu`: all balances of a wallet, to every socket logged in with it. */
export const balanceUpdate = async (node: Node, wallet: string): Promise<void> => {
  const updates = balancesOf(node.store.tables, wallet, wallet)
  await node.pushTo(wallet, 'bu', {
    balance_updates: updates.map(({ asset, amount }) => ({ asset, amount: formatDecimal(amount) })),
  })
}

/** `asu`: a session's new state and allocations, to every participant. */
export const sessionUpdate = async (
  node: Node,
  session: SessionRow,
  allocations: readonly Allocation[],
): Promise<void> => {
  const params = {
    app_session: sessionView(session),
    participant_allocations: allocations.map(({ participant, asset, amount }) => ({
      participant,
      asset,
      amount: formatDecimal(amount),
    })),
  }
  for (const wallet of new Set(session.participants)) await node.pushTo(wallet, 'asu', params)
}

export const sessionView = (row: SessionRow): Writable => ({
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
  created_at: isoTime(row.createdMs),
  updated_at: isoTime(row.updatedMs),
})

export const transactionView = (node: Node, row: TransactionRow): Writable => ({
  id: row.id,
  tx_type: row.type,
  from_account: row.from,
  from_account_tag: node.store.tables.tags.get(row.from) ?? '',
  to_account: row.to,
  to_account_tag: node.store.tables.tags.get(row.to) ?? '',
  asset: row.asset,
  amount: row.amount,
  created_at: isoTime(row.atMs),
})
