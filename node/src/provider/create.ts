import { join } from 'node:path'
import {
  micros,
  OrienError,
  parsePeer,
  scopeOf,
  TIMES,
  type Micros,
  type PeerText,
  type WindowLimits,
} from '@orien/protocol'
import { isDevnet } from '../config/devnet.ts'
import type { Profile } from '../config/profile.ts'
import { nodeCrypto } from '../crypto/ed25519.ts'
import { systemClock, systemRandom, systemTimers } from '../crypto/system.ts'
import { loadOrCreateKey, loadOrCreateWalletKey } from '../daemon/keys.ts'
import { createLibp2pNetwork } from '../network/libp2p.ts'
import type { Network } from '../network/port.ts'
import { OFFERS_TOPIC } from '../network/protocols.ts'
import { createChannelRails } from '../rails/rails.ts'
import { bindWallet, localWallet } from '../rails/wallet.ts'
import { openLevelStore } from '../store/level.ts'
import type { Catalogue } from '../tools/catalogue.ts'
import type { Runner } from '../tools/port.ts'
import { systemFiles } from '../tools/files-fs.ts'
import { startRunner } from '../tools/runner/client.ts'
import { createSessionBlobs } from '../tools/session-blobs.ts'
import { createToolBox } from '../tools/tool-box.ts'
import { createWorkspaces } from '../tools/workspace.ts'
import { offerRecords } from '../network/offer-records.ts'
import type { GrantPolicy, LogEvent, ProviderConfig, ProviderParts } from './ports.ts'
import { composeProvider, type Provider } from './provider.ts'

/** What `createProvider` needs. */
export interface ProviderOptions {
  readonly profile: Profile
  readonly catalogue: Catalogue
  /** Folder of keys, book and workspaces; one daemon at a time. */
  readonly home: string
  /** Multiaddrs, for example `/ip4/0.0.0.0/tcp/4100`. */
  readonly listen: readonly string[]
  /** Serve without confinement (tier D): only for machines that may be lost. */
  readonly unsafeNoSandbox: boolean
  /** Calls run at a time; half the cores when absent. */
  readonly capacity?: number
  /** Windows of an agent that never paid here. */
  readonly firstWindow?: WindowLimits
  readonly tickMs?: number
  readonly tickAckMs?: number
  readonly policy?: Partial<GrantPolicy>
  /** Programs named without a slash are found here. */
  readonly path: string
  /** What starts tools; a separate keyless process of ours when absent. It is stopped with the provider. */
  readonly runner?: Runner
  readonly log?: LogEvent
}

/** A provider on the real network. */
export interface ProviderDaemon {
  readonly provider: Provider
  readonly network: Network
  stop(): Promise<void>
}

const YEAR_MS = 365 * 24 * 3_600_000
/** A stranger may run one call of up to ten cents before paying; every paid session doubles it. */
const FIRST_WINDOW: WindowLimits = { windowMicros: micros(200_000n), windowCalls: 1 }
const DEFAULT_GRANT_POLICY: Omit<GrantPolicy, 'asset'> = {
  minProviderBps: 9_000,
  maxSessionMs: TIMES.sessionMs + 2 * 60_000,
  maxCollectMs: 3_600_000,
  maxContestMs: 3_600_000,
  maxPayoutMs: 7 * 24 * 3_600_000,
}

/**
 * Starts a provider with real parts. Throws `unsafe` without confinement unless that is asked for explicitly, `badConfig`,
 * `locked`, `partMissing`.
 *
 * @example
 * const catalogue = loadCatalogue(text, { file: 'provider.toml', format: 'toml' })
 * const daemon = await createProvider({ profile, catalogue, home, listen: ['/ip4/127.0.0.1/tcp/0'], unsafeNoSandbox: true, path: '/usr/bin' })
 */
