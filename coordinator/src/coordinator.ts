import { PROTOCOLS, type StreamHandler, type StreamProtocol } from '@orien/node/network'
import {
  Grant,
  hex,
  OrienError,
  peerOfKey,
  type Id,
  type Micros,
  type MoneyState,
  type PeerText,
  type SessionState,
} from '@orien/protocol'
import type { Collecting } from './collect/batch.ts'
import { performContest, performRule } from './collect/contest.ts'
import { serveReceipts } from './collect/stream.ts'
import { createCore, type Core } from './core.ts'
import { createCosigner, type Cosigner } from './debit/cosigner.ts'
import { performAskDebit, performCheckpoint, performProbe, performWatch, type Debiting } from './debit/debit.ts'
import { startAudit, type Audit } from './ledger/audit.ts'
import { bookFrom, type Book } from './ledger/book.ts'
import { journalDamaged, type Doubt } from './ledger/doubts.ts'
import { checkBook } from './ledger/invariants.ts'
import { damaged, verifyTail, type Tail } from './ledger/tail.ts'
import { createMetrics, type Counter, type Metrics } from './metrics.ts'
import { openPayoutLedger, type PayoutLedger } from './payout/ledger.ts'
import { checkPayouts } from './payout/check.ts'
import type { PayoutTrouble } from './payout/make.ts'
import type { PayoutRecord } from './payout/record.ts'
import { createPayoutWorker, type PayoutWorker } from './payout/worker.ts'
import type { CoordinatorParts } from './ports.ts'
import { checkSessions } from './sessions/check.ts'
import { exposureOf, type Exposure } from './sessions/float.ts'
import { createFunding } from './sessions/fund.ts'
import { loadSessions } from './sessions/load.ts'
import { createNotices } from './sessions/notices.ts'
import { performCheckOpen, performOpen } from './sessions/opening.ts'
import { createRates } from './sessions/rates.ts'
import { createRegistry, type Registry } from './sessions/registry.ts'
import { tellChange } from './sessions/told.ts'
import { createRunner, type Performers, type Runner } from './sessions/runner.ts'
import { isWithheld, moneyOf } from './sessions/session.ts'
import { serveSession } from './sessions/stream.ts'
import { performCash } from './settle/cash.ts'
import { performAskClose, performClose, performWatchUnclosed, type Settling } from './settle/close.ts'
import { releaseOps } from './settle/closed.ts'
import { createHoldings, type Holdings } from './settle/holdings.ts'
import { createRefunds } from './settle/refund.ts'
import { serveStatements } from './settle/stream.ts'
import { openStandings, type Standings } from './standing/standing.ts'

/** How a coordinator stands, for operators. */
export interface CoordinatorStatus extends Exposure {
  readonly peer: PeerText
  readonly floatMicros: Micros
  /** Sessions that are not over, by state. */
  readonly sessions: Readonly<Partial<Record<SessionState, number>>>
  readonly payoutsInFlight: number
  /** Why due payouts wait, if they do. */
  readonly payoutTrouble: PayoutTrouble | undefined
  /** Why the book is read-only; empty when it is not. */
  readonly readOnly: readonly Doubt[]
  /** Sessions of which nothing is paid since a resume, until their Final comes. */
  readonly withheld: number
  /** Entries of the journal down to which it is verified; 0 when all is. */
  readonly verifiedFrom: number
  readonly counters: Readonly<Record<Counter, string>>
}

/** One session, for operators and tests. */
export interface SessionView {
  readonly state: SessionState
  readonly frozen: string | undefined
  readonly money: MoneyState
  readonly collectedThrough: number
  readonly ackedThrough: number
  readonly debitedMicros: Micros
  readonly ceilingHeldMicros: Micros
}

/** What the operator says of the book. */
export interface ResumeOptions {
  /**
   * It is the newest there is: our keys were used by hand. Nothing is withheld then, and what an earlier resume withheld is paid. Else it is taken for an
   * older one, and what may have been paid already is not paid again.
   */
  readonly current?: boolean
}

export interface Coordinator {
  readonly peer: PeerText
  /**
   * Opens the book, takes up what a crash left, serves. Throws `storeCorrupt`, `chainMismatch`, and what the network throws.
   */
  start(): Promise<void>
  /** Serves nothing new and lets decisions end. Store, network and rails stay open: they are the caller's. */
  stop(): Promise<void>
  /** Resolves when the book cannot be written any more: restart on a good disk. */
  readonly failed: Promise<OrienError>
  status(): CoordinatorStatus
  /**
   * The operator answers for every difference that is not explained, and the book is no longer read-only. What that can cost is in README.md. Throws
   * `storeCorrupt` when the journal itself is damaged, `unreachable`.
   */
  resume(options?: ResumeOptions): Promise<void>
  /** How often each row of TRANSITIONS was taken since the process began, by `machine/row`; also before start and after stop. */
  transitions(): Readonly<Record<string, number>>
  session(sessionId: Id): Promise<SessionView | undefined>
  /** Balance of an account of the ledger, micro-USDC. */
  balance(account: string): bigint
  standings(): Standings
  /** What is wrong with the books, one sentence each; empty when nothing is. Reads the whole journal. */
  check(): Promise<readonly string[]>
}

