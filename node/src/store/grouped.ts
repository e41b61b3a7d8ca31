import { byCodePoint, OrienError } from '@orien/protocol'
import type { Disk, Entry } from './disk.ts'
import { inRange } from './order.ts'
import type { Durable, ScanRange, Store, StoreOp } from './port.ts'

const LIMITS = {
  /** One flush carries no more than this, so that a burst does not make its first batch wait for its last. */
  groupBytes: 4 * 1024 * 1024,
  /** Batches that need no flush are flushed anyway beyond this: they wait in memory. */
  lazyBytes: 1024 * 1024,
} as const

interface Batch {
  readonly number: number
  readonly ops: readonly StoreOp[]
  readonly bytes: number
  readonly durable: boolean
  resolve(): void
  reject(error: OrienError): void
}

/** What a batch that is not yet on disk left of a key. */
interface Pending {
  readonly number: number
  readonly value: Uint8Array | undefined
}

/**
 * A store with one commit queue: batches handed in while a flush runs leave together in the next one. What waits is
 * readable at once through an overlay.
 *
 * A flush that fails ends the store for writing: later batches may build on the ones it dropped. Reads then show what is on disk.
 */
export function groupedStore(disk: Disk): Store {
  return new GroupedStore(disk)
}

class GroupedStore implements Store {
  readonly #disk: Disk
  readonly #overlay = new Map<string, Pending>()
  #queue: Batch[] = []
  #queuedBytes = 0
  #durableQueued = 0
  #lastNumber = 0
  #flushing: Promise<void> | undefined
  #failure: OrienError | undefined
  #closed: Promise<void> | undefined

  constructor(disk: Disk) {
    this.#disk = disk
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    this.#refuseClosed()
    const pending = this.#overlay.get(key)
    return pending === undefined ? this.#disk.get(key) : pending.value
  }

  scan(range: ScanRange): AsyncIterable<Entry> {
    this.#refuseClosed()
    const pending = [...this.#overlay].filter(([key]) => inRange(key, range))
    if (pending.length === 0) return this.#disk.scan(range)
    const sign = range.reverse === true ? -1 : 1
    pending.sort(([a], [b]) => byCodePoint(a, b) * sign)
    const { limit } = range
    // Every pending key may hide one entry of the disk.
    const below = this.#disk.scan(limit === undefined ? range : { ...range, limit: limit + pending.length })
    return merge(below, pending, sign, limit ?? Number.POSITIVE_INFINITY)
  }

  commit(ops: readonly StoreOp[], options: { readonly durable?: Durable } = {}): Promise<void> {
    const durable = options.durable ?? true
    if (this.#closed !== undefined) return Promise.reject(stopped())
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const bad = ops.find((op) => op.key === '' || !op.key.isWellFormed())
    if (bad !== undefined)
      return Promise.reject(new OrienError('internal', { message: 'a store key is empty or not Unicode' }))
    if (ops.length === 0 && durable === false) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#enqueue({ number: ++this.#lastNumber, ops, bytes: sizeOf(ops), durable: durable === true, resolve, reject })
      if (durable === false) resolve()
    })
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  #enqueue(batch: Batch): void {
    for (const op of batch.ops) {
      this.#overlay.set(op.key, { number: batch.number, value: op.type === 'put' ? op.value : undefined })
    }
    this.#queue.push(batch)
    this.#queuedBytes += batch.bytes
    if (batch.durable) this.#durableQueued++
    if (this.#wantsFlush()) this.#flushing ??= this.#flush()
  }

  #wantsFlush(): boolean {
    if (this.#queue.length === 0) return false
    return this.#durableQueued > 0 || this.#queuedBytes > LIMITS.lazyBytes || this.#closed !== undefined
  }

  async #flush(): Promise<void> {
    // The rest of this turn's batches come along.
    await Promise.resolve()
    while (this.#wantsFlush()) {
      const group = this.#takeGroup()
      try {
        await this.#disk.write(group.flatMap((batch) => batch.ops))
      } catch (error) {
        this.#fail(group, error)
        break
      }
      this.#settle(group)
    }
    this.#flushing = undefined
  }

  #takeGroup(): Batch[] {
    let count = 0
    let bytes = 0
    for (const batch of this.#queue) {
      if (count > 0 && bytes + batch.bytes > LIMITS.groupBytes) break
      bytes += batch.bytes
      count++
      if (batch.durable) this.#durableQueued--
    }
    this.#queuedBytes -= bytes
    return this.#queue.splice(0, count)
  }

  #settle(group: readonly Batch[]): void {
    for (const batch of group) {
      for (const op of batch.ops) {
        const pending = this.#overlay.get(op.key)
        if (pending?.number === batch.number) this.#overlay.delete(op.key)
      }
      batch.resolve()
    }
  }

  #fail(group: readonly Batch[], cause: unknown): void {
    const error =
      cause instanceof OrienError ? cause : new OrienError('internal', { message: 'a store flush failed', cause })
    this.#failure = error
    const dropped = [...group, ...this.#queue]
    this.#queue = []
    this.#queuedBytes = 0
    this.#durableQueued = 0
    this.#overlay.clear()
    for (const batch of dropped) batch.reject(error)
  }

  async #close(): Promise<void> {
    // `#closed` is set once this function first waits; then even lazy batches want a flush.
    await Promise.resolve()
    await this.#flushing
    if (this.#wantsFlush()) await (this.#flushing ??= this.#flush())
    await this.#disk.close()
  }

  #refuseClosed(): void {
    if (this.#closed !== undefined) throw stopped()
  }
}

/** Entries of the disk with the pending ones laid over them. Both come in the order of `sign`. */
async function* merge(
  below: AsyncIterable<Entry>,
  pending: readonly (readonly [string, Pending])[],
  sign: number,
  limit: number,
): AsyncGenerator<Entry> {
  let left = limit
  let at = 0
  for await (const entry of below) {
    for (
      let over = pending[at];
      over !== undefined && byCodePoint(over[0], entry[0]) * sign < 0;
      over = pending[++at]
    ) {
      if (over[1].value === undefined) continue
      if (left-- <= 0) return
      yield [over[0], over[1].value]
    }
    const over = pending[at]
    const hidden = over !== undefined && over[0] === entry[0]
    if (hidden) at++
    const value = hidden ? over[1].value : entry[1]
    if (value === undefined) continue
    if (left-- <= 0) return
    yield [entry[0], value]
  }
  for (const [key, { value }] of pending.slice(at)) {
    if (value === undefined) continue
    if (left-- <= 0) return
    yield [key, value]
  }
}

function sizeOf(ops: readonly StoreOp[]): number {
  let bytes = 0
  for (const op of ops) bytes += op.key.length + (op.type === 'put' ? op.value.length : 0)
  return bytes
}

function stopped(): OrienError {
  return new OrienError('stopped', { message: 'the store is closed' })
}
