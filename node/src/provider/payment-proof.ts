import { equalBytes, micros, type Micros } from '@orien/protocol'
import type { Settlement } from '../coordinator-client/statements.ts'
import type { Session } from './session.ts'

/**
 * What the documents of a coordinator prove that it paid us for a session, micro-USDC: the share of the newest Statement, when a Payout names that
 * Statement and pays our wallet as much. Its word alone proves nothing: one that pays nobody could else have new work for ever.
 */
export function provedMicros(
  { grant }: Pick<Session, 'grant'>,
  { statements, payouts }: Pick<Settlement, 'statements' | 'payouts'>,
): Micros {
  const last = statements.at(-1)
  if (last === undefined) return micros(0n)
  const { providerMicros } = last.value.split
  const isPaid = payouts.some(
    ({ value }) =>
      value.statementIds.some((id) => equalBytes(id, last.id)) &&
      // Legs to one wallet are merged: this one may pay for other Statements too.
      value.legs.some((leg) => leg.recipient === grant.payoutWallet && leg.micros >= providerMicros),
  )
  return isPaid ? providerMicros : micros(0n)
}
