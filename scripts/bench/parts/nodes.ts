// A few dozen peers of the network port in one process: real libp2p over loopback TCP.
import { createLibp2pNetwork, OFFERS_TOPIC, offerRecords, type Network } from '@orien/node/network'
import { systemRandom } from '@orien/node/crypto'
import { hex } from '@orien/protocol'
import { serve } from '../serve.ts'
import { scope } from './identity.ts'

export interface NodesStart {
  readonly count: number
  /** Addresses of peers that run already. */
  readonly known: readonly string[]
}

const MESSAGE_BYTES = 300
const START_AT_ONCE = 4
const BOOTSTRAP = 3

const nodes: Network[] = []
/** Message id → when each node here first had it, ms of the machine's monotonic clock. */
const heard = new Map<string, number[]>()

/** The same clock in every process of this machine. */
function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

async function startOne(known: readonly string[]): Promise<Network> {
  const from = Math.floor(Math.random() * known.length)
  const bootstrap = Array.from(
    { length: Math.min(BOOTSTRAP, known.length) },
    (_, at) => known[(from + at * 7) % known.length] ?? '',
  )
  const network = await createLibp2pNetwork({
    privateKeySeed: systemRandom.bytes(32),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: [...new Set(bootstrap)],
    role: 'server',
    loopback: true,
    records: offerRecords(scope),
    topics: [OFFERS_TOPIC],
  })
  const seen = new Set<string>()
  network.subscribe(OFFERS_TOPIC, (message) => {
    const id = hex(message.subarray(0, 8))
    if (!seen.has(id)) heard.set(id, [...(heard.get(id) ?? []), machineMs()])
    seen.add(id)
    return 'accept'
  })
  return network
}

async function start({ count, known }: NodesStart): Promise<readonly string[]> {
  const all = [...known]
  const addresses: string[] = []
  for (let made = 0; made < count; made += START_AT_ONCE) {
    // The very first stands alone: the others need somebody to know.
    const size = all.length === 0 ? 1 : Math.min(START_AT_ONCE, count - made)
    if (all.length === 0) made += 1 - START_AT_ONCE
    for (const network of await Promise.all(Array.from({ length: size }, () => startOne(all)))) {
      nodes.push(network)
      addresses.push(...network.addresses().slice(0, 1))
    }
    all.splice(0, all.length, ...known, ...addresses)
  }
  return addresses
}

function nodeAt(index: number): Network {
  const node = nodes[index]
  if (node === undefined) throw new Error(`no node ${index}`)
  return node
}

interface Found {
  readonly ms: number
  readonly peers: readonly string[]
}

serve({
  start,
  /** More nodes, later. */
  grow: start,
  /** Gossips a fresh message; its id and when. */
  async publish(index: number): Promise<{ readonly id: string; readonly atMs: number }> {
    const message = systemRandom.bytes(MESSAGE_BYTES)
    const atMs = machineMs()
    await nodeAt(index).publish(OFFERS_TOPIC, message)
    return { id: hex(message.subarray(0, 8)), atMs }
  },
  heard: (id: string) => heard.get(id) ?? [],
  async provide({ index, capability }: { readonly index: number; readonly capability: string }): Promise<string> {
    await nodeAt(index).provide(capability, { timeoutMs: 30_000 })
    return nodeAt(index).peer
  },
  async find({ index, capability }: { readonly index: number; readonly capability: string }): Promise<Found> {
    const from = performance.now()
    const peers: string[] = []
    for await (const peer of nodeAt(index).find(capability, { timeoutMs: 10_000 })) peers.push(peer)
    return { ms: performance.now() - from, peers }
  },
  stop: () => Promise.all(nodes.map((node) => node.stop())),
})
