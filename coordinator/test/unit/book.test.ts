import { nodeCrypto } from '@orien/node/crypto'
import { memoryDisk, memoryStore, type MemoryDisk } from '@orien/node/store'
import { isOrienError, micros, type OrienError } from '@orien/protocol'
import { expect, test } from 'vitest'
import { keys } from '../../src/keys.ts'
import { startAudit } from '../../src/ledger/audit.ts'
import { openBook } from '../../src/ledger/book.ts'
import { readEntry, sealEntry, storedHash, type JournalEntry } from '../../src/ledger/chain.ts'
import { checkBook } from '../../src/ledger/invariants.ts'
import { earn, hold, release } from '../../src/ledger/postings.ts'
import { verifyTail } from '../../src/ledger/tail.ts'
import { COORDINATOR_LIMITS } from '../../src/limits.ts'
import { manualTime } from '../helpers/time.ts'

const EVERY = COORDINATOR_LIMITS.checkpointEvery

/** A book of so many entries, some accounts back at 0. */
async function bookOf(entries: number): Promise<MemoryDisk> {
  const disk = memoryDisk()
  const book = await openBook(memoryStore({ disk }), nodeCrypto)
  const commits: Promise<void>[] = []
  for (let at = 1; at <= entries; at++) {
    const sid = `s${at % 7}`
    const posting =
      at % 5 === 0 ? release(sid, micros(3n)) : at % 2 === 0 ? earn(sid, micros(2n)) : hold(sid, micros(5n))
    commits.push(book.commit({ nowMs: at, postings: [posting], ops: [] }))
  }
  await Promise.all(commits)
  return disk
}

const open = (disk: MemoryDisk) => openBook(memoryStore({ disk }), nodeCrypto)
const copyOf = (disk: MemoryDisk): MemoryDisk => ({ values: new Map(disk.values), keys: [...disk.keys] })

/** Turns bits of one byte: the lowest, or the highest, after which text is none any more. */
function flip(disk: MemoryDisk, key: string, at: number, bits = 1): void {
  const bytes = Uint8Array.from(disk.values.get(key)!)
  bytes[at % bytes.length]! ^= bits
  disk.values.set(key, bytes)
}

function drop(disk: MemoryDisk, key: string): void {
  disk.values.delete(key)
  disk.keys.splice(disk.keys.indexOf(key), 1)
}

/** Changes an entry and seals it again, with the hash it would have had. */
function forge(disk: MemoryDisk, number: number, change: Partial<JournalEntry>): void {
  const entry = readEntry(disk.values.get(keys.journal(number))!)
  const before = storedHash(disk.values.get(keys.journal(number - 1))!)
  disk.values.set(keys.journal(number), sealEntry(nodeCrypto, before, { ...entry, ...change }).bytes)
}

/** Runs the audit to its end; what it found. */
async function audited(disk: MemoryDisk): Promise<OrienError | undefined> {
  const time = manualTime()
  const store = memoryStore({ disk })
  const findings: OrienError[] = []
  const audit = startAudit({
    store,
    crypto: nodeCrypto,
    timers: time.timers,
    tail: await verifyTail(store, nodeCrypto),
    onFinding: (error) => void findings.push(error),
  })
  for (let turns = 0; turns < 20; turns++) await time.advance(100)
  if (findings.length === 0) expect(audit.from).toBe(0)
  expect(findings.length).toBeLessThanOrEqual(1)
  return findings[0]
}

test('behavior: a book is opened from its newest checkpoint, and goes on the same chain', async () => {
  for (const entries of [0, 1, EVERY - 1, EVERY, EVERY + 1, 3 * EVERY + 10]) {
    const disk = await bookOf(entries)
    const tail = await verifyTail(memoryStore({ disk }), nodeCrypto)
    expect([tail.number, tail.checkpoint.number]).toEqual([entries, entries - (entries % EVERY)])
    const book = await open(disk)
    const more = Array.from({ length: EVERY }, () => hold('more', micros(1n)))
    await book.commit({ nowMs: 9, postings: more, ops: [] })
    expect(await checkBook(memoryStore({ disk }), nodeCrypto)).toEqual([])
    expect(await audited(disk)).toBeUndefined()
  }
})

