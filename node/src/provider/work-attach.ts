import {
  Grant,
  hex,
  isOrienError,
  OrienError,
  Refusal,
  type Signed,
  type WorkRequest,
  openRead,
  readDocument,
} from '@orien/protocol'
import { checkChannel, checkGrant } from './grant-checks.ts'
import { catchUp } from './replay.ts'
import type { Session } from './session.ts'
import type { Serving } from './work-context.ts'
import { takeAckOf } from './work-papers.ts'
import { asOrienError } from './work-stream.ts'

/** Reading a channel may take longer than a peer waits for a first frame: by then a heartbeat says that we are there. */
const FIRST_WORD_MS = 1_000

/** The first frame: hello and attach. A new session is checked; a known one goes on where it was. */
export async function attach(serving: Serving, { hello, attach: wanted }: WorkRequest): Promise<void> {
  const { context, work } = serving
  if (hello === undefined || serving.session !== undefined || wanted === undefined) {
    throw new OrienError('wrongType', { message: 'a work stream begins with hello and one attach' })
  }
  const cancelWord = context.parts.timers.after(FIRST_WORD_MS, () => work.send({ heartbeat: { count: 0 } }))
  try {
    const session = await sessionFor(serving, wanted.grant)
    if (session === undefined) return
    if (wanted.lastReceiptSeq > session.durableSeq)
      throw new OrienError('outOfOrder', {
        message: 'the agent knows receipts that were never written',
        details: { expected: session.durableSeq },
      })
    // Papers first, and quietly: what follows from them reaches the agent behind our first answer.
    if (wanted.notice !== undefined) await context.collector.takeNotice(session, wanted.notice)
    if (wanted.cheque !== undefined && (await context.book.takeCheque(session, wanted.cheque)))
      context.collector.wake(session)
    if (wanted.ack !== undefined) await ackQuietly(serving, session, wanted.ack)
    context.attached.get(session.key)?.stream.abort('replaced')
    serving.session = session
    context.attached.set(session.key, work)
    work.receiptsThrough = wanted.lastReceiptSeq
    work.send({ attached: { lastCallSeq: session.lastCallSeq, lastReceiptSeq: session.durableSeq } })
    await catchUp(context.parts, session, work)
    context.parts.log('attached', { session: session.key, agent: work.stream.peer })
  } finally {
    cancelWord()
  }
}

/** The agent is gone for now: calls go on, what they print is kept. */
export function detach({ context, session, work }: Serving): void {
  if (session === undefined) return
  if (context.attached.get(session.key) === work) {
    context.attached.delete(session.key)
    context.exits.left(session)
  }
  for (const call of context.calls.of(session.key)) {
    if (call.listener !== work) continue
    call.listener = undefined
    call.job?.resumeOutput()
  }
}

async function sessionFor(serving: Serving, bytes: Uint8Array): Promise<Session | undefined> {
  const { context, work } = serving
  const { scope } = context.parts
  const shown = readDocument(scope, Grant, bytes)
  const known = context.book.get(hex(shown.id))
  if (known === undefined) {
    // Only what a coordinator signed is worth a signature of ours.
    const grant = openRead(scope, shown, shown.value.coordinator)
    return takeGrant(serving, grant)
  }
  if (known.grant.agent !== work.stream.peer)
    throw new OrienError('badDocument', { message: 'the grant names another agent' })
  return known
}

/** A new session: PROTOCOL's checks, then the channel is read; a no is a signed Refusal. */
async function takeGrant({ context, work }: Serving, grant: Signed<Grant>): Promise<Session | undefined> {
  const { config, parts, book, standings, health } = context
  try {
    health.check()
    checkGrant(
      {
        scope: parts.scope,
        config,
        me: parts.network.peer,
        agent: work.stream.peer,
        nowMs: parts.clock.wallMs(),
        tools: parts.tools.tools(),
        windows: standings.windowsOf(work.stream.peer),
        unpaidAt: (coordinator) => book.exposure(coordinator),
      },
      grant.value,
    )
    const lane = await checkChannel(parts.channels, grant)
    const known = book.get(hex(grant.id))
    if (known !== undefined) return known
    const session = await book.add(grant, lane)
    context.opened(session)
    const { agent, allowanceMicros } = grant.value
    parts.log('sessionOpened', { session: session.key, agent, allowanceMicros: String(allowanceMicros) })
    return session
  } catch (error) {
    const { code } = asOrienError(error)
    parts.log('sessionRefused', { peer: work.stream.peer, code })
    const refusal = await context.turn.sign(Refusal, { sessionId: grant.id, code })
    work.send({ refusal: refusal.bytes })
    await work.stream.close()
    return undefined
  }
}

/** The last Ack may follow others that a crash or a dropped stream lost: the agent sends those next. */
async function ackQuietly(serving: Serving, session: Session, bytes: Uint8Array): Promise<void> {
  try {
    await takeAckOf(serving.context, session, bytes)
  } catch (error) {
    if (!isOrienError(error, 'outOfOrder')) throw error
    serving.context.parts.log('ackAhead', { session: session.key })
  }
}
