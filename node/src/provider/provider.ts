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
  hex,
  type OrienError,
  type CancelTimer,
  type Hello,
  type PeerText,
  type Signed,
} from '@orien/protocol'
import { PROTOCOLS } from '../network/protocols.ts'
import { health, reportingStore } from '../store/health.ts'
import { Announcer } from './announcer.ts'
import { serveBlobs } from './blob-stream.ts'
import { moveCall, newCall, type Call } from './call.ts'
import { CallQueue } from './calls.ts'
import { Collector } from './collector.ts'
import { Exits } from './exits.ts'
import { Follower } from './follower.ts'
import type { LostCall } from './load-session.ts'
import type { ProviderConfig, ProviderParts } from './ports.ts'
import { receiptBook, type ReceiptBook, type WrittenReceipt } from './receipt-book.ts'
import { SessionBook } from './session-book.ts'
import { isBehind, type Session } from './session.ts'
import { Standings } from './standings.ts'
import { serveWork } from './work.ts'
import type { WorkContext } from './work-context.ts'
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
  /** Resolves when the book cannot be written any more: nothing is admitted, what ran was stopped unbilled. Restart on a good disk. */
  readonly failed: Promise<OrienError>
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
  const { context, announcer } = serving
  const { book, standings } = context
  const lost = await book.load()
  await standings.load()
  await announcer.load()
  for (const one of lost) if (!isBehind(one.session)) await writeLost(serving, one)
  const alive = [...book.all()].filter((one) => one.phase !== 'closed')
  await parts.files.sweep(new Set(alive.map((one) => one.key)))
  for (const session of book.all()) resume(serving, session)
  await parts.network.handle(PROTOCOLS.work, (stream) => serveWork(context, stream))
  await parts.network.handle(PROTOCOLS.blob, (stream) => serveBlobs({ ...parts, book, hello: context.hello }, stream))
  await announcer.start()
  return {
    peer: parts.network.peer,
    failed: context.health.failed,
    get offer() {
      return announcer.offer
    },
    sessions: () => book.all(),
    announce: () => announcer.announce(),
    async revoke(sessionKey, reason) {
      const session = book.get(sessionKey)
      if (session !== undefined) await context.end(session, reason, 'ended')
    },
    stop: () => stopServing(serving),
  }
}

interface Serving {
  readonly context: WorkContext
  readonly parts: ProviderParts
  readonly follower: Follower
  readonly announcer: Announcer
  readonly receipts: ReceiptBook
  readonly expiries: Map<string, CancelTimer>
}

function compose(config: ProviderConfig, given: ProviderParts): Serving {
  const trouble = health((error) => breakDown(serving, error))
  const parts = { ...given, store: reportingStore(given.store, (error) => trouble.broke(error)) }
  const hello = (): Hello => ({ documents: DOCUMENTS, clockMs: parts.clock.wallMs() })
  const book = new SessionBook(parts, (session) => forget(serving, session))
  const receipts = receiptBook(parts)
  const standings = new Standings(parts.store, config.firstWindow, config.maxWindow)
  const attached = new Map<string, WorkStream>()
  const collector = new Collector({
    parts,
    book,
    hello,
    lingerMs: config.collectLingerMs ?? 0,
    onNotice: (session, bytes, before) => onNotice(serving, session, bytes, before),
  })
  const { capacity, queue, tickMs, tickAckMs } = config
  const calls = new CallQueue({
    ...parts,
    ...{ crypto: parts.scope.crypto, receipts, capacity, queue, tickMs, tickAckMs },
    onReceipt: (session, call, written) => sendReceipt(serving, session, call, written),
    onLost: (error) => trouble.broke(error),
  })
  const exits = new Exits({
    parts,
    book,
    heard: (session) => collector.heard(session),
    isAttached: (session) => attached.has(session.key),
    send: (session, exit) => void attached.get(session.key)?.send({ exit }),
  })
  const context: WorkContext = {
    config,
    parts,
    book,
    calls,
    collector,
    standings,
    exits,
    health: trouble,
    turn: turnSigner(parts.scope, parts.signer),
    hello,
    attached,
    admissions: new Map(),
    end: (session, reason, stop) => endSession(serving, session, reason, stop),
    freeze: (session, why) => freeze(serving, session, why),
    opened: (session) => resume(serving, session),
  }
  const serving: Serving = {
    context,
    parts,
    follower: new Follower({
      ...{ parts, book, standings, exits, hello },
      end: (session, why) => context.end(session, why, 'ended'),
      freeze: (session) => context.freeze(session, 'notice'),
    }),
    announcer: new Announcer(config, parts, standings),
    receipts,
    expiries: new Map(),
  }
  return serving
}

/** Takes a session on: its expiry, its outbox, its way out when the coordinator is gone, what its last Notice asks for. */
function resume(serving: Serving, session: Session): void {
  const { context, parts, expiries } = serving
  context.collector.wake(session)
  context.exits.watch(session)
  logFailure(parts, session, serving.follower.follow(session))
  if (session.phase !== 'open' && session.phase !== 'frozen') return
  const untilMs = session.grant.expiresAtMs - parts.clock.wallMs()
  const expire = (): void => {
    expiries.delete(session.key)
    logFailure(parts, session, endSession(serving, session, 'expired', 'expired'))
  }
  expiries.set(session.key, parts.timers.after(Math.max(0, untilMs), expire))
}

