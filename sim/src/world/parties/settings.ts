import { micros, type Micros, type WindowLimits } from '@orien/protocol'
import type { AgentConfig, ProviderConfig } from '@orien/node'
import {
  DEFAULT_COORDINATOR_TIMES,
  DEFAULT_PAYOUT,
  DEFAULT_SETTINGS,
  type CoordinatorConfig,
  type CoordinatorTimes,
} from '@orien/coordinator'
import { DEFAULT_POLICY } from '@orien/node'
import type { Rng } from '../kernel/rng.ts'
import { CHAIN_ID, type Cast, type Party } from './cast.ts'

export const RAIL = 'memory'
export const RAIL_URL = 'memory:'
const ASSET = 'usdc'
const MINUTE_MS = 60_000

/** What a world draws from its seed before it begins. */
export interface WorldSettings {
  readonly times: CoordinatorTimes
  readonly sessionMs: number
  readonly windowCalls: number
  readonly debitMovesBase: boolean
  readonly pricePerMin: bigint
  readonly callCapMicros: Micros
  readonly payoutThresholdMicros: Micros
  readonly payoutValidMs: number
  readonly capacity: number
}

export function drawSettings(rng: Rng): WorldSettings {
  const pricePerMin = BigInt(rng.pick([1_001, 60_000, 600_007]))
  return {
    times: {
      ...DEFAULT_COORDINATOR_TIMES,
      collectMs: rng.between(4, 15) * MINUTE_MS,
      contestMs: rng.between(3, 10) * MINUTE_MS,
      chequeMs: rng.between(45, 90) * MINUTE_MS,
      cosignMs: 20_000,
      watchMs: 45_000,
    },
    sessionMs: rng.between(2, 12) * MINUTE_MS,
    windowCalls: rng.pick([1, 1, 2, 4, 16]),
    debitMovesBase: rng.chance(0.5),
    pricePerMin,
    callCapMicros: micros((pricePerMin * BigInt(rng.pick([8, 15, 60, 120]))) / 60n),
    payoutThresholdMicros: micros(rng.chance(0.5) ? 0n : pricePerMin * 4n),
    payoutValidMs: rng.pick([90_000, 5 * MINUTE_MS, 24 * 60 * MINUTE_MS]),
    capacity: rng.pick([1, 1, 2, 8]),
  }
}

/** Much more than any world can spend, so that only what a scenario takes away is missing. */
export const FUNDS = {
  agentMicros: micros(1_000_000_000n),
  treasuryMicros: micros(10_000_000_000n),
  gasWei: 10n ** 24n,
} as const

export function coordinatorConfig(cast: Cast, settings: WorldSettings): CoordinatorConfig {
  return {
    chainId: CHAIN_ID,
    channel: { url: RAIL_URL, asset: ASSET },
    token: '0x3600000000000000000000000000000000000000' as CoordinatorConfig['token'],
    platform: cast.platform.wallet.address,
    reserve: cast.reserve.wallet.address,
    floatMicros: micros(10_000_000_000n),
    ...DEFAULT_SETTINGS,
    windows: { first: windowOf(settings), max: windowOf(settings, 4n) },
    times: settings.times,
    payout: {
      ...DEFAULT_PAYOUT,
      everyMs: 20_000,
      thresholdMicros: settings.payoutThresholdMicros,
      maxAgeMs: 5 * MINUTE_MS,
      dustMaxAgeMs: 20 * MINUTE_MS,
      validMs: settings.payoutValidMs,
      retryMs: 30_000,
      maxRetryMs: 5 * MINUTE_MS,
    },
  }
}

export function providerConfig(cast: Cast, me: Party, settings: WorldSettings): ProviderConfig {
  return {
    chainId: CHAIN_ID,
    name: me.name,
    description: '',
    tier: 'D',
    capacity: settings.capacity,
    queue: 64,
    coordinators: [cast.coordinator.peer],
    maxUnpaidMicros: micros(1_000_000_000n),
    firstWindow: windowOf(settings),
    maxWindow: windowOf(settings, 4n),
    providerWallet: me.wallet.address,
    payoutWallet: me.wallet.address,
    bindings: [me.bindings.spend, me.bindings.payout],
    policy: {
      asset: ASSET,
      minProviderBps: 9_000,
      maxSessionMs: 3_600_000,
      maxCollectMs: 3_600_000,
      maxContestMs: 3_600_000,
      maxPayoutMs: 30 * 24 * 3_600_000,
    },
    offerMs: 3_600_000,
    tickMs: 5_000,
    tickAckMs: 30_000,
  }
}

export function agentConfig(me: Party, settings: WorldSettings): AgentConfig {
  return {
    chainId: CHAIN_ID,
    channel: { rail: RAIL, url: RAIL_URL, asset: ASSET },
    coordinators: [],
    policy: {
      ...DEFAULT_POLICY,
      minTier: 'D',
      maxCallMicros: settings.callCapMicros,
      sessionMicros: FUNDS.agentMicros,
      totalMicros: FUNDS.agentMicros,
      windowCalls: settings.windowCalls,
      sessionMs: settings.sessionMs,
      reattachMs: 45_000,
    },
    bindings: [me.bindings.spend],
  }
}

function windowOf({ windowCalls, callCapMicros }: WorldSettings, times = 1n): WindowLimits {
  return { windowMicros: micros(callCapMicros * 2n * BigInt(windowCalls) * times), windowCalls }
}
