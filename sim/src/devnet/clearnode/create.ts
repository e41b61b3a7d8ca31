import { walletsOf, type Handler, type Node, type Request } from './context.ts'
import { compare, formatDecimal, isNegative, isPositive, isZero, negate, zero, add, type Decimal } from './decimal.ts'
import { Refusal } from './errors.ts'
import { allocationOf, definitionOf, list, text, type Allocation, type Definition } from './params.ts'
import { balanceUpdate } from './pushes.ts'
import { appSessionId } from './signing.ts'
import { sessionAnswer } from './session-answer.ts'
import { spendingKey } from './spending.ts'
import { balanceOf, entry, type Draft, type SessionRow } from './tables.ts'

const protocols = new Set(['NitroRPC/0.2', 'NitroRPC/0.4'])

/**
 * `create_app_session`: moves the allocations of the signing participants from their unified balances into a session.
 * Only funded participants must sign; an empty one is anybody's to create, under whatever definition they choose.
 */
export const createAppSession: Handler = async (node, _socket, request) => {
  const definition = definitionOf(request.params)
  const allocations = list(request.params, 'allocations', allocationOf)
  const sessionData = text(request.params, 'session_data')
  checkDefinition(definition)
  const wallets = await walletsOf(node, request)
  const id = appSessionId(definition)
  const nowMs = node.nowMs()
  const moved = allocations.flatMap((allocation, at) =>
    deposit(node, request, wallets, id, allocations, allocation, at),
  )
  const session: SessionRow = {
    table: 'session',
    id,
    application: definition.application,
    protocol: definition.protocol,
    participants: definition.participants,
    weights: definition.weights.map(String),
    quorum: definition.quorum.toString(),
    challenge: definition.challenge.toString(),
    nonce: definition.nonce.toString(),
    status: 'open',
    version: '1',
    sessionData,
    createdMs: nowMs,
    updatedMs: nowMs,
  }
  await node.store.commit('create_app_session', [session, ...moved], {
    key: id,
    taken: ({ sessions }) => sessions.has(id),
    refusal: 'failed to create application session',
  })
  const funders = new Set(allocations.filter(({ amount }) => isPositive(amount)).map(({ participant }) => participant))
  for (const wallet of funders) await balanceUpdate(node, wallet)
  return sessionAnswer('create_app_session', session)
}

const checkDefinition = (definition: Definition): void => {
  const { participants, weights, quorum, protocol, nonce } = definition
  if (!protocols.has(protocol)) throw new Refusal(`unsupported protocol: ${protocol}`)
  if (nonce === 0n) throw new Refusal('nonce is zero or not provided')
  if (participants.length < 2) throw new Refusal('invalid number of participants')
  if (weights.length !== participants.length) throw new Refusal('number of weights must be equal to participants')
  const sum = weights.reduce((total, weight) => total + weight, 0n)
  if (quorum > sum) throw new Refusal(`target quorum (${quorum}) cannot be greater than total sum of weights (${sum})`)
}

/** The entries of one allocation, or the refusal it earns. Earlier allocations of the same wallet count as spent. */
const deposit = (
  node: Node,
  request: Request,
  wallets: ReadonlyMap<string, string>,
  sessionId: string,
  allocations: readonly Allocation[],
  { participant, asset, amount }: Allocation,
  at: number,
): Draft[] => {
  if (isNegative(amount)) throw new Refusal(`negative allocation: ${formatDecimal(amount)} for asset ${asset}`)
  if (isZero(amount)) return []
  const signer = wallets.get(participant)
  if (signer === undefined) throw new Refusal(`missing signature for participant ${participant}`)
  const spent = allocations
    .slice(0, at)
    .reduce<Decimal>(
      (sum, earlier) =>
        earlier.participant === participant && earlier.asset === asset ? add(sum, earlier.amount) : sum,
      zero,
    )
  const needed = add(spent, amount)
  if (compare(needed, balanceOf(node.store.tables, participant, participant, asset)) > 0)
    throw new Refusal(`insufficient funds: ${participant} for asset ${asset}`)
  const sessionKey = spendingKey(node, request, { wallet: participant, signer, asset, amount: needed })
  return [
    ...entry(participant, participant, asset, negate(amount), sessionKey),
    ...entry(sessionId, participant, asset, amount, sessionKey),
    {
      table: 'transaction',
      type: 'app_deposit',
      from: participant,
      to: sessionId,
      asset,
      amount: formatDecimal(amount),
    },
  ]
}
