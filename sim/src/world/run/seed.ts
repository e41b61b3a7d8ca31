import { auditAccounts } from '../audit/accounts.ts'
import { auditStarts, watchBlame } from '../audit/blame.ts'
import { providerSessions } from '../audit/books.ts'
import { auditCheques } from '../audit/cheques.ts'
import { auditEvidence } from '../audit/evidence.ts'
import { auditMoney, auditSupply } from '../audit/money.ts'
import { watchWord } from '../audit/word.ts'
import { auditWork } from '../audit/work.ts'
import type { Trace } from '../kernel/trace.ts'
import type { FaultKind } from '../ports/faults.ts'
import type { WorldOptions } from '../world.ts'
import { setStage, type Stage, type Violation } from './stage.ts'
import { createOperator } from './operator.ts'
import { planRestore } from './restore.ts'
import { planTroubles } from './troubles.ts'

/** What became of one world. */
export interface SeedResult {
  readonly seed: number
  readonly calls: number
  readonly attempts: number
  readonly events: number
  readonly ioPoints: number
  readonly cuts: number
  readonly virtualMs: number
  readonly faults: Readonly<Record<FaultKind, number>>
  readonly transitions: readonly string[]
  readonly violations: readonly Violation[]
  /** What is not over although nothing goes wrong any more. */
  readonly unsettled: readonly string[]
  readonly traceHash: string
  readonly trace: readonly string[]
}

export interface SeedOptions extends WorldOptions {
  /** Calls each agent wants done. */
  readonly callsPerAgent?: number
  /** How long things go wrong, ms. */
  readonly faultyMs?: number
  /** How long everything owed may take to settle afterwards, ms. */
  readonly healedMs?: number
  /** The coordinator is started on a back-up in between: payouts may be made twice then, so only what tools did and the ledger's sum are audited. */
  readonly restored?: boolean
  /** The first violation ends the world: nobody wants to know more. */
  readonly failFast?: boolean
  /** Keep of the trace only what led to the first violation. */
  readonly traceToViolation?: boolean
}

export const CALLS_PER_AGENT = 16
const SLICE_MS = 5_000
const BOOKED_MS = 240_000
/** Everything that is owed is settled by then, once nothing goes wrong any more: a session, its collection, its contest, its payout. */
const HEALED_MS = 6 * 3_600_000
/** What was stamped by a clock a day ahead waits as much longer. */
const DAY_MS = 24 * 3_600_000

/** Runs one world; `onTrace` gets its trace at the start, so that there is one of a world that breaks. */
export async function runSeed(options: SeedOptions, onTrace?: (trace: Trace) => void): Promise<SeedResult> {
  const stage = await setStage(options, options.callsPerAgent ?? CALLS_PER_AGENT)
  const { ground } = stage
  onTrace?.(ground.trace)
  if (options.traceToViolation === true) ground.trace.keepWhile(() => stage.violations.length === 0)
  const restored = options.restored === true
  if (!restored) {
    watchBlame(stage)
    watchWord(ground, stage.violations)
  }
  for (const supervisor of stage.supervisors) supervisor.start()
  for (const driver of stage.drivers) driver.start()
  const faultyMs = options.faultyMs ?? ground.rng.fork('length').between(3, 8) * 60_000
  const troubles = planTroubles(stage, faultyMs)
  if (restored) planRestore(stage, faultyMs)
  await ground.time.run(faultyMs)
  troubles.heal()
  const done = await settle(stage, options)
  if (done) await audit(stage, restored)
  ground.end()
  return resultOf(stage, done)
}

/** Everything that must hold at the end, from records that no party's books can change. */
async function audit(stage: Stage, restored: boolean): Promise<void> {
  const { ground, coordinator, violations } = stage
  // What strangers gave last is booked when the wallet is looked at next, and looked at again.
  await ground.time.run(ground.time.nowMs + BOOKED_MS)
  const checked = coordinator.running?.check()
  await ground.time.run(ground.time.nowMs)
  for (const problem of (await checked) ?? []) violations.push({ invariant: 'booksAddUp', detail: problem })
  const sessions = ground.cast.providers.flatMap(({ name }) => {
    const disk = ground.machines.get(name)?.disk
    return disk === undefined ? [] : providerSessions(ground.cast.scope, name, disk)
  })
  violations.push(...auditSupply(stage), ...auditWork(stage, sessions), ...auditCheques(stage))
  if (!restored) violations.push(...auditMoney(stage, sessions), ...auditAccounts(stage), ...auditEvidence(stage))
}

