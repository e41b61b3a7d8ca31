import type { Handler, Node } from './context.ts'
import { add, compare, formatDecimal, negate, subtract, zero, type Decimal } from './decimal.ts'
import { Refusal } from './errors.ts'
import { allocationOf, list, object, optionalText, text, uint, type Allocation } from './params.ts'
import { balanceUpdate, sessionUpdate } from './pushes.ts'
import { checkNotNegative, checkParticipant, checkQuorum, checkRedistributed, openSession } from './quorum.ts'
import { sessionAnswer } from './session-answer.ts'
import { signatureFor, signersOf, walletsOf } from './signers.ts'
import { checkSignerApplications, checkSpending } from './spending.ts'
import { balanceOf, entry, type Draft, type SessionRow } from './tables.ts'

interface Change {
  readonly session: SessionRow
  readonly allocations: readonly Allocation[]
  readonly signers: ReadonlySet<string>
}
/** The rows of a change and the wallets whose unified balance it moves. */
interface Moves {
  readonly drafts: readonly Draft[]
  readonly touched: readonly string[]
}
type Intent = (node: Node, change: Change) => Moves

/** How the refusal of a quorum names the request; a close goes by the first. */
export const requestNames: ReadonlyMap<string, string> = new Map([
  ['deposit', 'deposit'],
  ['withdraw', 'withdrawal'],
])

/**
 * `submit_app_state`: a session's next version, by any logged-in socket. The version is checked here and the row is
 * written later, so two equal ones on two sockets both land.
 */
export const submitAppState: Handler = async (node, _socket, request) => {
  const params = object(request.params)
  const id = text(params, 'app_session_id')
  const intentName = text(params, 'intent')
  const version = uint(params, 'version')
  const allocations = list(params, 'allocations', allocationOf)
  const sessionData = optionalText(params, 'session_data')
  const signers = await signersOf(request, 'failed to get wallets from RPC message')
  const session = openSession(node.store.tables, id)
  const nextVersion = BigInt(session.version) + 1n
  checkVersion(session, intentName, version, nextVersion)
  checkQuorum(session, walletsOf(node, signers), requestNames.get(intentName) ?? 'submit_state')
  checkSignerApplications(node, signers, session.application)
  const intent = intents.get(intentName)
  if (intent === undefined) throw new Refusal(`incorrect app state: unsupported intent: ${intentName}`)
  const { drafts, touched } = intent(node, { session, allocations, signers })
  // The whole row is written, its status too: an operate that lands after a close opens the session again.
  const next: SessionRow = {
    ...session,
    version: nextVersion.toString(),
    sessionData: sessionData ?? session.sessionData,
    updatedMs: node.nowMs(),
  }
  await node.store.commit('submit_app_state', [...drafts, next])
  for (const wallet of new Set(touched)) await balanceUpdate(node, wallet)
  await sessionUpdate(node, next)
  return sessionAnswer('submit_app_state', next)
}

const checkVersion = (session: SessionRow, intent: string, version: bigint, expected: bigint): void => {
  if (session.protocol === 'NitroRPC/0.2') {
    if (intent !== '' || version !== 0n)
      throw new Refusal('incorrect request: specified parameters are not supported in this protocol')
  } else if (version !== expected)
    throw new Refusal(`incorrect app state: incorrect version: expected ${expected}, got ${version}`)
}

/**
 * The sum over all participants must stay, but only those listed are moved, each from what it holds at its turn: so an
 * omitted one keeps its share (money is minted), and a second line for one wallet overrides the first (money burns).
 */
const operate: Intent = (node, { session, allocations }) => {
  const { tables } = node.store
  const now = new Map<string, Decimal>()
  const drafts = allocations.flatMap((allocation) => {
    checkNotNegative(allocation)
    checkParticipant(session, allocation)
    const { participant, asset, amount } = allocation
    const key = `${participant}|${asset}`
    const held = now.get(key) ?? balanceOf(tables, session.id, participant, asset)
    now.set(key, amount)
    return entry(session.id, participant, asset, subtract(amount, held))
  })
  const prefix = 'incorrect operate request: non-zero allocations sum delta: '
  checkRedistributed(tables, session, allocations, prefix)
  return { drafts, touched: [] }
}

/** What each listed participant holds before the request; unlike in an operate, a second line sees the same. */
const heldBefore = (node: Node, session: SessionRow, { participant, asset }: Allocation): Decimal =>
  session.participants.includes(participant) ? balanceOf(node.store.tables, session.id, participant, asset) : zero

/** Adds from unified balances; every depositor signs, and so does the quorum. */
const deposit: Intent = (node, { session, allocations, signers }) => {
  const refuse = (why: string): never => {
    throw new Refusal(`incorrect deposit request: ${why}`)
  }
  for (const one of allocations)
    if (compare(one.amount, heldBefore(node, session, one)) < 0)
      refuse(`decreased allocation for participant ${one.participant}`)
  const grown = allocations.filter((one) => compare(one.amount, heldBefore(node, session, one)) > 0)
  const spent = new Map<string, Decimal>()
  const drafts = grown.flatMap((one): Draft[] => {
    const { participant, asset } = one
    checkNotNegative(one)
    checkParticipant(session, one)
    const signed = signatureFor(node, participant, signers) ?? refuse('depositor signature is required')
    const amount = subtract(one.amount, heldBefore(node, session, one))
    const earlier = spent.get(`${participant}|${asset}`) ?? zero
    const needed = add(earlier, amount)
    if (compare(needed, balanceOf(node.store.tables, participant, participant, asset)) > 0)
      refuse('insufficient unified balance')
    checkSpending(node, signed.sessionKey, { asset, amount, earlier, application: session.application })
    spent.set(`${participant}|${asset}`, needed)
    return [
      ...entry(participant, participant, asset, negate(amount), signed.sessionKey),
      ...entry(session.id, participant, asset, amount),
      {
        table: 'transaction',
        type: 'app_deposit',
        from: participant,
        to: session.id,
        asset,
        amount: formatDecimal(amount),
      },
    ]
  })
  if (grown.length === 0) refuse('non-positive allocations sum delta')
  return { drafts, touched: grown.map(({ participant }) => participant) }
}

/** Gives back to unified balances. */
const withdraw: Intent = (node, { session, allocations }) => {
  const refuse = (why: string): never => {
    throw new Refusal(`incorrect withdrawal request: ${why}`)
  }
  for (const one of allocations)
    if (compare(one.amount, heldBefore(node, session, one)) > 0)
      refuse(`increased allocation for participant ${one.participant}`)
  for (const one of allocations) checkNotNegative(one)
  const shrunk = allocations.filter((one) => compare(one.amount, heldBefore(node, session, one)) < 0)
  if (shrunk.length === 0) refuse('non-negative allocations sum delta')
  const drafts = shrunk.flatMap((one): Draft[] => {
    const { participant, asset } = one
    checkParticipant(session, one)
    const amount = subtract(heldBefore(node, session, one), one.amount)
    return [
      ...entry(session.id, participant, asset, negate(amount)),
      ...entry(participant, participant, asset, amount),
      {
        table: 'transaction',
        type: 'app_withdrawal',
        from: session.id,
        to: participant,
        asset,
        amount: formatDecimal(amount),
      },
    ]
  })
  return { drafts, touched: shrunk.map(({ participant }) => participant) }
}

const intents: ReadonlyMap<string, Intent> = new Map([
  ['', operate],
  ['operate', operate],
  ['deposit', deposit],
  ['withdraw', withdraw],
])
