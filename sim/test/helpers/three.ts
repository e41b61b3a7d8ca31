import {
  createCoordinator,
  DEFAULT_COORDINATOR_TIMES,
  DEFAULT_PAYOUT,
  DEFAULT_SETTINGS,
  type Coordinator,
  type CoordinatorConfig,
} from '@orien/coordinator'
import {
  composeAgent,
  composeProvider,
  DEFAULT_POLICY,
  inProcessRunner,
  type Agent,
  type Program,
  type Provider,
  type ProviderConfig,
  type ProviderParts,
} from '@orien/node'
import { nodeCrypto, systemClock, systemRandom, systemTimers } from '@orien/node/crypto'
import { createMemoryHub, createMemoryNetwork, offerRecords, type MemoryHub, type Network } from '@orien/node/network'
import {
  memoryChain,
  memoryChainRail,
  memoryChannelNetwork,
  memoryChannelRail,
  type ChannelRails,
  type MemoryChain,
  type MemoryChannelNetwork,
  type Wallet,
} from '@orien/node/rails'
import { memoryStore, type Store } from '@orien/node/store'
import { micros, type FileEntry, type PeerText, type Tool } from '@orien/protocol'
import { CHAIN_ID, party, scope, type Party } from '../../../node/test/helpers/parties.ts'
import { echoProgram, toolNamed } from '../../../node/test/helpers/rig-parts.ts'

/** Coordinator, provider and agent, all real logic, on one in-memory network, ledger and chain. */
export interface Three {
  readonly hub: MemoryHub
  readonly ledger: MemoryChannelNetwork
  readonly chain: MemoryChain
  readonly coordinator: Coordinator
  readonly provider: Provider
  readonly agent: Agent
  readonly parties: Parties
  readonly stores: Stores
  readonly events: Event[]
  stop(): Promise<void>
}

interface Parties {
  readonly agent: Party
  readonly provider: Party
  readonly coordinator: Party
  readonly treasury: Party
  readonly platform: Party
  readonly reserve: Party
  readonly gas: Party
}

interface Stores {
  readonly coordinator: Store
  readonly agent: Store
  readonly provider: Store
}

