import {
  agentBoundMs,
  capNumerator,
  ceilMicros,
  floorMicros,
  hex,
  numerator,
  splitTotal,
  TIMES,
  utf8,
  DEFAULT_SPLIT,
  type Address,
} from '@orien/protocol'
import { providerSessions, type ProviderCall } from '../audit/books.ts'
import type { Party } from '../parties/cast.ts'
import { FUNDS } from '../parties/settings.ts'
import { worldTools, type ToolRun } from '../ports/tools.ts'
import type { Violation } from '../run/stage.ts'
import type { Attempt } from '../run/workload.ts'
import type { Ground } from '../world.ts'
import type { Observer, SeenCall, SeenSession } from './observer.ts'
import type { Bounds, Conceded } from './strategy.ts'

/** What one honest party lost, what DESIGN's table lets it lose at most, and what of that this lie is conceded. Micro-USDC. */
export interface Loss {
  readonly who: string
  readonly role: 'agent' | 'provider' | 'coordinator'
  readonly lostMicros: bigint
  readonly boundMicros: bigint
  readonly concededMicros: bigint
}

export interface LossParts {
  readonly ground: Ground
  readonly observer: Observer
  readonly attempts: readonly Attempt[]
  readonly bounds: Bounds
  readonly conceded: Conceded
  /** How a call without a receipt, or one whose agent crashed, is judged: by the tick rule. */
  readonly byTicks: boolean
  /** Those who lie. */
  readonly liars: ReadonlySet<string>
}

/** A session's total is floored once, and so is what its agent justifies. */
const ROUNDING_MICROS = 1n

/** Losses of everybody honest: from the ledger, the chain, the tools' true times and what agents sent and got; from nobody's balances. */
export function lossesOf(parts: LossParts): readonly Loss[] {
  const { ground, liars } = parts
  const { cast } = ground
  const honest = (party: Party): boolean => !liars.has(party.name)
  return [
    ...cast.agents.filter(honest).map((party) => agentLoss(parts, party)),
    ...cast.providers.filter(honest).map((party) => providerLoss(parts, party)),
    ...[cast.coordinator].filter(honest).map(() => coordinatorLoss(parts)),
  ]
}

/** The worst session of an agent: what its channel paid above what its own clock and caps justify. */
function agentLoss(parts: LossParts, { name, wallet }: Party): Loss {
  const { ground, observer, bounds, conceded } = parts
  const refunded = transfersTo(ground, wallet.address)
  let worst = 0n
  let sum = 0n
  let boundMicros = bounds.windowMicros + 1n
  for (const [id, { status, participants, capacity, allocations }] of ground.channels()) {
    if (participants[0] !== wallet.address) continue
    const seen = [...observer.sessions].find(([, one]) => one.channelId === id)
    const lost = status === 'open' ? forgotten(parts, name, seen?.[0]) * capacity : capacity - allocations.agentMicros
    const over = lost - justified(parts, seen?.[0])
    if (over <= 0n) continue
    sum += over
    if (over <= worst) continue
    worst = over
    if (seen !== undefined) boundMicros = askedWindow(seen[1]) + 1n
  }
  // Refunds are of all sessions together: what is left of the sum after them is no less than the worst session's share.
  const left = sum - refunded
  const lostMicros = least(worst, left > 0n ? left : 0n)
  return { who: name, role: 'agent', lostMicros, boundMicros, concededMicros: conceded.agentMicros ?? 0n }
}

function askedWindow({ windowMicros }: SeenSession): bigint {
  return windowMicros
}

/** 1 when an agent's disk knows nothing of a session whose channel is open: its money is there for nobody. */
function forgotten({ ground }: LossParts, agent: string, session: string | undefined): bigint {
  const keys = ground.machines.get(agent)?.disk.keys ?? []
  for (const key of keys)
    if (session !== undefined && (key === `fund/${session}` || key === `session/${session}`)) return 0n
  return 1n
}

function justified(parts: LossParts, session: string | undefined): bigint {
  const { ground, observer } = parts
  const prices = pricesOf(ground)
  let sum = 0n
  for (const call of observer.calls.values()) {
    if (call.session !== session) continue
    const price = prices.get(call.toolId) ?? 0n
    sum += least(price * BigInt(allowedMs(parts, call)), capNumerator(call.capMicros))
  }
  return ceilMicros(numerator(sum)) + ROUNDING_MICROS
}

/** The longest time that the agent's own clock bears out, and what it signed for. */
function allowedMs({ byTicks }: LossParts, { sentMs, arrivedMs, tickMs }: SeenCall): number {
  const byClock = arrivedMs === undefined ? 0 : agentBoundMs(arrivedMs - sentMs, 0)
  const tickRule = byTicks || arrivedMs === undefined ? tickMs + TIMES.tickAckMs : tickMs
  return Math.max(byClock, tickRule)
}

function pricesOf({ settings }: Ground): ReadonlyMap<string, bigint> {
  return new Map(worldTools(settings.pricePerMin).map((tool) => [tool.toolId, tool.priceMicrosPerMin]))
}

