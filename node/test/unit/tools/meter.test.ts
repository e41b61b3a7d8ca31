import { capMs, micros, numerator, OUTCOMES } from '@orien/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  agentBound,
  allowanceMs,
  hardStop,
  nextTickMs,
  receiptNumerator,
  tickAckMs,
  tickDue,
  type StopTerms,
} from '../../../src/tools/meter.ts'

const FAR: StopTerms = {
  capMs: 1e7,
  maxMs: 1e7,
  allowanceMs: 1e7,
  ackedMs: 1e7,
  runningMs: 0,
  untilExpiryMs: 1e7,
}
const wholeMs = fc.integer({ min: 0, max: 86_400_000 })

describe('hard stops', () => {
  it.each([
    [{ capMs: 100 }, { inMs: 100, reason: 'cap' }],
    [
      { allowanceMs: 90, capMs: 100 },
      { inMs: 90, reason: 'cap' },
    ],
    [{ maxMs: 100 }, { inMs: 100, reason: 'maxMs' }],
    [
      { untilExpiryMs: 100, runningMs: 50 },
      { inMs: 100, reason: 'expired' },
    ],
    [{ ackedMs: 0 }, { inMs: 30_001, reason: 'tickAck' }],
    [
      { ackedMs: 5_000, runningMs: 35_000 },
      { inMs: 1, reason: 'tickAck' },
    ],
    [
      { capMs: 100, maxMs: 100, untilExpiryMs: 100 },
      { inMs: 100, reason: 'cap' },
    ],
    [
      { capMs: 100, runningMs: 250 },
      { inMs: 0, reason: 'cap' },
    ],
    [
      { capMs: 100, runningMs: 99.5 },
      { inMs: 1, reason: 'cap' },
    ],
  ] as const)('behavior: %j stops %j', (terms, expected) => {
    expect(hardStop({ ...FAR, ...terms })).toEqual(expected)
  })

  it('behavior: no stop is later than any of its terms allows', () => {
    const terms = fc.record({
      capMs: wholeMs,
      maxMs: wholeMs,
      allowanceMs: wholeMs,
      ackedMs: wholeMs,
      runningMs: fc.double({ min: 0, max: 1e8, noNaN: true }),
      untilExpiryMs: wholeMs,
    })
    fc.assert(
      fc.property(terms, (each) => {
        const { inMs } = hardStop(each)
        const end = each.runningMs + inMs
        const latest = Math.min(each.capMs, each.allowanceMs, each.maxMs, each.ackedMs + 30_001)
        expect(inMs).toBeGreaterThanOrEqual(0)
        expect(end).toBeLessThan(Math.max(latest, each.runningMs) + 1.001)
        expect(inMs).toBeLessThanOrEqual(each.untilExpiryMs)
      }),
    )
  })

  it('behavior: an allowance lasts what it pays for, no ms more', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), fc.bigInt({ min: 1n, max: 10n ** 9n }), (left, price) => {
        const ms = allowanceMs(numerator(left), micros(price))
        expect(price * BigInt(ms)).toBeLessThanOrEqual(left)
        if (ms < 86_400_000) expect(price * BigInt(ms + 1)).toBeGreaterThan(left)
      }),
    )
  })
})

describe('ticks', () => {
  it.each([
    [4_999, 0, false],
    [5_000, 0, true],
    [9_999, 5_000, false],
    [10_000, 5_003, true],
    [26_000, 5_000, true],
  ])('behavior: at %s after a tick at %s one is due: %s', (runningMs, lastTickMs, expected) => {
    expect(tickDue(runningMs, lastTickMs)).toBe(expected)
  })

  it('behavior: the next tick is in the next interval, never now', () => {
    fc.assert(
      fc.property(wholeMs, (runningMs) => {
        const inMs = nextTickMs(runningMs)
        expect(inMs).toBeGreaterThan(0)
        expect(tickDue(runningMs + inMs, runningMs)).toBe(true)
        expect(tickDue(runningMs + inMs - 1, runningMs)).toBe(false)
      }),
    )
  })
})

describe('the agent’s clock', () => {
  it('behavior: (arrival − sent)·1.001 + 5 − queued, floored', () => {
    expect(agentBound({ authorisationSentMono: 1_000.5, receiptArrivalMono: 2_000.5, queuedMs: 0 })).toBe(1_006)
    expect(agentBound({ authorisationSentMono: 0, receiptArrivalMono: 1_000, queuedMs: 400 })).toBe(606)
    expect(agentBound({ authorisationSentMono: 0, receiptArrivalMono: 10, queuedMs: 400 })).toBe(0)
  })

  it('behavior: an honest provider is never below it, whatever network and queue add', () => {
    const part = fc.double({ min: 0, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(part, part, part, part, (thereMs, queueMs, runMs, backMs) => {
        const elapsedMs = thereMs + queueMs + runMs + backMs
        const bound = agentBound({
          authorisationSentMono: 0,
          receiptArrivalMono: elapsedMs,
          queuedMs: Math.floor(queueMs),
        })
        expect(Math.ceil(runMs)).toBeLessThanOrEqual(bound)
      }),
    )
  })

  it('behavior: a TickAck is what was shown, as far as the clock supports it', () => {
    const reading = { authorisationSentMono: 0, receiptArrivalMono: 5_000, queuedMs: 0 }
    expect([tickAckMs(4_990, reading), tickAckMs(9_000, reading)]).toEqual([4_990, 5_010])
  })
})

describe('the numerator of a receipt', () => {
  it('behavior: never above price × time, never above the cap, 0 for what never ran or was ours', () => {
    const price = fc.bigInt({ min: 1n, max: 10n ** 9n }).map(micros)
    const cap = fc.bigInt({ min: 0n, max: 10n ** 12n }).map(micros)
    fc.assert(
      fc.property(
        fc.constantFrom(...OUTCOMES),
        price,
        cap,
        wholeMs,
        (outcome, priceMicrosPerMin, capMicros, effectiveMs) => {
          const claim = receiptNumerator(outcome, { priceMicrosPerMin, capMicros }, effectiveMs)
          const free = outcome === 'providerError' || outcome === 'notStarted'
          const full = priceMicrosPerMin * BigInt(effectiveMs)
          const most = capMicros * 60_000n
          expect(claim).toBe(free ? 0n : full < most ? full : most)
          // A call that was stopped at what its cap pays for is billed no more than the cap.
          if (effectiveMs <= capMs(capMicros, priceMicrosPerMin)) expect(full).toBeLessThanOrEqual(most)
        },
      ),
    )
  })
})
