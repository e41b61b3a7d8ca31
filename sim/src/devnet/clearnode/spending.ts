import type { Node, Request } from './context.ts'
import { add, compare, formatDecimal, parseDecimal, subtract, zero } from './decimal.ts'
import { Refusal } from './errors.ts'
import type { Decimal } from './decimal.ts'

interface Spend {
  readonly wallet: string
  readonly signer: string
  readonly asset: string
  readonly amount: Decimal
}

/**
 * The session key that spends, or undefined when the wallet's own key signed. A session key may spend what its
 * allowances name, over its whole life; the application `clearnode` is unbounded.
 */
export const spendingKey = (
  node: Node,
  _request: Request,
  { wallet, signer, asset, amount }: Spend,
): string | undefined => {
  if (signer === wallet) return undefined
  const key = node.store.tables.keys.get(signer)
  if (key === undefined) return undefined
  if (BigInt(key.expiresAt) <= BigInt(Math.floor(node.nowMs() / 1000)))
    throw new Refusal('session expired, please re-authenticate')
  if (key.application === 'clearnode') return signer
  const allowance = key.allowances.find((one) => one.asset === asset)
  if (allowance === undefined)
    throw new Refusal(`operation denied: asset ${asset} not allowed in session key spending cap`)
  const cap = parseDecimal(allowance.amount) ?? zero
  const used = node.store.tables.entries
    .filter((row) => row.sessionKey === signer && row.account === wallet && row.asset === asset)
    .reduce((sum, row) => add(sum, parseDecimal(row.debit) ?? zero), zero)
  const left = subtract(cap, used)
  if (compare(amount, left) > 0)
    throw new Refusal(
      `operation denied: insufficient session key allowance: ${formatDecimal(amount)} required, ${formatDecimal(left)} available`,
    )
  return signer
}
