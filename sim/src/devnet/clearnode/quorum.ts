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

/** Σ weights of the signing wallets ≥ quorum; a wallet that is no participant is fatal. */
export const checkQuorum = (session: SessionRow, wallets: ReadonlyMap<string, string>): void => {
  let weight = 0n
  for (const wallet of wallets.keys()) {
    const at = session.participants.lastIndexOf(wallet)
    if (at < 0) throw new Refusal(`signature from unknown participant wallet ${wallet}`)
    weight += BigInt(session.weights[at] ?? '0')
  }
  if (weight < BigInt(session.quorum)) throw new Refusal(`quorum not reached: ${weight} / ${session.quorum}`)
}

/** Amounts not negative, each to a participant. Duplicates and omissions pass, as on the real node. */
export const checkAllocations = (session: SessionRow, allocations: readonly Allocation[]): void => {
  for (const { participant, asset, amount } of allocations) {
    if (isNegative(amount)) throw new Refusal(`negative allocation: ${formatDecimal(amount)} for asset ${asset}`)
    if (!session.participants.includes(participant)) throw new Refusal(`allocation to non-participant ${participant}`)
  }
}

const sums = (allocations: readonly Allocation[]): Map<string, Decimal> => {
  const totals = new Map<string, Decimal>()
  for (const { asset, amount } of allocations) totals.set(asset, add(totals.get(asset) ?? zero, amount))
  return totals
}

/** Per asset: what the allocations add to what the session holds. */
export const sumDeltas = (
  tables: Tables,
  session: SessionRow,
  allocations: readonly Allocation[],
): Map<string, Decimal> => {
  const held = sessionTotals(tables, session)
  const asked = sums(allocations)
  const deltas = new Map<string, Decimal>()
  for (const asset of new Set([...held.keys(), ...asked.keys()]))
    deltas.set(asset, subtract(asked.get(asset) ?? zero, held.get(asset) ?? zero))
  return deltas
}

export const checkRedistributed = (tables: Tables, session: SessionRow, allocations: readonly Allocation[]): void => {
  for (const [asset, delta] of sumDeltas(tables, session, allocations))
    if (!isZero(delta)) throw new Refusal(`asset ${asset} not fully redistributed`)
}
