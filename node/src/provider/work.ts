import {
  decodeInputs,
  End,
  equalBytes,
  hex,
  isOrienError,
  openDocument,
  OrienError,
  peekDocument,
  Authorisation,
  Grant,
  Refusal,
  TickAck,
  type Call as CallFrame,
  type Hello,
  type Signed,
  type TurnSigner,
  type WorkRequest,
} from '@orien/protocol'
import type { FrameStream } from '../network/port.ts'
import { admitCall, findEarlier } from './admission.ts'
import type { CallQueue } from './calls.ts'
import type { Collector } from './collector.ts'
import { checkChannel, checkGrant } from './grant-checks.ts'
import type { ProviderConfig, ProviderParts } from './ports.ts'
import { replay, sendOutput } from './replay.ts'
import type { SessionBook } from './session-book.ts'
import type { Session } from './session.ts'
import type { Standings } from './standings.ts'
import { asOrienError, readRequest, WorkStream } from './work-stream.ts'

/** What serving work streams needs of the provider. */
export interface WorkContext {
  readonly config: ProviderConfig
  readonly parts: ProviderParts
  readonly book: SessionBook
  readonly calls: CallQueue
  readonly collector: Collector
  readonly standings: Standings
  readonly turn: TurnSigner
  readonly hello: () => Hello
  /** Streams by session: a new one replaces the older. */
  readonly attached: Map<string, WorkStream>
  /** Ends a session: stops its calls, sends Final and End. */
  readonly end: (session: Session, reason: string, stop: 'ended' | 'expired') => Promise<void>
  /** A new session was taken on. */
  readonly opened: (session: Session) => void
}

interface Serving {
  readonly context: WorkContext
  readonly work: WorkStream
  session: Session | undefined
}

/** Serves one work stream until it ends. Every mistake of the peer is answered; none reaches the daemon. */
export async function serveWork(context: WorkContext, stream: FrameStream): Promise<void> {
  const work = new WorkStream(stream, {
    hello: context.hello(),
    timers: context.parts.timers,
    onRoom: () => resumeOutputs(context, serving),
  })
  const serving: Serving = { context, work, session: undefined }
  try {
    for await (const frame of stream.frames) {
      const handled = handle(serving, readRequest(frame))
      if (handled !== undefined) await handled
    }
  } catch (error) {
    const answer = asOrienError(error)
    context.parts.log('workFailed', { peer: stream.peer, code: answer.code })
    await work.fail(answer, serving.session?.id)
  }
  detach(context, serving)
}

/** One frame, one handler. Most answer at once, so that frames of one turn are handled in one turn. */
function handle(serving: Serving, request: WorkRequest): Promise<void> | void {
  if (request.heartbeat !== undefined) return
  if (request.attach !== undefined) return attach(serving, request)
  const session = attachedSession(serving)
  if (request.call !== undefined) return onCall(serving, session, request.call)
  if (request.ack !== undefined) return onAck(serving, session, request.ack)
  if (request.tickAck !== undefined) return onTickAck(serving, session, request.tickAck)
  if (request.cheque !== undefined) return onCheque(serving, session, request.cheque)
  if (request.notice !== undefined) return onNotice(serving, session, request.notice)
  if (request.cancel !== undefined) return onCancel(serving, session, request.cancel)
  if (request.end !== undefined) return onEnd(serving, session, request.end)
  throw new OrienError('badDocument', { message: 'a work request without content' })
}

async function attach(serving: Serving, { hello, attach: wanted }: WorkRequest): Promise<void> {
  const { context, work } = serving
  if (hello === undefined || serving.session !== undefined || wanted === undefined) {
    throw new OrienError('wrongType', { message: 'a work stream begins with hello and one attach' })
  }
  const { id } = peekDocument(context.parts.scope, Grant, wanted.grant)
  const session = (await knownSession(serving, hex(id))) ?? (await takeGrant(serving, wanted.grant))
  if (session === undefined) return
  serving.session = session
  context.attached.get(session.key)?.stream.abort('replaced')
  context.attached.set(session.key, work)
  if (wanted.notice !== undefined) await context.book.takeNotice(session, wanted.notice)
  if (wanted.cheque !== undefined) await onCheque(serving, session, wanted.cheque)
  if (wanted.ack !== undefined) await ackQuietly(serving, session, wanted.ack)
  work.send({ attached: { lastCallSeq: session.lastCallSeq, lastReceiptSeq: session.head.seq } })
  for (const call of context.calls.of(session.key)) call.listener = work
  await replay(context.parts.store, session, wanted.lastReceiptSeq, work)
  context.parts.log('attached', { session: session.key, agent: work.stream.peer })
}

async function knownSession({ context, work }: Serving, key: string): Promise<Session | undefined> {
  const session = context.book.get(key)
  if (session === undefined) return undefined
  if (session.grant.agent !== work.stream.peer)
    throw new OrienError('badDocument', { message: 'the grant names another agent' })
  return session
}

/** A new session: PROTOCOL's checks, then the channel is read; a no is a signed Refusal. */
async function takeGrant({ context, work }: Serving, bytes: Uint8Array): Promise<Session | undefined> {
  const { config, parts, book, standings } = context
  try {
    const grant = checkGrant(
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
      bytes,
    )
    const lane = await checkChannel(parts.channels, grant)
    const session = await book.add(grant, lane)
    context.opened(session)
    parts.log('sessionOpened', {
      session: session.key,
      agent: grant.value.agent,
      allowanceMicros: String(grant.value.allowanceMicros),
    })
    return session
  } catch (error) {
    const { code } = asOrienError(error)
    parts.log('sessionRefused', { peer: work.stream.peer, code })
    const { id } = peekDocument(parts.scope, Grant, bytes)
    const refusal = await context.turn.sign(Refusal, { sessionId: id, code })
    work.send({ refusal: refusal.bytes })
    await work.stream.close()
    return undefined
  }
}

