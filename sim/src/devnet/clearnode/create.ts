import type { Handler, Node } from './context.ts'
import { add, compare, formatDecimal, isNegative, isZero, negate, zero, type Decimal } from './decimal.ts'
import { Refusal } from './errors.ts'
import { allocationOf, definitionOf, list, object, optionalText, type Allocation, type Definition } from './params.ts'
import { balanceUpdate } from './pushes.ts'
import { sessionAnswer } from './session-answer.ts'
import { signatureFor, signersOf } from './signers.ts'
import { appSessionId } from './signing.ts'
import { checkSpending } from './spending.ts'
import { balanceOf, entry, type Draft, type SessionRow } from './tables.ts'

const protocols = new Set(['NitroRPC/0.2', 'NitroRPC/0.4'])
/** Not told apart by the real node: the id is taken, or a number does not fit its column. */
const failed = 'failed to create application session'
const maxInt64 = 2n ** 63n - 1n
const maxInt32 = 2n ** 31n - 1n

/**
 * `create_app_session`: moves the allocations of the signing participants from their unified balances into a session.
 * Only funded participants must sign; an empty one is anybody's to create, under whatever definition they choose.
 */
export const createAppSession: Handler = async (node, _socket, request) => {
  const params = object(request.params)
  const definition = definitionOf(params)
  const allocations = list(params, 'allocations', allocationOf)
  const sessionData = optionalText(params, 'session_data') ?? ''
  const signers = await signersOf(request, 'failed to get signers from RPC message')
  checkDefinition(definition)
  const id = appSessionId(definition)
  const spent = new Map<string, Decimal>()
  const moved = allocations.flatMap((allocation) => deposit(node, signers, id, definition, allocation, spent))
  checkColumns(definition)
  const nowMs = node.nowMs()
  const session: SessionRow = {
    table: 'session',
    id,
    application: definition.application,
    protocol: definition.protocol,
    participants: definition.participants,
    weights: definition.weights.map(String),
    // The column's default steps in for 0.
    quorum: definition.quorum === 0n ? '100' : definition.quorum.toString(),
    challenge: definition.challenge.toString(),
    nonce: definition.nonce.toString(),
    status: 'open',
    version: '1',
    sessionData,
    createdMs: nowMs,
    updatedMs: nowMs,
  }
  await node.store.commit('create_app_session', [...moved, session], {
    key: id,
    taken: ({ sessions }) => sessions.has(id),
    refusal: failed,
  })
  const funders = new Set(allocations.filter(({ amount }) => !isZero(amount)).map(({ participant }) => participant))
  for (const wallet of funders) await balanceUpdate(node, wallet)
  return sessionAnswer('create_app_session', session)
}

const checkDefinition = ({ participants, weights, quorum, protocol, nonce }: Definition): void => {
  if (!protocols.has(protocol)) throw new Refusal(`unsupported protocol: ${protocol}`)
  if (participants.length < 2) throw new Refusal('invalid number of participants')
  if (weights.length !== participants.length) throw new Refusal('number of weights must be equal to participants')
  if (nonce === 0n) throw new Refusal('nonce is zero or not provided')
  for (const [at, weight] of weights.entries())
    if (weight < 0n) throw new Refusal(`participant ${participants[at]} weight cannot be negative`)
  const sum = weights.reduce((total, weight) => total + weight, 0n)
  if (quorum > sum) throw new Refusal(`target quorum (${quorum}) cannot be greater than total sum of weights (${sum})`)
}

const checkColumns = ({ nonce, challenge, quorum, weights }: Definition): void => {
  const wide = [nonce, challenge, quorum].some((value) => value > maxInt64)
  if (wide || weights.some((weight) => weight > maxInt32)) throw new Refusal(failed)
}

/** The rows of one allocation, or the refusal it earns. Earlier allocations of the same wallet count as spent. */
const deposit = (
  node: Node,
  signers: ReadonlySet<string>,
  sessionId: string,
  { application }: Definition,
  { participant, asset, amount }: Allocation,
  spent: Map<string, Decimal>,
): Draft[] => {
  if (isZero(amount)) return []
  if (isNegative(amount)) throw new Refusal(`negative allocation: ${formatDecimal(amount)} for asset ${asset}`)
  const signed = signatureFor(node, participant, signers)
  if (signed === undefined) throw new Refusal(`missing signature for participant ${participant}`)
  const key = `${participant}|${asset}`
  const earlier = spent.get(key) ?? zero
  checkSpending(node, signed.sessionKey, { asset, amount, earlier, application })
  const needed = add(earlier, amount)
  if (compare(needed, balanceOf(node.store.tables, participant, participant, asset)) > 0)
    throw new Refusal(`insufficient funds: ${participant} for asset ${asset}`)
  spent.set(key, needed)
  return [
    ...entry(participant, participant, asset, negate(amount), signed.sessionKey),
    ...entry(sessionId, participant, asset, amount),
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
