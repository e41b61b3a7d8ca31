import { OrienError, type Clock, type Random, type Timers } from '@orien/protocol'
import type { ArcRailOptions } from './arc/index.ts'
import type { ChainRail } from './chain.ts'
import type { ChannelPaper, ChannelRail, ChannelRails, Wallet } from './channel.ts'
import type { MemoryChannelNetwork } from './memory/network.ts'
import type { YellowEvent, YellowRailOptions } from './yellow/index.ts'

/** A channel ledger that the own configuration trusts. */
export interface AllowedChannel {
  /** `yellow-v0`, `memory`. */
  readonly rail: string
  readonly url: string
  readonly asset: string
}

export interface ChannelRailsOptions {
  /** Nothing else is ever connected to, whatever a Grant names. */
  readonly allow: readonly AllowedChannel[]
  readonly wallet: Wallet
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  /** What the rail `memory` runs on. */
  readonly memory?: MemoryChannelNetwork
  readonly onEvent?: (event: YellowEvent) => void
}

/**
 * The rails of one wallet, each opened at its first use and shared from then on: one queue per wallet and ledger. Code of
 * a rail is loaded when it is needed, so that a provider that waits for its first session stays small.
 *
 * @example
 * const rails = createChannelRails({ allow: [profile.channel], wallet, clock, timers, random })
 * const rail = await rails.use(grant.channel.rail, grant.channel.url)
 * await rails.stop()
 */
export function createChannelRails(options: ChannelRailsOptions): ChannelRails {
  const opened = new Map<string, Promise<ChannelRail>>()
  let stopped = false
  return {
    async use(rail, url) {
      if (stopped) throw new OrienError('stopped', { message: 'the rails are stopped' })
      const allowed = options.allow.find((one) => one.rail === rail && one.url === url)
      if (allowed === undefined) {
        throw new OrienError('policy', {
          message: `the channel ledger ${rail} at ${url} is not configured`,
          details: { rail, url },
        })
      }
      const key = `${rail} ${url}`
      const known = opened.get(key)
      if (known !== undefined) return known
      const made = openRail(options, allowed)
      opened.set(key, made)
      try {
        return await made
      } catch (error) {
        // Not reachable now: the next use tries again.
        opened.delete(key)
        throw error
      }
    },
    async stop() {
      stopped = true
      for (const made of await Promise.allSettled(opened.values())) {
        if (made.status === 'fulfilled') await made.value.stop()
      }
    },
  }
}

async function openRail(options: ChannelRailsOptions, { rail, url, asset }: AllowedChannel): Promise<ChannelRail> {
  const { wallet, clock, timers, random, memory, onEvent } = options
  if (rail === 'yellow-v0') {
    const watch = onEvent === undefined ? {} : { onEvent }
    return createYellowRail({ url, asset, wallet, clock, timers, random, ...watch })
  }
  if (rail === 'memory' && memory !== undefined) {
    return (await import('./memory/rail.ts')).memoryChannelRail(memory, wallet)
  }
  throw unknownRail(rail)
}

/**
 * The pure half of a rail, without a node: for whoever verifies cheques, debits and exits offline. Throws `policy` for a
 * rail this program does not know.
 */
export async function channelPaper(rail: string, asset: string): Promise<ChannelPaper> {
  if (rail === 'yellow-v0') return (await import('./yellow/words.ts')).yellowPaper({ asset })
  if (rail === 'memory') return (await import('./memory/words.ts')).memoryPaper({ asset })
  throw unknownRail(rail)
}

/** The Yellow v0 rail of one wallet; see `yellow/rail.ts`. Its code is loaded at the first call. */
export async function createYellowRail(options: YellowRailOptions): Promise<ChannelRail> {
  return (await import('./yellow/index.ts')).createYellowRail(options)
}

/** The settlement chain of one payer; see `arc/rail.ts`. Its code is loaded at the first call. */
export async function createArcRail(options: ArcRailOptions): Promise<ChainRail> {
  return (await import('./arc/index.ts')).createArcRail(options)
}

function unknownRail(rail: string): OrienError {
  return new OrienError('policy', {
    message: `this program knows no channel rail “${rail.slice(0, 40)}”`,
    details: { rail },
  })
}
