import { expect, test } from 'vitest'
import { cutEverywhere } from '../helpers/crash-story.ts'

/** Dozens of whole sessions: it only ends a test that hangs. */
const HANG_MS = 120_000

for (const how of ['before', 'after'] as const) {
  test(`behavior: a power cut at the provider ${how} any flush pays it once for what it signed, and it contradicts nothing`, async () => {
    const { flushes, cuts } = await cutEverywhere('provider', how)
    expect(flushes).toBeGreaterThan(10)
    expect(cuts).toBe(flushes)
  })
}

test(
  'behavior: a provider whose disk is full at any flush says so, admits and shows nothing, and goes on after a restart',
  async () => {
    const { flushes, cuts } = await cutEverywhere('provider', 'full')
    expect(flushes).toBeGreaterThan(10)
    expect(cuts).toBe(flushes)
  },
  HANG_MS,
)
