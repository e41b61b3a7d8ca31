import { createMemoryHub, createMemoryNetwork, offerRecords, type MemoryHub, type Network } from '@orien/node/network'
import {
  memoryChain,
  memoryChannelNetwork,
  memoryChannelRail,
  type Allocations,
  type ChannelRails,
  type MemoryChain,
  type MemoryChannelNetwork,
  type SignedLeg,
} from '@orien/node/rails'
import { micros, OrienError, type Address } from '@orien/protocol'
import { Machine, START_MS, type IoPoint, type Life } from './kernel/machine.ts'
import { createRng, type Rng } from './kernel/rng.ts'
import { WorldTime } from './kernel/time.ts'
import { createTrace, type Trace } from './kernel/trace.ts'
import { castOf, type Cast, type Party, type Signatures } from './parties/cast.ts'
import { drawSettings, FUNDS, type WorldSettings } from './parties/settings.ts'
import { connectLedger } from './ports/channel.ts'
import { createFaults, type FaultKind, type Faults } from './ports/faults.ts'
import { lifeNetwork, type SentFrame } from './ports/network.ts'
import type { ToolRun } from './ports/tools.ts'
import { createWire, type WorldWire } from './ports/wire.ts'

export interface WorldOptions {
  readonly seed: number
  readonly signatures: Signatures
  /** Exactly these faults; those the seed draws when absent. */
  readonly faults?: readonly FaultKind[]
  /** Power is cut at the I/O point of this number, wherever that is. */
  readonly cutAt?: number
  /** At each I/O point power is cut with this probability, until everything is healed. */
  readonly cutChance?: number
  /** Faults of chance happen so many times as often as usual. */
  readonly faultsOften?: number
  /** What of the settings the seed does not draw. */
  readonly settings?: Partial<WorldSettings>
  /** Keep so many lines of the trace. */
  readonly keepTrace?: number
}

/** What a party told its log. */
export interface LogLine {
  readonly who: string
  readonly event: string
  readonly fields: Readonly<Record<string, string | number | boolean>>
}

/** Everything a world is made of besides its parties: one clock, one network, one ledger, one chain, and what is seen of it all. */
export interface Ground {
  readonly seed: number
  readonly rng: Rng
  readonly time: WorldTime
  readonly trace: Trace
  readonly faults: Faults
  readonly settings: WorldSettings
  readonly cast: Cast
  readonly hub: MemoryHub
  readonly wire: WorldWire
  readonly ledger: MemoryChannelNetwork
  readonly chain: MemoryChain
  /** By party name. */
  readonly machines: ReadonlyMap<string, Machine>
  readonly runs: ToolRun[]
  readonly witness: Witness
  channelOf(id: string): LedgerChannelView
  channels(): Iterable<readonly [string, LedgerChannelView]>
  /** A party's place in the network for a new life. */
  join(party: Party, machine: Machine, life: Life, dialable: boolean): Network
  railsOf(party: Party): ChannelRails
  /** Calls back when a life ends, or with the world. */
  onEnd(life: Life, tell: () => void): void
  /** The world is over. */
  end(): void
  log(who: string, life: Life): (event: string, fields: LogLine['fields']) => void
}

/** A channel as the ledger has it, with what was put in. */
export interface LedgerChannelView {
  readonly status: 'absent' | 'open' | 'closed'
  readonly participants: readonly Address[]
  readonly capacity: bigint
  readonly allocations: Allocations
}

/** What is seen of a world from outside. */
export interface Witness {
  ioPoints: number
  cuts: number
  /** What strangers gave to each wallet in the channel ledger. */
  readonly dust: Map<string, bigint>
  /** Channels that agent and provider moved on their own. */
  readonly foreign: Set<string>
  /** Who else than the coordinator asked to close a channel, by an Exit. */
  readonly exited: Set<string>
  /** Agents whom an old stream of the coordinator asked once more to sign. */
  readonly askedAgain: Set<string>
  /** Legs of every payout transaction that was drafted, by its hash; and by nonce those that anybody could see. */
  readonly drafted: Map<string, readonly SignedLeg[]>
  readonly sent: Map<string, SignedLeg>
  /** Rows of state machines that were taken, by `machine/row`. */
  readonly rows: Set<string>
  onFrame: (sent: SentFrame) => void
  onLog: (line: LogLine) => void
}

