import {
  agentBoundMs,
  claimOf,
  LIMITS,
  numerator,
  TIMES,
  type CallTerms,
  type Micros,
  type Numerator,
  type Outcome,
} from '@orien/protocol'
import type { StopReason } from './port.ts'

/** What can stop a call that runs. All ms are of effective time, counted from release, but `untilExpiryMs`, counted from now. */
export interface StopTerms {
  /** What the signed cap pays for. */
  readonly capMs: number
  /** The tool's own limit. */
  readonly maxMs: number
  /** What is left of the session's allowance pays for this much. */
  readonly allowanceMs: number
  /** ms shown by the agent's last TickAck; 0 before the first. */
  readonly ackedMs: number
  /** How long the call runs already. */
  readonly runningMs: number
  /** Wall time from now to the session's end. */
  readonly untilExpiryMs: number
}

/** A stop to come. */
export interface HardStop {
  /** From now; 0: at once. */
  readonly inMs: number
  readonly reason: StopReason
}

/**
 * The hard stop that comes first (DESIGN §5): the signed cap, the session's allowance (reported as `cap`: it is the money that ends), the
 * tool's `maxMs`, 30 s without the agent's TickAck, the end of the session. Of two at one time the one that the agent signed is named.
 */
export function hardStop(terms: StopTerms): HardStop {
  const { runningMs } = terms
  const stops: readonly (readonly [StopReason, number])[] = [
    ['cap', Math.min(terms.capMs, terms.allowanceMs) - runningMs],
    ['maxMs', terms.maxMs - runningMs],
    ['expired', terms.untilExpiryMs],
    // Silence stops a call only when it has run for longer, hence 1 more.
    ['tickAck', terms.ackedMs + TIMES.tickAckMs + 1 - runningMs],
  ]
  let first: HardStop = { inMs: Infinity, reason: 'stopped' }
  for (const [reason, inMs] of stops) if (inMs < first.inMs) first = { inMs, reason }
  return { ...first, inMs: Math.max(0, Math.ceil(first.inMs)) }
}

/** How long what is left of an allowance lasts at a price: ⌊left / price⌋ ms. */
export function allowanceMs(left: Numerator, priceMicrosPerMin: Micros): number {
  const ms = left / priceMicrosPerMin
  return ms > BigInt(LIMITS.maxCallMs) ? LIMITS.maxCallMs : Number(ms)
}

/** When the next tick is due, from now: the meter is shown at every whole multiple of `tickMs`. */
export function nextTickMs(runningMs: number, tickMs: number = TIMES.tickMs): number {
  return tickMs - (Math.max(0, runningMs) % tickMs)
}

/** True when a tick is due: none was shown in the interval that `runningMs` stands in. */
export function tickDue(runningMs: number, lastTickMs: number, tickMs: number = TIMES.tickMs): boolean {
  return Math.floor(runningMs / tickMs) > Math.floor(lastTickMs / tickMs)
}

/** What the agent's clock says of a call. Monotonic ms of one clock, and the queue time that the provider states. */
export interface AgentClockReading {
  readonly authorisationSentMono: number
  readonly receiptArrivalMono: number
  readonly queuedMs: number
}

/** The most effective ms an agent accepts: (arrival − sent)·1.001 + 5 − queued, floored, never below 0 (PROTOCOL, checks of a Receipt). */
export function agentBound({ authorisationSentMono, receiptArrivalMono, queuedMs }: AgentClockReading): number {
  return agentBoundMs(receiptArrivalMono - authorisationSentMono, queuedMs)
}

/** What the agent signs for a Tick: what was shown, as far as its own clock supports it. */
export function tickAckMs(shownMs: number, reading: AgentClockReading): number {
  return Math.min(shownMs, agentBound(reading))
}

/** The numerator of a receipt: min(price·effectiveMs, cap·60 000); 0 for what was ours to fail or never ran. */
export function receiptNumerator(outcome: Outcome, terms: CallTerms, effectiveMs: number): Numerator {
  return outcome === 'providerError' || outcome === 'notStarted' ? numerator(0n) : claimOf(terms, effectiveMs)
}
