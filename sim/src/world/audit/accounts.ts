import type { Stage, Violation } from '../run/stage.ts'
import { FUNDS } from '../parties/settings.ts'

/** Accounts of what is under way: nothing is any more. */
const CLOSED = new Set([
  'channel',
  'standing',
  'earned',
  'refund',
  'refunding',
  'payable',
  'platform',
  'reserve',
  'payout',
  'blocked',
])

/** The coordinator's book against the world, once nobody owes anything: read from its disk. */
export function auditAccounts({ ground }: Stage): readonly Violation[] {
  const violations: Violation[] = []
  const { cast, machines, ledger, chain } = ground
  const balances = balancesOn(machines.get(cast.coordinator.name)?.disk.values ?? new Map())
  for (const [account, balance] of balances)
    if (CLOSED.has(account.split(':', 1)[0] ?? ''))
      violations.push({ invariant: 'accountsClosed', detail: `${account.slice(0, 24)} holds ${balance}` })
  const expected = {
    rail: ledger.balance(cast.coordinator.wallet.address),
    treasury: chain.balance(cast.treasury.wallet.address) - FUNDS.treasuryMicros,
  }
  for (const [account, want] of Object.entries(expected)) {
    const held = balances.get(account) ?? 0n
    if (held !== want)
      violations.push({ invariant: 'bookIsWorld', detail: `${account} holds ${held}, there is ${want}` })
  }
  return violations
}

const PREFIX = 'b/'

/** Balances as they are stored: decimal text below `b/`. */
function balancesOn(values: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, bigint> {
  const balances = new Map<string, bigint>()
  for (const [key, value] of values)
    if (key.startsWith(PREFIX)) balances.set(key.slice(PREFIX.length), BigInt(new TextDecoder().decode(value)))
  return balances
}
