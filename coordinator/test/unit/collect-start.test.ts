import { describe, expect, test } from 'vitest'
import { COORDINATOR_LIMITS } from '../../src/limits.ts'
import { createRanges } from '../../src/collect/ranges.ts'
import { worlds } from '../helpers/suite.ts'

const make = worlds()

describe('the callSeqs that have a receipt', () => {
  test('behavior: are the same ranges when they are taken up again', () => {
    const first = createRanges()
    for (const value of [1, 2, 3, 7, 9, 8, 20]) first.add(value)
    expect(first.list()).toEqual([
      [1, 3],
      [7, 9],
      [20, 20],
    ])
    const again = createRanges(first.list())
    again.add(4)
    expect([again.has(3), again.has(4), again.has(5), again.list()[0]]).toEqual([true, true, false, [1, 4]])
    expect(first.has(4)).toBe(false)
  })

  test.each([
    ['one by one: its record says it', 1, 3],
    ['far apart: the receipts say it', 2, COORDINATOR_LIMITS.maxUsedRanges + 4],
  ])(
    'error: a second receipt for a call is equivocation after a restart, calls numbered %s',
    async (_, step, count) => {
      const w = make()
      const session = await w.begin()
      const authorisations = Array.from({ length: count }, (__, at) =>
        w.agent.authorise(session, 50_000n, { callSeq: (at + 1) * step }),
      )
      const receipts = authorisations.map((one) => w.provider.receipt(session, one, 10))
      await w.provider.send(session, { receipts, acks: [w.agent.ack(session)] })
      await w.restart()
      // Acknowledged long ago, so nothing of it is in memory but its number.
      const [old] = authorisations
      const fresh = w.provider.receipt(session, w.agent.authorise(session, 50_000n, { callSeq: 1_000 }), 10)
      expect((await w.provider.send(session, { receipts: [fresh] }))?.failure).toBeUndefined()
      const twice = w.provider.receipt(session, old!, 20)
      expect((await w.provider.send(session, { receipts: [twice] }))?.failure?.code).toBe('equivocation')
      expect(await w.coordinator.session(session.sessionId)).toMatchObject({ state: 'FROZEN', frozen: 'equivocation' })
    },
  )
})