/** A paid session leaves the book: no timer and no list of ours keeps it in memory. */
function forget(serving: Serving, session: Session): void {
  cancelExpiry(serving, session)
  serving.follower.forget(session)
  serving.context.collector.forget(session)
  serving.context.exits.forget(session)
}

function cancelExpiry({ expiries }: Serving, { key }: Session): void {
  expiries.get(key)?.()
  expiries.delete(key)
}

/** For what nobody waits for: it fails when the store does, which was reported. */
function logFailure(parts: ProviderParts, session: Session, work: Promise<void>): void {
  work.catch((error: unknown) =>
    parts.log('sessionFailed', { session: session.key, code: isOrienError(error) ? error.code : 'internal' }),
  )
}

/** A durable receipt: to the agent when it has every one before, and into the outbox. */
function sendReceipt({ context, parts }: Serving, session: Session, call: Call, written: WrittenReceipt): void {
  const { receipt, output } = written
  const { receiptSeq, outcome, effectiveMs, numerator: claimed } = receipt.value
  const work = context.attached.get(session.key)
  if (work?.live === true && receiptSeq > work.receiptsThrough) {
    work.receiptsThrough = receiptSeq
    work.send({ done: { receipt: receipt.bytes, output, ...lostBy(call, work) } })
  }
  context.collector.wake(session)
  parts.log('receipt', {
    session: session.key,
    receipt: hex(receipt.id),
    tool: call.auth.value.toolId,
    receiptSeq,
    outcome,
    effectiveMs,
    numerator: String(claimed),
  })
}

/** An agent that did not show this call on its stream may have lost it in a crash: it is shown its own Authorisation. */
function lostBy(call: Call, work: WorkStream): { readonly authorisation?: Uint8Array; readonly tickAck?: Uint8Array } {
  if (call.listener === work) return {}
  return {
    authorisation: call.auth.bytes,
    ...(call.lastTick === undefined ? {} : { tickAck: call.lastTick.bytes }),
  }
}

/** Ends a session once: no new call, running ones stop, the agent is told, then the rest is collected with Final and End. */
async function endSession(
  serving: Serving,
  session: Session,
  reason: string,
  stop: 'ended' | 'expired',
): Promise<void> {
  const { context, parts } = serving
  if (!(await context.book.move(session, 'ended', reason))) return
  cancelExpiry(serving, session)
  context.calls.stopSession(session.key, stop)
  parts.log('sessionEnded', { session: session.key, reason })
  context.collector.wake(session)
  const work = context.attached.get(session.key)
  if (work === undefined) return
  const end = await context.turn.sign(End, { sessionId: session.id, reason })
  work.send({ end: end.bytes })
}

async function freeze({ context, parts }: Serving, session: Session, why: string): Promise<void> {
  if (!(await context.book.move(session, 'frozen'))) return
  parts.log('sessionFrozen', { session: session.key, why })
  context.collector.wake(session)
}

/** The book cannot be written: nothing is admitted or collected any more, what runs stops, and everybody attached is told. */
function breakDown({ context, parts, announcer }: Serving, error: OrienError): void {
  parts.log('bookFailed', { code: error.code, why: error.message })
  context.calls.stopAll()
  for (const work of context.attached.values()) void work.fail(error)
  context.collector.stop().catch((cause: unknown) => parts.log('collectFailed', { code: String(cause) }))
  announcer.stop().catch((cause: unknown) => parts.log('announceFailed', { code: String(cause) }))
}

/** A newer Notice: passed on to the agent when it says more than what was collected, then acted on. */
async function onNotice(
  { context, parts, follower }: Serving,
  session: Session,
  bytes: Uint8Array,
  before: Notice | undefined,
): Promise<void> {
  const notice = session.notice?.value
  if (notice === undefined || !isNews(before, notice)) return
  context.attached.get(session.key)?.send({ notice: bytes })
  parts.log('notice', {
    session: session.key,
    state: notice.state,
    debitedMicros: String(notice.debitedMicros),
    collectedThrough: notice.collectedThrough,
  })
  await follower.follow(session)
}

function isNews(before: Notice | undefined, now: Notice): boolean {
  return (
    before === undefined ||
    before.state !== now.state ||
    before.base !== now.base ||
    before.debitedMicros !== now.debitedMicros ||
    before.ceilingHeldMicros !== now.ceilingHeldMicros
  )
}

/** A call admitted before a crash did not survive it: a receipt of 0. */
async function writeLost({ receipts, parts }: Serving, { session, auth }: LostCall): Promise<void> {
  const term = session.terms.get(auth.value.toolId)
  if (term === undefined) return
  const call = newCall({
    sessionKey: session.key,
    auth,
    term,
    command: { argv: ['lost'], env: {}, limits: { outputBytes: 0 }, outputs: [] },
    inputs: { files: [] },
    acceptedMono: parts.clock.monoMs(),
    cwd: undefined,
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
  // How far it came is not on disk: it may have run.
  call.state = 'running'
  const outcome = moveCall(parts.log, call, 'restart') ?? 'providerError'
  await receipts.write(session, call, { ...none, outcome, startedAtMs: parts.clock.wallMs() })
}

async function stopServing({ context, parts, announcer, follower, expiries }: Serving): Promise<void> {
  await announcer.stop()
  await parts.network.unhandle(PROTOCOLS.work)
  await parts.network.unhandle(PROTOCOLS.blob)
  for (const cancel of expiries.values()) cancel()
  follower.stop()
  context.exits.stop()
  await context.calls.close()
  for (const work of context.attached.values()) await work.stream.close()
  await context.collector.stop()
}
