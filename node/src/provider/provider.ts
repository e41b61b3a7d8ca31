import {
  Ack,
  Authorisation,
  End,
  Final,
  Grant,
  isOrienError,
  Notice,
  Offer,
  Payout,
  Receipt,
  Refusal,
  Statement,
  TickAck,
  turnSigner,
  formatUsdc,
  floorMicros,
  numerator,
  hex,
  type CancelTimer,
  type Hello,
  type PeerText,
  type Signed,
} from '@orien/protocol'
import { PROTOCOLS } from '../network/protocols.ts'
import { Announcer } from './announcer.ts'
import { serveBlobs } from './blob-stream.ts'
import { newCall, type Call } from './call.ts'
import { CallQueue } from './calls.ts'
import { Collector } from './collector.ts'
import type { ProviderConfig, ProviderParts } from './ports.ts'
import { receiptBook, type WrittenReceipt } from './receipt-book.ts'
import { keys } from './records.ts'
import { SessionBook, type LostCall } from './session-book.ts'
import type { Session } from './session.ts'
import { Standings } from './standings.ts'
import { fetchSettlement } from '../coordinator-client/statements.ts'
import { serveWork, type WorkContext } from './work.ts'
import type { WorkStream } from './work-stream.ts'

/** Payload types this provider speaks. */
const DOCUMENTS = [
  Offer,
  Grant,
  Notice,
  Authorisation,
  Refusal,
  TickAck,
  Receipt,
  Ack,
  End,
  Final,
  Statement,
  Payout,
].map((one) => one.type)

/** A running provider. */
export interface Provider {
  readonly peer: PeerText
  /** The signed offer as it stands. */
  readonly offer: Signed<Offer> | undefined
  /** Sessions as the provider holds them, for status and tests. */
  sessions(): IterableIterator<Session>
  /** Signs and spreads a new offer: after the catalogue changed. */
  announce(): Promise<void>
  /** Ends a session from our side: revoking is an End. Running calls stop and are billed for what ran. */
  revoke(sessionKey: string, reason: string): Promise<void>
  /** Stops serving; running calls end as providerError, nothing durable is lost. */
  stop(): Promise<void>
}

/**
 * Starts a provider on its parts: reads its book, gives calls that did not survive their receipt of 0, serves, announces.
 *
 * @example
 * const provider = await composeProvider(config, parts)
 * await provider.stop()
 */
export async function composeProvider(config: ProviderConfig, parts: ProviderParts): Promise<Provider> {
  const serving = compose(config, parts)
  const lost = await serving.book.load()
  await serving.standings.load()
  for (const one of lost) await writeLost(serving, one)
  await parts.files.sweep(
    new Set(
      [...serving.book.all()].filter((one) => one.phase !== 'closed' && one.phase !== 'paid').map((one) => one.key),
    ),
  )
  for (const session of serving.book.all()) serving.resume(session)
  await parts.network.handle(PROTOCOLS.work, (stream) => serveWork(serving.context, stream))
  await parts.network.handle(PROTOCOLS.blob, (stream) =>
    serveBlobs({ blobs: parts.blobs, book: serving.book, hello: serving.context.hello, timers: parts.timers }, stream),
  )
  await serving.announcer.start()
  return {
    peer: parts.network.peer,
    get offer() {
      return serving.announcer.offer
    },
    sessions: () => serving.book.all(),
    announce: () => serving.announcer.announce(),
    async revoke(sessionKey, reason) {
      const session = serving.book.get(sessionKey)
      if (session !== undefined) await serving.context.end(session, reason, 'ended')
    },
    stop: () => stopServing(serving, parts),
  }
}

interface Serving {
  readonly context: WorkContext
  readonly book: SessionBook
  readonly calls: CallQueue
  readonly collector: Collector
  readonly standings: Standings
  readonly announcer: Announcer
  readonly receipts: ReturnType<typeof receiptBook>
  readonly expiries: Map<string, CancelTimer>
  /** Takes a session on: its expiry, its outbox. */
  readonly resume: (session: Session) => void
}

function compose(config: ProviderConfig, parts: ProviderParts): Serving {
  const hello = (): Hello => ({ documents: DOCUMENTS, clockMs: parts.clock.wallMs() })
  const book = new SessionBook(parts)
  const receipts = receiptBook(parts)
  const standings = new Standings(parts.store, config.firstWindow, config.maxWindow)
  const attached = new Map<string, WorkStream>()
  const expiries = new Map<string, CancelTimer>()
  const collector = new Collector({
    parts,
    book,
    hello,
    onNotice: (session, bytes) => followNotice(serving, session, bytes),
  })
  const calls = new CallQueue({
    ...parts,
    crypto: parts.scope.crypto,
    receipts,
    capacity: config.capacity,
    queue: config.queue,
    tickMs: config.tickMs,
    tickAckMs: config.tickAckMs,
    onReceipt: (session, call, written) => sendReceipt(serving, session, call, written),
    onFatal: (error) => {
      parts.log('bookFailed', { code: isOrienError(error) ? error.code : 'internal' })
      for (const session of book.all()) if (session.phase === 'open') session.phase = 'frozen'
    },
  })
  const context: WorkContext = {
    config,
    parts,
    book,
    calls,
    collector,
    standings,
    turn: turnSigner(parts.scope, parts.signer),
    hello,
    attached,
    end: (session, reason, stop) => endSession(serving, session, reason, stop),
    opened: (session) => serving.resume(session),
  }
  const resume = (session: Session): void => {
    collector.watch(session)
    if (session.phase !== 'open' && session.phase !== 'frozen') return
    const untilMs = session.grant.expiresAtMs - parts.clock.wallMs()
    expiries.set(
      session.key,
      parts.timers.after(Math.max(0, untilMs), () => void endSession(serving, session, 'expired', 'expired')),
    )
  }
  const announcer = new Announcer(config, parts, standings)
  const serving: Serving = { context, book, calls, collector, standings, announcer, receipts, expiries, resume }
  return serving
}

