import {
  equalBytes,
  errorOf,
  Fund,
  Grant,
  hex,
  isOrienError,
  least,
  LIMITS,
  Open,
  openDocument,
  OrienError,
  Quote,
  sessionAnswers,
  sessionRequests,
  signDocument,
  type Hello,
  type Micros,
  type Outgoing,
  type PeerText,
  type SessionAnswer,
  type SessionRequest,
  type Signed,
  type WindowLimits,
} from '@orien/protocol'
import type { FrameStream } from '../network/port.ts'
import { PROTOCOLS } from '../network/protocols.ts'
import type { ChannelRail } from '../rails/channel.ts'
import { drawCheque, signAll } from './cheques.ts'
import type { Found } from './finder.ts'
import type { AgentConfig, AgentParts } from './ports.ts'
import { checkQuote, type CheckedQuote } from './quote-checks.ts'
import type { AgentSession } from './session.ts'
import type { SpendBook } from './spend-book.ts'

export interface OpenContext {
  readonly config: AgentConfig
  readonly parts: AgentParts
  readonly book: SpendBook
  readonly hello: () => Hello
}

export interface OpenWish {
  readonly found: Pick<Found, 'offer' | 'windows'>
  readonly allowanceMicros: Micros
  readonly windows: WindowLimits
  readonly memo?: string
}

/** A coordinator answers within this; the channel ledger is asked meanwhile. */
const ANSWER_MS = 30_000
const PENDING_MS = 500

/**
 * Opens a session: Open → Quote → Fund → Grant. Nothing moves before Fund; after it the outcome is known, or asked for
 * again until it is. Throws with a code that says where the money is.
 */
export async function openSession(context: OpenContext, wish: OpenWish): Promise<AgentSession> {
  const { config, parts } = context
  const coordinator = chooseCoordinator(config, wish.found.offer.value.coordinators)
  const rail = await parts.channels.use(config.channel.rail, config.channel.url)
  const stream = await parts.network.dial({ peer: coordinator }, PROTOCOLS.session)
  const talk = conversation(stream, context)
  try {
    const open = signDocument(parts.scope, parts.signer, Open, openOf(context, wish, coordinator))
    const answer = await talk({ open: open.bytes })
    if (answer.quote === undefined) throw unexpected(answer)
    const quote = openDocument(parts.scope, Quote, answer.quote, coordinator)
    const { scope, clock, wallet } = parts
    const checked = checkQuote(
      { scope, config, rail, myWallet: wallet.address, nowMs: clock.wallMs(), open, offer: wish.found.offer },
      quote.value,
    )
    return await fund(context, { rail, talk, quote, checked, offer: wish.found.offer.bytes })
  } finally {
    await stream.close()
  }
}

type Talk = (request: Partial<Outgoing<SessionRequest>>) => Promise<SessionAnswer>

interface Funding {
  readonly rail: ChannelRail
  readonly talk: Talk
  readonly quote: Signed<Quote>
  readonly checked: CheckedQuote
  readonly offer: Uint8Array
}

async function fund(context: OpenContext, funding: Funding): Promise<AgentSession> {
  const { parts, book } = context
  const { rail, checked, quote } = funding
  const { lane, grant, sessionId } = checked
  const key = hex(sessionId)
  const ceiling = least(grant.windowMicros, grant.allowanceMicros)
  const { bytes: cheque } = await drawCheque(rail, parts.wallet, lane, 1, ceiling)
  for (let attempt = 1; attempt <= LIMITS.maxFundAttempts; attempt++) {
    const drafts = rail.draftOpen(lane, await rail.walletState(parts.wallet.address), parts.clock.wallMs())
    const openMessages = rail.assembleOpen(lane, drafts, await signAll(parts.wallet, drafts))
    const signed = signDocument(parts.scope, parts.signer, Fund, { quote: quote.bytes, attempt, openMessages, cheque })
    await book.saveFund(key, signed.bytes, funding.offer)
    const answer = await settled(context, funding, await funding.talk({ fund: signed.bytes }), key)
    if (answer.grant !== undefined) return granted(context, funding, answer, cheque)
    if (answer.fundAgain === undefined) throw unexpected(answer)
    parts.log('fundAgain', { session: key, attempt })
  }
  throw new OrienError('sessionVoid', { message: 'the channel could not be opened' })
}

