import { micros, OrienError, parsePeer, TIMES, type Micros, type PeerText, type WindowLimits } from '@orien/protocol'
import type { Catalogue } from '../tools/catalogue.ts'
import type { ProviderOptions } from './options.ts'
import type { GrantPolicy, ProviderConfig } from './ports.ts'

/** A stranger may run one call of up to ten cents before paying; every paid session doubles it. */
const FIRST_WINDOW: WindowLimits = { windowMicros: micros(200_000n), windowCalls: 1 }
/** One signature of the coordinator's and one check of ours cover every receipt of that time. */
const COLLECT_LINGER_MS = 20
const DEFAULT_GRANT_POLICY: Omit<GrantPolicy, 'asset'> = {
  minProviderBps: 9_000,
  maxSessionMs: TIMES.sessionMs + 2 * 60_000,
  maxCollectMs: 3_600_000,
  maxContestMs: 3_600_000,
  maxPayoutMs: 7 * 24 * 3_600_000,
}

/** A provider's wallets, bound to its peer. */
export interface Wallets {
  readonly wallet: ProviderConfig['providerWallet']
  readonly payout: ProviderConfig['payoutWallet']
  readonly bindings: readonly Uint8Array[]
}

/** The provider's config of its options, its catalogue and the times of the protocol. */
export function configOf(
  options: ProviderOptions,
  coordinators: readonly PeerText[],
  wallets: Wallets,
): ProviderConfig {
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
    collectLingerMs: COLLECT_LINGER_MS,
  }
}

/** The catalogue's coordinators, else the profile's. Throws `badConfig` when neither names one. */
export function coordinatorsOf({ catalogue, profile }: ProviderOptions): readonly PeerText[] {
  const named = catalogue.provider.coordinators.map((one) => one.peer)
  if (named.length > 0) return [...new Set(named)]
  if (profile.coordinator !== undefined) return [parsePeer(profile.coordinator)]
  throw new OrienError('badConfig', {
    message: 'no coordinator is configured',
    hint: 'Name one in provider.toml ([provider] coordinators) or in the profile (coordinator).',
  })
}

/** Where a coordinator of the catalogue is, when it says so. */
export function addressesOf(coordinator: Catalogue['provider']['coordinators'][number]): readonly string[] {
  return coordinator.address === undefined ? [] : [coordinator.address]
}

function smaller(a: WindowLimits, b: WindowLimits): WindowLimits {
  const windowMicros: Micros = a.windowMicros < b.windowMicros ? a.windowMicros : b.windowMicros
  return { windowMicros, windowCalls: Math.min(a.windowCalls, b.windowCalls) }
}
