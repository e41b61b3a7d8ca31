import {
  micros,
  peerOfKey,
  scopeOf,
  utf8,
  type Clock,
  type FileEntry,
  type Micros,
  type PeerText,
  type Signer,
  type Timers,
  type Tool,
  type WalletBinding,
} from '@orien/protocol'
import { composeAgent, type Agent } from '../../src/agent/agent.ts'
import { DEFAULT_POLICY } from '../../src/agent/policy.ts'
import type { AgentConfig, AgentParts } from '../../src/agent/ports.ts'
import { keySigner, nodeCrypto, systemClock, systemTimers } from '../../src/crypto/index.ts'
import { createMemoryHub, createMemoryNetwork, type MemoryHub } from '../../src/network/memory.ts'
import type { Network } from '../../src/network/port.ts'
import { offerRecords } from '../../src/network/offer-records.ts'
import type { CallFiles, ProviderConfig, ProviderParts } from '../../src/provider/ports.ts'
import type { SessionBlobs } from '../../src/tools/session-blobs.ts'
import type { ToolBox } from '../../src/tools/tool-box.ts'
import { composeProvider, type Provider } from '../../src/provider/provider.ts'
import type { ChannelRails, Wallet } from '../../src/rails/channel.ts'
import { memoryChannelNetwork, memoryChannelRail, type MemoryChannelNetwork } from '../../src/rails/memory/index.ts'
import { bindWallet, localWallet } from '../../src/rails/wallet.ts'
import { memoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/port.ts'
import { inProcessRunner, type Program } from '../../src/tools/runner/in-process.ts'
import { ScriptedCoordinator } from './scripted-coordinator.ts'

export const CHAIN_ID = 31_337
export const scope = scopeOf(CHAIN_ID, nodeCrypto)
const YEAR_MS = 365 * 24 * 3_600_000

/** A party with keys drawn from a number: the same in every run. */
export interface Party {
  readonly peer: PeerText
  readonly signer: Signer
  readonly wallet: Wallet
  binding(role: WalletBinding['role']): Promise<Uint8Array>
}

export function party(seed: number): Party {
  const signer = keySigner(new Uint8Array(32).fill(seed))
  const wallet = localWallet(`0x${seed.toString(16).padStart(2, '0').repeat(32)}`)
  const peer = peerOfKey(signer.publicKey)
  return {
    peer,
    signer,
    wallet,
    async binding(role) {
      const statement = { peer, wallet: wallet.address, role, notBeforeMs: 0, expiresAtMs: Date.now() + YEAR_MS }
      return (await bindWallet(scope, signer, wallet, statement)).bytes
    },
  }
}

/** One tool over in-process programs; `echo` gives its arguments back. */
export function toolNamed(toolId: string, more: Partial<Tool> = {}): Tool {
  return {
    toolId,
    name: toolId,
    description: '',
    inputSchema: '{}',
    fileInputs: [],
    fileOutputs: [],
    priceMicrosPerMin: micros(60_000n),
    maxMs: 60_000,
    limits: { cpuMillis: 0, memoryBytes: 0, diskBytes: 0, pids: 0, outputBytes: 1 << 20 },
    tags: [],
    verification: 'none',
    thirdPartyUseAllowed: true,
    ...more,
  }
}

export interface RigOptions {
  readonly programs?: Readonly<Record<string, Program>>
  readonly tools?: readonly Tool[]
  readonly provider?: Partial<ProviderConfig>
  readonly policy?: Partial<AgentConfig['policy']>
  readonly clock?: Clock
  readonly timers?: Timers
  readonly agentMicros?: bigint
  readonly agentStore?: Store
  readonly providerStore?: Store
}

export interface Rig {
  readonly hub: MemoryHub
  readonly ledger: MemoryChannelNetwork
  readonly coordinator: ScriptedCoordinator
  readonly provider: Provider
  readonly agent: Agent
  readonly agentParty: Party
  readonly providerParty: Party
  readonly agentStore: Store
  readonly providerStore: Store
  readonly agentNetwork: Network
  readonly providerNetwork: Network
  readonly events: {
    readonly who: string
    readonly event: string
    readonly fields: Readonly<Record<string, unknown>>
  }[]
  restartAgent(): Promise<Agent>
  restartProvider(): Promise<Provider>
  stop(): Promise<void>
}

const RAIL = 'memory'
const URL = 'memory:'

/** Agent, provider and a scripted coordinator on one in-memory network and ledger: real logic, real signatures. */
export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const clock = options.clock ?? systemClock
  const timers = options.timers ?? systemTimers
  const hub = createMemoryHub({ timers })
  const ledger = memoryChannelNetwork({ clock })
  const [agentParty, providerParty, coordinatorParty] = [party(1), party(2), party(3)]
  ledger.fund(agentParty.wallet.address, micros(options.agentMicros ?? 10_000_000n))
  const events: Rig['events'] = []
  const logOf = (who: string) => (event: string, fields: Readonly<Record<string, unknown>>) =>
    void events.push({ who, event, fields })
  const records = offerRecords(scope)
  const coordinatorNetwork = createMemoryNetwork(hub, { peer: coordinatorParty.peer, records })
  const bootstrap = coordinatorNetwork.addresses()
  let nonces = 0
  const coordinator = new ScriptedCoordinator({
    network: coordinatorNetwork,
    scope,
    signer: coordinatorParty.signer,
    rail: memoryChannelRail(ledger, coordinatorParty.wallet),
    wallet: coordinatorParty.wallet.address,
    bindings: [await coordinatorParty.binding('spend')],
    nowMs: () => clock.wallMs(),
    nonce: () => new Uint8Array(8).fill(++nonces),
    railName: RAIL,
    url: URL,
    asset: 'usdc',
  })
  await coordinator.start()
  const railsOf = (wallet: Wallet): ChannelRails => {
    const rail = memoryChannelRail(ledger, wallet)
    return { use: async () => rail, stop: async () => undefined }
  }
  const programs = options.programs ?? { echo: echoProgram }
  const tools = options.tools ?? Object.keys(programs).map((id) => toolNamed(id))
  const agentStore = options.agentStore ?? memoryStore()
  const providerStore = options.providerStore ?? memoryStore()
  const startProvider = async (): Promise<{ provider: Provider; network: Network }> => {
    const network = createMemoryNetwork(hub, { peer: providerParty.peer, records, bootstrap })
    const config = await providerConfig(providerParty, coordinatorParty.peer, options.provider ?? {})
    const parts: ProviderParts = {
      network,
      store: providerStore,
      scope,
      signer: providerParty.signer,
      channels: railsOf(providerParty.wallet),
      runner: inProcessRunner(programs, { clock, timers }),
      tools: toolBox(tools),
      ...memoryFiles(),
      clock,
      timers,
      random: counter(),
      log: logOf('provider'),
    }
    return { provider: await composeProvider(config, parts), network }
  }
  const startAgent = async (): Promise<{ agent: Agent; network: Network }> => {
    const network = createMemoryNetwork(hub, { peer: agentParty.peer, records, bootstrap, dialable: false })
    const config: AgentConfig = {
      chainId: CHAIN_ID,
      channel: { rail: RAIL, url: URL, asset: 'usdc' },
      coordinators: [],
      policy: { ...DEFAULT_POLICY, minTier: 'D', reattachMs: 2_000, ...options.policy },
      bindings: [await agentParty.binding('spend')],
    }
    const parts: AgentParts = {
      network,
      store: agentStore,
      scope,
      signer: agentParty.signer,
      wallet: agentParty.wallet,
      channels: railsOf(agentParty.wallet),
      clock,
      timers,
      random: counter(),
      files: { open: async () => ({ bytes: 0, read: async function* () {} }) },
      log: logOf('agent'),
    }
    return { agent: await composeAgent(config, parts), network }
  }
  let provider = await startProvider()
  let agent = await startAgent()
  return {
    hub,
    ledger,
    coordinator,
    get provider() {
      return provider.provider
    },
    get agent() {
      return agent.agent
    },
    agentParty,
    providerParty,
    agentStore,
    providerStore,
    get agentNetwork() {
      return agent.network
    },
    get providerNetwork() {
      return provider.network
    },
    events,
    async restartAgent() {
      await agent.agent.stop()
      await agent.network.stop()
      agent = await startAgent()
      return agent.agent
    },
    async restartProvider() {
      await provider.provider.stop()
      await provider.network.stop()
      provider = await startProvider()
      return provider.provider
    },
    async stop() {
      await agent.agent.stop()
      await provider.provider.stop()
      await agent.network.stop()
      await provider.network.stop()
      await coordinatorNetwork.stop()
    },
  }
}

