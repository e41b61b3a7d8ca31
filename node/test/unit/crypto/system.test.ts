import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock, systemRandom, systemTimers } from '../../../src/crypto/index.ts'

const DAY_MS = 24 * 3_600_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

test('behavior: a timer of 30 days fires once, then and not at once', () => {
  const fire = vi.fn<() => void>()
  systemTimers.after(30 * DAY_MS, fire)
  vi.advanceTimersByTime(30 * DAY_MS - 1)
  expect(fire).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(fire).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(60 * DAY_MS)
  expect(fire).toHaveBeenCalledTimes(1)
  expect(vi.getTimerCount()).toBe(0)
})

test('behavior: a cancelled timer never fires, also after it was armed anew', () => {
  const fire = vi.fn<() => void>()
  const cancel = systemTimers.after(40 * DAY_MS, fire)
  vi.advanceTimersByTime(30 * DAY_MS)
  cancel()
  cancel()
  vi.advanceTimersByTime(60 * DAY_MS)
  expect(fire).not.toHaveBeenCalled()
  expect(vi.getTimerCount()).toBe(0)
})

test('behavior: wall time is whole Unix ms, monotonic time never falls', () => {
  expect(Number.isInteger(systemClock.wallMs())).toBe(true)
  const before = systemClock.monoMs()
  vi.advanceTimersByTime(5)
  expect(systemClock.monoMs()).toBe(before + 5)
})

test('behavior: random bytes have the length asked for and differ', () => {
  const [a, b] = [systemRandom.bytes(32), systemRandom.bytes(32)]
  expect([a.length, b.length]).toEqual([32, 32])
  expect(a).not.toEqual(b)
})
