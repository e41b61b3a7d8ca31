import { describe, expect, test } from 'vitest'
import { playLiar } from '../../src/world/liars/play.ts'
import { STRATEGIES } from '../../src/world/liars/strategies.ts'

/** Any; the campaign plays many. */
const SEED = 7

test('behavior: there are lies of every party, each with the check that stops it', () => {
  expect(STRATEGIES.length).toBeGreaterThanOrEqual(30)
  expect(new Set(STRATEGIES.map(({ name }) => name)).size).toBe(STRATEGIES.length)
  expect(new Set(STRATEGIES.map(({ party }) => party)).size).toBe(4)
  for (const { without } of STRATEGIES) expect(without.length).toBeGreaterThan(0)
})

describe('nobody honest loses more than the design concedes', () => {
  test.each(STRATEGIES.map((strategy) => [strategy.name, strategy] as const))(
    'behavior: to %s',
    async (_name, strategy) => {
      const { beyond, lostMicros, boundMicros } = await playLiar({
        ...{ seed: SEED, strategy, signatures: 'cheap', faults: false },
      })
      expect(beyond).toEqual([])
      expect(lostMicros).toBeLessThanOrEqual(boundMicros)
    },
  )
})

test('behavior: of an inflated time nobody accepts what a call waited for its stream', async () => {
  const strategy = STRATEGIES.find(({ name }) => name === 'time-inflated')
  if (strategy === undefined) throw new RangeError('no such strategy')
  // In this world a call is asked for while its session attaches.
  const { beyond } = await playLiar({ seed: 166, strategy, signatures: 'cheap', faults: false })
  expect(beyond).toEqual([])
})

test('behavior: the same seed and strategy give the same trace', async () => {
  const [strategy] = STRATEGIES
  if (strategy === undefined) throw new RangeError('no strategies')
  const options = { seed: SEED, strategy, signatures: 'cheap', faults: true } as const
  const [one, other] = [await playLiar(options), await playLiar(options)]
  expect(one.traceHash).toBe(other.traceHash)
})
