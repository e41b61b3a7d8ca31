import { Authorisation, capMs, numerator, signDocument, workAnswers, type Micros, type Receipt } from '@orien/protocol'
import type { JobExit, Runner } from '@orien/node'
import { worldTools } from '../../ports/tools.ts'
import { bendNetwork, type FrameBends } from '../bend.ts'
import {
  AGENT_CAP,
  AGENT_CLOCK_CHECK,
  AGENT_FORGED,
  AGENT_PRICE,
  AGENT_TICKS,
  CALL_ONCE,
  HEAD_OF_ACK,
  PROVEN_TICK,
  TICKS_AFTER_CRASH,
} from '../patches.ts'
import type { Liar, Strategy } from '../strategy.ts'
import { forgingProvider } from './forger.ts'

const TIMES_LONGER = 10
const SHORT = { callCapMicros: 20_000n as Micros }

/** A runner whose meter runs fast, and which heeds no limit when told so. */
function lyingRunner(runner: Runner, effectiveMs: (exit: JobExit) => number, endless = false): Runner {
  return {
    ...runner,
    start(job, onOutput) {
      const limits = endless ? { ...job.limits, maxMs: 24 * 3_600_000 } : job.limits
      const running = runner.start({ ...job, limits }, onOutput)
      return {
        ...running,
        exited: running.exited.then((exit) => ({ ...exit, effectiveMs: effectiveMs(exit) })),
        pauseOutput: () => running.pauseOutput(),
        resumeOutput: () => running.resumeOutput(),
        stop: (reason) => {
          if (!endless || reason === 'stopped' || reason === 'ended') running.stop(reason)
        },
      }
    },
  }
}

function priceOf({ ground }: Liar, { toolId }: Authorisation): Micros {
  const tool = worldTools(ground.settings.pricePerMin).find((one) => one.toolId === toolId)
  return tool?.priceMicrosPerMin ?? (1n as Micros)
}

/** As long as the cap pays for. */
function atCap(liar: Liar, receipt: Receipt, authorisation: Authorisation): Receipt {
  if (receipt.numerator === 0n) return receipt
  const price = priceOf(liar, authorisation)
  const effectiveMs = capMs(authorisation.capMicros, price)
  return { ...receipt, effectiveMs, numerator: numerator(price * BigInt(effectiveMs)) }
}

const TICKS_LONGER = 4

