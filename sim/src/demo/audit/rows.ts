import { hex, NUMERATOR_PER_MICRO, type Payout, type Signed } from '@orien/protocol'
import { closedBy, type ChannelMoney } from './channels.ts'
import { acceptedNumerator, settledMicros, type AuditedSession } from './sessions.ts'
import type { AuditedParty, AuditInput, CallRow, PayoutRow, SessionRow } from './types.ts'

/** All calls, in the order they started. */
export function callRows(sessions: readonly AuditedSession[]): readonly CallRow[] {
  const calls = sessions.flatMap((session) => [...session.calls].map(([seq, call]) => ({ session, seq, call })))
  return calls
    .toSorted((a, b) => a.call.receipt.value.startedAtMs - b.call.receipt.value.startedAtMs)
    .map(({ session, seq, call: { authorisation, receipt } }) => ({
      agent: session.agent,
      tool: authorisation.value.toolId,
      provider: session.provider,
      session: session.sid,
      outcome: receipt.value.outcome,
      effectiveMs: receipt.value.effectiveMs,
      numerator: receipt.value.numerator,
      costText: costText(receipt.value.numerator),
      receiptId: hex(receipt.id),
      acceptedNumerator: acceptedNumerator(session, seq),
      capMicros: authorisation.value.capMicros,
      priceMicrosPerMin: priceOf(session, authorisation.value.toolId),
      lastTickMs: receipt.value.lastTick ?? 0,
    }))
}

function priceOf({ grant }: AuditedSession, toolId: string): bigint {
  return grant.terms.find((term) => term.toolId === toolId)?.priceMicrosPerMin ?? 0n
}

/** numerator / 60 000 in µUSDC, cut after two digits. */
export function costText(numerator: bigint): string {
  const hundredths = (numerator * 100n) / NUMERATOR_PER_MICRO
  return `${hundredths / 100n}.${(hundredths % 100n).toString().padStart(2, '0')}`
}

export function sessionRow(session: AuditedSession, money: ChannelMoney): SessionRow {
  const { sid, agent, provider, grant, statement } = session
  const spentMicros = settledMicros(session) + money.toProvider
  const over = statement === undefined ? 0n : statement.receivedMicros - settledMicros(session)
  return {
    id: sid,
    agent,
    provider,
    allowanceMicros: grant.allowanceMicros,
    spentMicros,
    refundedMicros: money.closed ? money.toAgent + over : 0n,
    receivedMicros: money.toCoordinator,
    closedBy: closedBy(money, session),
  }
}

export function payoutRow(
  { value }: Signed<Payout>,
  { platform, reserve }: AuditInput['addresses'],
  parties: readonly AuditedParty[],
): PayoutRow {
  const owner = new Map(
    parties.flatMap(({ name, role, chainAccounts }) =>
      chainAccounts.map((account) => [account.address, role === 'coordinator' ? account.name : name] as const),
    ),
  )
  const sum = (wanted: (recipient: string) => boolean): bigint =>
    value.legs.reduce((total, { recipient, micros }) => (wanted(recipient) ? total + micros : total), 0n)
  return {
    transaction: value.transaction,
    providerMicros: sum((to) => to !== platform && to !== reserve),
    platformMicros: sum((to) => to === platform),
    reserveMicros: sum((to) => to === reserve),
    legs: value.legs.map(({ recipient, micros }) => ({ name: owner.get(recipient) ?? recipient, recipient, micros })),
  }
}
