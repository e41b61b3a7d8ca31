import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isOrienError } from '@orien/protocol'
import type { ScanRange, Store, StoreOp } from '../../src/store/port.ts'

/** One place a store is kept in, for one test. */
export interface StorePlace {
  open(): Promise<Store>
  remove(): Promise<void>
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : new TextDecoder().decode(value)
const put = (key: string, value = key): StoreOp => ({ type: 'put', key, value: bytes(value) })
const del = (key: string): StoreOp => ({ type: 'del', key })

async function read(store: Store, range: ScanRange = {}): Promise<string[]> {
  const found: string[] = []
  for await (const [key, value] of store.scan(range)) found.push(`${key}=${text(value)}`)
  return found
}

/** What every Store promises (node/src/store/port.ts). */
export function storeConformance(name: string, makePlace: () => Promise<StorePlace>): void {
  describe(`store: ${name}`, () => {
    let place: StorePlace
    let store: Store
    beforeEach(async () => {
      place = await makePlace()
      store = await place.open()
    })
    afterEach(async () => {
      await store.close()
      await place.remove()
    })
    const reopen = async (): Promise<void> => {
      await store.close()
      store = await place.open()
    }

    test('behavior: an absent key is undefined', async () => {
      expect(await store.get('none')).toBeUndefined()
      expect(await read(store)).toEqual([])
    })

    test('behavior: what was committed is read back after a restart, byte for byte', async () => {
      const value = Uint8Array.from({ length: 256 }, (_, at) => at)
      await store.commit([{ type: 'put', key: 'all', value }, put('empty', '')])
      await reopen()
      expect([...((await store.get('all')) ?? [])]).toEqual([...value])
      expect(await store.get('empty')).toHaveLength(0)
    })

    test('behavior: a batch is applied in its order, the last change of a key wins', async () => {
      await store.commit([put('a', '1'), del('a'), put('a', '2'), put('b', '1'), del('b')])
      expect(await read(store)).toEqual(['a=2'])
      await reopen()
      expect(await read(store)).toEqual(['a=2'])
    })

    test('behavior: a batch is readable before it is on disk', async () => {
      await store.commit([put('old', 'disk'), put('gone', 'disk')])
      const flushed = store.commit([put('old', 'new'), put('added'), del('gone')])
      expect(text(await store.get('old'))).toBe('new')
      expect(await store.get('gone')).toBeUndefined()
      await flushed
      expect(await read(store)).toEqual(['added=added', 'old=new'])
    })

    test('behavior: a batch that need not be durable is readable at once and leaves with the next flush', async () => {
      await store.commit([put('lazy', '1')], { durable: false })
      expect(text(await store.get('lazy'))).toBe('1')
      expect(await read(store)).toEqual(['lazy=1'])
      await store.commit([put('firm', '1')])
      await reopen()
      expect(await read(store)).toEqual(['firm=1', 'lazy=1'])
    })

    test('behavior: close flushes what was handed in, durable or not', async () => {
      const firm = store.commit([put('firm')])
      await store.commit([put('lazy')], { durable: false })
      await reopen()
      await firm
      expect(await read(store)).toEqual(['firm=firm', 'lazy=lazy'])
    })

    test('behavior: an empty durable commit waits for everything before it', async () => {
      await store.commit([put('lazy')], { durable: false })
      await store.commit([])
      await reopen()
      expect(await read(store)).toEqual(['lazy=lazy'])
    })

    test('behavior: a batch that may be durable later is told so by the next flush, before whoever asked for that', async () => {
      const order: string[] = []
      const later = store.commit([put('later')], { durable: 'later' }).then(() => order.push('later'))
      expect(text(await store.get('later'))).toBe('later')
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
      expect(order).toEqual([])
      await store.commit([]).then(() => order.push('flush'))
      await later
      expect(order).toEqual(['later', 'flush'])
      await reopen()
      expect(await read(store)).toEqual(['later=later'])
    })

    test('behavior: many batches at once keep their order', async () => {
      await Promise.all(
        Array.from({ length: 500 }, async (_, at) => {
          await store.commit([put('last', String(at)), put(`n${String(at).padStart(3, '0')}`)], {
            durable: at % 3 !== 1,
          })
        }),
      )
      expect(text(await store.get('last'))).toBe('499')
      await reopen()
      expect(text(await store.get('last'))).toBe('499')
      expect(await read(store, { gte: 'n', lt: 'o' })).toHaveLength(500)
    })

    test('behavior: a burst of lazy batches does not wait in memory for ever', async () => {
      const value = new Uint8Array(64 * 1024)
      for (let at = 0; at < 64; at++) await store.commit([{ type: 'put', key: `k${at}`, value }], { durable: false })
      await reopen()
      expect(await read(store)).toHaveLength(64)
    })

    test('behavior: keys are ordered by their UTF-8 bytes', async () => {
      const keys = ['a', 'é', '\u{ffff}', '\u{1f600}', '\u{10000}', '\ue000', 'aa', 'A', '\u{10ffff}']
      await store.commit(keys.map((key) => put(key, 'x')))
      const byBytes = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).map((key) => `${key}=x`)
      expect(await read(store)).toEqual(byBytes)
      await reopen()
      expect(await read(store)).toEqual(byBytes)
      expect(await read(store, { gt: '\u{ffff}' })).toEqual(['\u{10000}=x', '\u{1f600}=x', '\u{10ffff}=x'])
    })

    const ranges: [ScanRange, string][] = [
      [{}, 'abcdef'],
      [{ gte: 'b', lt: 'e' }, 'bcd'],
      [{ gt: 'b', lte: 'e' }, 'cde'],
      [{ gt: 'bb', lt: 'dd' }, 'cd'],
      [{ gte: 'x' }, ''],
      [{ lt: 'a' }, ''],
      [{ limit: 2 }, 'ab'],
      [{ limit: 0 }, ''],
      [{ reverse: true }, 'fedcba'],
      [{ reverse: true, limit: 3, lt: 'e' }, 'dcb'],
      [{ reverse: true, gte: 'c' }, 'fedc'],
      [{ reverse: true, gt: 'c', lte: 'eee' }, 'ed'],
      [{ gte: 'd', lt: 'b' }, ''],
    ]
    test.each(ranges)('behavior: scan %o gives %s, from disk and from what is pending', async (range, expected) => {
      const keysOf = async (): Promise<string> => (await read(store, range)).map((entry) => entry.charAt(0)).join('')
      await store.commit('abcdef'.split('').map((key) => put(key)))
      expect(await keysOf()).toBe(expected)
      await store.commit([put('b', 'changed'), put('a1', 'more'), put('e', 'changed')], { durable: false })
      await store.commit([del('a1')], { durable: false })
      expect(await keysOf()).toBe(expected)
    })

    test('behavior: pending changes replace, add and hide entries in both directions, under a limit', async () => {
      await store.commit('bdfh'.split('').map((key) => put(key, 'old')))
      await store.commit([put('a', 'new'), put('d', 'new'), del('f'), put('g', 'new'), put('z', 'new')], {
        durable: false,
      })
      const all = ['a=new', 'b=old', 'd=new', 'g=new', 'h=old', 'z=new']
      expect(await read(store)).toEqual(all)
      expect(await read(store, { reverse: true })).toEqual(all.toReversed())
      for (let limit = 0; limit <= 7; limit++) {
        expect(await read(store, { limit })).toEqual(all.slice(0, limit))
        expect(await read(store, { limit, reverse: true })).toEqual(all.toReversed().slice(0, limit))
      }
      await store.commit([])
      expect(await read(store)).toEqual(all)
    })

    test('behavior: a scan shows the store as of its call', async () => {
      await store.commit([put('a', '1'), put('b', '1'), put('c', '1')])
      await store.commit([put('b', '2')], { durable: false })
      const scan = store.scan({})
      await store.commit([put('a', '3'), del('b'), put('d', '3')])
      const seen: string[] = []
      for await (const [key, value] of scan) seen.push(`${key}=${text(value)}`)
      expect(seen).toEqual(['a=1', 'b=2', 'c=1'])
      expect(await read(store)).toEqual(['a=3', 'c=1', 'd=3'])
    })

    test('behavior: a scan may be left early, and the store closes after it', async () => {
      await store.commit('abc'.split('').map((key) => put(key)))
      for await (const [key] of store.scan({})) if (key === 'a') break
      store.scan({})
      await reopen()
      expect(await read(store, { limit: 1 })).toEqual(['a=a'])
    })

    test('error: a closed store answers stopped', async () => {
      await store.close()
      await store.close()
      await expectCode(store.commit([put('a')]), 'stopped')
      await expectCode(store.get('a'), 'stopped')
      expect(() => store.scan({})).toThrow(expect.objectContaining({ code: 'stopped' }))
    })

    test('error: a key that is empty or not Unicode is refused with its whole batch', async () => {
      await expectCode(store.commit([put('good'), put('')]), 'internal')
      await expectCode(store.commit([put('\ud800')]), 'internal')
      expect(await read(store)).toEqual([])
    })
  })
}

async function expectCode(work: Promise<unknown>, code: string): Promise<void> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(isOrienError(error) ? error.code : error).toBe(code)
}
