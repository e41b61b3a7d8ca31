import { expect, test } from 'vitest'
import { createRng } from '../../src/world/kernel/rng.ts'
import { WorldTime } from '../../src/world/kernel/time.ts'
import { createTrace } from '../../src/world/kernel/trace.ts'

test('behavior: events happen in the order of their times, ties in the order of their making', async () => {
  const time = new WorldTime()
  const seen: string[] = []
  const rng = createRng(7)
  const delays = Array.from({ length: 200 }, () => rng.below(50))
  delays.forEach((delayMs, at) => time.after(delayMs, () => seen.push(`${delayMs}/${at}`)))
  await time.run(100)
  const wanted = delays.map((delayMs, at) => ({ delayMs, at })).toSorted((a, b) => a.delayMs - b.delayMs || a.at - b.at)
  expect(seen).toEqual(wanted.map(({ delayMs, at }) => `${delayMs}/${at}`))
})

test('behavior: a cancelled event does not happen, and time stops where it is told', async () => {
  const time = new WorldTime()
  const seen: number[] = []
  const cancel = time.after(10, () => seen.push(10))
  time.after(20, () => seen.push(20))
  time.after(30, () => seen.push(30))
  cancel()
  expect(await time.run(25)).toBe(false)
  expect([seen, time.nowMs]).toEqual([[20], 25])
})

test('behavior: what an event causes without time passing is over before the next one', async () => {
  const time = new WorldTime()
  const seen: string[] = []
  time.after(1, () => {
    void (async () => {
      for (let hop = 0; hop < 50; hop++) await Promise.resolve()
      seen.push('caused')
    })()
  })
  time.after(1, () => seen.push('next'))
  await time.run(5)
  expect(seen).toEqual(['caused', 'next'])
})

test('behavior: a stream of numbers depends on seed and label alone', () => {
  const draw = (seed: number, label: string): number[] => {
    const rng = createRng(seed).fork(label)
    return Array.from({ length: 5 }, () => rng.u32())
  }
  const parent = createRng(1)
  parent.u32()
  expect(draw(1, 'a')).toEqual(draw(1, 'a'))
  expect(draw(1, 'a')).not.toEqual(draw(1, 'b'))
  expect(draw(2, 'a')).not.toEqual(draw(1, 'a'))
  expect(parent.fork('a').u32()).toBe(draw(1, 'a')[0])
})

test('behavior: two traces are equal exactly when their hashes are', () => {
  const trace = (...lines: string[]): string => {
    const one = createTrace({ nowMs: () => 5, keep: 0 })
    for (const line of lines) one.add('ada', line)
    return one.hash()
  }
  expect(trace('a', 'b')).toBe(trace('a', 'b'))
  expect(trace('a', 'b')).not.toBe(trace('b', 'a'))
  expect(trace('ab')).not.toBe(trace('a', 'b'))
})

test('behavior: a trace that keeps no more lines has the same hash', () => {
  const trace = (until: number): readonly [string, number] => {
    const one = createTrace({ nowMs: () => 5, keep: 10 })
    one.keepWhile(() => one.count <= until)
    for (const line of ['a', 'b', 'c']) one.add('ada', line)
    return [one.hash(), one.lines.length]
  }
  expect(trace(1)).toEqual([trace(3)[0], 1])
  expect(trace(3)[1]).toBe(3)
})