export async function createGround(options: WorldOptions): Promise<Ground> {
  const { seed, signatures } = options
  const rng = createRng(seed)
  const cast = await castOf(signatures)
  const time = new WorldTime()
  const trace = createTrace({ nowMs: () => time.nowMs, keep: options.keepTrace ?? 0 })
  const faults = createFaults(rng.fork('faults'), options.faults, options.faultsOften)
  const settings = { ...drawSettings(rng.fork('settings')), ...options.settings }
  const clock = { wallMs: () => Math.floor(START_MS + time.nowMs), monoMs: () => time.nowMs }
  const ledger = memoryChannelNetwork({
    clock,
    signatures: cast.signatures,
    debitMovesBase: settings.debitMovesBase,
    tornReadings: true,
  })
  const chain = memoryChain({ clock, signatures: cast.signatures })
  const witness = newWitness()
  const wire = createWire({ time, rng: rng.fork('wire'), faults, hub: () => hub })
  const hub = createMemoryHub({ timers: time, wire })
  const machines = createMachines(options, { cast, time, trace, rng, faults, witness })
  const ground: Ground = {
    ...endings(),
    ...{ seed, rng, time, trace, faults, settings, cast, hub, wire, ledger, chain, machines, witness },
    runs: [],
    channelOf: (id) => viewOf(ledger, id),
    channels: () => [...ledger.ledger.channels.keys()].map((id) => [id, viewOf(ledger, id)] as const),
    join: (party, machine, life, dialable) => join(ground, party, machine, life, dialable),
    railsOf: ({ wallet }) => {
      const rail = memoryChannelRail(ledger, wallet)
      return { use: () => Promise.resolve(rail), stop: () => Promise.resolve() }
    },
    log: (who, life) => (event, fields) => {
      if (!life.alive) return
      trace.add(who, `log ${event} ${Object.values(fields).map(short).join(' ')}`)
      if (event === 'callState') witness.rows.add(`call/${fields['from']}/${fields['on']}`)
      witness.onLog({ who, event, fields })
    },
  }
  fund(ground)
  const walletMachines = new Map(cast.all.map(({ name, wallet }) => [wallet.address, machines.get(name)] as const))
  connectLedger(ledger, {
    ...{ time, trace, faults },
    rng: rng.fork('channel'),
    machineOf: (wallet: Address) => walletMachines.get(wallet),
    onClose: (who) => {
      if (who !== cast.coordinator.name) witness.exited.add(who)
    },
  })
  return ground
}

/** Clocks run up to half a percent fast or slow. The protocol bears a thousandth; more costs whoever has it. */
const PACES = [0.995, 0.9995, 1.0005, 1.005] as const

/** Who wants to be told when a life ends, or the world does. */
function endings(): Pick<Ground, 'onEnd' | 'end'> {
  const ends = new Set<() => void>()
  return {
    onEnd(life, tell) {
      const once = (): void => {
        if (ends.delete(once)) tell()
      }
      ends.add(once)
      void life.ended.then(once)
    },
    end() {
      for (const one of ends) one()
    },
  }
}

type MachineParts = Pick<Ground, 'cast' | 'time' | 'trace' | 'rng' | 'faults' | 'witness'>

function createMachines(
  { cutAt, cutChance = 0 }: WorldOptions,
  { cast, time, trace, rng, faults, witness }: MachineParts,
): Map<string, Machine> {
  const diskRng = rng.fork('disk')
  const cutRng = rng.fork('cuts')
  const point = (_point: IoPoint): boolean =>
    witness.ioPoints++ === cutAt || (cutChance > 0 && !faults.healed && cutRng.chance(cutChance))
  const disk = (): number => {
    if (faults.roll('store.full', 0.004)) throw new OrienError('storeFull', { message: 'the disk is full' })
    return diskRng.chance(0.1) ? diskRng.between(1, 40) : diskRng.between(0, 3)
  }
  const onTornFlush = (): void => {
    if (faults.has('store.crashInFlush')) faults.hit('store.crashInFlush')
  }
  const machines = [cast.coordinator, ...cast.providers, ...cast.agents].map(({ name }) => {
    const machine = new Machine(name, { time, trace, point, disk, onTornFlush }, rng.fork(`machine/${name}`))
    if (faults.roll('clock.drift', 0.5)) machine.pace = diskRng.pick(PACES)
    return [name, machine] as const
  })
  return new Map(machines)
}

function newWitness(): Witness {
  return {
    ...{ ioPoints: 0, cuts: 0 },
    ...{ dust: new Map(), foreign: new Set(), exited: new Set(), askedAgain: new Set() },
    ...{ drafted: new Map(), sent: new Map(), rows: new Set() },
    onFrame: () => undefined,
    onLog: () => undefined,
  }
}

function fund({ cast, ledger, chain }: Ground): void {
  for (const { wallet } of cast.agents) ledger.fund(wallet.address, FUNDS.agentMicros)
  chain.fund(cast.treasury.wallet.address, FUNDS.treasuryMicros)
  chain.fundGas(cast.gas.wallet.address, FUNDS.gasWei)
}

function join(ground: Ground, party: Party, machine: Machine, life: Life, dialable: boolean): Network {
  const { hub, cast, rng, time, trace, faults, witness } = ground
  hub.vanish(party.peer)
  const network = createMemoryNetwork(hub, { peer: party.peer, records: offerRecords(cast.scope), dialable })
  const names = new Map<string, string>(cast.all.map(({ name, peer }) => [peer, name]))
  return lifeNetwork(network, machine, life, {
    ...{ time, trace, faults },
    rng: rng.fork(`network/${party.name}`),
    nameOf: (peer) => names.get(peer) ?? peer,
    onFrame: (sent) => witness.onFrame(sent),
    onRepeat: (to, protocol) => {
      if (protocol === 'cosign') witness.askedAgain.add(to)
    },
  })
}

function viewOf({ ledger }: MemoryChannelNetwork, id: string): LedgerChannelView {
  const channel = ledger.channels.get(id)
  if (channel === undefined) {
    const nothing = { agentMicros: micros(0n), coordinatorMicros: micros(0n), providerMicros: micros(0n) }
    return { status: 'absent', participants: [], capacity: 0n, allocations: nothing }
  }
  const { status, participants, allocations } = channel
  // Whoever moves a channel moves all of it: the sum is what was put in.
  const capacity = allocations.agentMicros + allocations.coordinatorMicros + allocations.providerMicros
  return { status, participants, capacity, allocations }
}

/** Ids are long; their beginning tells them apart. */
function short(value: string | number | boolean): string {
  return typeof value === 'string' && value.length > 24 ? value.slice(0, 8) : String(value)
}