export async function createProvider(options: ProviderOptions): Promise<ProviderDaemon> {
  if (!options.unsafeNoSandbox) {
    throw new OrienError('unsafe', {
      message: 'this version runs tools unconfined (tier D)',
      hint: 'Start it with --unsafe-no-sandbox on a machine that may be lost, or wait for confinement.',
    })
  }
  const { profile, home } = options
  const scope = scopeOf(profile.chainId, nodeCrypto)
  const identity = await loadOrCreateKey(home, 'provider', profile.chainId)
  const coordinators = coordinatorsOf(options)
  const wallet = localWallet(await loadOrCreateWalletKey(home, 'provider', profile.chainId))
  const payout = localWallet(await loadOrCreateWalletKey(home, 'payout', profile.chainId))
  const store = await openLevelStore(join(home, 'provider'))
  const workspaces = createWorkspaces({ files: systemFiles, root: join(home, 'workspaces') })
  const runner = options.runner ?? (await startRunner({ path: options.path }))
  const network = await createLibp2pNetwork({
    privateKeySeed: identity.seed,
    listen: options.listen,
    bootstrap: [...new Set([...profile.bootstrap, ...options.catalogue.provider.coordinators.flatMap(addressesOf)])],
    role: 'server',
    loopback: isDevnet(profile.chainId),
    allowPeers: coordinators,
    records: offerRecords(scope),
    topics: [OFFERS_TOPIC],
  })
  const clock = systemClock
  const channels = createChannelRails({
    allow: [profile.channel],
    wallet,
    clock,
    timers: systemTimers,
    random: systemRandom,
  })
  const notBeforeMs = clock.wallMs()
  const statement = { peer: identity.peer, notBeforeMs, expiresAtMs: notBeforeMs + YEAR_MS }
  const spend = await bindWallet(scope, identity.signer, wallet, {
    ...statement,
    wallet: wallet.address,
    role: 'spend',
  })
  const paid = await bindWallet(scope, identity.signer, payout, {
    ...statement,
    wallet: payout.address,
    role: 'payout',
  })
  const parts: ProviderParts = {
    network,
    store,
    scope,
    signer: identity.signer,
    channels,
    runner,
    tools: createToolBox(options.catalogue, { PATH: options.path, LANG: 'C.UTF-8' }),
    files: workspaces,
    blobs: createSessionBlobs(workspaces),
    clock,
    timers: systemTimers,
    random: systemRandom,
    log: options.log ?? (() => undefined),
  }
  const provider = await composeProvider(
    configOf(options, coordinators, {
      wallet: wallet.address,
      payout: payout.address,
      bindings: [spend.bytes, paid.bytes],
    }),
    parts,
  )
  return {
    provider,
    network,
    async stop() {
      await provider.stop()
      await runner.close()
      await channels.stop()
      await network.stop()
      await store.close()
    },
  }
}

interface Wallets {
  readonly wallet: ProviderConfig['providerWallet']
  readonly payout: ProviderConfig['payoutWallet']
  readonly bindings: readonly Uint8Array[]
}

function configOf(options: ProviderOptions, coordinators: readonly PeerText[], wallets: Wallets): ProviderConfig {
  const { profile, catalogue } = options
  const { provider } = catalogue
  const capacity = options.capacity ?? 1
  const first = options.firstWindow ?? FIRST_WINDOW
  return {
    chainId: profile.chainId,
    name: provider.name,
    description: provider.description,
    ...(provider.region === undefined ? {} : { region: provider.region }),
    ...(provider.ensName === undefined ? {} : { ensName: provider.ensName }),
    tier: 'D',
    capacity,
    queue: capacity * 16,
    coordinators,
    maxUnpaidMicros: provider.maxUnpaidMicros,
    firstWindow: smaller(first, provider.maxWindow),
    maxWindow: provider.maxWindow,
    providerWallet: wallets.wallet,
    payoutWallet: wallets.payout,
    bindings: wallets.bindings,
    policy: { ...DEFAULT_GRANT_POLICY, asset: profile.channel.asset, ...options.policy },
    offerMs: 3_600_000,
    tickMs: options.tickMs ?? TIMES.tickMs,
    tickAckMs: options.tickAckMs ?? TIMES.tickAckMs,
  }
}

/** The catalogue's coordinators, else the profile's. */
function coordinatorsOf({ catalogue, profile }: ProviderOptions): readonly PeerText[] {
  const named = catalogue.provider.coordinators.map((one) => one.peer)
  if (named.length > 0) return [...new Set(named)]
  if (profile.coordinator !== undefined) return [parsePeer(profile.coordinator)]
  throw new OrienError('badConfig', {
    message: 'no coordinator is configured',
    hint: 'Name one in provider.toml ([provider] coordinators) or in the profile (coordinator).',
  })
}

function addressesOf(coordinator: Catalogue['provider']['coordinators'][number]): readonly string[] {
  return coordinator.address === undefined ? [] : [coordinator.address]
}

function smaller(a: WindowLimits, b: WindowLimits): WindowLimits {
  const windowMicros: Micros = a.windowMicros < b.windowMicros ? a.windowMicros : b.windowMicros
  return { windowMicros, windowCalls: Math.min(a.windowCalls, b.windowCalls) }
}
