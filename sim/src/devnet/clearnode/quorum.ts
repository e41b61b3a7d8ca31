import { add, formatDecimal, isNegative, isZero, subtract, zero, type Decimal } from './decimal.ts'
import { Refusal } from './errors.ts'
import type { Allocation } from './params.ts'
import { sessionTotals, type SessionRow, type Tables } from './tables.ts'

/** The session, if it is open. */
export const openSession = (tables: Tables, id: string): SessionRow => {
  const session = tables.sessions.get(id)
  if (session === undefined || session.status !== 'open')
    throw new Refusal('an open app session not found: record not found')
  return session
}

/** Σ weights of the signing wallets ≥ quorum; a wallet that is no participant is fatal. `request` names the refusal. */
export const checkQuorum = (session: SessionRow, wallets: ReadonlySet<string>, request: string): void => {
  let weight = 0n
  for (const wallet of wallets) {
    const at = session.participants.lastIndexOf(wallet)
    if (at < 0) throw new Refusal(`signature from unknown participant wallet ${wallet}`)
    weight += BigInt(session.weights[at] ?? '0')
  }
  if (weight < BigInt(session.quorum))
    throw new Refusal(`incorrect ${request} request: quorum not reached: ${weight} / ${session.quorum}`)
}

export const checkNotNegative = ({ amount, asset }: Allocation): void => {
  if (isNegative(amount)) throw new Refusal(`negative allocation: ${formatDecimal(amount)} for asset ${asset}`)
}

export const checkParticipant = (session: SessionRow, { participant }: Allocation): void => {
  if (!session.participants.includes(participant)) throw new Refusal(`allocation to non-participant ${participant}`)
}

/** The sum of the allocations must be what the session holds, asset by asset; duplicates count twice, omissions pass. */
export const checkRedistributed = (
  tables: Tables,
  session: SessionRow,
  allocations: readonly Allocation[],
  prefix = '',
): void => {
  const held = sessionTotals(tables, session)
  const asked = new Map<string, Decimal>()
  for (const { asset, amount } of allocations) asked.set(asset, add(asked.get(asset) ?? zero, amount))
  for (const [asset, balance] of held) {
    const sum = asked.get(asset) ?? zero
    if (isZero(balance) && !isZero(sum))
      throw new Refusal(`${prefix}asset ${asset} is not deposited into the app session. Please deposit the asset first`)
    if (!isZero(subtract(balance, sum))) throw new Refusal(`${prefix}asset ${asset} not fully redistributed`)
  }
  for (const [asset, sum] of asked)
    if (!held.has(asset) && !isZero(sum)) throw new Refusal(`${prefix}allocation references unknown asset ${asset}`)
}
