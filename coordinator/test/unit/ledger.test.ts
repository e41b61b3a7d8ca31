import { nodeCrypto } from '@orien/node/crypto'
import { memoryDisk, memoryStore } from '@orien/node/store'
import { DEFAULT_SPLIT, least, micros, splitTotal, utf8 } from '@orien/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeRecord, encodeRecord } from '../../src/codec.ts'
import { createRanges } from '../../src/collect/ranges.ts'
import { keys } from '../../src/keys.ts'
import { openBook } from '../../src/ledger/book.ts'
import { sealEntry, storedHash } from '../../src/ledger/chain.ts'
import { checkBook } from '../../src/ledger/invariants.ts'
import { close, debit, earn, hold, lateClose, release } from '../../src/ledger/postings.ts'
import { walletOf } from '../helpers/parties.ts'

const payoutWallet = walletOf(5).address
const amount = fc.bigInt({ min: 0n, max: 1_000_000n }).map(micros)

test('behavior: whatever a close pays, every entry balances and nothing is left of the session', async () => {
  await fc.assert(
    fc.asyncProperty(amount, amount, amount, amount, async (allowance, total, received, inChannel) => {
      const book = await openBook(memoryStore(), nodeCrypto)
      const split = splitTotal(least(total, received), DEFAULT_SPLIT)
      const figures = { sid: 's', allowance, debited: micros(0n), total, received, inChannel, split, payoutWallet }
      const { over, short, posting } = close(figures)
      const postings = [hold('s', allowance), earn('s', total), posting]
      await book.commit({ nowMs: 1, postings, ops: [] })
      for (const kind of ['channel', 'standing', 'earned']) expect(book.sum(kind)).toBe(0n)
      expect(book.sum('rail')).toBe(received)
      expect(book.sum('agent')).toBe(short)
      expect(over - short).toBeLessThanOrEqual(received)
    }),
  )
})

test('behavior: a late close ends where a close in time would have', async () => {
  await fc.assert(
    fc.asyncProperty(amount, amount, amount, async (allowance, total, received) => {
      const split = splitTotal(least(total, received), DEFAULT_SPLIT)
      const none = { sid: 's', allowance, debited: micros(0n), total, inChannel: micros(0n), payoutWallet }
      const inTime = await openBook(memoryStore(), nodeCrypto)
      const late = await openBook(memoryStore(), nodeCrypto)
      const first = [hold('s', allowance), earn('s', total)]
      await inTime.commit({ nowMs: 1, ops: [], postings: [...first, close({ ...none, received, split }).posting] })
      const given = close({ ...none, received: micros(0n), split: splitTotal(micros(0n), DEFAULT_SPLIT) }).posting
      await late.commit({
        nowMs: 1,
        ops: [],
        postings: [...first, given, lateClose({ ...none, received, split }).posting],
      })
      const kinds = ['rail', 'agent', 'earned', 'shortfall', 'refund', 'payable', 'platform', 'reserve', 'channel']
      for (const kind of kinds) expect(late.sum(kind)).toBe(inTime.sum(kind))
    }),
  )
})

test('behavior: a book opened again holds the same balances and goes on numbering', async () => {
  const disk = memoryDisk()
  const book = await openBook(memoryStore({ disk }), nodeCrypto)
  await book.commit({ nowMs: 1, ops: [], postings: [hold('a', micros(5n)), debit('a', micros(2n))] })
  await book.commit({
    nowMs: 2,
    ops: [],
    postings: [hold('b', micros(7n)), release('b', micros(7n)), hold('c', micros(0n))],
  })
  const again = await openBook(memoryStore({ disk }), nodeCrypto)
  expect(again.balance('channel:a')).toBe(3n)
  expect(again.sum('standing')).toBe(2n)
  expect(again.balance('channel:b')).toBe(0n)
  await again.commit({ nowMs: 3, ops: [], postings: [earn('a', micros(1n))] })
  expect(await checkBook(memoryStore({ disk }), nodeCrypto)).toEqual([])
  expect([...disk.values.keys()].filter((key) => key.startsWith('j/'))).toHaveLength(5)
})