/** `pending`: the ledger is being read. Asks until it is known; the coordinator gives up by itself. */
async function settled(
  context: OpenContext,
  { talk, checked }: Funding,
  first: SessionAnswer,
  key: string,
): Promise<SessionAnswer> {
  let answer = first
  const until = context.parts.clock.monoMs() + ANSWER_MS * LIMITS.maxFundAttempts
  while (answer.pending !== undefined) {
    if (context.parts.clock.monoMs() > until) {
      const { allowanceMicros } = checked.grant
      throw new OrienError('sessionPending', {
        message: `the coordinator does not know yet whether session ${key} is funded`,
        money: { where: 'unknown', minMicros: 0n as Micros, maxMicros: allowanceMicros, delivered: false },
      })
    }
    await new Promise<void>((resolve) => context.parts.timers.after(PENDING_MS, resolve))
    answer = await talk({ ask: checked.sessionId })
  }
  if (answer.failure !== undefined && isOrienError(errorOf(answer.failure, 'the coordinator'), 'sessionVoid'))
    await context.book.dropFund(key)
  if (answer.failure !== undefined) throw errorOf(answer.failure, 'the coordinator')
  return answer
}

async function granted(
  context: OpenContext,
  funding: Funding,
  answer: SessionAnswer,
  cheque: Uint8Array,
): Promise<AgentSession> {
  const { parts, book } = context
  const { checked, rail } = funding
  const grant = openDocument(parts.scope, Grant, answer.grant ?? new Uint8Array(), checked.grant.coordinator)
  if (!equalBytes(grant.id, checked.sessionId))
    throw new OrienError('quoteMismatch', { message: 'the grant is not the quoted one' })
  const reading = await rail.read(checked.lane)
  const session = await book.add(grant, checked.lane, cheque, reading.version)
  if (answer.notice !== undefined) await book.takeNotice(session, answer.notice)
  const { allowanceMicros, provider, coordinator } = grant.value
  parts.log('sessionOpened', { session: session.key, provider, coordinator, allowanceMicros: String(allowanceMicros) })
  return session
}

function openOf({ config, parts }: OpenContext, wish: OpenWish, coordinator: PeerText): Open {
  return {
    nonce16: parts.random.bytes(16),
    coordinator,
    offer: wish.found.offer.bytes,
    bindings: config.bindings,
    allowanceMicros: wish.allowanceMicros,
    durationMs: config.policy.sessionMs,
    windowMicros: wish.windows.windowMicros,
    windowCalls: wish.windows.windowCalls,
    ...(wish.memo === undefined ? {} : { memo: wish.memo }),
  }
}

function chooseCoordinator(config: AgentConfig, offered: readonly PeerText[]): PeerText {
  const chosen =
    config.coordinators.length === 0 ? offered[0] : config.coordinators.find((one) => offered.includes(one))
  if (chosen === undefined)
    throw new OrienError('wrongCoordinator', { message: 'no coordinator of ours is accepted by this provider' })
  return chosen
}

/** One question, one answer; a Grant's Notice comes in the frame after it. */
function conversation(stream: FrameStream, { hello, parts }: OpenContext): Talk {
  const frames = stream.frames[Symbol.asyncIterator]()
  let greeted = false
  const next = async (): Promise<SessionAnswer> => {
    const cancel = parts.timers.after(ANSWER_MS, () => stream.abort('no answer'))
    const frame = await frames.next()
    cancel()
    if (frame.done === true) throw new OrienError('streamClosed', { message: 'the coordinator did not answer' })
    return sessionAnswers.decode(frame.value)
  }
  return async (request) => {
    stream.send(sessionRequests.encode({ ...(greeted ? {} : { hello: hello() }), ...request }))
    greeted = true
    const answer = await next()
    if (answer.failure !== undefined && request.open !== undefined) throw errorOf(answer.failure, 'the coordinator')
    if (answer.grant === undefined || answer.notice !== undefined) return answer
    const { notice } = await next()
    return notice === undefined ? answer : { ...answer, notice }
  }
}

function unexpected(answer: SessionAnswer): OrienError {
  if (answer.failure !== undefined) return errorOf(answer.failure, 'the coordinator')
  return new OrienError('badDocument', { message: 'the coordinator answered something else than was asked' })
}
