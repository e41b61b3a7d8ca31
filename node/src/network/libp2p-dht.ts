import type { KadDHT } from '@libp2p/kad-dht'
import { OrienError } from '@orien/protocol'
import type { PeerText } from '@orien/protocol'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import type { RecordBook } from './records.ts'

/** The four operations of the port on kad-dht. Each runs until its signal fires at the latest. */
export interface Dht {
  put(key: string, value: Uint8Array, signal: AbortSignal): Promise<number>
  get(key: string, signal: AbortSignal): Promise<Uint8Array | undefined>
  provide(capability: string, signal: AbortSignal): Promise<void>
  find(capability: string, signal: AbortSignal): AsyncGenerator<PeerText>
}

const utf8 = new TextEncoder()

export function createDht(dht: KadDHT, self: string, records: RecordBook): Dht {
  /** Records this node put: its own answer, should the network have lost them. */
  const own = new Map<string, Uint8Array>()
  return {
    put: async (key, value, signal) => {
      // kad-dht keeps our own copy unchecked, and would serve it.
      if (!records.admit(key, value)) return 0
      own.set(key, value)
      return put(dht, key, value, signal)
    },
    get: (key, signal) => get(dht, records, key, own.get(key), signal),
    provide: (capability, signal) => provide(dht, capability, signal),
    find: (capability, signal) => find(dht, self, capability, signal),
  }
}

/** `put` of kad-dht never throws, even when every server refuses: the answers are counted. */
async function put(dht: KadDHT, key: string, value: Uint8Array, signal: AbortSignal): Promise<number> {
  let took = 0
  for await (const event of dht.put(utf8.encode(key), value, { signal })) {
    if (event.name === 'PEER_RESPONSE' && event.messageName === 'PUT_VALUE') took++
  }
  return took
}

/**
 * The records are taken from the answers themselves: `get` of kad-dht keeps them back and throws them away when one
 * server does not let itself be corrected.
 */
async function get(
  dht: KadDHT,
  records: RecordBook,
  key: string,
  own: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  let best: { readonly value: Uint8Array; readonly seq: number } | undefined
  const consider = (value: Uint8Array): void => {
    const seq = records.seqOf(key, value)
    if (seq !== undefined && (best === undefined || seq > best.seq)) best = { value, seq }
  }
  if (own !== undefined) consider(own)
  try {
    for await (const event of dht.get(utf8.encode(key), { signal })) {
      if (event.name === 'VALUE') consider(event.value)
      else if (event.name === 'PEER_RESPONSE' && event.record !== undefined) consider(event.record.value)
    }
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'QueryError') throw error
  }
  return best === undefined ? undefined : new Uint8Array(best.value)
}

async function provide(dht: KadDHT, capability: string, signal: AbortSignal): Promise<void> {
  let took = 0
  for await (const event of dht.provide(await cidOf(capability), { signal })) {
    if (event.name === 'PEER_RESPONSE' && event.messageName === 'ADD_PROVIDER') took++
  }
  if (took === 0) throw new OrienError('unreachable', { message: 'no DHT server took the registration' })
}

async function* find(dht: KadDHT, self: string, capability: string, signal: AbortSignal): AsyncGenerator<PeerText> {
  const seen = new Set([self])
  for await (const event of dht.findProviders(await cidOf(capability), { signal })) {
    if (event.name !== 'PROVIDER') continue
    for (const { id } of event.providers) {
      const peer = id.toString()
      if (id.type !== 'Ed25519' || seen.has(peer)) continue
      seen.add(peer)
      yield peer as PeerText
    }
  }
}

/** Only sha2-256 works: peers exchange the bare multihash. */
async function cidOf(capability: string): Promise<CID> {
  return CID.createV1(raw.code, await sha256.digest(utf8.encode(capability)))
}
