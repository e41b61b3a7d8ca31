import { OrienError } from '../errors.ts'
import { micros, type Micros } from './micros.ts'

/** Shares in basis points, summing to 10 000. */
export interface SplitBps {
  readonly provider: number
  readonly platform: number
  readonly reserve: number
}

/** A settled total, divided. Sums exactly to it. */
export interface Split {
  readonly providerMicros: Micros
  readonly platformMicros: Micros
  readonly reserveMicros: Micros
}

/** 90 % provider, 7 % platform, 3 % reserve. */
export const DEFAULT_SPLIT: SplitBps = { provider: 9_000, platform: 700, reserve: 300 }

/**
 * Divides a session's settled total: platform and reserve are floored, the provider takes the remainder (PROTOCOL,
 * invariant 6). Throws `badDocument` when the shares do not sum to 10 000.
 *
 * @example
 * splitTotal(1_234_567n as Micros, DEFAULT_SPLIT) // 1_111_111n + 86_419n + 37_037n
 */
export function splitTotal(total: Micros, shares: SplitBps): Split {
  if (!isSplit(shares))
    throw new OrienError('badDocument', { message: 'the split does not sum to 10 000 basis points' })
  const platformMicros = micros((total * BigInt(shares.platform)) / 10_000n)
  const reserveMicros = micros((total * BigInt(shares.reserve)) / 10_000n)
  return { providerMicros: micros(total - platformMicros - reserveMicros), platformMicros, reserveMicros }
}

/** True for three whole shares of 0 … 10 000 that sum to 10 000. */
export function isSplit(shares: SplitBps): boolean {
  const all = [shares.provider, shares.platform, shares.reserve]
  return all.every((share) => Number.isInteger(share) && share >= 0) && all.reduce((a, b) => a + b, 0) === 10_000
}
