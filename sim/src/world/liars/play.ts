import { micros } from '@orien/protocol'
import { providerSessions } from '../audit/books.ts'
import { auditWork } from '../audit/work.ts'
import type { Rng } from '../kernel/rng.ts'
import type { Trace } from '../kernel/trace.ts'
import type { Party, Signatures } from '../parties/cast.ts'
import { agentHost, coordinatorHost, providerHost, type Bends } from '../parties/hosts.ts'
import type { WorldSettings } from '../parties/settings.ts'
import type { FaultKind } from '../ports/faults.ts'
import type { Stage, Violation } from '../run/stage.ts'
import { superviseHost } from '../run/supervisor.ts'
import { planTroubles } from '../run/troubles.ts'
import { createDriver, type Attempt, type Wishes } from '../run/workload.ts'
import { createGround, type Ground } from '../world.ts'
import { bendNetwork } from './bend.ts'
import { agentsSigned, coordinatorOwes, lossesOf, type Loss, type LossParts } from './losses.ts'
import { createObserver, type Observer } from './observer.ts'
import type { Bounds, Liar, LiarRole, Play, Strategy } from './strategy.ts'

export interface LiarOptions {
  readonly seed: number
  readonly strategy: Strategy
  readonly signatures: Signatures
  /** Low faults of network and power besides. */
  readonly faults: boolean
  readonly keepTrace?: number
}

/** What became of one world with a liar in it. */
export interface LiarResult {
  readonly strategy: string
  readonly seed: number
  /** The worst loss of somebody honest, and what the table lets that party lose. */
  readonly lostMicros: bigint
  readonly boundMicros: bigint
  /** Losses above what the design concedes to this lie, invariants of honest parties that broke, sessions of theirs left open. */
  readonly beyond: readonly string[]
  /** Rows of state machines that were taken. */
  readonly transitions: readonly string[]
  readonly traceHash: string
  readonly trace: readonly string[]
}

const MINUTE_MS = 60_000
const CALLS_PER_AGENT = 10
/** What a liar wants that has a plan with one provider. */
const EAGER_CALLS = 30
const LYING_MS = 5 * MINUTE_MS
const HEALED_MS = 130 * MINUTE_MS
/** A session, its collection and contest, and a proposal to leave without the coordinator. */
const UNFINISHED_MS = 20 * MINUTE_MS
const SLICE_MS = 15_000
const PLENTY_WINDOWS = 1_000n

/** Short times and small windows, so that a world is over soon and a bound is near. */
const SETTINGS: Partial<WorldSettings> = {
  sessionMs: 3 * MINUTE_MS,
  windowCalls: 1,
  pricePerMin: 60_000n,
  callCapMicros: micros(60_000n),
  payoutThresholdMicros: micros(0n),
  capacity: 4,
}
const TIMES = { collectMs: 4 * MINUTE_MS, contestMs: 3 * MINUTE_MS, chequeMs: 45 * MINUTE_MS }

/** Faults that cost nobody anything: what they delay or cut off is done again. */
const LOW_FAULTS: readonly FaultKind[] = [
  'network.delay',
  'network.duplication',
  'network.reordering',
  'channel.requestLost',
  'channel.answerLost',
  'chain.requestLost',
  'chain.answerLost',
  'chain.lagging',
  'crash.coordinator',
]

/** Runs one world in which one party, or a pair, lies; `onTrace` gets its trace at the start. */
export async function playLiar(options: LiarOptions, onTrace?: (trace: Trace) => void): Promise<LiarResult> {
  const { strategy, seed } = options
  const ground = await createGround({
    ...{ seed, signatures: options.signatures, settings: settingsOf(strategy) },
    faults: options.faults ? LOW_FAULTS : [],
    keepTrace: options.keepTrace ?? 0,
  })
  onTrace?.(ground.trace)
  const observer = createObserver(ground)
  const play = strategy.play(liarOf(strategy, ground, observer))
  const bounds = boundsOf(strategy, ground)
  const stage = setStage(strategy, ground, observer, play, bounds)
  for (const supervisor of stage.supervisors) supervisor.start()
  for (const driver of stage.drivers) driver.start()
  const troubles = planTroubles(stage, LYING_MS)
  play.start?.(stage)
  await ground.time.run(LYING_MS)
  troubles.heal()
  const left = await settle(strategy, stage)
  const parts: LossParts = {
    ...{ ground, observer, bounds, attempts: stage.attempts },
    conceded: strategy.concedes?.({ ...bounds, heldMicros: 0n - coordinatorOwes(ground) }) ?? {},
    // A call waits for its stream before it leaves: where streams are lost, the agent counts from before that.
    byTicks: strategy.keepsAway === true || strategy.cuts === true || options.faults,
    liars: liarsOf(strategy, ground),
  }
  const violations = [
    ...stage.violations,
    ...left,
    ...(play.check?.(stage) ?? []),
    ...(await audit(strategy, stage)),
    ...agentsSigned(parts),
  ]
  ground.end()
  return resultOf(strategy, ground, lossesOf(parts), violations)
}

