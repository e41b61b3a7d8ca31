import { NETWORK_LIMITS } from './limits.ts'

/** Counts against a rate: a second's worth may come at once. */
export interface Bucket {
  /** False when the rate is exceeded. */
  take(): boolean
}

/** At most `perSecond`, refilled steadily. The clock is read only when the bucket runs dry. */
export function createBucket(perSecond: number, monoMs: () => number): Bucket {
  let left = perSecond
  let filledMs = monoMs()
  return {
    take() {
      if (left < 1) {
        const nowMs = monoMs()
        left = Math.min(perSecond, left + ((nowMs - filledMs) * perSecond) / 1_000)
        filledMs = nowMs
      }
      if (left < 1) return false
      left--
      return true
    },
  }
}

/** Hosts refused for a while. */
export interface BanList {
  ban(host: string): void
  has(host: string): boolean
}

/** Keeps at most maxBans hosts, the latest; each for banMs. */
export function createBanList(monoMs: () => number): BanList {
  const untilMs = new Map<string, number>()
  return {
    ban(host) {
      untilMs.delete(host)
      if (untilMs.size >= NETWORK_LIMITS.maxBans) {
        const [oldest] = untilMs.keys()
        if (oldest !== undefined) untilMs.delete(oldest)
      }
      untilMs.set(host, monoMs() + NETWORK_LIMITS.banMs)
    },
    has(host) {
      const end = untilMs.get(host)
      if (end === undefined) return false
      if (monoMs() < end) return true
      untilMs.delete(host)
      return false
    },
  }
}