/** A durable receipt: to the agent when it is there, and into the outbox. */
function sendReceipt({ context, collector }: Serving, session: Session, call: Call, written: WrittenReceipt): void {
  const { receipt, output } = written
  context.attached.get(session.key)?.send({ done: { receipt: receipt.bytes, output } })
  collector.wake(session)
  const { receiptSeq, outcome, effectiveMs, numerator: claimed } = receipt.value
  context.parts.log('receipt', {
    session: session.key,
    receipt: hex(receipt.id),
    tool: call.auth.value.toolId,
    receiptSeq,
    outcome,
    effectiveMs,
    numerator: String(claimed),
  })
}

/** Ends a session once: no new call, running ones stop, then the rest is collected with Final and End. */
async function endSession(
  serving: Serving,
  session: Session,
  reason: string,
  stop: 'ended' | 'expired',
): Promise<void> {
  if (session.phase !== 'open' && session.phase !== 'frozen') return
  serving.expiries.get(session.key)?.()
  await serving.book.setPhase(session, 'ending', reason)
  serving.calls.stopSession(session.key, stop)
  serving.context.parts.log('sessionEnded', { session: session.key, reason })
  serving.collector.wake(session)
}

/** Moves a session along with what the coordinator says, and passes the Notice on to the agent. */
async function followNotice(serving: Serving, session: Session, bytes: Uint8Array): Promise<void> {
  const { context, book } = serving
  context.attached.get(session.key)?.send({ notice: bytes })
  const notice = session.notice?.value
  if (notice === undefined) return
  context.parts.log('notice', {
    session: session.key,
    state: notice.state,
    debitedMicros: String(notice.debitedMicros),
    collectedThrough: notice.collectedThrough,
  })
  switch (notice.state) {
    case 'FROZEN':
      if (session.phase === 'open') await book.setPhase(session, 'frozen')
      break
    case 'ENDING':
    case 'SETTLING':
    case 'CLOSING':
      await endSession(serving, session, 'ended', 'ended')
      break
    case 'CLOSED':
      await endSession(serving, session, 'ended', 'ended')
      if (session.phase === 'ending') await book.setPhase(session, 'closed')
      await context.parts.files.remove(session.key)
      break
    case 'PAID':
      await paid(serving, session)
      break
    case 'VOID':
    case 'FUNDING':
    case 'OPEN':
      break
  }
}

async function paid(serving: Serving, session: Session): Promise<void> {
  const { context, book, standings } = serving
  if (session.phase === 'paid') return
  await endSession(serving, session, 'ended', 'ended')
  const { coordinator, agent } = session.grant
  const settlement = await fetchSettlement({ ...context.parts, hello: context.hello }, coordinator, session.id)
  await context.parts.store.commit(
    settlement.statements.map((one) => ({
      type: 'put' as const,
      key: keys.statement(session.key, one.value.statementSeq),
      value: one.bytes,
    })),
  )
  await book.setPhase(session, 'paid')
  await standings.paid(agent)
  const total = settlement.statements.at(-1)?.value
  context.parts.log('sessionPaid', {
    session: session.key,
    totalMicros: String(total?.totalMicros ?? 0n),
    paidMicros: String(total?.split.providerMicros ?? 0n),
    claimedUsdc: formatUsdc(floorMicros(numerator(session.claimed))),
  })
}

/** A call admitted before a crash did not survive it: a receipt of 0. */
async function writeLost({ receipts, context }: Serving, { session, auth }: LostCall): Promise<void> {
  const term = session.terms.get(auth.value.toolId)
  if (term === undefined) return
  const call = newCall({
    sessionKey: session.key,
    auth,
    term,
    command: { argv: ['lost'], env: {}, limits: { outputBytes: 0 }, outputs: [] },
    inputs: { files: [] },
    acceptedMono: context.parts.clock.monoMs(),
    listener: undefined,
  })
  const none = {
    effectiveMs: 0,
    cpuMs: 0,
    throttledMs: 0,
    maxRssBytes: 0,
    queuedMs: 0,
    stdout: new Uint8Array(),
    stderr: new Uint8Array(),
    files: [],
  }
  await receipts.write(session, call, { ...none, outcome: 'providerError', startedAtMs: context.parts.clock.wallMs() })
}

async function stopServing(serving: Serving, parts: ProviderParts): Promise<void> {
  await serving.announcer.stop()
  await parts.network.unhandle(PROTOCOLS.work)
  await parts.network.unhandle(PROTOCOLS.blob)
  for (const cancel of serving.expiries.values()) cancel()
  await serving.calls.close()
  for (const work of serving.context.attached.values()) await work.stream.close()
  await serving.collector.stop()
}