function onCall(serving: Serving, session: Session, frame: CallFrame): Promise<void> | void {
  const { context, work } = serving
  const { parts } = context
  const auth = openDocument(parts.scope, Authorisation, frame.authorisation, session.grant.agent)
  const { callSeq } = auth.value
  if (callSeq <= session.lastCallSeq) return onEarlier(serving, session, frame, auth)
  if (callSeq > session.blockEnd) {
    return context.book.reserveThrough(session, callSeq).then(() => onCall(serving, session, frame))
  }
  try {
    const call = admitCall(context, session, auth, frame.args, decodeInputs(frame.inputs), work)
    void context.book.admit(session, auth)
    work.send({ accepted: { callSeq } })
    context.calls.add(session, call)
  } catch (error) {
    return refuse(serving, auth, asOrienError(error))
  }
}

/** A number at or below the last: resend what is known of that call, or say that it is used. */
async function onEarlier(
  serving: Serving,
  session: Session,
  frame: CallFrame,
  auth: Signed<Authorisation>,
): Promise<void> {
  const { context, work } = serving
  const running = context.calls.find(session.key, auth.value.callSeq)
  if (running !== undefined && equalBytes(running.auth.id, auth.id)) {
    running.listener = work
    work.send({ accepted: { callSeq: auth.value.callSeq } })
    return sendOutput(running, frame.stdoutFrom, frame.stderrFrom, work)
  }
  const earlier = await findEarlier(context.parts, session, auth)
  if (running !== undefined || earlier === 'another') {
    context.parts.log('equivocation', { session: session.key, callSeq: auth.value.callSeq })
    await context.book.setPhase(session, session.phase === 'open' ? 'frozen' : session.phase)
    return refuse(serving, auth, new OrienError('equivocation', { message: 'another authorisation has this number' }))
  }
  if (earlier === undefined) {
    return refuse(
      serving,
      auth,
      new OrienError('seqUsed', { message: 'the number is used', details: { last: session.lastCallSeq } }),
    )
  }
  await replay(context.parts.store, session, earlier - 1, work, earlier, frame)
}

async function refuse({ context, work }: Serving, auth: Signed<Authorisation>, error: OrienError): Promise<void> {
  const { last } = error.details
  context.parts.log('callRefused', { callSeq: auth.value.callSeq, code: error.code })
  const refusal = await context.turn.sign(Refusal, {
    authId: auth.id,
    code: error.code,
    ...(typeof last === 'number' ? { last } : {}),
  })
  work.send({ refusal: refusal.bytes })
}

async function onAck(serving: Serving, session: Session, bytes: Uint8Array): Promise<void> {
  const news = await serving.context.book.takeAck(session, bytes)
  if (news) serving.context.collector.wake(session)
}

/** At re-attach the last Ack may be one we have, or cover receipts the agent never saw us lose: not an error. */
async function ackQuietly(serving: Serving, session: Session, bytes: Uint8Array): Promise<void> {
  try {
    await onAck(serving, session, bytes)
  } catch (error) {
    if (!isOrienError(error, 'outOfOrder')) throw error
    serving.context.parts.log('ackKept', { session: session.key, code: error.code })
  }
}

function onTickAck({ context }: Serving, session: Session, bytes: Uint8Array): void {
  const ack = openDocument(context.parts.scope, TickAck, bytes, session.grant.agent).value
  const call = context.calls.of(session.key).find((one) => equalBytes(one.auth.id, ack.authId))
  // A call that ended meanwhile needs it no more.
  if (call !== undefined && ack.ms > (call.lastTick?.ms ?? 0)) call.lastTick = { ms: ack.ms, bytes }
}

async function onCheque({ context }: Serving, session: Session, bytes: Uint8Array): Promise<void> {
  if (await context.book.takeCheque(session, bytes)) context.collector.wake(session)
}

async function onNotice({ context }: Serving, session: Session, bytes: Uint8Array): Promise<void> {
  await context.collector.takeNotice(session, bytes)
}

function onCancel({ context }: Serving, session: Session, callSeq: number): void {
  const call = context.calls.find(session.key, callSeq)
  if (call !== undefined) context.calls.stop(call, 'cancelled')
}

async function onEnd({ context }: Serving, session: Session, bytes: Uint8Array): Promise<void> {
  const end = openDocument(context.parts.scope, End, bytes, session.grant.agent).value
  if (!equalBytes(end.sessionId, session.id))
    throw new OrienError('badDocument', { message: 'the end is for another session' })
  await context.end(session, end.reason, 'ended')
}

function attachedSession({ session }: Serving): Session {
  if (session === undefined) throw new OrienError('unknownSession', { message: 'attach first' })
  return session
}

function resumeOutputs(context: WorkContext, { session }: Serving): void {
  if (session === undefined) return
  for (const call of context.calls.of(session.key)) call.job?.resumeOutput()
}

/** The agent is gone for now: calls go on, what they print is kept. */
function detach(context: WorkContext, { session, work }: Serving): void {
  if (session === undefined) return
  if (context.attached.get(session.key) === work) context.attached.delete(session.key)
  for (const call of context.calls.of(session.key)) if (call.listener === work) call.listener = undefined
}
