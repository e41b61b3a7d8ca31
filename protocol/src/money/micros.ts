import { OrienError } from '../errors.ts'
import type { Micros, Numerator } from './types.ts'

export type { Micros, Numerator }

/** Numerator units in one micro-USDC: milliseconds in a minute, because prices are per minute. */
export const NUMERATOR_PER_MICRO = 60_000n

const UINT64_MAX = (1n << 64n) - 1n

/** Marks a bigint as micro-USDC. Throws `badMoney` outside uint64. */
export function micros(value: bigint): Micros {
  if (value < 0n || value > UINT64_MAX) throw badMoney(`${value} is not an amount in micro-USDC`)
  return value as Micros
}

/** Marks a bigint as a numerator. Throws `badMoney` outside uint64. */
export function numerator(value: bigint): Numerator {
  if (value < 0n || value > UINT64_MAX) throw badMoney(`${value} is not a numerator`)
  return value as Numerator
}

/**
 * Micro-USDC of decimal USDC text such as `0.05`. At most 6 fraction digits; more is an error, never rounding.
 * Throws `badMoney`.
 *
 * @example
 * parseUsdc('0.05') // 50000n
 */
export function parseUsdc(text: string): Micros {
  const match = /^(0|[1-9]\d{0,13})(?:\.(\d{1,6}))?$/.exec(text)
  if (match === null) throw badMoney(`“${text.slice(0, 40)}” is not an amount in USDC`)
  const [, whole = '0', fraction = ''] = match
  return micros(BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0')))
}

/** Decimal USDC text of an amount, shortest form: `0.05`, `12`, `0.000001`. */
export function formatUsdc(amount: Micros): string {
  const whole = amount / 1_000_000n
  const fraction = (amount % 1_000_000n).toString().padStart(6, '0').replace(/0+$/, '')
  return fraction === '' ? whole.toString() : `${whole}.${fraction}`
}

/** price × ms. Throws `badMoney` above uint64 and for a time that is not whole. */
export function numeratorOf(priceMicrosPerMin: Micros, effectiveMs: number): Numerator {
  if (!Number.isSafeInteger(effectiveMs)) throw badMoney(`${effectiveMs} ms is not a whole time`)
  return numerator(priceMicrosPerMin * BigInt(effectiveMs))
}

/** The numerator a cap stands for. */
export function capNumerator(capMicros: Micros): Numerator {
  return numerator(capMicros * NUMERATOR_PER_MICRO)
}

/** ⌊numerator / 60 000⌋: what a sum of numerators is worth. Applied once, to a session's sum. */
export function floorMicros(sum: Numerator): Micros {
  return micros(sum / NUMERATOR_PER_MICRO)
}

/** ⌈numerator / 60 000⌉. */
export function ceilMicros(sum: Numerator): Micros {
  return micros((sum + NUMERATOR_PER_MICRO - 1n) / NUMERATOR_PER_MICRO)
}

/** Milliseconds a cap pays for: ⌊cap·60 000 / price⌋, at least 1 µ a minute (protocol/receipt, invariant 1). Throws `badMoney` for price 0. */
export function capMs(capMicros: Micros, priceMicrosPerMin: Micros): number {
  if (priceMicrosPerMin === 0n) throw badMoney('a price is at least 1 µ a minute')
  const ms = (capMicros * NUMERATOR_PER_MICRO) / priceMicrosPerMin
  return ms > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(ms)
}

/** The smaller of two amounts of one kind. */
export function least<T extends bigint>(a: T, b: T): T {
  return a < b ? a : b
}

function badMoney(message: string): OrienError {
  return new OrienError('badMoney', { message })
}
