import { micros, OrienError, type Clock, type Random, type Timers, type Tool } from '@orien/protocol'
import { composeAgent, type Agent } from '../../src/agent/agent.ts'
import type { AgentConfig, AgentParts } from '../../src/agent/ports.ts'
import { systemClock, systemTimers } from '../../src/crypto/index.ts'
import { createMemoryHub, createMemoryNetwork, type MemoryHub } from '../../src/network/memory.ts'
import { offerRecords } from '../../src/network/offer-records.ts'
import type { FrameStream, Network } from '../../src/network/port.ts'
import type { ProviderConfig, ProviderParts } from '../../src/provider/ports.ts'
import { composeProvider, type Provider } from '../../src/provider/provider.ts'
import type { ChannelRails, Wallet } from '../../src/rails/channel.ts'
import { memoryChannelNetwork, memoryChannelRail, type MemoryChannelNetwork } from '../../src/rails/memory/index.ts'
import { memoryDisk, memoryStore, type MemoryDisk } from '../../src/store/memory.ts'
import type { StoreOp } from '../../src/store/port.ts'
import { memoryFiles, type MemoryFiles } from '../../src/tools/files-memory.ts'
import { inProcessRunner, type Program } from '../../src/tools/runner/in-process.ts'
import { createSessionBlobs } from '../../src/tools/session-blobs.ts'
import type { ToolBox } from '../../src/tools/tool-box.ts'
import { createWorkspaces } from '../../src/tools/workspace.ts'
import { party, scope, type Party } from './parties.ts'
import {
  agentConfig,
  ASSET,
  counter,
  echoProgram,
  plainToolBox,
  providerConfig,
  RAIL,
  RAIL_URL,
  toolNamed,
} from './rig-parts.ts'
import { ScriptedCoordinator } from './scripted-coordinator.ts'

type OnCommit = (ops: readonly StoreOp[]) => void | Promise<void>

export interface RigOptions {
  readonly programs?: Readonly<Record<string, Program>>
  readonly tools?: readonly Tool[]
  readonly toolBox?: ToolBox
  /** Globs of the files that calls hand back. */
  readonly outputs?: readonly string[]
  readonly provider?: Partial<ProviderConfig>
  readonly providerParts?: Partial<ProviderParts>
  readonly agentParts?: Partial<AgentParts>
  /** Another network than the one in memory: for measuring. */
  readonly networks?: Readonly<Record<'agent' | 'provider' | 'coordinator', Network>>
  readonly policy?: Partial<AgentConfig['policy']>
  readonly clock?: Clock
  readonly timers?: Timers
  readonly agentMicros?: bigint
  /** The ledger's debits void the cheques before them. */
  readonly debitMovesBase?: boolean
  /** Sees every flush of the provider's store, and may hold it up; what it throws fails it. */
  readonly onProviderCommit?: OnCommit
  readonly onAgentCommit?: OnCommit
  /** Sees every frame that agent and provider send, as it leaves. */
  readonly onFrame?: (who: 'agent' | 'provider', protocol: string, frame: Uint8Array) => void
  /** Who is composed and started: both unless said otherwise. */
  readonly start?: { readonly agent?: boolean; readonly provider?: boolean }
}

export interface RigEvent {
  readonly who: string
  readonly event: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** What the parties of a rig share. */
export interface World {
  readonly options: RigOptions
  readonly clock: Clock
  readonly timers: Timers
  readonly hub: MemoryHub
  readonly ledger: MemoryChannelNetwork
  readonly files: MemoryFiles
  readonly agentParty: Party
  readonly providerParty: Party
  readonly coordinatorParty: Party
  readonly agentDisk: MemoryDisk
  readonly providerDisk: MemoryDisk
  readonly events: RigEvent[]
  /** Never starts over, whoever is started again. */
  readonly random: Random
  readonly coordinator: ScriptedCoordinator
  readonly bootstrap: readonly string[]
  railsOf(wallet: Wallet): ChannelRails
  network(of: Party, dialable?: boolean): Network
}

export interface Rig extends World {
  readonly provider: Provider
  readonly agent: Agent
  readonly agentNetwork: Network
  readonly providerNetwork: Network
  /** Events of one name, oldest first. */
  logged(event: string): readonly RigEvent[]
  restartAgent(): Promise<Agent>
  restartProvider(): Promise<Provider>
  /** Takes a party away as a power cut does: nothing is said, what is not on disk is gone. */
  crashAgent(): Promise<Agent>
  crashProvider(): Promise<Provider>
  stop(): Promise<void>
}

/** Agent, provider and a scripted coordinator on one in-memory network and ledger: real logic, real signatures. */
export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const world = await startWorld(options)
  const { agent: withAgent = true, provider: withProvider = true } = options.start ?? {}
  let provider = withProvider ? await startProvider(world) : undefined
  let agent = withAgent ? await startAgent(world) : undefined
  return {
    ...world,
    get provider() {
      return started(provider).self
    },
    get agent() {
      return started(agent).self
    },
    get agentNetwork() {
      return started(agent).network
    },
    get providerNetwork() {
      return started(provider).network
    },
    logged: (event) => world.events.filter((one) => one.event === event),
    async restartAgent() {
      await stopOne(agent)
      return (agent = await startAgent(world)).self
    },
    async restartProvider() {
      await stopOne(provider)
      return (provider = await startProvider(world)).self
    },
    async crashAgent() {
      agent?.kill()
      return (agent = await startAgent(world)).self
    },
    async crashProvider() {
      provider?.kill()
      return (provider = await startProvider(world)).self
    },
    async stop() {
      await stopOne(agent)
      await stopOne(provider)
      await world.coordinator.stop()
    },
  }
}

