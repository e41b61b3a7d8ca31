import { OrienError, type PeerText } from '@orien/protocol'
import type { MemoryHub, MemoryWire } from '@orien/node/network'
import type { Rng } from '../kernel/rng.ts'
import type { WorldTime } from '../kernel/time.ts'
import type { Faults } from './faults.ts'

/** The network between machines: latency always, everything else as faults. */
export interface WorldWire extends MemoryWire {
  /** Cuts two peers off from each other until `healPartitions`, or for `ms`. */
  partition(a: PeerText, b: PeerText, ms: number): void
  healPartitions(): void
}

export interface WireParts {
  readonly time: WorldTime
  readonly rng: Rng
  readonly faults: Faults
  readonly hub: () => MemoryHub
}

/** After so long without a way a connection is given up, as TCP would. */
const GIVEN_UP_MS = 8_000

export function createWire({ time, rng, faults, hub }: WireParts): WorldWire {
  const partitions = new Map<string, number>()
  const partedUntilMs = (a: PeerText, b: PeerText): number => partitions.get(pairOf(a, b)) ?? 0
  const latencyMs = (): number => rng.between(1, 20)

  return {
    partition(a, b, ms) {
      const untilMs = time.nowMs + ms
      partitions.set(pairOf(a, b), untilMs)
      if (ms > GIVEN_UP_MS)
        time.after(GIVEN_UP_MS, () => {
          if (partedUntilMs(a, b) > time.nowMs) hub().disconnect(a, b)
        })
    },
    healPartitions: () => partitions.clear(),
    async reach(from, to) {
      await time.sleep(latencyMs())
      const parted = partedUntilMs(from, to) > time.nowMs
      if (!parted) return
      // Some routes answer that there is none, others swallow the packets: the dial's own deadline ends it then.
      if (rng.chance(0.5)) throw new OrienError('unreachable', { message: 'cannot dial: no route' })
      await new Promise(() => undefined)
    },
    carry(from, to) {
      let lastMs = 0
      const slow = faults.roll('network.slowLoris', 0.01)
      return (_bytes, deliver) => {
        if (faults.roll('network.loss', 0.002)) {
          time.after(latencyMs(), () => hub().disconnect(from, to))
          return
        }
        let delayMs = latencyMs()
        if (slow && !faults.healed) delayMs += rng.between(1_000, 9_000)
        if (faults.roll('network.delay', 0.004)) delayMs += rng.between(200, 12_000)
        const arriveMs = Math.max(lastMs, time.nowMs + delayMs, partedUntilMs(from, to))
        lastMs = arriveMs
        time.after(arriveMs - time.nowMs, deliver)
      }
    },
    gossip(from, to, deliver) {
      if (partedUntilMs(from, to) > time.nowMs || faults.roll('network.loss', 0.05)) return
      const late = faults.roll('network.reordering', 0.2) ? rng.between(100, 5_000) : 0
      time.after(latencyMs() + late, deliver)
      if (faults.roll('network.duplication', 0.1)) time.after(latencyMs() + rng.between(0, 3_000), deliver)
    },
  }
}

function pairOf(a: PeerText, b: PeerText): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}
