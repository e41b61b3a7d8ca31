import type { ScanRange, Store } from '@orien/node/store'

const AFTER = '\uffff'

/** A store of its own inside another one: the same disk and the same flushes for many parties of one process. */
export function storeWithin(store: Store, prefix: string): Store {
  return {
    get: (key) => store.get(prefix + key),
    async *scan(range) {
      for await (const [key, value] of store.scan(within(prefix, range)))
        yield [key.slice(prefix.length), value] as const
    },
    commit: (ops, options) =>
      store.commit(
        ops.map((op) => ({ ...op, key: prefix + op.key })),
        options,
      ),
    // Its owner closes it.
    close: () => Promise.resolve(),
  }
}

function within(prefix: string, { gte, gt, lte, lt, ...rest }: ScanRange): ScanRange {
  const from = gt === undefined ? { gte: prefix + (gte ?? '') } : { gt: prefix + gt }
  const to = lte === undefined ? { lt: prefix + (lt ?? AFTER) } : { lte: prefix + lte }
  return { ...rest, ...from, ...to }
}
