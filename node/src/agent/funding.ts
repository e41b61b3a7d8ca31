import {
  CLOCK_SKEW_MS,
  equalBytes,
  Grant,
  hex,
  isOrienError,
  micros,
  openDocument,
  OrienError,
  type Hello,
  type MoneyState,
  type SessionAnswer,
} from '@orien/protocol'
import { isSilence } from '../coordinator-client/silence.ts'
import type { ChannelRail } from '../rails/channel.ts'
import { ANSWER_MS, CoordinatorTalk } from './coordinator-talk.ts'
import type { AgentConfig, AgentParts } from './ports.ts'
import type { CheckedQuote } from './quote-checks.ts'
import type { AgentSession } from './session.ts'
import type { SpendBook } from './spend-book.ts'

export interface OpenContext {
  readonly config: AgentConfig
  readonly parts: AgentParts
  readonly book: SpendBook
  readonly hello: () => Hello
}

/** A Fund that was sent, or may have been. */
export interface Funding {
  readonly rail: ChannelRail
  readonly checked: CheckedQuote
  /** Cheque 1, encoded. */
  readonly cheque: Uint8Array
  /** The time in the newest open messages: they can land for a while after it. */
  readonly createdMs: number
}

/** The coordinator gives an opening up by itself; it is asked for as long as that may take. */
const KNOWN_MS = 5 * ANSWER_MS
const PENDING_MS = 500

/**
 * Asks how a funded session stands until that is known, on a new stream when the old one dropped. Returns a Grant or `fundAgain`. Throws
 * `sessionVoid`, `insufficientBalance`; `sessionPending` when nobody can tell: then the money's place is unknown.
 */
export async function outcomeOf(
  context: OpenContext,
  funding: Funding,
  talk: CoordinatorTalk,
  first: () => Promise<SessionAnswer>,
): Promise<SessionAnswer> {
  const { clock, timers } = context.parts
  const { sessionId } = funding.checked
  const until = clock.monoMs() + KNOWN_MS
  let ask = first
  let opened: CoordinatorTalk | undefined
  try {
    for (;;) {
      try {
        const answer = await ask()
        if (answer.grant !== undefined || answer.fundAgain !== undefined) return answer
        if (answer.pending === undefined)
          throw new OrienError('badDocument', { message: 'the coordinator answered something else than was asked' })
      } catch (error) {
        if (!isSilence(error)) throw await explained(context, funding, error)
        await opened?.close()
        opened = undefined
      }
      if (clock.monoMs() > until) throw pendingError(funding)
      await new Promise<void>((resolve) => timers.after(PENDING_MS, resolve))
      ask = async () => {
        opened ??= await CoordinatorTalk.open(context, funding.checked.grant.coordinator)
        return opened.ask({ ask: sessionId })
      }
    }
  } finally {
    await opened?.close()
    await talk.close()
  }
}

/** A Grant that came: the session is kept. Throws `quoteMismatch`. */
export async function granted(
  context: OpenContext,
  { rail, checked, cheque }: Funding,
  answer: SessionAnswer,
): Promise<AgentSession> {
  const { parts, book } = context
  const grant = openDocument(parts.scope, Grant, answer.grant ?? new Uint8Array(), checked.grant.coordinator)
  if (!equalBytes(grant.id, checked.sessionId))
    throw new OrienError('quoteMismatch', { message: 'the grant is not the quoted one', money: unknownMoney(checked) })
  const session = await book.add(grant, checked.lane, cheque, await versionOf(rail, checked))
  if (answer.notice !== undefined) await book.takeNotice(session, answer.notice)
  const { allowanceMicros, provider, coordinator } = grant.value
  parts.log('sessionOpened', { session: session.key, provider, coordinator, allowanceMicros: String(allowanceMicros) })
  return session
}

/** The version a debit is counted from. A ledger that is not there now is read when a debit is asked for. */
async function versionOf(rail: ChannelRail, { lane }: CheckedQuote): Promise<number> {
  try {
    return (await rail.read(lane)).version
  } catch (error) {
    if (isOrienError(error, 'unreachable')) return 0
    throw error
  }
}

/**
 * Forgets a Fund once it can open nothing any more: its channel reads absent or closed, and its messages are past landing. The coordinator's
 * word is not enough: one that opened the channel and says it did not would make us forget our own money. Nor is a wall clock that was set forward.
 * False while it is kept.
 */
export async function forgetFund(
  { parts, book }: OpenContext,
  { rail, checked, createdMs }: Funding,
): Promise<boolean> {
  const { lane, sessionId } = checked
  const landingMs = rail.capabilities.landingMs + CLOCK_SKEW_MS
  const sentMonoMs = book.fundSentMonoMs(hex(sessionId))
  const { clock } = parts
  try {
    const { status } = await rail.read(lane)
    const mayLand =
      clock.wallMs() <= createdMs + landingMs || (sentMonoMs !== undefined && clock.monoMs() <= sentMonoMs + landingMs)
    if (status === 'open' || (status === 'absent' && mayLand)) return false
  } catch (error) {
    if (isOrienError(error, 'unreachable')) return false
    throw error
  }
  await book.dropFund(hex(sessionId))
  return true
}

/** A refusal says that nothing moved; that is believed of the channel alone. When it is for lack of money, that is said. */
async function explained(context: OpenContext, funding: Funding, error: unknown): Promise<unknown> {
  if (!isOrienError(error, 'sessionVoid') && !isOrienError(error, 'unknownSession')) return error
  if (await forgetFund(context, funding)) return error
  const { rail, checked } = funding
  const { allowanceMicros } = checked.grant
  try {
    const { status } = await rail.read(checked.lane)
    const { balanceMicros } = await rail.holdings(context.parts.wallet.address)
    if (status === 'absent' && balanceMicros < allowanceMicros) {
      return new OrienError('insufficientBalance', {
        message: 'the wallet does not hold the allowance',
        details: { balanceMicros, allowanceMicros },
        cause: error,
      })
    }
  } catch (cause) {
    if (!isOrienError(cause)) throw cause
  }
  return new OrienError(error.code, { message: error.message, ...unknownFund(checked), cause: error })
}

function pendingError({ checked }: Funding): OrienError {
  return new OrienError('sessionPending', {
    message: `the coordinator does not say whether session ${hex(checked.sessionId)} is funded; it is asked again at the next start`,
    ...unknownFund(checked),
  })
}

/** Which Fund it is, for whoever asks after it, and what it may hold. */
export function unknownFund(checked: CheckedQuote): {
  readonly details: { readonly session: string }
  readonly money: MoneyState
} {
  return { details: { session: hex(checked.sessionId) }, money: unknownMoney(checked) }
}

/** Between nothing and the whole allowance. */
function unknownMoney({ grant }: CheckedQuote): MoneyState {
  return { where: 'unknown', minMicros: micros(0n), maxMicros: grant.allowanceMicros, delivered: false }
}
