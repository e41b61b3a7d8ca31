import { expect, test } from 'vitest'
import { worlds } from '../helpers/suite.ts'

const make = worlds()

test('behavior: a ledger that is away at the start is asked for our movements after pauses that double up to the longest', async () => {
  const w = make()
  w.ledger.setDown(true)
  await w.start()
  /** When it could not be read, ms after the start. */
  const unreadAt: number[] = []
  const unread = (): number => w.events.filter(({ event }) => event === 'holdingsUnread').length
  for (let ms = 0; ms < 122_000; ms += 500) {
    while (unreadAt.length < unread()) unreadAt.push(ms)
    await w.time.advance(500)
  }
  expect(unreadAt).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500, 31_500, 61_500, 91_500, 121_500])
  w.ledger.setDown(false)
  await w.time.advance(30_000)
  expect(unread()).toBe(unreadAt.length)
})