interface Started<T> {
  readonly self: T
  readonly network: Network
  /** Takes it away as a power cut does; what it still does reaches nobody and no disk. */
  readonly kill: () => void
}

/** A life that ends: whatever it writes afterwards does not get to the disk. */
function lifeOf(world: World, of: Party, onCommit: OnCommit | undefined) {
  let dead = false
  return {
    kill: () => {
      dead = true
      world.hub.vanish(of.peer)
    },
    onCommit: async (ops: readonly StoreOp[]): Promise<void> => {
      if (!dead) await onCommit?.(ops)
      if (dead) throw new OrienError('stopped', { message: 'this life is over' })
    },
  }
}

function started<T>(one: Started<T> | undefined): Started<T> {
  if (one === undefined) throw new Error('the rig runs without it')
  return one
}

async function stopOne(one: Started<{ stop(): Promise<void> }> | undefined): Promise<void> {
  await one?.self.stop()
  await one?.network.stop()
}

/** The world without agent and provider. */
async function startWorld(options: RigOptions): Promise<World> {
  const clock = options.clock ?? systemClock
  const timers = options.timers ?? systemTimers
  const hub = createMemoryHub({ timers })
  const ledger = memoryChannelNetwork({ clock, debitMovesBase: options.debitMovesBase ?? false })
  const [agentParty, providerParty, coordinatorParty] = [party(1), party(2), party(3)]
  ledger.fund(agentParty.wallet.address, micros(options.agentMicros ?? 10_000_000n))
  const records = offerRecords(scope)
  const coordinatorNetwork =
    options.networks?.coordinator ?? createMemoryNetwork(hub, { peer: coordinatorParty.peer, records })
  const bootstrap = coordinatorNetwork.addresses()
  const coordinator = new ScriptedCoordinator({
    network: coordinatorNetwork,
    scope,
    signer: coordinatorParty.signer,
    rail: memoryChannelRail(ledger, coordinatorParty.wallet),
    wallet: coordinatorParty.wallet.address,
    bindings: [await coordinatorParty.binding('spend')],
    nowMs: () => clock.wallMs(),
    railName: RAIL,
    url: RAIL_URL,
    asset: ASSET,
  })
  await coordinator.start()
  return {
    ...{ options, clock, timers, hub, ledger, files: memoryFiles(), agentParty, providerParty, coordinatorParty },
    ...{ agentDisk: memoryDisk(), providerDisk: memoryDisk(), events: [], random: counter(), coordinator, bootstrap },
    railsOf(wallet) {
      const rail = memoryChannelRail(ledger, wallet)
      return { use: async () => rail, stop: async () => undefined }
    },
    network: (of, dialable = true) => createMemoryNetwork(hub, { peer: of.peer, records, bootstrap, dialable }),
  }
}

/** A network whose streams tell what they send. */
function watched({ options: { onFrame } }: World, who: 'agent' | 'provider', network: Network): Network {
  if (onFrame === undefined) return network
  const watch = (stream: FrameStream): FrameStream => ({
    peer: stream.peer,
    protocol: stream.protocol,
    frames: stream.frames,
    ended: stream.ended,
    send(frame) {
      // What a party that is gone still tries to say never leaves it.
      const room = stream.send(frame)
      onFrame(who, stream.protocol, frame)
      return room
    },
    drained: () => stream.drained(),
    close: () => stream.close(),
    abort: (reason) => stream.abort(reason),
  })
  return {
    ...network,
    handle: (protocol, handler) => network.handle(protocol, (stream) => handler(watch(stream))),
    dial: async (target, protocol, dialling) => watch(await network.dial(target, protocol, dialling)),
  }
}

async function startProvider(world: World): Promise<Started<Provider>> {
  const { options, clock, timers, providerParty, providerDisk, files } = world
  const programs = options.programs ?? { echo: echoProgram }
  const tools = options.tools ?? Object.keys(programs).map((id) => toolNamed(id))
  const workspaces = createWorkspaces({ files, root: '/work' })
  const network = watched(world, 'provider', options.networks?.provider ?? world.network(providerParty))
  const life = lifeOf(world, providerParty, options.onProviderCommit)
  const parts: ProviderParts = {
    network,
    store: memoryStore({ disk: providerDisk, onCommit: life.onCommit }),
    scope,
    signer: providerParty.signer,
    channels: world.railsOf(providerParty.wallet),
    wallet: providerParty.wallet,
    runner: inProcessRunner(programs, { clock, timers }),
    tools: options.toolBox ?? plainToolBox(tools, options.outputs),
    files: workspaces,
    blobs: createSessionBlobs(workspaces),
    clock,
    timers,
    random: world.random,
    log: (event, fields) => void world.events.push({ who: 'provider', event, fields }),
    ...options.providerParts,
  }
  const config = await providerConfig(providerParty, world.coordinatorParty.peer, options.provider)
  return { self: await composeProvider(config, parts), network, kill: life.kill }
}

async function startAgent(world: World): Promise<Started<Agent>> {
  const { options, clock, timers, agentParty, agentDisk } = world
  const network = watched(world, 'agent', options.networks?.agent ?? world.network(agentParty, false))
  const life = lifeOf(world, agentParty, options.onAgentCommit)
  const parts: AgentParts = {
    network,
    store: memoryStore({ disk: agentDisk, onCommit: life.onCommit }),
    scope,
    signer: agentParty.signer,
    wallet: agentParty.wallet,
    channels: world.railsOf(agentParty.wallet),
    clock,
    timers,
    random: world.random,
    files: { open: async () => ({ bytes: 0, read: async function* () {} }) },
    log: (event, fields) => void world.events.push({ who: 'agent', event, fields }),
    ...options.agentParts,
  }
  const config = await agentConfig(agentParty, options.policy)
  return { self: await composeAgent(config, parts), network, kill: life.kill }
}