test('behavior: a start reads no entry before the one of the newest checkpoint', async () => {
  const disk = await bookOf(4 * EVERY + 3)
  const read: string[] = []
  const store = memoryStore({ disk })
  const seen: typeof store = {
    get: (key) => store.get(key),
    commit: (ops) => store.commit(ops),
    close: () => store.close(),
    async *scan(range) {
      for await (const entry of store.scan(range)) {
        read.push(entry[0])
        yield entry
      }
    },
  }
  await verifyTail(seen, nodeCrypto)
  expect(read.filter((key) => key.startsWith(keys.journals))).toHaveLength(3)
})

test('error: any flipped byte of the tail, of a balance or of the newest checkpoint is found at start, by name', async () => {
  const entries = 2 * EVERY + 4
  const good = await bookOf(entries)
  const classes = [
    keys.journal(entries),
    keys.journal(entries - 2),
    keys.journal(2 * EVERY),
    keys.checkpoint(2 * EVERY),
    ...good.keys.filter((key) => key.startsWith(keys.balances)),
  ]
  for (const key of classes) {
    for (let at = 0; at < good.values.get(key)!.length; at++) {
      for (const bits of [1, 0x80]) {
        const disk = copyOf(good)
        flip(disk, key, at, bits)
        const why = await open(disk).catch((error: unknown) => error)
        expect([key, at, bits, isOrienError(why, 'storeCorrupt')]).toEqual([key, at, bits, true])
        if (isOrienError(why)) expect(Object.keys(why.details).length).toBeGreaterThan(0)
      }
    }
  }
})

test('error: a lost entry, balance or checkpoint is found, at start or by the audit', async () => {
  const entries = 2 * EVERY + 4
  const good = await bookOf(entries)
  const atStart = [
    keys.journal(entries),
    keys.journal(entries - 1),
    keys.journal(2 * EVERY),
    ...good.keys.filter((key) => key.startsWith(keys.balances)),
  ]
  for (const key of atStart) {
    const disk = copyOf(good)
    drop(disk, key)
    await expect(open(disk), key).rejects.toMatchObject({ code: 'storeCorrupt' })
  }
  for (const number of [1, 2, EVERY, EVERY + 1, 2 * EVERY - 2]) {
    const disk = copyOf(good)
    drop(disk, keys.journal(number))
    await open(disk)
    expect((await audited(disk))?.details).toEqual({ entry: number })
  }
  // A checkpoint is only a short cut: without it the tail is longer.
  const disk = copyOf(good)
  drop(disk, keys.checkpoint(2 * EVERY))
  await open(disk)
  expect(await audited(disk)).toBeUndefined()
})

test('error: an entry that was changed is found even when its own hash was made to fit', async () => {
  const entries = 2 * EVERY + 4
  const good = await bookOf(entries)
  for (const number of [2, EVERY, EVERY + 9, 2 * EVERY - 2]) {
    for (const change of [{ atMs: 5_555 }, { kind: 'earn2' }, { ref: 'other' }, { moves: [] }]) {
      const disk = copyOf(good)
      forge(disk, number, change)
      await open(disk)
      expect(await audited(disk)).toMatchObject({ code: 'storeCorrupt' })
    }
  }
  const disk = copyOf(good)
  forge(disk, entries - 1, { atMs: 5_555 })
  await expect(open(disk)).rejects.toMatchObject({ code: 'storeCorrupt', details: { entry: entries } })
})

test('error: a balance that an amount was added to names the account', async () => {
  const disk = await bookOf(EVERY + 4)
  const [key] = disk.keys.filter((one) => one.startsWith(keys.balances))
  disk.values.set(key!, new TextEncoder().encode('77'))
  await expect(open(disk)).rejects.toMatchObject({ details: { account: key!.slice(keys.balances.length) } })
})
