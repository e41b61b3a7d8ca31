import { describe, expect, test } from 'vitest'
import { OrienError } from '@orien/protocol'
import { memoryDisk, memoryStore } from '../../../src/store/index.ts'
import type { StoreOp } from '../../../src/store/index.ts'
import { storeConformance } from '../../conformance/store.ts'

storeConformance('memory', () => {
  const disk = memoryDisk()
  return Promise.resolve({ open: () => Promise.resolve(memoryStore({ disk })), remove: () => Promise.resolve() })
})

const put = (key: string): StoreOp => ({ type: 'put', key, value: Uint8Array.of(1) })
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'resolved',
    (error: unknown) => (error instanceof OrienError ? error.code : error),
  )

describe('group commit', () => {
  test('behavior: batches of one turn leave in one flush, those handed in meanwhile in the next', async () => {
    const flushes: string[] = []
    const gate = Promise.withResolvers<void>()
    const store = memoryStore({
      async onCommit(ops) {
        flushes.push(ops.map((op) => op.key).join(''))
        if (flushes.length === 1) await gate.promise
      },
    })
    const first = Promise.all([store.commit([put('a')]), store.commit([put('b')])])
    await Promise.resolve()
    await Promise.resolve()
    const second = [store.commit([put('c')]), store.commit([put('d')], { durable: false }), store.commit([put('e')])]
    gate.resolve()
    await Promise.all([first, ...second])
    expect(flushes).toEqual(['ab', 'cde'])
  })

  test('behavior: a batch that need not be durable starts no flush of its own', async () => {
    const flushes: string[] = []
    const store = memoryStore({ onCommit: (ops) => void flushes.push(ops.map((op) => op.key).join('')) })
    await store.commit([put('a')], { durable: false })
    await store.commit([put('b')], { durable: false })
    expect(flushes).toEqual([])
    await store.commit([put('c')])
    expect(flushes).toEqual(['abc'])
  })

  test('behavior: what was not flushed is gone after a power cut', async () => {
    const disk = memoryDisk()
    const store = memoryStore({ disk })
    await store.commit([put('firm')])
    await store.commit([put('lazy')], { durable: false })
    const after = memoryStore({ disk })
    expect(await after.get('firm')).toBeDefined()
    expect(await after.get('lazy')).toBeUndefined()
  })

  test('error: a failed flush rejects its batches and all that wait, and nothing of them stays', async () => {
    let full = false
    const disk = memoryDisk()
    const store = memoryStore({
      disk,
      onCommit() {
        if (full) throw new OrienError('storeFull', { message: 'full' })
      },
    })
    await store.commit([put('a')])
    full = true
    await store.commit([put('lazy')], { durable: false })
    expect(await Promise.all([codeOf(store.commit([put('b')])), codeOf(store.commit([put('c')]))])).toEqual([
      'storeFull',
      'storeFull',
    ])
    full = false
    expect(await codeOf(store.commit([put('d')]))).toBe('storeFull')
    expect(await store.get('a')).toBeDefined()
    for (const key of ['b', 'c', 'd', 'lazy']) expect(await store.get(key)).toBeUndefined()
    await store.close()
    expect([...disk.values.keys()]).toEqual(['a'])
  })

  test('behavior: bytes changed by their owner after a flush do not change the store', async () => {
    const store = memoryStore()
    const value = Buffer.of(1)
    await store.commit([{ type: 'put', key: 'a', value }])
    value[0] = 2
    expect(await store.get('a')).toEqual(Uint8Array.of(1))
  })
})
