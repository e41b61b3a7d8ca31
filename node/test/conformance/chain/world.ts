import { micros, type Address, type Micros } from '@orien/protocol'
import { expect } from 'vitest'
import type { ChainRail, PayoutLegDraft, RawTransaction, SignedLeg } from '../../../src/rails/chain.ts'

/** One running chain, one payer on it, and what its test can do to both. */
export interface ChainWorld {
  readonly rail: ChainRail
  /** A rail of the same payer whose batch of two legs runs out of gas in the second. What the first does is the chain's affair. */
  readonly shortOfGas: () => Promise<ChainRail>
  readonly fundTreasury: (amount: Micros) => Promise<void>
  /** Leaves the gas key with exactly this. */
  readonly setGas: (wei: bigint) => Promise<void>
  /** An address that has never been used. */
  readonly recipient: () => Address
  readonly balance: (account: Address) => Promise<Micros>
  readonly block: (account: Address, on: boolean) => Promise<void>
  /** Somebody else submits a leg, mined at once. */
  readonly submitElsewhere: (leg: SignedLeg) => Promise<void>
  /** The treasury cancels a leg, mined at once. */
  readonly cancel: (leg: SignedLeg) => Promise<void>
  /** While on, what is sent waits. */
  readonly holdMining: (on: boolean) => Promise<void>
  /** What was sent is mined when this resolves, though a node may answer a send earlier. */
  readonly mine: () => Promise<void>
  /** The node forgets a transaction that waits. */
  readonly drop: (transaction: RawTransaction) => Promise<void>
  /** Moves the chain's time on. */
  readonly advance: (seconds: number) => Promise<void>
  /** The next transaction sent is lost on its way, or its answer is. */
  readonly loseNext: (what: 'request' | 'answer') => void
  readonly stop: () => Promise<void>
}

export const GAS_WEI = 10n ** 18n
let lastNonce = 0

/** 32 bytes that no leg had before. */
export function freshNonce(): Uint8Array {
  lastNonce += 1
  const nonce = new Uint8Array(32).fill(3)
  new DataView(nonce.buffer).setUint32(0, lastNonce)
  return nonce
}

/** Legs of these amounts, each to a fresh recipient, good for a day of chain time. */
export async function draftLegs(world: ChainWorld, ...amounts: readonly bigint[]): Promise<readonly PayoutLegDraft[]> {
  const validBeforeS = (await world.rail.chainTimeS()) + 86_400
  return amounts.map((amount) => ({
    recipient: world.recipient(),
    micros: micros(amount),
    nonce: freshNonce(),
    validBeforeS,
  }))
}

/** The same, signed, with the money for them in the treasury. */
export async function fundedLegs(world: ChainWorld, ...amounts: readonly bigint[]): Promise<readonly SignedLeg[]> {
  const total = amounts.reduce((sum, amount) => sum + amount, 1n)
  await world.fundTreasury(micros(total))
  return world.rail.signLegs(await draftLegs(world, ...amounts))
}

export async function draft(rail: ChainRail, legs: readonly SignedLeg[], above?: bigint): Promise<RawTransaction> {
  return rail.draftBatch(legs, await rail.nextAccountNonce(), await rail.feeWei(above))
}

/** Sends a batch and returns what became of each leg, in words. */
export async function outcomes(
  world: ChainWorld,
  legs: readonly SignedLeg[],
  rail = world.rail,
): Promise<readonly string[]> {
  const transaction = await draft(rail, legs)
  expect(await rail.send(transaction)).toBe('sent')
  return outcomesOf(world, transaction, legs)
}

/** The same of a batch that was sent. */
export async function outcomesOf(
  world: ChainWorld,
  { hash }: RawTransaction,
  legs: readonly SignedLeg[],
): Promise<readonly string[]> {
  await world.mine()
  const batch = await world.rail.find(hash, legs)
  return (
    batch?.legs.map(({ outcome, reason }) => (reason === undefined ? outcome : `${outcome}: ${reason}`)) ?? [
      'not mined',
    ]
  )
}

export const code = (value: string): unknown => expect.objectContaining({ code: value })
