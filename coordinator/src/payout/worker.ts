import type { SignedLeg } from '@orien/node/rails'
import { hex, isOrienError, payoutIdOf, type CancelTimer, type PayoutLeg } from '@orien/protocol'
import { refused, type Core } from '../core.ts'
import { keys } from '../keys.ts'
import { COORDINATOR_LIMITS } from '../limits.ts'
import { payoutTaken } from '../ledger/postings.ts'
import type { Registry } from '../sessions/registry.ts'
import { countPaid, followFlight, type Following } from './flight.ts'
import { applyForeign, isFinished, outstandingOf, postpone, readingEvent } from './legs.ts'
import type { Candidate, PayoutLedger } from './ledger.ts'
import type { Flight, PayoutLegRecord, PayoutRecord } from './record.ts'
import { formSet, isDue, isStatementPaid, legNonce } from './set.ts'
import { LAUNCH_ROWS, legRow } from './steps.ts'

/** Why no payout is made although some are due. */
export type PayoutTrouble = 'chainMismatch' | 'unreachable' | 'treasuryLow' | 'gasLow'

/** Makes payouts, follows their transaction, and tells sessions when they are paid. */
export interface PayoutWorker {
  /** Throws `chainMismatch`: nothing can ever be paid with this configuration. */
  start(): Promise<void>
  stop(): Promise<void>
  readonly trouble: PayoutTrouble | undefined
}

/** A transaction in flight is looked after this often; blocks come every half second. */
const FLIGHT_MS = 1_000

export function createPayoutWorker(core: Core, registry: Registry, ledger: PayoutLedger): PayoutWorker {
  const onPaid = (record: PayoutRecord): Promise<void> => tellSessions(core, registry, record)
  const worker: Worker = {
    making: { core, ledger, onPaid, blame: (why) => (worker.trouble = why) },
    following: { core, ledger, onPaid, lostTurns: 0 },
    cancel: undefined,
    running: Promise.resolve(),
    stopped: false,
    checked: false,
    retriedLast: false,
    trouble: undefined,
  }
  return {
    get trouble() {
      return worker.trouble
    },
    async start() {
      try {
        await check(worker)
      } catch (error) {
        if (!isOrienError(error, 'unreachable')) throw error
        worker.trouble = 'unreachable'
        core.log('payoutUnreachable', {})
      }
      await recoverSessions(core, registry, ledger, onPaid)
      schedule(worker)
    },
    async stop() {
      worker.stopped = true
      worker.cancel?.()
      await worker.running
    },
  }
}

/** What a worker remembers between its turns; all of it can be lost. */
interface Worker {
  readonly making: Making
  readonly following: Following
  cancel: CancelTimer | undefined
  running: Promise<void>
  stopped: boolean
  /** The chain was found right, and every answer since came. */
  checked: boolean
  retriedLast: boolean
  trouble: PayoutTrouble | undefined
}

function schedule(worker: Worker): void {
  const { core, ledger } = worker.making
  const { everyMs } = core.config.payout
  const delayMs = ledger.lane().flight === undefined ? everyMs : Math.min(everyMs, FLIGHT_MS)
  worker.cancel = core.timers.after(delayMs, () => {
    worker.running = guardedTurn(worker)
  })
}

async function guardedTurn(worker: Worker): Promise<void> {
  const { core } = worker.making
  try {
    await turn(worker)
  } catch (error) {
    const code = isOrienError(error) ? error.code : 'internal'
    // Whoever answers next may be another chain: it is checked before anything more is sent.
    worker.checked = false
    worker.trouble = code === 'chainMismatch' ? 'chainMismatch' : 'unreachable'
    core.log('payoutFailed', { code })
  }
  if (!worker.stopped && core.book.failure === undefined) schedule(worker)
}

/** At most one transaction is in flight: it is followed before anything new is made. */
async function turn(worker: Worker): Promise<void> {
  await check(worker)
  await followFlight(worker.following)
  if (worker.making.ledger.lane().flight !== undefined) return
  worker.trouble = undefined
  // A recipient that is blocked must not hold up others, nor be forgotten for them.
  const order = worker.retriedLast ? [makePayout, retryLegs] : [retryLegs, makePayout]
  for (const attempt of order) {
    if (!(await attempt(worker.making))) continue
    worker.retriedLast = attempt === retryLegs
    return
  }
}

