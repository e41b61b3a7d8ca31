import { join } from 'node:path'
import { OrienError, scopeOf, type PeerText, type Scope } from '@orien/protocol'
import { isDevnet } from '../config/devnet.ts'
import { nodeCrypto } from '../crypto/ed25519.ts'
import { systemClock, systemRandom, systemTimers } from '../crypto/system.ts'
import { loadOrCreateKey, loadOrCreateWalletKey } from '../daemon/keys.ts'
import { createLibp2pNetwork } from '../network/libp2p.ts'
import { offerRecords } from '../network/offer-records.ts'
import type { Network } from '../network/port.ts'
import { OFFERS_TOPIC } from '../network/protocols.ts'
import type { Wallet } from '../rails/channel.ts'
import { createChannelRails } from '../rails/rails.ts'
import { bindWallet, localWallet } from '../rails/wallet.ts'
import { openLevelStore } from '../store/level.ts'
import { systemFiles } from '../tools/files-fs.ts'
import { startRunner } from '../tools/runner/client.ts'
import { createSessionBlobs } from '../tools/session-blobs.ts'
import { createToolBox } from '../tools/tool-box.ts'
import { createWorkspaces } from '../tools/workspace.ts'
import { addressesOf, configOf, coordinatorsOf, type Wallets } from './create-config.ts'
import type { ProviderOptions } from './options.ts'
import type { ProviderParts } from './ports.ts'
import { composeProvider, type Provider } from './provider.ts'

/** A provider on the real network. */
export interface ProviderDaemon {
  readonly provider: Provider
  readonly network: Network
  stop(): Promise<void>
}

export type { ProviderOptions }

const YEAR_MS = 365 * 24 * 3_600_000

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
  const coordinators = coordinatorsOf(options)
  const stops: Stops = []
  try {
    const keys = await keysOf(options)
    const parts = await partsOf(options, keys, coordinators, stops)
    const provider = await composeProvider(configOf(options, coordinators, await bindingsOf(keys)), parts)
    stops.push(() => provider.stop())
    return { provider, network: parts.network, stop: () => stopAll(stops) }
  } catch (error) {
    await stopAll(stops)
    throw error
  }
}

/** What was started, in order. */
type Stops = (() => Promise<void>)[]

/** The last one started stops first. */
async function stopAll(stops: Stops): Promise<void> {
  for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) await stop()
}

interface Keys {
  readonly scope: Scope
  readonly identity: Awaited<ReturnType<typeof loadOrCreateKey>>
  readonly wallet: Wallet
  readonly payout: Wallet
}

async function keysOf({ profile: { chainId }, home }: ProviderOptions): Promise<Keys> {
  return {
    scope: scopeOf(chainId, nodeCrypto),
    identity: await loadOrCreateKey(home, 'provider', chainId),
    wallet: localWallet(await loadOrCreateWalletKey(home, 'provider', chainId)),
    payout: localWallet(await loadOrCreateWalletKey(home, 'payout', chainId)),
  }
}

async function partsOf(
  options: ProviderOptions,
  { scope, identity, wallet }: Keys,
  coordinators: readonly PeerText[],
  stops: Stops,
): Promise<ProviderParts> {
  const { profile, home, catalogue } = options
  const store = await openLevelStore(join(home, 'provider'))
  stops.push(() => store.close())
  const network = await createLibp2pNetwork({
    privateKeySeed: identity.seed,
    listen: options.listen,
    bootstrap: [...new Set([...profile.bootstrap, ...catalogue.provider.coordinators.flatMap(addressesOf)])],
    role: 'server',
    loopback: isDevnet(profile.chainId),
    allowPeers: coordinators,
    records: offerRecords(scope),
    topics: [OFFERS_TOPIC],
  })
  stops.push(() => network.stop())
  const system = { clock: systemClock, timers: systemTimers, random: systemRandom }
  const channels = createChannelRails({ allow: [profile.channel], wallet, ...system })
  stops.push(() => channels.stop())
  const runner = options.runner ?? (await startRunner({ path: options.path }))
  stops.push(() => runner.close())
  const workspaces = createWorkspaces({ files: systemFiles, root: join(home, 'workspaces') })
  return {
    network,
    store,
    scope,
    signer: identity.signer,
    channels,
    wallet,
    runner,
    tools: createToolBox(catalogue, { PATH: options.path, LANG: 'C.UTF-8' }),
    files: workspaces,
    blobs: createSessionBlobs(workspaces),
    ...system,
    log: options.log ?? (() => undefined),
  }
}

/** Both wallets, bound to the peer: what others accept them by. */
async function bindingsOf({ scope, identity, wallet, payout }: Keys): Promise<Wallets> {
  const notBeforeMs = systemClock.wallMs()
  const bind = async (of: Wallet, role: 'spend' | 'payout'): Promise<Uint8Array> => {
    const statement = { peer: identity.peer, wallet: of.address, role, notBeforeMs, expiresAtMs: notBeforeMs + YEAR_MS }
    return (await bindWallet(scope, identity.signer, of, statement)).bytes
  }
  return {
    wallet: wallet.address,
    payout: payout.address,
    bindings: [await bind(wallet, 'spend'), await bind(payout, 'payout')],
  }
}
