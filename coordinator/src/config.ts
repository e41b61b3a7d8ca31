import { address, dialAddress, profileSchema, readToml, usdc } from '@orien/node/config'
import { LIMITS, type Address } from '@orien/protocol'
import { z } from 'zod'
import {
  DEFAULT_COORDINATOR_TIMES,
  DEFAULT_PAYOUT,
  DEFAULT_SETTINGS,
  type CoordinatorConfig,
  type CoordinatorTimes,
  type PayoutSettings,
} from './settings.ts'

/** What an operator's file says: the coordinator's own decisions, and where it lives. */
export interface OperatorConfig {
  readonly coordinator: CoordinatorConfig
  readonly rail: string
  readonly rpcUrl: string
  readonly multicall3: Address
  /** Multiaddrs to listen on. */
  readonly listen: readonly string[]
  /** Other peers to know at start; a coordinator is usually a bootstrap peer itself. */
  readonly bootstrap: readonly string[]
}

const ms = z.int('write whole milliseconds').min(1, 'write at least 1 ms').max(LIMITS.maxTimeMs)
/** The legs of one Statement. */
const MIN_LEGS = 3
const calls = z.int('write a whole number of calls').min(1).max(LIMITS.maxWindowCalls)
const window = z
  .strictObject({ usdc, calls })
  .transform((value) => ({ windowMicros: value.usdc, windowCalls: value.calls }))

/** The times, all in ms; what is not named keeps PROTOCOL's value. */
const times = z
  .strictObject({
    quoteMs: ms,
    collectMs: ms,
    contestMs: ms,
    chequeMs: ms,
    payoutMs: ms,
    cosignMs: ms,
    debitGapMs: ms,
    skewMs: ms,
    pendingMs: ms,
    retryMs: ms,
    maxRetryMs: ms,
    watchMs: ms,
  })
  .partial()

const payout = z
  .strictObject({
    everyMs: ms,
    threshold: usdc,
    maxAgeMs: z.int().min(0),
    dust: usdc,
    dustMaxAgeMs: z.int().min(0),
    validMs: ms,
    feeBumpMs: ms,
    retryMs: ms,
    maxRetryMs: ms,
    maxLegs: z.int().min(MIN_LEGS).max(LIMITS.maxPayoutLegs),
  })
  .partial()

const file = z.strictObject({
  chainId: profileSchema.shape.chainId,
  channel: profileSchema.shape.channel,
  chain: profileSchema.shape.chain,
  bootstrap: z.array(dialAddress).max(64).default([]),
  listen: z.array(z.string().startsWith('/', 'write a multiaddr such as /ip4/0.0.0.0/tcp/4101')).min(1),
  platform: address,
  reserve: address,
  float: usdc,
  maxAllowance: usdc.optional(),
  maxSessionMs: ms.optional(),
  maxSessionsPerAgent: z.int().min(1).optional(),
  windows: z.strictObject({ first: window, max: window }).optional(),
  times: times.default({}),
  payout: payout.default({}),
})

/** Reads `coordinator.toml`. Throws `badConfig` naming file, key, value and what to write. */
export async function loadOperatorConfig(path: string): Promise<OperatorConfig> {
  const value = await readToml(path, file)
  const { chainId, channel, chain, maxAllowance, maxSessionMs, maxSessionsPerAgent, windows } = value
  return {
    coordinator: {
      ...DEFAULT_SETTINGS,
      chainId,
      channel: { url: channel.url, asset: channel.asset },
      token: chain.token,
      platform: value.platform,
      reserve: value.reserve,
      floatMicros: value.float,
      ...(maxAllowance === undefined ? {} : { maxAllowanceMicros: maxAllowance }),
      ...(maxSessionMs === undefined ? {} : { maxSessionMs }),
      ...(maxSessionsPerAgent === undefined ? {} : { maxSessionsPerAgent }),
      ...(windows === undefined ? {} : { windows }),
      times: timesOf(value.times),
      payout: payoutOf(value.payout),
    },
    rail: channel.rail,
    rpcUrl: chain.rpcUrl,
    multicall3: chain.multicall3,
    listen: value.listen,
    bootstrap: value.bootstrap,
  }
}

function timesOf(named: z.output<typeof times>): CoordinatorTimes {
  return { ...DEFAULT_COORDINATOR_TIMES, ...withoutUndefined(named) }
}

function payoutOf({ threshold, dust, ...rest }: z.output<typeof payout>): PayoutSettings {
  return {
    ...DEFAULT_PAYOUT,
    ...withoutUndefined(rest),
    ...(threshold === undefined ? {} : { thresholdMicros: threshold }),
    ...(dust === undefined ? {} : { dustMicros: dust }),
  }
}

/** The keys that were written. */
function withoutUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
