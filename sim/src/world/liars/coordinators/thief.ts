import type { CoordinatorParts } from '@orien/coordinator'
import type { ChannelRail, Lane } from '@orien/node/rails'
import { OrienError, type Cheque } from '@orien/protocol'
import { bendAll, type FrameBends } from '../bend.ts'
import type { Liar, Play } from '../strategy.ts'

export interface ThiefOptions {
  readonly bends?: readonly FrameBends[]
  /** Closes with its own signature alone, for everything. */
  readonly alone?: boolean
  /** Cashes the largest cheque of every open channel so often, ms. */
  readonly earlyMs?: number
}

interface Booty {
  readonly lane: Lane
  readonly cheque: Cheque
}

/** The real coordinator, but for money: it closes with the largest cheque it ever saw, sends nothing back and pays nobody. */
export function thief(liar: Liar, { bends = [], alone = false, earlyMs }: ThiefOptions): Play {
  const largest = new Map<string, Booty>()
  let rail: ChannelRail | undefined
  const best = (lane: Lane, cheque: Cheque): Cheque => {
    if (alone) return { ...cheque, ceilingMicros: lane.capacity, signatures: [] }
    const known = largest.get(lane.id)?.cheque
    const fits = known !== undefined && known.base === cheque.base && known.ceilingMicros > cheque.ceilingMicros
    return fits ? known : cheque
  }
  const early = (): void => {
    for (const [id, { lane, cheque }] of largest)
      if (liar.ground.channelOf(id).status === 'open')
        rail?.cash({ ...lane, base: cheque.base }, cheque).catch(() => undefined)
    if (earlyMs !== undefined) liar.ground.time.after(earlyMs, early)
  }
  return {
    coordinator: (parts) => {
      const { channel } = parts
      rail = channel
      return {
        ...neverPaying(parts),
        network: bendAll(parts.network, bends),
        channel: {
          ...channel,
          verify(lane, cheque) {
            channel.verify(lane, cheque)
            const known = largest.get(lane.id)?.cheque
            const newer = known === undefined || cheque.base > known.base
            if (newer || cheque.ceilingMicros > known.ceilingMicros) largest.set(lane.id, { lane, cheque })
          },
          cash: (lane, paper) => channel.cash(lane, 'totalMicros' in paper ? paper : best(lane, paper)),
          pay: () => Promise.resolve('unknown'),
        },
      }
    },
    start: () => {
      if (earlyMs !== undefined) liar.ground.time.after(earlyMs, early)
    },
  }
}

/** No transaction of its ever reaches the chain. */
export function neverPaying(parts: CoordinatorParts): CoordinatorParts {
  return { ...parts, chain: { ...parts.chain, send: () => Promise.resolve('unknown') } }
}

/** Gone for good after so long. */
export function leaving({ ground }: Liar, afterMs: number, play: Play): Play {
  let gone = false
  return {
    ...play,
    coordinator(parts) {
      if (gone) throw new OrienError('stopped', { message: 'gone for good' })
      return play.coordinator?.(parts) ?? parts
    },
    start(stage) {
      play.start?.(stage)
      ground.time.after(afterMs, () => {
        gone = true
        stage.coordinator.machine.cut('for good')
      })
    },
  }
}
