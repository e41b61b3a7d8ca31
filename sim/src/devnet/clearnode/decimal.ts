import { clearnodeLimits } from './limits.ts'

/** An exact decimal: `units / 10^scale`. Any number of fraction digits, as on the real node; never a float. */
export interface Decimal {
  readonly units: bigint
  readonly scale: number
}

export const zero: Decimal = { units: 0n, scale: 0 }

const shape = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/

/** Reads `12`, `-0.5`, `.5`, `1e3`. Undefined when the text is not a decimal or needs absurdly many digits. */
export const parseDecimal = (text: string): Decimal | undefined => {
  const match = shape.exec(text)
  if (match === null) return undefined
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  if (whole === '' && fraction === '') return undefined
  const scale = fraction.length - Number(exponent)
  if (Math.abs(scale) > clearnodeLimits.decimalDigits || text.length > clearnodeLimits.decimalDigits) return undefined
  const digits = BigInt(whole + fraction)
  const units = sign === '-' ? -digits : digits
  return scale >= 0 ? { units, scale } : { units: units * 10n ** BigInt(-scale), scale: 0 }
}

const align = (a: Decimal, b: Decimal): [bigint, bigint, number] => {
  const scale = Math.max(a.scale, b.scale)
  return [a.units * 10n ** BigInt(scale - a.scale), b.units * 10n ** BigInt(scale - b.scale), scale]
}

export const add = (a: Decimal, b: Decimal): Decimal => {
  const [left, right, scale] = align(a, b)
  return { units: left + right, scale }
}

export const negate = (a: Decimal): Decimal => ({ units: -a.units, scale: a.scale })

export const subtract = (a: Decimal, b: Decimal): Decimal => add(a, negate(b))

/** Negative, zero or positive as a < b, a = b, a > b. */
export const compare = (a: Decimal, b: Decimal): number => {
  const [left, right] = align(a, b)
  return left < right ? -1 : left > right ? 1 : 0
}

export const isZero = (a: Decimal): boolean => a.units === 0n
export const isNegative = (a: Decimal): boolean => a.units < 0n
export const isPositive = (a: Decimal): boolean => a.units > 0n

/** Plain decimal text without trailing zeros, as the real node prints: `1.5`, `-1`, `0`. */
export const formatDecimal = (a: Decimal): string => {
  const digits = (a.units < 0n ? -a.units : a.units).toString().padStart(a.scale + 1, '0')
  const whole = digits.slice(0, digits.length - a.scale)
  const fraction = digits.slice(digits.length - a.scale).replace(/0+$/, '')
  return `${a.units < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** At most `scale` fraction digits, halves away from zero, as a column of that scale stores it. */
export const roundTo = (a: Decimal, scale: number): Decimal => {
  if (a.scale <= scale) return a
  const unit = 10n ** BigInt(a.scale - scale)
  const half = a.units < 0n ? -unit / 2n : unit / 2n
  return { units: (a.units + half) / unit, scale }
}
