import { mkdir } from 'node:fs/promises'
import { Level } from 'level'
import { OrienError, type ErrorCode } from '@orien/protocol'
import type { Disk } from './disk.ts'
import { groupedStore } from './grouped.ts'
import { checkLogs } from './level-log.ts'
import type { ScanRange, Store } from './port.ts'

type Database = Level<string, Uint8Array>

/**
 * The store in a folder of its own (LevelDB), made with mode 0700 when it is not there. Throws `locked` when another process, or
 * another store of this one, has it open; `storeCorrupt`, `storeFull`; `badConfig` when the folder cannot be used.
 *
 * @example
 * const store = await openLevelStore('/var/lib/orien/book')
 * await store.commit([{ type: 'put', key: 'a', value: new Uint8Array(1) }])
 * await store.close()
 */
export async function openLevelStore(folder: string): Promise<Store> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw openError(folder, cause)
  }
  await checkLogs(folder)
  // Only now: a database opens itself, and would make its folder with other rights.
  const database: Database = new Level(folder, { keyEncoding: 'utf8', valueEncoding: 'view' })
  try {
    await database.open()
  } catch (cause) {
    await database.close()
    throw openError(folder, cause)
  }
  return groupedStore(diskOf(database))
}

function diskOf(database: Database): Disk {
  return {
    get: (key) => guarded(database.get(key)),
    scan(range) {
      // The iterator's snapshot is taken here, not at its first read.
      return guardedEntries(database.iterator(optionsOf(range)))
    },
    write: (ops) => guarded(database.batch([...ops], { sync: true })),
    close: () => guarded(database.close()),
  }
}

function optionsOf({ gte, gt, lte, lt, limit, reverse }: ScanRange): ScanRange {
  return {
    ...(gte === undefined ? {} : { gte }),
    ...(gt === undefined ? {} : { gt }),
    ...(lte === undefined ? {} : { lte }),
    ...(lt === undefined ? {} : { lt }),
    ...(limit === undefined ? {} : { limit }),
    ...(reverse === undefined ? {} : { reverse }),
  }
}

async function guarded<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    throw storeError(cause)
  }
}

async function* guardedEntries<T>(entries: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    for await (const entry of entries) yield entry
  } catch (cause) {
    throw storeError(cause)
  }
}

/** Codes that classic-level gives, down the chain of causes. */
function levelCode(error: unknown): string | undefined {
  let deepest: string | undefined
  for (let one: unknown = error; one instanceof Error; one = one.cause) {
    if ('code' in one && typeof one.code === 'string') deepest = one.code
  }
  return deepest
}

function isDiskFull(error: unknown): boolean {
  for (let one: unknown = error; one instanceof Error; one = one.cause) {
    if (/ENOSPC|EDQUOT|No space left|Disk quota/i.test(one.message)) return true
  }
  return false
}

function storeError(cause: unknown): OrienError {
  if (cause instanceof OrienError) return cause
  if (isDiskFull(cause)) return new OrienError('storeFull', { message: 'the disk is full', cause })
  const code = levelCode(cause)
  if (code === 'LEVEL_CORRUPTION') return new OrienError('storeCorrupt', { message: 'the store is damaged', cause })
  if (code === 'LEVEL_IO_ERROR') {
    const hint = 'Read the cause: the disk refused. Acknowledged data is intact unless the disk itself is failing.'
    return new OrienError('storeCorrupt', { message: 'the disk refused to read or write', hint, cause })
  }
  if (code === 'LEVEL_DATABASE_NOT_OPEN' || code === 'LEVEL_ITERATOR_NOT_OPEN') {
    return new OrienError('stopped', { message: 'the store is closed', cause })
  }
  return new OrienError('internal', { message: 'the store failed', cause })
}

function openError(folder: string, cause: unknown): OrienError {
  const [code, what] = openFailure(cause)
  return new OrienError(code, { message: `${folder} ${what}`, details: { folder }, cause })
}

function openFailure(cause: unknown): readonly [ErrorCode, string] {
  if (isDiskFull(cause)) return ['storeFull', 'is on a full disk']
  const code = levelCode(cause)
  if (code === 'LEVEL_LOCKED') return ['locked', 'is used by another process']
  if (code === 'LEVEL_CORRUPTION') return ['storeCorrupt', 'holds a damaged store']
  return ['badConfig', 'cannot be used as a store']
}
