import { scopeOf, type PeerText, type Signer } from '@orien/protocol'
import { join } from 'node:path'
import type { Profile } from '../config/profile.ts'
import { nodeCrypto } from '../crypto/ed25519.ts'
import { systemClock, systemRandom, systemTimers } from '../crypto/system.ts'
import { createLibp2pNetwork } from '../network/libp2p.ts'
import { OFFERS_TOPIC } from '../network/protocols.ts'
import { isDevnet } from '../config/devnet.ts'
import { offerRecords } from '../network/offer-records.ts'
import type { Wallet } from '../rails/channel.ts'
import { createChannelRails } from '../rails/rails.ts'
import { bindWallet } from '../rails/wallet.ts'
import { openLevelStore } from '../store/level.ts'
import { memoryStore } from '../store/memory.ts'
import { composeAgent, type Agent } from './agent.ts'
import { localFiles } from './local-files-fs.ts'
import { DEFAULT_POLICY } from './policy.ts'
import type { AgentConfig, AgentParts, AgentPolicy, LogEvent } from './ports.ts'
import type { Rank } from './rank.ts'

/** What `createAgent` needs. */
export interface AgentOptions {
  readonly profile: Profile
  /** The peer key: `loadOrCreateKey` makes one. */
  readonly identity: { readonly peer: PeerText; readonly signer: Signer; readonly seed: Uint8Array }
  /** The EVM account that pays: `localWallet`, or any external signer. */
  readonly wallet: Wallet
  /** Addresses ending in `/p2p/<peer>`; the profile's when absent. */
  readonly bootstrap?: readonly string[]
  /** Only this coordinator; the profile's, or any an offer lists, when absent. */
  readonly coordinator?: PeerText
  readonly policy?: Partial<AgentPolicy>
  /** Folder of the agent's book. Without it the agent forgets its sessions when it exits, and they close by their cheques. */
  readonly home?: string
  readonly rank?: Rank
  readonly log?: LogEvent
}

const BINDING_MS = 365 * 24 * 3_600_000

/**
 * An agent on the real network: finds tools over libp2p, pays through the profile's channel ledger.
 *
 * @example
 * const agent = await createAgent({ profile, identity, wallet, bootstrap })
 * const result = await agent.run('compile_contract', { optimize: true }, { files, maxCost: '0.05' })
 */
export async function createAgent(options: AgentOptions): Promise<Agent> {
  const stops: (() => Promise<void>)[] = []
  const stopParts = async (): Promise<void> => {
    for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) await stop()
  }
  try {
    const parts = await partsOf(options, stops)
    return withParts(await composeAgent(await configOf(options, parts), parts, options.rank), stopParts)
  } catch (error) {
    await stopParts()
    throw error
  }
}

async function partsOf(options: AgentOptions, stops: (() => Promise<void>)[]): Promise<AgentParts> {
  const { profile, identity, wallet, home } = options
  const scope = scopeOf(profile.chainId, nodeCrypto)
  const store = home === undefined ? memoryStore() : await openLevelStore(join(home, 'agent'))
  stops.push(() => store.close())
  const network = await createLibp2pNetwork({
    privateKeySeed: identity.seed,
    listen: [],
    bootstrap: options.bootstrap ?? profile.bootstrap,
    role: 'client',
    loopback: isDevnet(profile.chainId),
    records: offerRecords(scope),
    topics: [OFFERS_TOPIC],
  })
  stops.push(() => network.stop())
  const system = { clock: systemClock, timers: systemTimers, random: systemRandom }
  const channels = createChannelRails({ allow: [profile.channel], wallet, ...system })
  stops.push(() => channels.stop())
  const log = options.log ?? (() => undefined)
  return { network, store, scope, signer: identity.signer, wallet, channels, ...system, files: localFiles(), log }
}

async function configOf(options: AgentOptions, { scope }: AgentParts): Promise<AgentConfig> {
  const { profile, identity, wallet } = options
  const coordinator = options.coordinator ?? profile.coordinator
  const notBeforeMs = systemClock.wallMs()
  const binding = await bindWallet(scope, identity.signer, wallet, {
    peer: identity.peer,
    wallet: wallet.address,
    role: 'spend',
    notBeforeMs,
    expiresAtMs: notBeforeMs + BINDING_MS,
  })
  return {
    chainId: profile.chainId,
    channel: profile.channel,
    coordinators: coordinator === undefined ? [] : [coordinator],
    policy: { ...DEFAULT_POLICY, ...options.policy },
    bindings: [binding.bytes],
  }
}

/** The agent owns its parts: stopping it stops them too. */
function withParts(agent: Agent, stopParts: () => Promise<void>): Agent {
  return {
    peer: agent.peer,
    failed: agent.failed,
    find: (toolId, options) => agent.find(toolId, options),
    run: (toolId, args, options) => agent.run(toolId, args, options),
    sessions: () => agent.sessions(),
    settle: (options) => agent.settle(options),
    async stop() {
      await agent.stop()
      await stopParts()
    },
  }
}
