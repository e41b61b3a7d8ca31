import { describe, expect, test } from 'vitest'
import { drawMoments } from '../../src/processes/moments.ts'
import { seeded } from '../../src/processes/random.ts'

const SEEDS = Array.from({ length: 50 }, (_, seed) => seed)

describe('moments', () => {
  test('behavior: are the same for the same seed, and others for another', () => {
    expect(drawMoments(20, seeded(7))).toEqual(drawMoments(20, seeded(7)))
    expect(drawMoments(20, seeded(7))).not.toEqual(drawMoments(20, seeded(8)))
  })

  test('behavior: of twenty at least five fall into a running call, and each role is met', () => {
    for (const seed of SEEDS) {
      const moments = drawMoments(20, seeded(seed))
      expect(moments).toHaveLength(20)
      expect(moments.filter(({ phase }) => phase === 'running call').length).toBeGreaterThanOrEqual(5)
      const roles = new Set(moments.map(({ role }) => role))
      expect([...roles].sort()).toEqual(['agent', 'clearnode', 'coordinator', 'provider', 'runner'])
    }
  })

  test('behavior: of many every phase of every role comes before any comes for the third time', () => {
    for (const seed of SEEDS) {
      const moments = drawMoments(25, seeded(seed))
      const counts = new Map<string, number>()
      for (const { role, phase } of moments) counts.set(`${role} ${phase}`, (counts.get(`${role} ${phase}`) ?? 0) + 1)
      expect(counts.size).toBe(22)
      expect(Math.max(...counts.values())).toBeLessThanOrEqual(2)
    }
  })
})
