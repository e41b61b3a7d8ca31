import type { ScanRange, StoreOp } from './port.ts'

export type Entry = readonly [key: string, value: Uint8Array]

/** What a store is kept on. Adapters: LevelDB, memory. Its one user is the commit queue, which never overlaps two writes. */
export interface Disk {
  get(key: string): Promise<Uint8Array | undefined>
  /** Entries in key order, as of the call and not of the first read. */
  scan(range: ScanRange): AsyncIterable<Entry>
  /** All of it or nothing, on disk when it resolves. Throws `storeFull`, `storeCorrupt`. */
  write(ops: readonly StoreOp[]): Promise<void>
  close(): Promise<void>
}