/** The programs finish their calls, the agents settle, and time passes until nothing is owed by anybody. */
async function settle(
  stage: Stage,
  { healedMs = HEALED_MS, failFast = false, restored = false }: SeedOptions,
): Promise<boolean> {
  const { ground, agents, drivers } = stage
  const { time } = ground
  const operator = createOperator(stage, restored)
  const jumped = (ground.faults.counts.get('clock.jump') ?? 0) > 0
  const untilMs = time.nowMs + healedMs + (jumped ? DAY_MS : 0)
  const until = async (holds: () => boolean): Promise<boolean> => {
    while (!holds() && time.nowMs < untilMs && !(failFast && stage.violations.length > 0)) {
      await time.run(time.nowMs + SLICE_MS)
      operator.look()
      auditStarts(stage)
    }
    return holds()
  }
  await until(() => drivers.every(({ done, wanted }) => done >= wanted))
  await until(() => agents.every((host) => host.running !== undefined))
  for (const host of agents) host.running?.settle().catch(() => undefined)
  return until(() => operator.done && (restored ? restoredPending(stage) : pendingOf(stage)).length === 0)
}

/** What is not over yet, one line each. */
function pendingOf({ coordinator, providers, agents, drivers }: Stage): string[] {
  const pending: string[] = []
  for (const { done, wanted } of drivers) if (done < wanted) pending.push(`${wanted - done} calls are not done`)
  const status = coordinator.running?.status()
  if (status === undefined) return ['the coordinator is down']
  for (const [state, count] of Object.entries(status.sessions)) pending.push(`${count} sessions are ${state}`)
  if (status.payoutsInFlight > 0) pending.push(`${status.payoutsInFlight} payouts are under way`)
  if (status.unpaidMicros > 0n) pending.push(`${status.unpaidMicros} µUSDC are unpaid`)
  for (const { party, running } of providers) {
    if (running === undefined) pending.push(`${party.name} is down`)
    else
      for (const { key, phase } of running.sessions())
        if (!isOver({ phase })) pending.push(`${party.name} has ${key.slice(0, 8)} ${phase}`)
  }
  for (const { party, running } of agents) {
    if (running === undefined) pending.push(`${party.name} is down`)
    else
      for (const { session } of running.sessions())
        pending.push(`${party.name} has ${session.key.slice(0, 8)} ${session.phase}`)
  }
  return pending
}

/**
 * What a book that was restored must come to by itself: its sessions are over or withheld, and it signs again. What was begun after the back-up, and money
 * that may have been paid already, are left to people (coordinator/README.md).
 */
function restoredPending({ coordinator, providers, drivers }: Stage): string[] {
  const pending: string[] = []
  for (const { done, wanted } of drivers) if (done < wanted) pending.push(`${wanted - done} calls are not done`)
  const status = coordinator.running?.status()
  if (status === undefined) return ['the coordinator is down']
  if (status.readOnly.length > 0) pending.push('the book is read-only')
  for (const [state, count] of Object.entries(status.sessions))
    if (state !== 'CLOSED') pending.push(`${count} sessions are ${state}`)
  for (const { party, running } of providers) if (running === undefined) pending.push(`${party.name} is down`)
  return pending
}

function isOver({ phase }: { readonly phase: string }): boolean {
  return phase === 'paid' || phase === 'closed'
}

function resultOf(stage: Stage, done: boolean): SeedResult {
  const { ground, attempts, violations } = stage
  const { witness, trace, time, faults } = ground
  const calls = attempts.filter(({ outcome }) => typeof outcome === 'object' && 'receipt' in outcome).length
  return {
    seed: ground.seed,
    calls,
    attempts: attempts.length,
    events: time.events,
    ioPoints: witness.ioPoints,
    cuts: witness.cuts,
    virtualMs: time.nowMs,
    faults: Object.fromEntries(faults.counts) as Record<FaultKind, number>,
    transitions: [...witness.rows].sort(),
    violations,
    unsettled: done ? [] : pendingOf(stage),
    traceHash: trace.hash(),
    trace: trace.lines,
  }
}