export const echoProgram: Program = async ({ argv, write }) => {
  await write('stdout', utf8(argv[1] ?? ''))
}

async function providerConfig(
  me: Party,
  coordinator: PeerText,
  more: Partial<ProviderConfig>,
): Promise<ProviderConfig> {
  return {
    chainId: CHAIN_ID,
    name: 'test provider',
    description: '',
    tier: 'D',
    capacity: 64,
    queue: 64,
    coordinators: [coordinator],
    maxUnpaidMicros: micros(100_000_000n),
    firstWindow: { windowMicros: micros(1_000_000n), windowCalls: 64 },
    maxWindow: { windowMicros: micros(1_000_000n), windowCalls: 64 },
    providerWallet: me.wallet.address,
    payoutWallet: me.wallet.address,
    bindings: [await me.binding('spend'), await me.binding('payout')],
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
    ...more,
  }
}

/** Gives every call `[toolId, arguments as text]`. */
function toolBox(tools: readonly Tool[]): ToolBox {
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

/** Files in memory: uploads by hash, nothing handed back. */
function memoryFiles(): { readonly files: CallFiles; readonly blobs: SessionBlobs } {
  const held = new Map<string, Uint8Array>()
  const key = (session: string, hash: Uint8Array): string => `${session}/${Buffer.from(hash).toString('hex')}`
  return {
    files: {
      prepare: async () => '/',
      collect: async (): Promise<FileEntry[]> => [],
      remove: async () => undefined,
      sweep: async () => 0,
    },
    blobs: {
      held: async (session, hash) => held.get(key(session, hash))?.length ?? 0,
      async write(session, hash, _size, _offset, chunks) {
        const parts: Uint8Array[] = []
        for await (const chunk of chunks) parts.push(chunk)
        held.set(key(session, hash), Buffer.concat(parts))
      },
      size: async (session, hash) => held.get(key(session, hash))?.length,
      async *read(session, hash) {
        const bytes = held.get(key(session, hash))
        if (bytes !== undefined) yield bytes
      },
    },
  }
}

/** Deterministic "random": counts up. */
function counter(): AgentParts['random'] {
  let at = 0
  return { bytes: (length) => Uint8Array.from({ length }, () => at++ & 0xff) }
}

export type { Micros }
