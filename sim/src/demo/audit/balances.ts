import type { Address } from '@orien/protocol'
import type { TokenLog } from '../../devnet/arc.ts'
import { mintedTo, type ChainPayment } from './chain.ts'
import { usdc, type ChannelMoney } from './channels.ts'
import { createFindings, type Findings } from './findings.ts'
import { faucetUnits, increase, readLines, unifiedBalance, UNITS_PER_MICRO, type LedgerLine } from './ledger.ts'
import { settledMicros, type AuditedSession } from './sessions.ts'
import type { AuditInput, Balances, BalanceSources, PartyRow } from './types.ts'

/** What every account of the parties holds now, by the channel ledger's file and the chain. */
export async function readBalances({ devnet, clearnodeHome, parties }: BalanceSources): Promise<Balances> {
  // A ledger that cannot be read holds nothing; the audit itself says so.
  const lines = (await readLines(clearnodeHome, createFindings())) ?? []
  const channel = new Map<Address, bigint>()
  const chain = new Map<Address, bigint>()
  for (const { channelWallet, chainAccounts } of parties) {
    channel.set(channelWallet, unifiedBalance(lines, channelWallet) / UNITS_PER_MICRO)
    for (const { address } of chainAccounts) chain.set(address, await devnet.arc.balanceMicros(address))
  }
  const chainLogs = (await devnet.arc.transfers()).length
  return { channel, chain, ledgerLines: lines.length, chainLogs }
}

export interface BalanceParts {
  readonly input: AuditInput
  readonly sessions: readonly { readonly session: AuditedSession; readonly money: ChannelMoney }[]
  readonly lines: readonly LedgerLine[]
  readonly logs: readonly TokenLog[]
  /** All legs of all Payout documents. */
  readonly legs: readonly { readonly micros: bigint }[]
  readonly proved: readonly ChainPayment[]
  readonly findings: Findings
}

/** Every account before and after; a difference that is not what the documents say is reported. */
export function checkBalances({ input, sessions, lines, logs, legs, findings }: BalanceParts): readonly PartyRow[] {
  const { before, after, addresses } = input
  const channel = new Map<Address, bigint>()
  const chain = new Map<Address, bigint>()
  increase(chain, addresses.treasury, -legs.reduce((sum, { micros }) => sum + micros, 0n))
  for (const { session, money } of sessions) {
    const { grant, statements } = session
    const settled = settledMicros(session)
    increase(channel, grant.agentWallet, -(settled + money.toProvider))
    increase(channel, grant.coordinatorWallet, settled)
    increase(channel, grant.providerWallet, money.toProvider)
    for (const { value } of statements) {
      increase(chain, grant.payoutWallet, value.split.providerMicros)
      increase(chain, addresses.platform, value.split.platformMicros)
      increase(chain, addresses.reserve, value.split.reserveMicros)
    }
  }
  const given = {
    lines: lines.slice(before.ledgerLines, after.ledgerLines),
    logs: logs.slice(before.chainLogs, after.chainLogs),
  }
  const rows: PartyRow[] = []
  const compare = (row: PartyRow, expected: bigint, address: Address): void => {
    rows.push(row)
    if (row.differenceMicros === expected) return
    const detail = `${address} changed by ${usdc(row.differenceMicros)} USDC, the documents say ${usdc(expected)}`
    findings.add('balanceMismatch', 'party', `${row.name} ${row.account}`, detail)
  }
  for (const { name, channelWallet, chainAccounts } of input.parties) {
    const faucet = faucetUnits(given.lines, channelWallet) / UNITS_PER_MICRO
    const row = rowOf(name, 'channel', { before: before.channel, after: after.channel }, channelWallet, faucet)
    compare(row, channel.get(channelWallet) ?? 0n, channelWallet)
    for (const { name: account, address } of chainAccounts) {
      const minted = mintedTo(given.logs, address)
      const chainRow = rowOf(name, account, { before: before.chain, after: after.chain }, address, minted)
      compare(chainRow, chain.get(address) ?? 0n, address)
    }
  }
  return rows
}

function rowOf(
  name: string,
  account: string,
  held: { readonly before: ReadonlyMap<Address, bigint>; readonly after: ReadonlyMap<Address, bigint> },
  address: Address,
  given: bigint,
): PartyRow {
  const beforeMicros = held.before.get(address) ?? 0n
  const afterMicros = held.after.get(address) ?? 0n
  return { name, account, beforeMicros, afterMicros, differenceMicros: afterMicros - beforeMicros - given }
}

export interface Paid {
  readonly provider: bigint
  readonly platform: bigint
  readonly reserve: bigint
}

/** What the chain proves was paid, by whom it is for; it must add up to what channels were debited. */
export function checkPaid({ input, sessions, proved, findings }: BalanceParts): Paid {
  const { platform, reserve } = input.addresses
  const sum = (wanted: (to: string) => boolean): bigint =>
    proved.reduce((total, { to, micros }) => (wanted(to) ? total + micros : total), 0n)
  const paid: Paid = {
    provider: sum((to) => to !== platform && to !== reserve),
    platform: sum((to) => to === platform),
    reserve: sum((to) => to === reserve),
  }
  const debited = sessions.reduce((total, { session }) => total + settledMicros(session), 0n)
  const total = paid.provider + paid.platform + paid.reserve
  if (total !== debited)
    findings.add('paidNotDebited', 'party', 'all', `${usdc(total)} USDC were paid, ${usdc(debited)} debited`)
  return paid
}