export const RECEIPT_LIES: readonly Strategy[] = [
  {
    name: 'time-inflated',
    party: 'provider',
    story: 'claims ten times the time that its tools ran; agents accept what their own clocks bear out',
    without: AGENT_CLOCK_CHECK,
    play: () => ({
      provider: ({ config, parts }) => {
        const runner = lyingRunner(parts.runner, ({ effectiveMs }) => effectiveMs * TIMES_LONGER)
        return { config, parts: { ...parts, runner } }
      },
    }),
  },
  {
    name: 'above-cap',
    party: 'provider',
    story: 'lets tools run beyond the cap, and claims all of it; the cap is what is paid',
    settings: SHORT,
    workMs: (rng) => rng.between(25_000, 45_000),
    without: AGENT_CAP,
    play: (liar) => {
      const { provider } = forgingProvider(liar, {
        change: (receipt, authorisation) => {
          if (receipt.numerator === 0n) return receipt
          return { ...receipt, numerator: numerator(priceOf(liar, authorisation) * BigInt(receipt.effectiveMs)) }
        },
      })
      return {
        provider: ({ config, parts }, party) => {
          const runner = lyingRunner(parts.runner, ({ effectiveMs }) => effectiveMs, true)
          return provider?.({ config, parts: { ...parts, runner } }, party) ?? { config, parts }
        },
      }
    },
  },
  {
    name: 'above-price',
    party: 'provider',
    story: 'claims three times its price for the true time; the price of the Grant is what is paid',
    workMs: (rng) => rng.between(1_000, 15_000),
    without: AGENT_PRICE,
    play: (liar) =>
      forgingProvider(liar, { change: (receipt) => ({ ...receipt, numerator: numerator(receipt.numerator * 3n) }) }),
  },
  {
    name: 'two-receipts',
    party: 'provider',
    story:
      'gives its agent one receipt and its coordinator a larger one for the same place; the agent’s Ack names the first',
    without: HEAD_OF_ACK,
    play: (liar) => forgingProvider(liar, { toCoordinator: (receipt, auth) => atCap(liar, receipt, auth) }),
  },
  {
    name: 'forged-authorisation',
    party: 'provider',
    story:
      'adds receipts for calls that nobody asked for, under Authorisations of its own making; the agent knows its signature',
    without: AGENT_FORGED,
    play: (liar) =>
      forgingProvider(liar, {
        extra: (receipt, { value }) => {
          if (receipt.numerator === 0n) return undefined
          const callSeq = value.callSeq + 1_000_000
          const forged = signDocument(liar.ground.cast.scope, liar.me.signer, Authorisation, { ...value, callSeq })
          return { receipt: { ...receipt, callSeq, authId: forged.id }, authorisation: forged.bytes }
        },
      }),
  },
  {
    name: 'call-twice',
    party: 'provider',
    story: 'claims every call twice, in two places of its chain; a call has one receipt',
    without: CALL_ONCE,
    play: (liar) => forgingProvider(liar, { extra: (receipt) => (receipt.numerator === 0n ? undefined : { receipt }) }),
  },
  {
    name: 'ticks-inflated',
    party: 'provider',
    story:
      'shows a meter that runs four times as fast, and claims as much; agents sign no more than their own clocks say',
    settings: { callCapMicros: 120_000n as Micros },
    workMs: (rng) => rng.between(6_000, 20_000),
    without: AGENT_TICKS,
    play: () => ({
      provider: ({ config, parts }) => {
        const runner = lyingRunner(parts.runner, ({ effectiveMs }) => effectiveMs * TICKS_LONGER)
        const ticks: FrameBends = {
          out: (frame, { protocol }) => {
            const answer = protocol === 'work' ? workAnswers.decode(frame) : undefined
            if (answer?.tick === undefined) return frame
            return workAnswers.encode({ ...answer, tick: { ...answer.tick, ms: answer.tick.ms * (TICKS_LONGER + 1) } })
          },
        }
        return { config, parts: { ...parts, runner, network: bendNetwork(parts.network, ticks) } }
      },
    }),
  },
  {
    name: 'ticks-after-crash',
    party: 'provider',
    story:
      'claims a signed meter that never was, of calls whose agent lost power; without a TickAck nothing but the tick rule is accepted',
    settings: { callCapMicros: 120_000n as Micros },
    cuts: true,
    workMs: (rng) => rng.between(6_000, 20_000),
    without: TICKS_AFTER_CRASH,
    play: (liar) => {
      const forging = forgingProvider(liar, {
        change: (receipt, authorisation) => {
          const claimed = atCap(liar, receipt, authorisation)
          return receipt.numerator === 0n ? receipt : { ...claimed, lastTick: claimed.effectiveMs }
        },
      })
      return { ...forging, start: () => cutAgents(liar) }
    },
  },
  {
    name: 'ticks-unproved',
    party: 'provider',
    story:
      'claims a signed meter that never was, while its agents cannot reach the coordinator; without a TickAck it counts for nothing',
    settings: { callCapMicros: 120_000n as Micros, sessionMs: 120_000 },
    keepsAway: true,
    workMs: (rng) => rng.between(1_000, 20_000),
    without: PROVEN_TICK,
    play: (liar) => {
      const forging = forgingProvider(liar, {
        toCoordinator: (receipt, authorisation) => {
          const claimed = atCap(liar, receipt, authorisation)
          return receipt.numerator === 0n ? receipt : { ...claimed, lastTick: claimed.effectiveMs }
        },
        holdsAcks: true,
      })
      return { ...forging, start: () => partAgents(liar) }
    },
  },
]

/** Agents lose power in the middle of calls. */
function cutAgents({ ground, rng }: Liar): void {
  for (const { name } of ground.cast.agents)
    for (let at = 0; at < 4; at++)
      ground.time.after(rng.between(30_000, 280_000), () => ground.machines.get(name)?.cut('by a liar'))
}

const AWAY_MS = 15 * 60_000

/** Agents that have their sessions cannot reach their coordinator any more. */
function partAgents({ ground }: Liar): void {
  const { coordinator, agents } = ground.cast
  ground.time.after(60_000, () => {
    for (const { peer } of agents) ground.wire.partition(peer, coordinator.peer, AWAY_MS)
  })
}
