import {
  cosignAnswers,
  cosignRequests,
  failureOf,
  floorMicros,
  hex,
  isOrienError,
  micros,
  Notice,
  numerator,
  OrienError,
  peekDocument,
  Receipt,
  type Close,
  type CollectedReceipt,
  type CosignAnswer,
  type Debit,
  type Hello,
  type Micros,
  type Outgoing,
} from '@orien/protocol'
import type { FrameStream } from '../network/port.ts'
import type { ChannelRail } from '../rails/channel.ts'
import { drawCheque, drawInTurn, signAll } from './cheques.ts'
import type { AgentParts } from './ports.ts'
import { ceilingAllowed, isBehind, laneNow, type AgentSession } from './session.ts'
import type { SpendBook } from './spend-book.ts'

export interface CosignContext {
  readonly parts: AgentParts
  readonly book: SpendBook
  readonly hello: () => Hello
  /** Takes a Notice from wherever it came. */
  readonly onNotice: (session: AgentSession, bytes: Uint8Array) => Promise<void>
  /** A cheque was drawn for the coordinator: the provider admits calls by it too, so it is shown there. */
  readonly onCheque: (session: AgentSession, cheque: Uint8Array) => void
  /** The coordinator closes the channel: the session takes no more calls. */
  readonly onClose: (session: AgentSession) => Promise<void>
  /** A receipt the coordinator has and we may not: the Ack that covers it. Throws when it is not ours to countersign. */
  readonly onContest: (session: AgentSession, contest: CollectedReceipt) => Promise<Uint8Array>
}

/** Serves the coordinator's co-signature requests: never signs received bytes, rebuilds them from its own records. */
export async function serveCosign(context: CosignContext, stream: FrameStream): Promise<void> {
  try {
    for await (const frame of stream.frames) {
      const request = cosignRequests.decode(frame)
      if (request.notice !== undefined) await takeNotice(context, stream, request.notice)
      else if (request.debit !== undefined) answer(context, stream, await debit(context, stream, request.debit))
      else if (request.close !== undefined) answer(context, stream, await close(context, stream, request.close))
      else if (request.contest !== undefined) answer(context, stream, await contest(context, stream, request.contest))
      else throw new OrienError('badDocument', { message: 'a co-signature request without content' })
    }
  } catch (error) {
    const known = isOrienError(error)
      ? error
      : new OrienError('internal', { message: 'the agent failed', cause: error })
    context.parts.log('cosignRefused', { coordinator: stream.peer, code: known.code })
    answer(context, stream, { failure: failureOf(known) })
  }
  await stream.close()
}

function answer({ hello }: CosignContext, stream: FrameStream, content: Partial<Outgoing<CosignAnswer>>): void {
  stream.send(cosignAnswers.encode({ hello: hello(), ...content }))
}

async function debit(
  context: CosignContext,
  stream: FrameStream,
  asked: Debit,
): Promise<Partial<Outgoing<CosignAnswer>>> {
  const { parts, book } = context
  const session = sessionOf(context, stream, asked.sessionId)
  const total = micros(asked.totalMicros)
  const rail = await railOf(context, session)
  return drawInTurn(session, async () => {
    checkBook(session)
    await checkVersion(rail, session, asked.version, total)
    checkTotal(session, total)
    await book.saveCosigned(session, { version: asked.version, totalMicros: total })
    const lane = laneNow(session)
    const signatures = await signAll(parts.wallet, rail.draftDebit(lane, asked.version, total, asked.tsMs))
    // The cheque that is valid after the debit: never below a ceiling given before.
    const after = rail.capabilities.debitMovesBase ? { ...lane, base: asked.version } : lane
    const allowed = ceilingAllowed(session)
    const ceiling = allowed > session.ceilingMicros ? allowed : session.ceilingMicros
    const cheque = await drawCheque(rail, parts.wallet, after, ++session.chequeSeq, ceiling)
    await book.saveCheque(session, cheque)
    context.onCheque(session, cheque)
    parts.log('cosigned', { session: session.key, version: asked.version, totalMicros: String(total) })
    return { signatures, cheque }
  })
}

function checkBook(session: AgentSession): void {
  if (isBehind(session)) throw new OrienError('storeCorrupt', { message: 'the book has lost what it signed' })
}

/** version = last + 1, where last is what a read showed; the same version may be signed again. */
async function checkVersion(rail: ChannelRail, session: AgentSession, version: number, total: Micros): Promise<void> {
  const { cosigned } = session
  if (cosigned.totalMicros > 0n && version === cosigned.version) return
  const reading = await rail.read(session.lane)
  if (reading.status !== 'open' || version !== reading.version + 1) {
    throw new OrienError('overspend', {
      message: `the coordinator asked to sign version ${version}, the channel stands at ${reading.version}`,
      details: { version, standing: reading.version, total },
    })
  }
}

/** last total signed ≤ total ≤ ⌊A / 60 000⌋. */
function checkTotal(session: AgentSession, total: Micros): void {
  const owed = floorMicros(numerator(session.acked))
  if (total < session.cosigned.totalMicros || total > owed) {
    throw new OrienError('overspend', {
      message: 'the total is not what the receipts add up to',
      details: { total, owed },
      money: { where: 'owed', minMicros: session.cosigned.totalMicros, maxMicros: owed, delivered: true },
    })
  }
}

/** The exact close: a cheque whose ceiling is the total. */
async function close(
  context: CosignContext,
  stream: FrameStream,
  asked: Close,
): Promise<Partial<Outgoing<CosignAnswer>>> {
  const { parts, book } = context
  const session = sessionOf(context, stream, asked.sessionId)
  const total = micros(asked.totalMicros)
  const rail = await railOf(context, session)
  // A coordinator that closes makes no more calls possible; nothing is signed for work that still runs.
  await context.onClose(session)
  return drawInTurn(session, async () => {
    checkBook(session)
    checkTotal(session, total)
    const lane = laneNow(session)
    if (asked.base !== lane.base && asked.base !== lane.base + 1)
      throw new OrienError('overspend', { message: 'the close is not drawn on the channel as it stands' })
    const chequeSeq = ++session.chequeSeq
    const cheque = await drawCheque(rail, parts.wallet, { ...lane, base: asked.base }, chequeSeq, total)
    await book.saveChequeSeq(session)
    parts.log('closeSigned', { session: session.key, totalMicros: String(total) })
    return { cheque }
  })
}

async function contest(
  context: CosignContext,
  stream: FrameStream,
  asked: CollectedReceipt,
): Promise<Partial<Outgoing<CosignAnswer>>> {
  const { sessionId } = peekDocument(context.parts.scope, Receipt, asked.receipt).value
  return { ack: await context.onContest(sessionOf(context, stream, sessionId), asked) }
}

async function takeNotice(context: CosignContext, stream: FrameStream, bytes: Uint8Array): Promise<void> {
  const { sessionId } = peekDocument(context.parts.scope, Notice, bytes).value
  await context.onNotice(sessionOf(context, stream, sessionId), bytes)
}

function sessionOf({ book }: CosignContext, stream: FrameStream, sessionId: Uint8Array): AgentSession {
  const session = book.get(hex(sessionId))
  if (session === undefined || session.grant.coordinator !== stream.peer) {
    throw new OrienError('unknownSession', { message: 'no such session with this coordinator' })
  }
  return session
}

function railOf({ parts }: CosignContext, session: AgentSession): Promise<ChannelRail> {
  return parts.channels.use(session.grant.channel.rail, session.grant.channel.url)
}
