import { formatUsdc, OrienError } from '@orien/protocol'

/** The node's decimal text of an amount: at most 6 fraction digits, never a sign. */
export const amountText = formatUsdc

/**
 * Micro-USDC of the node's decimal text, rounded towards zero: others can move amounts of less than a micro (dust).
 * Throws `railRefused` for text that is no plain decimal.
 */
export function microsOfText(text: string): bigint {
  return unitsOfText(text, 6)
}

/** The same in units of 10^-digits. */
export function unitsOfText(text: string, digits: number): bigint {
  const match = /^([+-]?)(\d{1,40})(?:\.(\d{0,40}))?$/.exec(text)
  if (match === null) throw new OrienError('railRefused', { message: 'the node shows an amount that is no decimal' })
  const [, sign = '', whole = '0', fraction = ''] = match
  const units = BigInt(whole) * 10n ** BigInt(digits) + BigInt(fraction.slice(0, digits).padEnd(digits, '0'))
  return sign === '-' ? 0n - units : units
}
