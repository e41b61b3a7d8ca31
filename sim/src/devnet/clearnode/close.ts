import type { Handler } from './context.ts'
import { formatDecimal, isZero, negate, zero } from './decimal.ts'
import { Refusal } from './errors.ts'
import { allocationOf, list, object, optionalText, text } from './params.ts'
import { balanceUpdate } from './pushes.ts'
import { checkNotNegative, checkParticipant, checkQuorum, checkRedistributed, openSession } from './quorum.ts'
import { sessionAnswer } from './session-answer.ts'
import { signersOf, walletsOf } from './signers.ts'
import { checkSignerApplications } from './spending.ts'
import { balanceOf, entry, type Draft, type SessionRow } from './tables.ts'

/**
 * `close_app_session`: pays the allocations out of the session. It carries no version, so any co-signed close of a right
 * sum works at any time. Open is checked here and closed is written later: two on two sockets are both paid. Only
 * listed participants are debited: what an omitted one held stays in the closed session.
 */
export const closeAppSession: Handler = async (node, _socket, request) => {
  const params = object(request.params)
  const id = text(params, 'app_session_id')
  const allocations = list(params, 'allocations', allocationOf)
  const sessionData = optionalText(params, 'session_data')
  const signers = await signersOf(request, 'failed to get wallets from RPC message')
  if (id === '' || allocations.length === 0) throw new Refusal('missing required parameters: app_id or allocations')
  const { tables } = node.store
  const session = openSession(tables, id)
  checkQuorum(session, walletsOf(node, signers), 'submit_state')
  checkSignerApplications(node, signers, session.application)
  const emptied = new Set<string>()
  const moved = allocations.flatMap((allocation): Draft[] => {
    checkNotNegative(allocation)
    checkParticipant(session, allocation)
    const { participant, asset, amount } = allocation
    const key = `${participant}|${asset}`
    const held = emptied.has(key) ? zero : balanceOf(tables, id, participant, asset)
    emptied.add(key)
    return [
      ...entry(id, participant, asset, negate(held)),
      ...entry(participant, participant, asset, amount),
      { table: 'transaction', type: 'app_withdrawal', from: id, to: participant, asset, amount: formatDecimal(amount) },
    ]
  })
  checkRedistributed(tables, session, allocations)
  const closed: SessionRow = {
    ...session,
    status: 'closed',
    version: (BigInt(session.version) + 1n).toString(),
    sessionData: sessionData ?? session.sessionData,
    updatedMs: node.nowMs(),
  }
  await node.store.commit('close_app_session', [...moved, closed])
  const gained = allocations.filter(({ amount }) => !isZero(amount)).map(({ participant }) => participant)
  for (const wallet of new Set(gained)) await balanceUpdate(node, wallet)
  return sessionAnswer('close_app_session', closed)
}
