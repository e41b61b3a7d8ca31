import { hex, isOrienError, OrienError, type CancelTimer } from '@orien/protocol'
import type { Core } from '../core.ts'
import { keys } from '../keys.ts'
import type { Registry } from '../sessions/registry.ts'
import { followFlight, type Following } from './flight.ts'
import { isFinished } from './legs.ts'
import type { PayoutLedger } from './ledger.ts'
import { makePayout, type Making, type PayoutTrouble } from './make.ts'
import { createReconciler, type Reconciler } from './reconcile.ts'
import type { PayoutRecord } from './record.ts'
import { retryLegs } from './retry.ts'
import { isStatementPaid } from './set.ts'

/** Makes payouts, follows their transaction, and tells sessions when they are paid. */
export interface PayoutWorker {
  /** Throws `chainMismatch`, `badConfig`: nothing can ever be paid with this configuration. */
  start(): Promise<void>
  stop(): Promise<void>
  readonly trouble: PayoutTrouble | undefined
  /** Whether the gas key did more than the book knows, by one reading. Throws `unreachable`. */
  isAhead(): Promise<boolean>
  /** The operator answers for the transactions of the gas key that the book does not know. Throws `unreachable`. */
  excuse(): Promise<void>
}

/** A transaction in flight is looked after this often; blocks come every half second. */
const FLIGHT_MS = 1_000

export function createPayoutWorker(core: Core, registry: Registry, ledger: PayoutLedger): PayoutWorker {
  const onPaid = (record: PayoutRecord): Promise<void> => tellSessions(core, registry, record)
  const worker: Worker = {
    making: { core, ledger, onPaid, blame: (why) => (worker.trouble = why) },
    following: { core, ledger, onPaid, lostTurns: 0 },
    reconciler: createReconciler(core, ledger),
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
      requirePayable(core)
      try {
        await check(worker)
        // Twice: a single reading can be a lie, and what is found here stops everything.
        await worker.reconciler.look()
        await worker.reconciler.look()
      } catch (error) {
        if (!isOrienError(error, 'unreachable')) throw error
        worker.trouble = 'unreachable'
        core.log('payoutUnreachable', {})
      }
      await recoverSessions(core, registry, ledger, onPaid)
      schedule(worker)
    },
    isAhead: () => worker.reconciler.isAhead(),
    excuse: () => worker.reconciler.excuse(),
    async stop() {
      worker.stopped = true
      worker.cancel?.()
      await worker.running
    },
  }
}

/** A share that may not be paid would hold back every payout. Throws `badConfig`. */
function requirePayable({ config, chain }: Core): void {
  for (const name of ['platform', 'reserve'] as const) {
    if (chain.mayReceive(config[name])) continue
    throw new OrienError('badConfig', {
      message: `no payout may go to the address of ${name}: it is the treasury, the gas key or the chain's own`,
      details: { [name]: config[name] },
    })
  }
}

/** What a worker remembers between its turns; all of it can be lost. */
interface Worker {
  readonly making: Making
  readonly following: Following
  readonly reconciler: Reconciler
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
  const { core } = worker.making
  await check(worker)
  await followFlight(worker.following)
  if (worker.making.ledger.lane().flight !== undefined) return
  worker.trouble = undefined
  const found = await worker.reconciler.look()
  if (core.book.doubts.any) {
    worker.trouble = 'readOnly'
    await retryLegs(worker.making)
    return
  }
  if (found === 'ahead') return
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