interface Running {
  readonly core: Core
  readonly registry: Registry
  readonly runner: Runner
  readonly cosigner: Cosigner
  readonly payouts: PayoutWorker
  readonly holdings: Holdings
  readonly payoutRecords: () => readonly PayoutRecord[]
  readonly standings: Standings
  readonly served: readonly StreamProtocol[]
  readonly stopConnects: () => void
  readonly audit: Audit
}

/**
 * Composes a coordinator of its parts. It owns no clock, network, store or key: whoever calls brings them and ends them.
 *
 * @example
 * const coordinator = createCoordinator(parts)
 * await coordinator.start()
 * // … serve …
 * await coordinator.stop()
 */
export function createCoordinator(parts: CoordinatorParts): Coordinator {
  const { promise: failed, resolve: fail } = Promise.withResolvers<OrienError>()
  const state = { stopped: false }
  const metrics = createMetrics()
  let running: Running | undefined
  const run = (): Running => {
    if (running === undefined) throw new OrienError('stopped', { message: 'the coordinator is not started' })
    return running
  }
  return {
    peer: peerOfKey(parts.signer.publicKey),
    failed,
    async start() {
      running = await begin(parts, metrics, () => state.stopped, fail)
    },
    async stop() {
      state.stopped = true
      if (running !== undefined) await end(running)
    },
    status: () => statusOf(run()),
    resume: (options = {}) => resume(run(), options),
    transitions: () => metrics.transitions(),
    session: (sessionId) => viewOf(run(), sessionId),
    balance: (account) => run().core.book.balance(account),
    standings: () => run().standings,
    async check() {
      const { core, registry, payoutRecords } = run()
      return [
        ...(await checkBook(core.store, core.crypto)),
        ...checkSessions(core.book, registry.all()),
        ...(await checkPayouts(core, payoutRecords())),
      ]
    },
  }
}

async function begin(
  parts: CoordinatorParts,
  metrics: Metrics,
  stopped: () => boolean,
  fail: (error: OrienError) => void,
): Promise<Running> {
  const tail = await verifyTail(parts.store, parts.crypto)
  const core = createCore(parts, bookOf(parts, tail, fail), metrics, stopped)
  const standings = await openStandings(core)
  const registry = openRegistry(core, standings)
  const notices = createNotices(core, registry)
  const cosigner = createCosigner(core)
  const collecting: Collecting = { core, registry, standings }
  const holdings = createHoldings(core, registry)
  const refunds = createRefunds(core, registry, holdings)
  const debiting: Debiting = { core, registry, cosigner, notices, waiting: new Map() }
  const runner = createRunner(core, registry, performersOf(collecting, debiting, { core, registry, cosigner }, refunds))
  const ledger = await loadRecords(core, registry)
  refunds.load()
  const payouts = createPayoutWorker(core, registry, ledger)
  registry.watch((live, before) => {
    tellChange(core, live, before)
    runner.drive(live)
  })
  await payouts.start()
  await holdings.start()
  watchDoubts(core, registry, runner)
  const opening = {
    registry,
    standings,
    rates: { open: createRates(core.clock), fund: createRates(core.clock) },
    funding: createFunding(core, registry, standings, notices),
  }
  const served = await serve(core, [
    [PROTOCOLS.session, (stream) => serveSession(core, opening, stream)],
    [PROTOCOLS.receipts, (stream) => serveReceipts(collecting, notices, stream)],
    [PROTOCOLS.statement, (stream) => serveStatements({ core, registry, notices }, stream)],
  ])
  // What waited for an agent to come back.
  const stopConnects = core.network.onConnect((peer) => {
    for (const live of registry.ofPeer(peer)) runner.hurry(live, ['askClose'])
  })
  for (const live of [...registry.all()]) runner.drive(live)
  return {
    core,
    registry,
    runner,
    cosigner,
    payouts,
    holdings,
    payoutRecords: () => [...ledger.records.values()],
    standings,
    served,
    stopConnects,
    audit: auditOf(core, tail),
  }
}

function bookOf({ store, crypto, log }: CoordinatorParts, tail: Tail, fail: (error: OrienError) => void): Book {
  return bookFrom(store, crypto, tail, (error) => {
    log('bookFailed', { code: error.code })
    fail(error)
  })
}

/** Everything that is not over. Throws `storeCorrupt` when it says something else than the journal: never serve from such records. */
async function loadRecords(core: Core, registry: Registry): Promise<PayoutLedger> {
  for (const live of await loadSessions(core)) registry.add(live)
  const ledger = await openPayoutLedger(core)
  const problems = [...checkSessions(core.book, registry.all()), ...(await checkPayouts(core, ledger.records.values()))]
  const [first] = problems
  if (first !== undefined) throw damaged(first, { problems: problems.length })
  return ledger
}

