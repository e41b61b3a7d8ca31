import { hex } from '@orien/protocol'
import { decodeRecord } from '../codec.ts'
import type { Core } from '../core.ts'
import { after, keys } from '../keys.ts'
import { accounts } from '../ledger/accounts.ts'
import type { UnpaidStatement } from '../settle/closed.ts'
import type { PayoutRecord } from './record.ts'

/** Holds waiting Statements and legs that are not paid against their accounts; one sentence for each that differs. */
export async function checkPayouts(
  { store, book }: Pick<Core, 'store' | 'book'>,
  records: Iterable<PayoutRecord>,
): Promise<string[]> {
  const expected = new Map<string, bigint>()
  const owe = (account: string, amount: bigint): void =>
    void expected.set(account, (expected.get(account) ?? 0n) - amount)
  for await (const [key, value] of store.scan({ gte: keys.allUnpaid, lt: after(keys.allUnpaid) })) {
    const { split, payoutWallet } = decodeRecord<UnpaidStatement>(value, key)
    owe(accounts.payable(payoutWallet), split.providerMicros)
    owe(accounts.platform, split.platformMicros)
    owe(accounts.reserve, split.reserveMicros)
  }
  for (const { payoutId, legs } of records) {
    for (const { state, recipient, micros } of legs) {
      if (state === 'sent') owe(accounts.payout(hex(payoutId)), micros)
      if (state === 'blocked') owe(accounts.blocked(recipient), micros)
    }
  }
  const problems: string[] = []
  const sums = new Map<string, bigint>()
  for (const [account, amount] of expected) {
    const [kind = account] = account.split(':')
    sums.set(kind, (sums.get(kind) ?? 0n) + amount)
    const balance = book.balance(account)
    if (balance !== amount) problems.push(`${account} holds ${balance}, Statements and legs add up to ${amount}`)
  }
  for (const kind of ['payable', 'platform', 'reserve', 'payout', 'blocked']) {
    if (problems.length === 0 && book.sum(kind) !== (sums.get(kind) ?? 0n))
      problems.push(`${kind} holds ${book.sum(kind)}, Statements and legs add up to ${sums.get(kind) ?? 0n}`)
  }
  return problems
}
