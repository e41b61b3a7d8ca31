import type { Node } from './context.ts'
import { add, compare, formatDecimal, parseDecimal, subtract, zero, type Decimal } from './decimal.ts'
import { Refusal } from './errors.ts'
import { isExpired, walletOfKey } from './keys.ts'
import type { KeyRow } from './tables.ts'

/** Keys of this application are bound neither to an application nor to an allowance, and outlive their expiry. */
export const unbound = 'clearnode'

const activeKey = (node: Node, key: string, prefix: string): KeyRow => {
  const row = node.store.tables.keys.get(key)
  if (row === undefined) throw new Refusal(`${prefix}failed to retrieve session key ${key}: record not found`)
  if (row.application !== unbound && isExpired(node, BigInt(row.expiresAt)))
    throw new Refusal(`${prefix}session key expired`)
  return row
}

const checkApplication = (row: KeyRow, application: string, prefix: string): void => {
  if (row.application === unbound || row.application === application) return
  throw new Refusal(
    `${prefix}session key application mismatch: session key is for '${row.application}', but app session is for '${application}'`,
  )
}

/** What a session key has spent of an asset over its whole life. */
export const spentBy = (node: Node, key: string, asset: string): Decimal =>
  node.store.tables.entries
    .filter((row) => row.sessionKey === key && row.asset === asset)
    .reduce((sum, row) => add(sum, parseDecimal(row.debit) ?? zero), zero)

const checkAllowance = (node: Node, row: KeyRow, asset: string, amount: Decimal, earlier: Decimal): void => {
  if (row.application === unbound) return
  const prefix = 'session key spending validation failed: operation denied: '
  const allowance = row.allowances.find((one) => one.asset === asset)
  if (allowance === undefined) throw new Refusal(`${prefix}asset ${asset} not allowed in session key spending cap`)
  const left = subtract(parseDecimal(allowance.amount) ?? zero, add(spentBy(node, row.key, asset), earlier))
  if (compare(amount, left) <= 0) return
  throw new Refusal(
    `${prefix}insufficient session key allowance: ${formatDecimal(amount)} required, ${formatDecimal(left)} available`,
  )
}

export interface Spend {
  readonly asset: string
  readonly amount: Decimal
  /** What the same request has spent of it before. */
  readonly earlier: Decimal
  /** The session's application; undefined for a transfer, which no application binds. */
  readonly application: string | undefined
}

/** Checks a session key that spends. A wallet's own signature needs none of this. */
export const checkSpending = (node: Node, sessionKey: string | undefined, spend: Spend): void => {
  if (sessionKey === undefined) return
  const row = activeKey(node, sessionKey, 'session key validation failed: ')
  if (spend.application !== undefined)
    checkApplication(row, spend.application, 'session key application validation failed: ')
  checkAllowance(node, row, spend.asset, spend.amount, spend.earlier)
}

/** Every session key among the signers of a state must be for the session's application. */
export const checkSignerApplications = (node: Node, signers: ReadonlySet<string>, application: string): void => {
  for (const signer of signers) {
    const wallet = walletOfKey(node, signer)
    if (wallet === undefined || wallet === signer) continue
    const row = activeKey(node, signer, `failed to get session key for signer ${signer}: `)
    checkApplication(row, application, `session key application validation failed for signer ${signer}: `)
  }
}
