import { byCodePoint } from '@orien/protocol'
import type { Disk, Entry } from './disk.ts'
import { groupedStore } from './grouped.ts'
import { inRange } from './order.ts'
import type { ScanRange, Store, StoreOp } from './port.ts'

/** What a memory store keeps: exactly what was flushed. Opened again, it is the disk after a power cut. */
export interface MemoryDisk {
  readonly values: Map<string, Uint8Array>
  /** Keys in UTF-8 order. */
  readonly keys: string[]
}

export interface MemoryStoreOptions {
  /** An earlier store's disk; a new, empty one when absent. */
  readonly disk?: MemoryDisk
  /** Sees each flush before it is applied. What it throws fails the flush, and with it the store. */
  readonly onCommit?: (ops: readonly StoreOp[]) => void | Promise<void>
}

/** An empty disk for `memoryStore`. */
export function memoryDisk(): MemoryDisk {
  return { values: new Map(), keys: [] }
}

/**
 * A store in memory with the semantics of the real one: the same commit queue over a disk of maps.
 *
 * @example
 * const disk = memoryDisk()
 * const store = memoryStore({ disk })
 * await store.commit([{ type: 'put', key: 'a', value: new Uint8Array(1) }])
 * const afterPowerCut = memoryStore({ disk })
 */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  return groupedStore(diskOf(options.disk ?? memoryDisk(), options.onCommit))
}

function diskOf(disk: MemoryDisk, onCommit: MemoryStoreOptions['onCommit']): Disk {
  return {
    get: (key) => Promise.resolve(disk.values.get(key)),
    scan: (range) => replay(entriesOf(disk, range)),
    async write(ops) {
      if (onCommit !== undefined) await onCommit(ops)
      for (const op of ops) apply(disk, op)
    },
    close: () => Promise.resolve(),
  }
}

function apply({ values, keys }: MemoryDisk, op: StoreOp): void {
  const known = values.has(op.key)
  if (op.type === 'put') {
    // A copy, as on a real disk: what the caller does to its bytes later is not stored.
    values.set(op.key, Uint8Array.from(op.value))
    if (!known) keys.splice(placeOf(keys, op.key), 0, op.key)
  } else if (known) {
    values.delete(op.key)
    keys.splice(placeOf(keys, op.key), 1)
  }
}

/** Index of the first key that is not below `key`. */
function placeOf(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (byCodePoint(keys[middle] ?? '', key) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function entriesOf({ values, keys }: MemoryDisk, range: ScanRange): Entry[] {
  const limit = range.limit ?? Number.POSITIVE_INFINITY
  const lowest = range.gte ?? range.gt
  const highest = range.lte ?? range.lt
  const found: Entry[] = []
  if (range.reverse === true) {
    const from = highest === undefined ? keys.length - 1 : Math.min(placeOf(keys, highest), keys.length - 1)
    for (let at = from; at >= 0 && found.length < limit; at--) {
      const key = keys[at] ?? ''
      if (lowest !== undefined && byCodePoint(key, lowest) < 0) break
      take(key)
    }
    return found
  }
  for (let at = lowest === undefined ? 0 : placeOf(keys, lowest); at < keys.length && found.length < limit; at++) {
    const key = keys[at] ?? ''
    if (highest !== undefined && byCodePoint(key, highest) > 0) break
    take(key)
  }
  return found

  function take(key: string): void {
    const value = inRange(key, range) ? values.get(key) : undefined
    if (value !== undefined) found.push([key, value])
  }
}

async function* replay(entries: readonly Entry[]): AsyncGenerator<Entry> {
  yield* entries
}