function settingsOf({ settings }: Strategy): Partial<WorldSettings> {
  return { ...SETTINGS, ...settings }
}

function liarOf({ party }: Strategy, ground: Ground, observer: Observer): Liar {
  const { cast } = ground
  const [ada, bob] = cast.agents
  const [anvil, bellows] = cast.providers
  if (ada === undefined || bob === undefined || anvil === undefined || bellows === undefined)
    throw new RangeError('the cast has two of each')
  const me = party === 'coordinator' ? cast.coordinator : party === 'provider' ? anvil : ada
  const agent = me === ada ? bob : ada
  const provider = me === anvil || party === 'agent and provider' ? bellows : anvil
  return { ground, observer, me, agent, provider, rng: ground.rng.fork('liar') }
}

function liarsOf({ party }: Strategy, { cast }: Ground): ReadonlySet<string> {
  const names: Readonly<Record<LiarRole, readonly (Party | undefined)[]>> = {
    agent: [cast.agents[0]],
    provider: [cast.providers[0]],
    coordinator: [cast.coordinator],
    'agent and provider': [cast.agents[0], cast.providers[0]],
  }
  return new Set(names[party].map((one) => one?.name ?? ''))
}

function boundsOf({ maxUnpaidWindows = PLENTY_WINDOWS }: Strategy, { settings }: Ground): Bounds {
  const windowMicros = settings.callCapMicros * 2n * BigInt(settings.windowCalls)
  return { windowMicros, maxUnpaidMicros: windowMicros * maxUnpaidWindows, settings, heldMicros: 0n }
}

interface LiarWorld extends Stage {
  readonly liars: ReadonlySet<string>
}

function setStage(strategy: Strategy, ground: Ground, observer: Observer, play: Play, bounds: Bounds): LiarWorld {
  const { cast } = ground
  const liars = liarsOf(strategy, ground)
  const bends = bendsOf(liars, observer, play, bounds)
  const coordinator = coordinatorHost(ground, bends)
  const providers = cast.providers.map((party) => providerHost(ground, party, bends))
  const agents = cast.agents.map((party) => agentHost(ground, party, bends))
  const attempts: Attempt[] = []
  const wishes = wishesOf(strategy, ground)
  return {
    ...{ ground, coordinator, providers, agents, attempts, liars, violations: [] },
    drivers: agents.map((host) =>
      strategy.eager === true && liars.has(host.party.name)
        ? createDriver(ground, host, EAGER_CALLS, attempts, { ...wishes, provider: () => cast.providers[0]?.peer })
        : createDriver(ground, host, CALLS_PER_AGENT, attempts, wishes),
    ),
    supervisors: [coordinator, ...providers, ...agents].map((host) => superviseHost(ground, host, () => undefined)),
  }
}

/** Liars get what they asked for; honest agents are watched, honest providers capped. */
function bendsOf(liars: ReadonlySet<string>, observer: Observer, play: Play, bounds: Bounds): Bends {
  return {
    coordinator: (parts) => {
      const config = { ...parts.config, times: { ...parts.config.times, ...TIMES } }
      return play.coordinator?.({ ...parts, config }) ?? { ...parts, config }
    },
    provider: (of, party) => {
      const { maxUnpaidMicros } = bounds
      const config = { ...of.config, maxUnpaidMicros: micros(maxUnpaidMicros) }
      const capped = { ...of, config }
      return (liars.has(party.name) ? play.provider?.(capped, party) : undefined) ?? capped
    },
    agent: (of, party) => {
      if (liars.has(party.name)) return play.agent?.(of, party) ?? of
      return { ...of, parts: { ...of.parts, network: bendNetwork(of.parts.network, observer.watch(party.name)) } }
    },
  }
}

/** Calls go to both providers alike, so that an honest one finishes what a liar does not. */
function wishesOf({ workMs, unfinished }: Strategy, { cast, faults }: Ground): Wishes {
  return {
    // Under a coordinator that lies calls may never be done.
    enough: () => unfinished === true && faults.healed,
    provider: (rng: Rng) => rng.pick(cast.providers).peer,
    workMs: (rng: Rng) => workMs?.(rng) ?? (rng.chance(0.7) ? rng.between(1, 4_000) : rng.between(4_000, 25_000)),
  }
}