/** What a provider's tools ran for by the machine's own record, against what it was paid on the chain and in channels. */
function providerLoss({ ground, attempts, bounds, conceded }: LossParts, { name, wallet }: Party): Loss {
  const disk = ground.machines.get(name)?.disk
  const sessions = disk === undefined ? [] : providerSessions(ground.cast.scope, name, disk)
  const prices = pricesOf(ground)
  const runs = runsByArgs(ground, attempts, name)
  let owed = 0n
  for (const { calls } of sessions) {
    const sum = calls.reduce((all, call) => all + earned(call, prices, runs), 0n)
    owed += splitTotal(floorMicros(numerator(sum)), DEFAULT_SPLIT).providerMicros
  }
  const given = ground.witness.dust.get(wallet.address) ?? 0n
  const paid = ground.chain.balance(wallet.address) + ground.ledger.balance(wallet.address) - given
  const lost = owed - paid
  return {
    ...{ who: name, role: 'provider', boundMicros: bounds.maxUnpaidMicros },
    lostMicros: lost > 0n ? lost : 0n,
    concededMicros: conceded.providerMicros ?? 0n,
  }
}

function earned(call: ProviderCall, prices: ReadonlyMap<string, bigint>, runs: ReadonlyMap<string, ToolRun>): bigint {
  const { outcome, lastTick } = call.receipt.value
  const { toolId, capMicros, argsHash } = call.authorisation.value
  const run = runs.get(hex(argsHash))
  if (outcome === 'providerError' || outcome === 'notStarted' || run?.untilMs === undefined) return 0n
  const ranMs = Math.ceil(run.untilMs - run.fromMs)
  const billedMs = outcome === 'tickAck' ? Math.min(ranMs, (lastTick ?? 0) + TIMES.tickAckMs) : ranMs
  return least((prices.get(toolId) ?? 0n) * BigInt(billedMs), capNumerator(capMicros))
}

/** Whole runs at a provider, by the hash of their arguments. */
function runsByArgs(
  { runs, cast }: Ground,
  attempts: readonly Attempt[],
  provider: string,
): ReadonlyMap<string, ToolRun> {
  const found = new Map<string, ToolRun>()
  const labels = new Map(attempts.map(({ work }) => [work.label, work]))
  for (const run of runs) {
    const work = labels.get(run.label)
    if (run.provider !== provider || run.untilMs === undefined || work === undefined) continue
    found.set(hex(cast.crypto.crypto.sha256(utf8(JSON.stringify(work)))), run)
  }
  return found
}

/** It never pays out more than its channels paid it. */
function coordinatorLoss({ ground }: LossParts): Loss {
  const lost = coordinatorOwes(ground)
  return {
    ...{ who: ground.cast.coordinator.name, role: 'coordinator', boundMicros: 0n, concededMicros: 0n },
    lostMicros: lost > 0n ? lost : 0n,
  }
}

/** What the coordinator paid out on the chain, less what channels paid it; negative while it holds money of others. */
export function coordinatorOwes({ cast, chain, ledger, witness }: Ground): bigint {
  const { address } = cast.coordinator.wallet
  const paidOut = FUNDS.treasuryMicros - chain.balance(cast.treasury.wallet.address)
  return paidOut - (ledger.balance(address) - (witness.dust.get(address) ?? 0n))
}

/** What others sent a wallet in the ledger. */
function transfersTo({ ledger }: Ground, wallet: Address): bigint {
  let sum = 0n
  for (const { kind, micros } of ledger.ledger.movements.get(wallet) ?? [])
    if (kind === 'transfer' && micros > 0n) sum += micros
  return sum
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

/** What honest agents must never sign, whatever it costs them. */
export function agentsSigned(parts: LossParts): readonly Violation[] {
  const { ground, observer } = parts
  const violations: Violation[] = []
  const complain = (invariant: string, detail: string): void => void violations.push({ invariant, detail })
  for (const session of observer.attached)
    if (!observer.sessions.has(session)) complain('grantIsQuoted', `${session.slice(0, 8)} was never quoted`)
  for (const [session, { channelId, allowanceMicros }] of observer.sessions) {
    const { capacity } = ground.channelOf(channelId)
    if (capacity > allowanceMicros)
      complain('asksNoMore', `${session.slice(0, 8)} holds ${capacity}, asked for were ${allowanceMicros}`)
  }
  const highest = new Map<string, bigint>()
  for (const { session, version, totalMicros, standing } of observer.debits) {
    const of = `the debit of ${session.slice(0, 8)}`
    if (totalMicros > justified(parts, session)) complain('debitIsOwed', `${of} is ${totalMicros}`)
    if (totalMicros < (highest.get(session) ?? 0n)) complain('totalNeverFalls', `${of} falls to ${totalMicros}`)
    highest.set(session, totalMicros)
    if (version > standing + 1) complain('versionIsNext', `${of} is of version ${version} on ${standing}`)
  }
  return violations
}
