import { formatUsdc, micros, type Micros } from '@orien/protocol'
import { short, type Findings } from './findings.ts'
import { UNITS_PER_MICRO, type ChannelFacts, type LedgerFacts } from './ledger.ts'
import { settledMicros, type AuditedSession } from './sessions.ts'
import type { ClosedBy } from './types.ts'

/** What the channel ledger says of one session's money, micro-USDC. */
export interface ChannelMoney {
  readonly closed: boolean
  readonly toAgent: bigint
  readonly toCoordinator: bigint
  /** By an exit: the provider was paid in the channel. */
  readonly toProvider: bigint
}

const NO_MONEY: ChannelMoney = { closed: false, toAgent: 0n, toCoordinator: 0n, toProvider: 0n }

/** Holds a session's channel against its Grant, its Statement and the highest ceiling a good cheque had. */
export function checkChannel(
  facts: LedgerFacts,
  session: AuditedSession,
  ceiling: bigint | undefined,
  findings: Findings,
): ChannelMoney {
  const { appSessionId } = session.grant.channel
  const id = channelId(appSessionId)
  const channel = facts.channels.get(appSessionId)
  if (channel === undefined) {
    findings.add('channelMissing', 'ledger', id, `the ledger has no channel of session ${session.name}`)
    return NO_MONEY
  }
  checkFunding(channel, session, findings)
  if (channel.status === 'open') {
    findings.add('channelOpen', 'ledger', id, `the channel of session ${session.name} is not closed`)
    return NO_MONEY
  }
  const money = moneyOf(channel, session)
  checkClose(money, session, findings)
  if (ceiling !== undefined && money.toCoordinator > ceiling) {
    const detail = `the close paid ${usdc(money.toCoordinator)} USDC, no cheque is above ${usdc(ceiling)}`
    findings.add('chequeTooSmall', 'cheque', `session cheque/${session.name}`, detail)
  }
  return money
}

function channelId(appSessionId: string): string {
  return `clearnode channel/${short(appSessionId)}`
}

function moneyOf({ paidOut }: ChannelFacts, { grant }: AuditedSession): ChannelMoney {
  const paid = (wallet: string): bigint => (paidOut.get(wallet) ?? 0n) / UNITS_PER_MICRO
  return {
    closed: true,
    toAgent: paid(grant.agentWallet),
    toCoordinator: paid(grant.coordinatorWallet),
    toProvider: paid(grant.providerWallet),
  }
}

/** The allowance, from the agent, and nothing else. */
function checkFunding({ paidIn }: ChannelFacts, { grant, name }: AuditedSession, findings: Findings): void {
  const { agentWallet, allowanceMicros, channel } = grant
  const whole = paidIn.size === 1 && paidIn.get(agentWallet) === allowanceMicros * UNITS_PER_MICRO
  if (whole) return
  const shown = [...paidIn].map(([wallet, units]) => `${usdc(units / UNITS_PER_MICRO)} by ${short(wallet)}`).join(', ')
  const detail = `session ${name} grants ${formatUsdc(allowanceMicros)} USDC, its channel was opened with ${shown || 'nothing'}`
  findings.add('channelFunding', 'ledger', channelId(channel.appSessionId), detail)
}

function checkClose(money: ChannelMoney, session: AuditedSession, findings: Findings): void {
  const { statement, grant, name } = session
  const id = channelId(grant.channel.appSessionId)
  if (statement !== undefined && money.toCoordinator !== statement.receivedMicros) {
    const detail = `the ledger paid the coordinator ${usdc(money.toCoordinator)} USDC, its Statement says ${formatUsdc(statement.receivedMicros)}`
    findings.add('receivedMismatch', 'close', `session close/${name}`, detail)
  }
  const rest = grant.allowanceMicros - money.toCoordinator - money.toProvider
  if (money.toAgent !== rest) {
    const detail = `the close of session ${name} gave the agent ${usdc(money.toAgent)} USDC of ${usdc(rest)}`
    findings.add('restMismatch', 'ledger', id, detail)
  }
  if (statement !== undefined && money.toProvider > statement.totalMicros) {
    const detail = `the exit of session ${name} paid the provider ${usdc(money.toProvider)} USDC of ${formatUsdc(statement.totalMicros)}`
    findings.add('restMismatch', 'ledger', id, detail)
  }
}

/** No channel without a Grant. */
export function checkStrangers(facts: LedgerFacts, sessions: readonly AuditedSession[], findings: Findings): void {
  const known = new Set(sessions.map(({ grant }) => grant.channel.appSessionId))
  for (const id of facts.channels.keys())
    if (!known.has(id)) findings.add('channelUnknown', 'ledger', channelId(id), 'no Grant in any book speaks of it')
}

/** Each overshoot of a close goes back in one transfer of exactly it; no other transfer happened. */
export function checkRefunds(facts: LedgerFacts, sessions: readonly AuditedSession[], findings: Findings): void {
  const open = [...facts.transfers]
  for (const session of sessions) {
    const { statement, grant, name } = session
    const over = statement === undefined ? 0n : statement.receivedMicros - settledMicros(session)
    if (over === 0n) continue
    const at = open.findIndex(
      ({ from, to, units }) =>
        from === grant.coordinatorWallet && to === grant.agentWallet && units === over * UNITS_PER_MICRO,
    )
    if (at >= 0) open.splice(at, 1)
    else {
      const detail = `the close took ${usdc(over)} USDC above the total and no transfer gave them back`
      findings.add('refundMissing', 'ledger', `clearnode refund/${name}`, detail)
    }
  }
  for (const { id, from, to, units } of open) {
    const detail = `${usdc(units / UNITS_PER_MICRO)} USDC from ${from} to ${to} is no refund that a Statement owes`
    findings.add('transferUnexplained', 'ledger', `clearnode transaction/${id}`, detail)
  }
}

/** How the close came about, by what it paid. */
export function closedBy(money: ChannelMoney, { statement }: AuditedSession): ClosedBy {
  if (!money.closed) return 'open'
  if (money.toProvider > 0n) return 'exit'
  const total = statement?.totalMicros ?? 0n
  if (money.toCoordinator === total) return 'exact'
  return money.toCoordinator > total ? 'cheque' : 'short'
}

/** Decimal USDC of an amount that may have any sign. */
export function usdc(amount: bigint): string {
  return amount < 0n ? `-${formatUsdc(micros(-amount))}` : formatUsdc(amount as Micros)
}