async function check(worker: Worker): Promise<void> {
  if (worker.checked) return
  await worker.making.core.chain.check()
  worker.checked = true
}

/** Sessions whose every leg is paid. Told again after a crash; telling twice changes nothing. */
async function tellSessions(core: Core, registry: Registry, record: PayoutRecord): Promise<void> {
  const { platform, reserve } = core.config
  for (const statement of record.statements) {
    const live = registry.get(hex(statement.sessionId))
    // A payout made before the operator changed an address pays the old one: what is paid whole is paid.
    const paid = isFinished(record) || isStatementPaid(statement, record.legs, { platform, reserve })
    if (live === undefined || !paid) continue
    await registry.feed(live, { type: 'payoutDone', nowMs: core.clock.wallMs(), statementId: statement.statementId })
  }
}

interface Making {
  readonly core: Core
  readonly ledger: PayoutLedger
  readonly onPaid: (record: PayoutRecord) => Promise<void>
  readonly blame: (why: PayoutTrouble) => void
}

/** Makes and sends the next payout if one is due. True when a transaction is in flight. */
async function makePayout(making: Making): Promise<boolean> {
  const { core, ledger } = making
  const { payout, platform, reserve } = core.config
  const nowMs = core.clock.wallMs()
  const candidates = await ledger.candidates(nowMs, COORDINATOR_LIMITS.maxPayoutStatements)
  if (!isDue(candidates, nowMs, payout.thresholdMicros, payout.maxAgeMs)) return false
  const means = await meansOf(making)
  if (means === undefined) return false
  const set = formSet(
    candidates,
    { platform, reserve },
    {
      maxLegs: means.maxLegs,
      maxStatements: COORDINATOR_LIMITS.maxPayoutStatements,
      availableMicros: means.availableMicros,
    },
  )
  if (set.statements.length === 0) {
    making.blame('treasuryLow')
    core.log('payoutTreasuryLow', { waiting: candidates.length })
    return false
  }
  const payoutId = payoutIdOf(
    core.crypto,
    set.statements.map(({ statementId }) => statementId),
  )
  const signed = await signAttempts(
    core,
    payoutId,
    set.legs.map((leg) => ({ ...leg, attempt: 1 })),
  )
  const record: PayoutRecord = { payoutId, createdMs: nowMs, statements: set.statements.map(plain), legs: signed }
  await launch(making, record, signed, means.feeWei, candidates.slice(0, set.statements.length))
  return true
}

interface Means {
  readonly availableMicros: bigint
  readonly maxLegs: number
  readonly feeWei: bigint
}

/** What can be paid now: the treasury less one unit and what signed legs may still take, and the legs that the gas key affords. */
async function meansOf({ core, ledger, blame }: Making): Promise<Means | undefined> {
  const { treasuryMicros, gasWei } = await core.chain.balances()
  const feeWei = await core.chain.feeWei()
  let maxLegs = Math.min(core.config.payout.maxLegs, COORDINATOR_LIMITS.maxPayoutLegs)
  while (maxLegs > 0 && gasWei < core.chain.gasLimit(maxLegs) * feeWei) maxLegs -= 1
  if (maxLegs === 0) {
    blame('gasLow')
    core.log('payoutGasLow', {})
    return undefined
  }
  return { availableMicros: treasuryMicros - 1n - outstandingOf(ledger.records.values()), maxLegs, feeWei }
}

/** Signs legs for an attempt each, good until chain time + validMs. */
async function signAttempts(
  core: Core,
  payoutId: Uint8Array,
  legs: readonly (PayoutLeg & { readonly attempt: number })[],
): Promise<readonly PayoutLegRecord[]> {
  const { chainId, token, payout } = core.config
  const { treasury } = core.chain
  const validBeforeS = (await core.chain.chainTimeS()) + Math.ceil(payout.validMs / 1_000)
  const drafts = legs.map(({ recipient, micros, attempt }) => ({
    recipient,
    micros,
    nonce: legNonce({ chainId, token, treasury, payoutId, recipient, attempt }),
    validBeforeS,
  }))
  const signed = await core.chain.signLegs(drafts)
  return signed.map((leg, at) => ({
    ...leg,
    attempt: legs[at]?.attempt ?? 1,
    state: 'sent',
    failures: 0,
    retryAtMs: 0,
  }))
}

