import { describe, expect, test } from 'vitest'
import { runSeed, type SeedOptions } from '../../src/world/run/seed.ts'

const cheap = (seed: number, more: Partial<SeedOptions> = {}): SeedOptions => ({ seed, signatures: 'cheap', ...more })

describe('worlds in which things go wrong', () => {
  for (const [what, more] of [
    ['as drawn', {}],
    ['more often', { faultsOften: 3 }],
    ['with power cut anywhere', { cutChance: 0.003 }],
  ] as const) {
    test(`behavior: nothing is broken and nothing is left open, ${what}`, async () => {
      for (let seed = 1; seed <= 4; seed++) {
        const { violations, unsettled, calls } = await runSeed(cheap(seed, more))
        expect({ seed, violations, unsettled, calls }).toEqual({ seed, violations: [], unsettled: [], calls: 32 })
      }
    })
  }

  test('behavior: with real keys too', async () => {
    const { violations, unsettled } = await runSeed(cheap(3, { signatures: 'real', callsPerAgent: 4 }))
    expect([violations, unsettled]).toEqual([[], []])
  })

  test('behavior: on a restored back-up the book signs again', async () => {
    for (let seed = 1; seed <= 2; seed++) {
      const { violations, unsettled } = await runSeed(cheap(seed, { restored: true }))
      expect({ seed, violations, unsettled }).toEqual({ seed, violations: [], unsettled: [] })
    }
  })
})

describe('a seed', () => {
  test('behavior: gives the same trace again', async () => {
    const [one, two] = [await runSeed(cheap(42)), await runSeed(cheap(42))]
    expect(one.events).toBeGreaterThan(1_000)
    expect(two).toEqual(one)
  })

  test('behavior: another one gives another trace', async () => {
    const [one, two] = [await runSeed(cheap(1)), await runSeed(cheap(2))]
    expect(two.traceHash).not.toBe(one.traceHash)
  })

  test('behavior: survives a power cut at any I/O point', async () => {
    const base = cheap(5, { faults: [], callsPerAgent: 2 })
    const { ioPoints } = await runSeed(base)
    expect(ioPoints).toBeGreaterThan(500)
    // Every 61st: `sim --every-io` does them all.
    for (let cutAt = 5; cutAt < ioPoints; cutAt += 61) {
      const { violations, unsettled, cuts } = await runSeed({ ...base, cutAt })
      expect({ cutAt, violations, unsettled, cuts }).toEqual({ cutAt, violations: [], unsettled: [], cuts: 1 })
    }
  })
})