interface Event {
  readonly who: string
  readonly event: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** What the three share. */
interface Ground {
  readonly hub: MemoryHub
  readonly ledger: MemoryChannelNetwork
  readonly chain: MemoryChain
  readonly parties: Parties
  readonly stores: Stores
  readonly events: Event[]
  readonly programs: Readonly<Record<string, Program>>
}

const RAIL = 'memory'
const URL = 'memory:'
const YEAR_MS = 365 * 24 * 3_600_000
const TIME = { clock: systemClock, timers: systemTimers, random: systemRandom } as const

export async function startThree(programs: Readonly<Record<string, Program>> = { echo: echoProgram }): Promise<Three> {
  const ground = groundOf(programs)
  const { hub, ledger, chain, parties, stores, events } = ground
  const coordinatorNetwork = networkOf(ground, parties.coordinator.peer)
  const coordinator = await coordinatorOf(ground, coordinatorNetwork)
  await coordinator.start()
  const bootstrap = coordinatorNetwork.addresses()
  const providerNetwork = networkOf(ground, parties.provider.peer, bootstrap)
  const provider = await providerOf(ground, providerNetwork)
  const agentNetwork = networkOf(ground, parties.agent.peer, bootstrap)
  const agent = await agentOf(ground, agentNetwork)
  return {
    hub,
    ledger,
    chain,
    coordinator,
    provider,
    agent,
    parties,
    stores,
    events,
    async stop() {
      await agent.stop()
      await provider.stop()
      await coordinator.stop()
      for (const network of [agentNetwork, providerNetwork, coordinatorNetwork]) await network.stop()
    },
  }
}

function groundOf(programs: Readonly<Record<string, Program>>): Ground {
  const ledger = memoryChannelNetwork({ clock: systemClock })
  const chain = memoryChain({ clock: systemClock })
  const parties: Parties = {
    agent: party(1),
    provider: party(2),
    coordinator: party(3),
    treasury: party(4),
    platform: party(5),
    reserve: party(6),
    gas: party(7),
  }
  ledger.fund(parties.agent.wallet.address, micros(10_000_000n))
  chain.fund(parties.treasury.wallet.address, micros(100_000_000n))
  chain.fundGas(parties.gas.wallet.address, 10n ** 20n)
  const stores = { coordinator: memoryStore(), agent: memoryStore(), provider: memoryStore() }
  return { hub: createMemoryHub({ timers: systemTimers }), ledger, chain, parties, stores, events: [], programs }
}

function networkOf({ hub }: Ground, peer: PeerText, bootstrap: readonly string[] = []): Network {
  return createMemoryNetwork(hub, { peer, records: offerRecords(scope), bootstrap })
}

function railsOf({ ledger }: Ground, wallet: Wallet): ChannelRails {
  const rail = memoryChannelRail(ledger, wallet)
  return { use: () => Promise.resolve(rail), stop: () => Promise.resolve() }
}

function logOf({ events }: Ground, who: string): ProviderParts['log'] {
  return (event, fields) => void events.push({ who, event, fields })
}

async function coordinatorOf(ground: Ground, network: Network): Promise<Coordinator> {
  const { parties, ledger, chain, stores } = ground
  const config: CoordinatorConfig = {
    chainId: CHAIN_ID,
    channel: { url: URL, asset: 'usdc' },
    token: '0x3600000000000000000000000000000000000000' as CoordinatorConfig['token'],
    platform: parties.platform.wallet.address,
    reserve: parties.reserve.wallet.address,
    floatMicros: micros(100_000_000n),
    ...DEFAULT_SETTINGS,
    times: {
      ...DEFAULT_COORDINATOR_TIMES,
      collectMs: 500,
      contestMs: 300,
      cosignMs: 1_000,
      debitGapMs: 20,
      retryMs: 20,
    },
    payout: { ...DEFAULT_PAYOUT, everyMs: 30, thresholdMicros: micros(0n), maxAgeMs: 0 },
  }
  return createCoordinator({
    ...TIME,
    config,
    signer: parties.coordinator.signer,
    wallet: parties.coordinator.wallet,
    bindings: [await parties.coordinator.binding('spend')],
    network,
    store: stores.coordinator,
    crypto: nodeCrypto,
    channel: memoryChannelRail(ledger, parties.coordinator.wallet),
    chain: memoryChainRail(chain, { treasury: parties.treasury.wallet, gas: parties.gas.wallet.address }),
    log: logOf(ground, 'coordinator'),
  })
}

async function providerOf(ground: Ground, network: Network): Promise<Provider> {
  const { parties, stores, programs } = ground
  const tools = Object.keys(programs).map((id) => toolNamed(id))
  const wallet = parties.provider.wallet.address
  const window = { windowMicros: micros(1_000_000n), windowCalls: 64 }
  const config: ProviderConfig = {
    chainId: CHAIN_ID,
    name: 'test provider',
    description: '',
    tier: 'D',
    capacity: 64,
    queue: 64,
    coordinators: [parties.coordinator.peer],
    maxUnpaidMicros: micros(100_000_000n),
    firstWindow: window,
    maxWindow: window,
    providerWallet: wallet,
    payoutWallet: wallet,
    bindings: [await parties.provider.binding('spend'), await parties.provider.binding('payout')],
    policy: {
      asset: 'usdc',
      minProviderBps: 9_000,
      maxSessionMs: 3_700_000,
      maxCollectMs: 3_600_000,
      maxContestMs: 3_600_000,
      maxPayoutMs: YEAR_MS,
    },
    offerMs: 3_600_000,
    tickMs: 5_000,
    tickAckMs: 30_000,
  }
  return composeProvider(config, {
    ...TIME,
    ...noFiles(),
    network,
    store: stores.provider,
    scope,
    signer: parties.provider.signer,
    channels: railsOf(ground, parties.provider.wallet),
    runner: inProcessRunner(programs, TIME),
    tools: echoBox(tools),
    log: logOf(ground, 'provider'),
  })
}

/** Gives every call `[toolId, arguments as text]`. */
function echoBox(tools: readonly Tool[]): ProviderParts['tools'] {
  return {
    tools: () => tools,
    command: (toolId, args) => ({
      argv: [toolId, new TextDecoder().decode(args)],
      env: {},
      limits: { outputBytes: 1 << 20 },
      outputs: [],
    }),
  }
}

function noFiles(): Pick<ProviderParts, 'files' | 'blobs'> {
  return {
    files: {
      prepare: () => Promise.resolve('/'),
      collect: (): Promise<FileEntry[]> => Promise.resolve([]),
      remove: () => Promise.resolve(),
      sweep: () => Promise.resolve(0),
    },
    blobs: {
      held: () => Promise.resolve(0),
      write: () => Promise.resolve(),
      size: () => Promise.resolve(undefined),
      read: async function* () {},
    },
  }
}

async function agentOf(ground: Ground, network: Network): Promise<Agent> {
  const { parties, stores } = ground
  return composeAgent(
    {
      chainId: CHAIN_ID,
      channel: { rail: RAIL, url: URL, asset: 'usdc' },
      coordinators: [],
      policy: { ...DEFAULT_POLICY, minTier: 'D', windowCalls: 64, maxCallMicros: micros(10_000n), reattachMs: 2_000 },
      bindings: [await parties.agent.binding('spend')],
    },
    {
      ...TIME,
      network,
      store: stores.agent,
      scope,
      signer: parties.agent.signer,
      wallet: parties.agent.wallet,
      channels: railsOf(ground, parties.agent.wallet),
      files: { open: () => Promise.resolve({ bytes: 0, read: async function* () {} }) },
      log: logOf(ground, 'agent'),
    },
  )
}
