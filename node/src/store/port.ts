/** One change of an atomic batch. Keys are ordered by UTF-8 bytes. */
export type StoreOp =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: string }

export interface ScanRange {
  readonly gte?: string
  readonly gt?: string
  readonly lte?: string
  readonly lt?: string
  readonly limit?: number
  readonly reverse?: boolean
}

/**
 * How soon a batch must be on disk: `true` flushes, and resolves when it is there. `false` resolves at once: it is only ordered before every
 * later commit. `'later'` starts no flush either, but resolves when another one brought it to disk; `commit([])` asks for one.
 */
export type Durable = boolean | 'later'

/**
 * A durable, ordered key-value store with atomic batches. Whoever opens it is its only writer.
 *
 * `commit` resolves when the batch is on disk (fsync), unless `durable` says otherwise.
 * Batches handed in while a flush runs leave together in one (group commit); they are applied in the order handed in, each all or nothing.
 */
export interface Store {
  /** The value as the newest *committed or pending* batch left it. */
  get(key: string): Promise<Uint8Array | undefined>
  /** Entries in key order, as of the call. */
  scan(range: ScanRange): AsyncIterable<readonly [key: string, value: Uint8Array]>
  /** Throws `storeFull`, `storeCorrupt`, `stopped`. */
  commit(ops: readonly StoreOp[], options?: { readonly durable?: Durable }): Promise<void>
  /** Waits for everything handed in, then closes. */
  close(): Promise<void>
}
