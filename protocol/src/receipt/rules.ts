import { AGENT_CLOCK, TIMES } from '../limits.ts'
import { capNumerator, least, numerator, numeratorOf, type Micros, type Numerator } from '../money/micros.ts'
import type { Ack, AckException, Receipt } from './documents.ts'

/** What a receipt is measured against. */
export interface CallTerms {
  readonly priceMicrosPerMin: Micros
  readonly capMicros: Micros
}

/** What a provider may claim: price × effectiveMs, never above the cap (PROTOCOL, invariant 1). */
export function claimOf(terms: CallTerms, effectiveMs: number): Numerator {
  return least(numeratorOf(terms.priceMicrosPerMin, effectiveMs), capNumerator(terms.capMicros))
}

/** True when a receipt claims no more than its terms allow (invariant 1). */
export function withinTerms(receipt: Receipt, terms: CallTerms): boolean {
  return receipt.numerator <= claimOf(terms, receipt.effectiveMs)
}

/** The longest effective time an agent's own clock supports: (arrival − sent)·1.001 + 5 − queued, never below 0 (DESIGN §5). */
export function agentBoundMs(elapsedMs: number, queuedMs: number): number {
  // Per mille, not × 1.001: that float is a little too small, and would lose a millisecond on whole seconds.
  const clockMs = (elapsedMs * AGENT_CLOCK.perMille) / 1_000 + AGENT_CLOCK.slackMs
  return Math.max(0, Math.floor(clockMs - queuedMs))
}

/** What accepting `acceptedMs` of a receipt comes to: never more than it claims. */
export function acceptedOf(
  receipt: Pick<Receipt, 'numerator'>,
  exception: AckException | undefined,
  priceMicrosPerMin: Micros,
): Numerator {
  if (exception === undefined) return receipt.numerator
  return least(receipt.numerator, numeratorOf(priceMicrosPerMin, exception.acceptedMs))
}

/** What an unacknowledged receipt settles at when nobody contests: min(claim, price·(lastTick + 30 000)). */
export function uncontestedOf(receipt: Pick<Receipt, 'numerator' | 'lastTick'>, priceMicrosPerMin: Micros): Numerator {
  return least(receipt.numerator, numeratorOf(priceMicrosPerMin, (receipt.lastTick ?? 0) + TIMES.tickAckMs))
}

/** Sum of numerators. Throws `badMoney` above uint64. */
export function sumNumerators(parts: Iterable<Numerator>): Numerator {
  let sum = 0n
  for (const part of parts) sum += part
  return numerator(sum)
}

/** The exception an Ack makes for one receipt. */
export function exceptionFor(ack: Ack, receiptSeq: number): AckException | undefined {
  return ack.exceptions.find((one) => one.receiptSeq === receiptSeq)
}