test('error: an entry that does not balance is refused, and the book goes on', async () => {
  const book = await openBook(memoryStore(), nodeCrypto)
  const bad = { kind: 'bad', ref: '', moves: [{ account: 'a', micros: 1n }] }
  await expect(book.commit({ nowMs: 1, ops: [], postings: [bad] })).rejects.toMatchObject({ code: 'internal' })
  await book.commit({ nowMs: 1, ops: [], postings: [hold('a', micros(5n))] })
  expect(book.balance('channel:a')).toBe(5n)
})

test('error: a book that could not be written refuses everything and says so once', async () => {
  const told: string[] = []
  const store = memoryStore({ onCommit: () => Promise.reject(new Error('disk')) })
  const book = await openBook(store, nodeCrypto, ({ code }) => void told.push(code))
  const batch = { nowMs: 1, ops: [], postings: [hold('a', micros(5n))] }
  await expect(book.commit(batch)).rejects.toMatchObject({ code: 'internal' })
  await expect(book.commit(batch)).rejects.toMatchObject({ code: 'internal' })
  expect(book.failure?.code).toBe('internal')
  expect(told).toEqual(['internal'])
})

test('error: a changed amount, a lost entry or a changed balance is found', async () => {
  const spoil = async (change: (disk: ReturnType<typeof memoryDisk>) => void): Promise<number> => {
    const disk = memoryDisk()
    const book = await openBook(memoryStore({ disk }), nodeCrypto)
    for (const sid of ['a', 'b', 'c']) await book.commit({ nowMs: 1, ops: [], postings: [hold(sid, micros(5n))] })
    change(disk)
    return (await checkBook(memoryStore({ disk }), nodeCrypto)).length
  }
  expect(await spoil(() => undefined)).toBe(0)
  expect(await spoil((disk) => void disk.values.set(keys.balance('channel:a'), utf8('6')))).toBeGreaterThan(0)
  const gone = keys.journal(2)
  expect(
    await spoil((disk) => void (disk.values.delete(gone), disk.keys.splice(disk.keys.indexOf(gone), 1))),
  ).toBeGreaterThan(0)
  const entry = {
    number: 2,
    atMs: 1,
    kind: 'hold',
    ref: 'b',
    moves: [
      ['agent:b', -6n],
      ['channel:b', 6n],
    ],
  } as const
  expect(
    await spoil((disk) => {
      const before = storedHash(disk.values.get(keys.journal(1))!)
      disk.values.set(keys.journal(2), sealEntry(nodeCrypto, before, entry).bytes)
    }),
  ).toBeGreaterThan(0)
})

test('behavior: records keep bytes and amounts exactly', () => {
  const record = { a: 12n, b: [Uint8Array.of(1, 2), Buffer.from([3])], c: { d: 'text', e: undefined, f: -(2n ** 64n) } }
  const back = decodeRecord<{ a: bigint; b: Uint8Array[]; c: { d: string; f: bigint } }>(encodeRecord(record))
  expect(back.a).toBe(12n)
  expect(back.b.map((bytes) => [...bytes])).toEqual([[1, 2], [3]])
  expect(back.c).toEqual({ d: 'text', f: -(2n ** 64n) })
})

test('error: bytes that are no record are a damaged book', () => {
  for (const bytes of [Uint8Array.of(), Uint8Array.of(0, 0, 0, 9, 1), utf8('{"a":1}')]) {
    expect(() => decodeRecord(bytes)).toThrow(expect.objectContaining({ code: 'storeCorrupt' }))
  }
})

test('behavior: ranges hold exactly what was added, in any order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60 })), (values) => {
      const ranges = createRanges()
      for (const value of values) ranges.add(value)
      for (let value = 0; value <= 61; value++) expect(ranges.has(value)).toBe(values.includes(value))
    }),
  )
})
