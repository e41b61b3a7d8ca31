import { hex, LIMITS, OrienError } from '@orien/protocol'
import type { PayoutLegDraft } from './chain.ts'
import type { RecipientRules } from './recipients.ts'

/** Bounds of a payout transaction on Arc. */
export const BATCH_LIMITS = {
  /**
   * Gas is set by rule, never estimated: an estimate is satisfied by a batch whose legs ran out of gas. A leg to a new
   * account takes up to 95k on Arc; a hundred stay under EIP-7825's 16 777 216.
   */
  baseGas: 100_000n,
  legGas: 100_000n,
  maxLegs: LIMITS.maxPayoutLegs,
  /** Arc's base fee never falls below this. */
  feeFloorWei: 20_000_000_000n,
  /** A node takes a replacement from 10 % more on; an eighth leaves room for its rounding. */
  replacementEighths: 9n,
} as const

/** Gas of a batch of so many legs. */
export function gasForLegs(legs: number): bigint {
  return BATCH_LIMITS.baseGas + BATCH_LIMITS.legGas * BigInt(legs)
}

/** The fee to offer: the current one, the chain's floor, or an eighth above the transaction it replaces. */
export function feeToOffer(currentWei: bigint, above?: bigint): bigint {
  const replacing = above === undefined ? 0n : (above * BATCH_LIMITS.replacementEighths) / 8n + 1n
  return [currentWei, BATCH_LIMITS.feeFloorWei, replacing].reduce((most, one) => (one > most ? one : most))
}

/** Checks what is signed for and sent. Throws `badDocument`, `policy`. */
export function checkLegs(rules: RecipientRules, legs: readonly PayoutLegDraft[]): void {
  const bad = (message: string) => new OrienError('badDocument', { message })
  if (legs.length < 1 || legs.length > BATCH_LIMITS.maxLegs)
    throw bad(`a batch holds 1 to ${BATCH_LIMITS.maxLegs} legs`)
  if (new Set(legs.map(({ nonce }) => hex(nonce))).size !== legs.length) throw bad('two legs have the same nonce')
  for (const { recipient, micros, nonce, validBeforeS } of legs) {
    if (!rules.mayReceive(recipient)) {
      throw new OrienError('policy', {
        message: `${recipient} may not be paid`,
        hint: 'Bind a payout wallet that belongs to a person.',
        details: { recipient },
      })
    }
    if (micros <= 0n) throw bad('a leg pays nothing')
    if (nonce.length !== 32) throw bad("a leg's nonce is not 32 bytes")
    if (!Number.isSafeInteger(validBeforeS) || validBeforeS < 1) throw bad("a leg's validBefore is not a time")
  }
}
