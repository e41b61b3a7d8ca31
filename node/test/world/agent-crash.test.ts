import { expect, test } from 'vitest'
import { cutEverywhere } from '../helpers/crash-story.ts'

/** Dozens of whole sessions: it only ends a test that hangs. */
const HANG_MS = 120_000

for (const how of ['before', 'after'] as const) {
  test(`behavior: a power cut at the agent ${how} any flush costs it what it countersigned, and it contradicts nothing`, async () => {
    const { flushes, cuts } = await cutEverywhere('agent', how)
    expect(flushes).toBeGreaterThan(10)
    expect(cuts).toBe(flushes)
  })
}

test(
  'behavior: an agent whose disk is full at any flush says so, runs and signs nothing, and goes on after a restart',
  async () => {
    const { flushes, cuts } = await cutEverywhere('agent', 'full')
    expect(flushes).toBeGreaterThan(10)
    expect(cuts).toBe(flushes)
  },
  HANG_MS,
)
