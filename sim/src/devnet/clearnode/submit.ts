import { walletsOf, type Handler, type Node, type Request } from './context.ts'
import { compare, formatDecimal, isNegative, isPositive, isZero, negate, subtract } from './decimal.ts'
import { Refusal } from './errors.ts'
import { allocationOf, list, text, uint, type Allocation } from './params.ts'
import { balanceUpdate, sessionUpdate } from './pushes.ts'
import { checkAllocations, checkQuorum, checkRedistributed, openSession, sumDeltas } from './quorum.ts'
import { sessionAnswer } from './session-answer.ts'
import { spendingKey } from './spending.ts'
import { balanceOf, entry, type Draft, type SessionRow } from './tables.ts'

interface Change {
  readonly session: SessionRow
  readonly allocations: readonly Allocation[]
  readonly wallets: ReadonlyMap<string, string>
}
type Intent = (node: Node, request: Request, change: Change) => { drafts: readonly Draft[]; touched: readonly string[] }

/**
 * `submit_app_state`: a session's next version, by any logged-in socket. The version is checked here and the row is
 * written later, so two equal ones on two sockets both land.
 */
export const submitAppState: Handler = async (node, _socket, request) => {
  const { params } = request
  const id = text(params, 'app_session_id')
  const intentName = text(params, 'intent') || 'operate'
  const version = uint(params, 'version')
  const allocations = list(params, 'allocations', allocationOf)
  const sessionData = text(params, 'session_data')
  if (id === '' || allocations.length === 0) throw new Refusal('missing required parameters: app_id or allocations')
  const wallets = await walletsOf(node, request)
  const session = openSession(node.store.tables, id)
  const expected = BigInt(session.version) + 1n
  if (version !== expected)
    throw new Refusal(`incorrect app state: incorrect version: expected ${expected}, got ${version}`)
  const intent = intents[intentName]
  if (intent === undefined) throw new Refusal(`incorrect app state: unsupported intent: ${intentName}`)
  const { drafts, touched } = intent(node, request, { session, allocations, wallets })
  const next: SessionRow = {
    ...session,
    version: version.toString(),
    sessionData: sessionData === '' ? session.sessionData : sessionData,
    updatedMs: node.nowMs(),
  }
  await node.store.commit('submit_app_state', [next, ...drafts])
  for (const wallet of new Set(touched)) await balanceUpdate(node, wallet)
  await sessionUpdate(node, next, allocations)
  return sessionAnswer('submit_app_state', next)
}

/** Runs the checks of an intent; what they refuse is told under its name. */
const prefixed = (prefix: string, run: () => void): void => {
  try {
    run()
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(`${prefix}${error.message}`)
    throw error
  }
}

/**
 * The sum over all participants must stay, but only those listed are moved, each from what it holds at its turn: so an
 * omitted one keeps its share (money is minted), and a second line for one wallet overrides the first (money burns).
 */
const operate: Intent = (node, _request, { session, allocations, wallets }) => {
  const { tables } = node.store
  prefixed('incorrect submit_state request: ', () => checkQuorum(session, wallets))
  prefixed('incorrect operate request: ', () => {
    checkAllocations(session, allocations)
    prefixed('non-zero allocations sum delta: ', () => checkRedistributed(tables, session, allocations))
  })
  return { drafts: deltas(node, session, allocations).flatMap(({ drafts }) => drafts), touched: [] }
}

const deltas = (node: Node, session: SessionRow, allocations: readonly Allocation[]) => {
  const now = new Map<string, ReturnType<typeof balanceOf>>()
  return allocations.map(({ participant, asset, amount }) => {
    const key = `${participant}|${asset}`
    const held = now.get(key) ?? balanceOf(node.store.tables, session.id, participant, asset)
    now.set(key, amount)
    const delta = subtract(amount, held)
    return { participant, asset, delta, drafts: entry(session.id, participant, asset, delta) }
  })
}

/** Adds from unified balances; every depositor signs, and so does the quorum. */
const depositIntent: Intent = (node, request, { session, allocations, wallets }) => {
  const { tables } = node.store
  const moves = deltas(node, session, allocations)
  prefixed('incorrect deposit request: ', () => {
    checkQuorum(session, wallets)
    checkAllocations(session, allocations)
    if (![...sumDeltas(tables, session, allocations).values()].some(isPositive))
      throw new Refusal('non-positive allocations sum delta')
    for (const { participant, delta } of moves) {
      if (isNegative(delta)) throw new Refusal(`decreased allocation for participant ${participant}`)
      if (isPositive(delta) && !wallets.has(participant)) throw new Refusal('depositor signature is required')
    }
  })
  const drafts = moves.flatMap(({ participant, asset, delta, drafts: inside }): Draft[] => {
    if (isZero(delta)) return []
    if (compare(delta, balanceOf(tables, participant, participant, asset)) > 0)
      throw new Refusal(`insufficient funds: ${participant} for asset ${asset}`)
    const signer = wallets.get(participant) ?? participant
    const sessionKey = spendingKey(node, request, { wallet: participant, signer, asset, amount: delta })
    return [
      ...entry(participant, participant, asset, negate(delta), sessionKey),
      ...inside,
      {
        table: 'transaction',
        type: 'app_deposit',
        from: participant,
        to: session.id,
        asset,
        amount: formatDecimal(delta),
      },
    ]
  })
  return { drafts, touched: moves.filter(({ delta }) => !isZero(delta)).map(({ participant }) => participant) }
}

/** Gives back to unified balances. */
const withdrawIntent: Intent = (node, _request, { session, allocations, wallets }) => {
  const { tables } = node.store
  const moves = deltas(node, session, allocations)
  prefixed('incorrect withdrawal request: ', () => {
    checkQuorum(session, wallets)
    checkAllocations(session, allocations)
    if (![...sumDeltas(tables, session, allocations).values()].some(isNegative))
      throw new Refusal('non-negative allocations sum delta')
    for (const { participant, delta } of moves)
      if (isPositive(delta)) throw new Refusal(`increased allocation for participant ${participant}`)
  })
  const drafts = moves.flatMap(({ participant, asset, delta, drafts: inside }): Draft[] =>
    isZero(delta)
      ? []
      : [
          ...inside,
          ...entry(participant, participant, asset, negate(delta)),
          {
            table: 'transaction',
            type: 'app_withdrawal',
            from: session.id,
            to: participant,
            asset,
            amount: formatDecimal(negate(delta)),
          },
        ],
  )
  return { drafts, touched: moves.filter(({ delta }) => !isZero(delta)).map(({ participant }) => participant) }
}

const intents: { readonly [name: string]: Intent | undefined } = {
  operate,
  deposit: depositIntent,
  withdraw: withdrawIntent,
}
