import type { Store } from '../store/port.ts'

const AFTER = '\uffff'

/** Values of all entries whose key starts with `prefix`, in key order. */
export async function valuesOf(store: Store, prefix: string): Promise<Uint8Array[]> {
  const found: Uint8Array[] = []
  for await (const [, value] of store.scan({ gte: prefix, lt: prefix + AFTER })) found.push(value)
  return found
}