/** Makes the transaction, makes it durable with everything it pays, and only then sends it. */
async function launch(
  { core, ledger }: Making,
  record: PayoutRecord,
  legs: readonly SignedLeg[],
  feeWei: bigint,
  taken: readonly Candidate[] = [],
): Promise<void> {
  const accountNonce = Math.max(ledger.lane().nextNonce, await core.chain.nextAccountNonce())
  const transaction = await core.chain.draftBatch(legs, accountNonce, feeWei)
  const flight: Flight = {
    payoutId: record.payoutId,
    recipients: legs.map(({ recipient }) => recipient),
    transactions: [transaction],
    madeMs: core.clock.wallMs(),
  }
  const id = hex(record.payoutId)
  const moves = taken.flatMap(({ split, payoutWallet }) => payoutTaken(id, split, payoutWallet))
  await ledger.save({
    record,
    finished: false,
    lane: { nextNonce: accountNonce + 1, flight },
    postings: moves.length === 0 ? [] : [{ kind: 'payout', ref: id, moves }],
    taken,
  })
  core.metrics.took([taken.length > 0 ? LAUNCH_ROWS.launched : LAUNCH_ROWS.relaunched])
  core.metrics.add('payout_transactions_total')
  core.log('payoutSent', { payout: id, transaction: transaction.hash, legs: legs.length })
  await core.chain.send(transaction)
}

/** Looks at legs that failed: paid by others, out of date, or to be sent again. True when a transaction is in flight. */
async function retryLegs(making: Making): Promise<boolean> {
  const { core, ledger } = making
  for (const record of ledger.records.values()) {
    const due = record.legs.filter(({ state, retryAtMs }) => state === 'blocked' && retryAtMs <= core.clock.wallMs())
    if (due.length > 0 && (await retryPayout(making, record, due))) return true
  }
  return false
}

async function retryPayout(making: Making, before: PayoutRecord, due: readonly PayoutLegRecord[]): Promise<boolean> {
  const { core, ledger } = making
  let record = before
  const again: PayoutLegRecord[] = []
  for (const leg of due) {
    const reading = await core.chain.authorization(leg)
    const row = legRow(leg.state, readingEvent(leg, reading))
    if (row === undefined) continue
    core.metrics.took([row])
    switch (row.effect) {
      case 'book': {
        const transaction = reading.paidBy ?? ''
        const change = applyForeign(record, leg, transaction)
        record = change.record
        await ledger.save({
          record,
          finished: isFinished(record),
          postings: change.postings,
          paid: { transaction, legs: [leg] },
        })
        countPaid(core, [leg])
        await making.onPaid(record)
        break
      }
      case 'sendAgain':
        again.push(leg)
        break
      case 'newAttempt': {
        const [next] = await signAttempts(core, record.payoutId, [{ ...leg, attempt: leg.attempt + 1 }])
        if (next === undefined) throw refused('internal', 'a leg was not signed')
        again.push({ ...next, failures: leg.failures })
        break
      }
      case 'wait':
        core.log('payoutUnproved', { payout: hex(record.payoutId), recipient: leg.recipient })
        record = postpone(record, leg, core.clock.wallMs() + core.config.payout.maxRetryMs)
        await ledger.save({ record, finished: false, postings: [] })
        break
    }
  }
  if (again.length === 0) return false
  const means = await meansOf(making)
  if (means === undefined) return false
  const sent = again.slice(0, means.maxLegs).map((leg): PayoutLegRecord => ({ ...leg, state: 'blocked' }))
  const legs = record.legs.map((leg) => sent.find(({ recipient }) => recipient === leg.recipient) ?? leg)
  await launch(making, { ...record, legs }, sent, means.feeWei)
  return true
}

function plain({
  statementId,
  sessionId,
  split,
  payoutWallet,
}: PayoutRecord['statements'][number]): PayoutRecord['statements'][number] {
  return { statementId, sessionId, split, payoutWallet }
}

/** Sessions whose payout was proved before a crash, and who were not told. */
async function recoverSessions(
  core: Core,
  registry: Registry,
  ledger: PayoutLedger,
  tell: (record: PayoutRecord) => Promise<void>,
): Promise<void> {
  for (const { session } of [...registry.all()]) {
    const { settlement } = session
    if (session.state !== 'CLOSED' || settlement === undefined || settlement.payoutDone) continue
    const payoutId = await core.store.get(keys.taken(hex(settlement.statementId)))
    const record = payoutId === undefined ? undefined : await ledger.find(hex(payoutId))
    if (record !== undefined) await tell(record)
  }
}
