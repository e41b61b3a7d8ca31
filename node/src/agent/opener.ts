import {
  Fund,
  Grant,
  hex,
  isOrienError,
  least,
  LIMITS,
  Open,
  openDocument,
  OrienError,
  peekDocument,
  Quote,
  signDocument,
  documentId,
  type Micros,
  type PeerText,
  type Signed,
  type WindowLimits,
} from '@orien/protocol'
import type { ChannelRail } from '../rails/channel.ts'
import { drawCheque, signAll } from './cheques.ts'
import { CoordinatorTalk } from './coordinator-talk.ts'
import type { Found } from './finder.ts'
import { forgetFund, type Funding, granted, type OpenContext, outcomeOf, unknownFund } from './funding.ts'
import type { AgentConfig } from './ports.ts'
import { checkQuote, type CheckedQuote } from './quote-checks.ts'
import type { AgentSession } from './session.ts'

export type { OpenContext }

export interface OpenWish {
  readonly found: Pick<Found, 'offer' | 'windows'>
  readonly allowanceMicros: Micros
  readonly windows: WindowLimits
  readonly memo?: string
  /** Open messages of this session are about to be kept, then sent: from now on the book counts what it may hold. */
  readonly onFund?: (key: string) => void
}

/**
 * Opens a session: Open → Quote → Fund → Grant. Nothing moves before Fund; after it the outcome is known, or asked for
 * again until it is. Throws with a code that says where the money is.
 */
export async function openSession(context: OpenContext, wish: OpenWish): Promise<AgentSession> {
  const { config, parts } = context
  const coordinator = chooseCoordinator(config, wish.found.offer.value.coordinators)
  const rail = await parts.channels.use(config.channel.rail, config.channel.url)
  const talk = await CoordinatorTalk.open(context, coordinator)
  try {
    const open = signDocument(parts.scope, parts.signer, Open, openOf(context, wish, coordinator))
    const answer = await talk.ask({ open: open.bytes })
    if (answer.quote === undefined) throw new OrienError('badDocument', { message: 'the coordinator gave no quote' })
    const quote = openDocument(parts.scope, Quote, answer.quote, coordinator)
    const { scope, clock, wallet, network } = parts
    const checked = checkQuote(
      {
        ...{ scope, config, rail, open, offer: wish.found.offer },
        ...{ me: network.peer, myWallet: wallet.address, nowMs: clock.wallMs() },
      },
      quote.value,
    )
    return await fund(context, { rail, talk, quote, checked, offer: wish.found.offer.bytes, onFund: wish.onFund })
  } finally {
    await talk.close()
  }
}

interface Quoted {
  readonly rail: ChannelRail
  readonly talk: CoordinatorTalk
  readonly quote: Signed<Quote>
  readonly checked: CheckedQuote
  readonly offer: Uint8Array
  readonly onFund: ((key: string) => void) | undefined
}

/** The same cheque for every attempt; the open messages are signed anew, because their time is part of them. */
async function fund(
  context: OpenContext,
  { rail, talk, quote, checked, offer, onFund }: Quoted,
): Promise<AgentSession> {
  const { parts, book } = context
  const { lane, grant, sessionId } = checked
  const key = hex(sessionId)
  const ceiling = least(grant.windowMicros, grant.allowanceMicros)
  const cheque = await drawCheque(rail, parts.wallet, lane, 1, ceiling)
  let createdMs = parts.clock.wallMs()
  for (let attempt = 1; attempt <= LIMITS.maxFundAttempts; attempt++) {
    // What was sent before may have opened the channel after all: then it is only asked for.
    const stands = attempt > 1 && (await rail.read(lane)).status === 'open'
    if (!stands) createdMs = parts.clock.wallMs()
    const funding: Funding = { rail, checked, cheque, createdMs }
    const drafts = rail.draftOpen(lane, await rail.walletState(parts.wallet.address), createdMs)
    const openMessages = rail.assembleOpen(lane, drafts, await signAll(parts.wallet, drafts))
    const signed = signDocument(parts.scope, parts.signer, Fund, { quote: quote.bytes, attempt, openMessages, cheque })
    if (!stands) {
      const saving = book.saveFund(key, signed.bytes, offer, {
        allowanceMicros: grant.allowanceMicros,
        sentMonoMs: parts.clock.monoMs(),
      })
      onFund?.(key)
      await saving
    }
    if (attempt === 1) parts.log('sessionFunding', { session: key, allowanceMicros: String(grant.allowanceMicros) })
    const again = attempt === 1 ? talk : await CoordinatorTalk.open(context, grant.coordinator)
    const first = stands ? { ask: sessionId } : { fund: signed.bytes }
    const answer = await outcomeOf(context, funding, again, () => again.ask(first))
    if (answer.grant !== undefined) return granted(context, funding, answer)
    parts.log('fundAgain', { session: key, attempt })
  }
  const gone = await forgetFund(context, { rail, checked, cheque, createdMs })
  throw new OrienError('sessionVoid', {
    message: 'the channel could not be opened',
    ...(gone ? {} : unknownFund(checked)),
  })
}

/**
 * A Fund whose outcome was not known when we stopped. Returns the session when it was granted; undefined when nothing came of it. Throws
 * as long as the coordinator does not tell.
 */
export async function recoverFund(context: OpenContext, bytes: Uint8Array): Promise<AgentSession | undefined> {
  const { parts } = context
  const { quote, cheque, openMessages } = peekDocument(parts.scope, Fund, bytes).value
  const payload = peekDocument(parts.scope, Quote, quote).value.grant
  const grant = Grant.decode(payload)
  const sessionId = documentId(parts.scope, Grant, payload)
  const rail = await parts.channels.use(grant.channel.rail, grant.channel.url)
  const checked: CheckedQuote = { grant, sessionId, lane: rail.lane(grant, sessionId) }
  const funding: Funding = { rail, checked, cheque, createdMs: rail.verifyOpen(checked.lane, openMessages).tsMs }
  let talk: CoordinatorTalk | undefined
  try {
    talk = await CoordinatorTalk.open(context, grant.coordinator)
    const answer = await talk.ask({ ask: sessionId })
    if (answer.grant !== undefined) return await granted(context, funding, answer)
    // Another attempt is not worth it: the caller is gone. Unanswered, the coordinator gives it up.
    throw new OrienError('sessionPending', { message: 'the coordinator does not know yet' })
  } catch (error) {
    if (!isOrienError(error) || !(await forgetFund(context, funding))) throw error
    return undefined
  } finally {
    await talk?.close()
  }
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