/** Honest programs finish, honest agents settle, and time passes until nothing of theirs is open. */
async function settle(strategy: Strategy, stage: LiarWorld): Promise<readonly Violation[]> {
  const { ground, agents, drivers, liars } = stage
  const untilMs = ground.time.nowMs + (strategy.unfinished === true ? UNFINISHED_MS : HEALED_MS)
  const until = async (holds: () => boolean): Promise<boolean> => {
    while (!holds() && ground.time.nowMs < untilMs) await ground.time.run(ground.time.nowMs + SLICE_MS)
    return holds()
  }
  const honest = agents.filter(({ party }) => !liars.has(party.name))
  const finished = (): boolean =>
    drivers.every(({ done, wanted }, at) => done >= wanted || liars.has(agents[at]?.party.name ?? ''))
  if (strategy.unfinished !== true) await until(finished)
  for (const host of agents) host.running?.settle().catch(() => undefined)
  await until(() => honest.every((host) => host.running !== undefined) && openOf(stage).length === 0)
  if (strategy.unfinished === true) return []
  const unfinished = finished() ? [] : ['calls of honest agents are not done']
  return [...unfinished, ...openOf(stage)].map((detail) => ({ invariant: 'othersGoOn', detail }))
}

/** Channels and sessions of honest agents that are not over. */
function openOf({ ground, agents, providers, coordinator, liars }: LiarWorld): string[] {
  const open: string[] = []
  const wallets = new Set<string>(
    agents.filter(({ party }) => !liars.has(party.name)).map(({ party }) => party.wallet.address),
  )
  for (const [id, { status, participants }] of ground.channels())
    if (status === 'open' && wallets.has(participants[0] ?? '')) open.push(`channel ${id.slice(0, 10)} is open`)
  for (const { party, running } of agents)
    if (!liars.has(party.name))
      for (const { session } of running?.sessions() ?? [])
        if (session.phase !== 'paid') open.push(`${party.name} has ${session.key.slice(0, 8)} ${session.phase}`)
  // Liars' own sessions settle too where the coordinator is honest; one whose wallet is gone stays closed and unpaid.
  for (const { party, running } of providers)
    if (!liars.has(party.name))
      for (const { key, phase } of running?.sessions() ?? [])
        if (phase !== 'paid' && phase !== 'closed') open.push(`${party.name} has ${key.slice(0, 8)} ${phase}`)
  if (!liars.has(coordinator.party.name)) {
    const status = coordinator.running?.status()
    if (status === undefined) open.push('the coordinator is down')
    else {
      for (const [state, count] of Object.entries(status.sessions))
        if (state !== 'CLOSED') open.push(`${count} sessions are ${state}`)
      if (status.payoutsInFlight > 0) open.push(`${status.payoutsInFlight} payouts are under way`)
      if (status.unpaidMicros > 0n) open.push(`${status.unpaidMicros} µUSDC are unpaid`)
    }
  }
  return open
}

/** What must hold of honest parties' books and tools. */
async function audit({ party }: Strategy, stage: LiarWorld): Promise<readonly Violation[]> {
  const { ground, coordinator, liars } = stage
  const violations: Violation[] = []
  if (party !== 'coordinator') {
    const checked = coordinator.running?.check()
    await ground.time.run(ground.time.nowMs)
    for (const detail of (await checked) ?? []) violations.push({ invariant: 'booksAddUp', detail })
  }
  const sessions = ground.cast.providers
    .filter(({ name }) => !liars.has(name))
    .flatMap(({ name }) => {
      const disk = ground.machines.get(name)?.disk
      return disk === undefined ? [] : providerSessions(ground.cast.scope, name, disk)
    })
  return [...violations, ...auditWork(stage, sessions)]
}

function resultOf(
  { name }: Strategy,
  { seed, trace, witness }: Ground,
  losses: readonly Loss[],
  violations: readonly Violation[],
): LiarResult {
  const worst = losses.reduce((most, one) => (one.lostMicros > most.lostMicros ? one : most))
  const beyond = losses
    .filter(({ lostMicros, concededMicros, boundMicros }) => lostMicros > concededMicros || lostMicros > boundMicros)
    .map(({ who, lostMicros, concededMicros, boundMicros }) => {
      const ruled = `conceded are ${concededMicros}, the bound is ${boundMicros}`
      return `${who} lost ${lostMicros} µUSDC: ${ruled}`
    })
  return {
    ...{ strategy: name, seed, traceHash: trace.hash(), trace: trace.lines },
    transitions: [...witness.rows].toSorted(),
    lostMicros: worst.lostMicros,
    boundMicros: worst.boundMicros,
    beyond: [...beyond, ...violations.map(({ invariant, detail }) => `${invariant}: ${detail}`)],
  }
}