/** Says when the book becomes read-only, and lets sessions go on that were held when it is no more. */
function watchDoubts({ book, log }: Core, registry: Registry, runner: Runner): void {
  const tell = (): void => {
    for (const { kind, found, next } of book.doubts.all()) log('bookReadOnly', { kind, found, next })
  }
  tell()
  book.doubts.watch(() => {
    tell()
    if (book.doubts.any) return
    log('bookExplained', {})
    for (const live of registry.all()) runner.drive(live)
  })
}

async function resume(
  { core, registry, payouts, holdings }: Running,
  { current = false }: ResumeOptions,
): Promise<void> {
  const damage = core.book.doubts.all().find(({ kind }) => kind === 'journalDamaged')
  if (damage !== undefined) throw damaged(damage.found)
  const nowMs = core.clock.wallMs()
  core.log('bookResumed', { doubts: core.book.doubts.all().length })
  // A doubt that only a lying node raised is none of the sessions' business.
  const isOlder = core.book.doubts.all().some(({ kind }) => kind === 'transferUnknown') || (await payouts.isAhead())
  for (const live of [...registry.all()]) {
    if (current && live.session.restored === true)
      await registry.feed(live, { type: 'confirmed', nowMs }, await releaseOps(core, live))
    if (!current && isOlder) await registry.feed(live, { type: 'restored', nowMs })
  }
  await holdings.excuse()
  await payouts.excuse()
}

/** What is older than the tail is verified while the coordinator serves. */
function auditOf({ store, crypto, timers, book, log }: Core, tail: Tail): Audit {
  return startAudit({
    store,
    crypto,
    timers,
    tail,
    onFinding(error) {
      log('bookDamaged', { code: error.code, why: error.message })
      book.doubts.raise(journalDamaged(error))
    },
  })
}

/** The registry; what is paid counts for the standings of both parties, in the same batch. */
function openRegistry(core: Core, standings: Standings): Registry {
  return createRegistry(core, (_live, before, after) => {
    if (after.state !== 'PAID' || before.state === 'PAID') return []
    core.metrics.add('sessions_paid_total')
    return standings.paid([after.agent, after.provider], after.settlement?.payableMicros ?? (0n as Micros))
  })
}

function performersOf(
  collecting: Collecting,
  debiting: Debiting,
  settling: Settling,
  refunds: ReturnType<typeof createRefunds>,
): Performers {
  const { core, registry, cosigner } = settling
  return {
    open: (live) => performOpen(core, registry, live),
    checkOpen: (live) => performCheckOpen(core, registry, live),
    probe: (live) => performProbe(debiting, live),
    askDebit: (live) => performAskDebit(debiting, live),
    checkpoint: (live) => performCheckpoint(debiting, live),
    watch: (live) => performWatch(debiting, live),
    contest: (live) => performContest(collecting, cosigner, live),
    rule: (live) => performRule(collecting, live),
    close: (live) => performClose(settling, live),
    cash: (live) => performCash(settling, live),
    askClose: (live) => performAskClose(settling, live),
    refund: (live) => refunds.perform(live),
    watchUnclosed: (live) => performWatchUnclosed(settling, live),
  }
}

async function serve(
  core: Core,
  handlers: readonly (readonly [StreamProtocol, StreamHandler])[],
): Promise<StreamProtocol[]> {
  for (const [protocol, handler] of handlers) await core.network.handle(protocol, handler)
  return handlers.map(([protocol]) => protocol)
}

async function end(running: Running): Promise<void> {
  const { core, registry, runner, cosigner, payouts, holdings, audit, served, stopConnects } = running
  stopConnects()
  await audit.stop()
  await holdings.stop()
  for (const protocol of served) await core.network.unhandle(protocol)
  runner.stop()
  cosigner.stop()
  await payouts.stop()
  await runner.idle()
  await registry.idle()
}

function statusOf({ core, registry, payouts, audit, payoutRecords }: Running): CoordinatorStatus {
  const sessions: Partial<Record<SessionState, number>> = {}
  for (const { session } of registry.all()) sessions[session.state] = (sessions[session.state] ?? 0) + 1
  return {
    peer: core.me,
    floatMicros: core.config.floatMicros,
    ...exposureOf(core.book),
    sessions,
    payoutsInFlight: payoutRecords().length,
    payoutTrouble: payouts.trouble,
    readOnly: core.book.doubts.all(),
    withheld: [...registry.all()].filter(({ session }) => isWithheld(session)).length,
    verifiedFrom: audit.from,
    counters: core.metrics.read(),
  }
}

async function viewOf({ registry }: Running, sessionId: Id): Promise<SessionView | undefined> {
  const session = registry.get(hex(sessionId))?.session ?? (await registry.finished(hex(sessionId)))
  if (session === undefined) return undefined
  const { state, frozen, collectedThrough, ackedThrough, debitedMicros, ceilingHeldMicros } = session
  const money = moneyOf(session, Grant.decode(session.grant))
  return { state, frozen, money, collectedThrough, ackedThrough, debitedMicros, ceilingHeldMicros }
}
