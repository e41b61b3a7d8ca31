import { walletsOf, type Handler } from './context.ts'
import { formatDecimal, isPositive, isZero, negate } from './decimal.ts'
import { Refusal } from './errors.ts'
import { allocationOf, list, text } from './params.ts'
import { balanceUpdate, sessionUpdate } from './pushes.ts'
import { checkAllocations, checkQuorum, checkRedistributed, openSession } from './quorum.ts'
import { sessionAnswer } from './session-answer.ts'
import { balancesOf, entry, type Draft, type SessionRow } from './tables.ts'

/**
 * `close_app_session`: pays the allocations out of the session. It carries no version, so any co-signed close of a right
 * sum works at any time. Open is checked here and closed is written later: two on two sockets are both paid.
 */
export const closeAppSession: Handler = async (node, _socket, request) => {
  const { params } = request
  const id = text(params, 'app_session_id')
  const allocations = list(params, 'allocations', allocationOf)
  const sessionData = text(params, 'session_data')
  if (id === '' || allocations.length === 0) throw new Refusal('missing required parameters: app_id or allocations')
  const wallets = await walletsOf(node, request)
  const { tables } = node.store
  const session = openSession(tables, id)
  checkQuorum(session, wallets)
  checkAllocations(session, allocations)
  checkRedistributed(tables, session, allocations)
  const emptied = [...new Set(session.participants)].flatMap((wallet) =>
    balancesOf(tables, id, wallet).flatMap(({ asset, amount }) => entry(id, wallet, asset, negate(amount))),
  )
  const paid = allocations
    .filter(({ amount }) => !isZero(amount))
    .flatMap(({ participant, asset, amount }): Draft[] => [
      ...entry(participant, participant, asset, amount),
      { table: 'transaction', type: 'app_withdrawal', from: id, to: participant, asset, amount: formatDecimal(amount) },
    ])
  const closed: SessionRow = {
    ...session,
    status: 'closed',
    version: (BigInt(session.version) + 1n).toString(),
    sessionData: sessionData === '' ? session.sessionData : sessionData,
    updatedMs: node.nowMs(),
  }
  await node.store.commit('close_app_session', [closed, ...emptied, ...paid])
  const gained = allocations.filter(({ amount }) => isPositive(amount)).map(({ participant }) => participant)
  for (const wallet of new Set(gained)) await balanceUpdate(node, wallet)
  await sessionUpdate(node, closed, allocations)
  return sessionAnswer('close_app_session', closed)
}
