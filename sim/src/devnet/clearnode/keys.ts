import type { Node } from './context.ts'
import type { CachedKey, KeyRow } from './tables.ts'

/**
 * Session keys: rows in the database, and beside them a cache that decides whom a signer speaks for. The cache is
 * filled at the start with keys that have not expired and forgets an expired one when it is next looked up.
 */
const nowSeconds = (node: Pick<Node, 'nowMs'>): number => node.nowMs() / 1000

export const isExpired = (node: Pick<Node, 'nowMs'>, expiresAt: bigint): boolean => nowSeconds(node) > Number(expiresAt)

export const loadKeys = (rows: Iterable<KeyRow>, nowMs: () => number): Map<string, CachedKey> => {
  const cache = new Map<string, CachedKey>()
  for (const { key, wallet, expiresAt } of rows)
    if (!isExpired({ nowMs }, BigInt(expiresAt))) cache.set(key, { wallet, expiresAt: BigInt(expiresAt) })
  return cache
}

/** The wallet a signer is registered for, if any. */
export const walletOfKey = (node: Node, signer: string): string | undefined => {
  const cached = node.keyCache.get(signer)
  if (cached === undefined) return undefined
  if (!isExpired(node, cached.expiresAt)) return cached.wallet
  node.keyCache.delete(signer)
  return undefined
}

/** The wallet a signer speaks for: the one that registered it as session key, else itself. */
export const walletOf = (node: Node, signer: string): string => walletOfKey(node, signer) ?? signer
