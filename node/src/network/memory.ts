import { OrienError, parsePeer } from '@orien/protocol'
import type { PeerText, Timers } from '@orien/protocol'
import { withDeadline } from './deadline.ts'
import { NETWORK_LIMITS } from './limits.ts'
import { createMemoryPipe, type Carry } from './memory-pipe.ts'
import type { DialOptions, DialTarget, FrameStream, Network, RecordValidator, StreamProtocol } from './port.ts'
import { createRecordBook } from './records.ts'
import type { RecordBook } from './records.ts'
import { createStreamTable } from './serving.ts'
import type { NetworkLog, StreamTable } from './serving.ts'
import { realTimers } from './timers.ts'
import { assertGossipSize, createTopicTable } from './topics.ts'
import type { TopicTable } from './topics.ts'

/** What lies between two nodes. A simulator delays, cuts and loses here; without one everything arrives at once. */
export interface MemoryWire {
  /** Resolves when a dial gets through. Rejects as dialling does. */
  reach(from: PeerText, to: PeerText): Promise<void>
  /** The way of bytes in one direction of a new stream. */
  carry(from: PeerText, to: PeerText): Carry
  /** A gossip message on its way; it may come never, late, or twice. */
  gossip(from: PeerText, to: PeerText, deliver: () => void): void
}

export interface MemoryHubOptions {
  /** Timers of every node; the machine's own when absent. */
  readonly timers?: Timers
  /** `full` (the default): gossip reaches every node. `connections`: it travels along connections, as between real nodes. */
  readonly gossip?: 'full' | 'connections'
  readonly wire?: MemoryWire
}

/** All nodes of one network in memory. The hub knows everything; nodes see only what the port shows. */
export interface MemoryHub {
  /** Cuts the connections between two peers, as a network that fails. */
  disconnect(a: PeerText, b: PeerText): void
  /** Takes a node away without a word, as a machine that loses power. */
  vanish(peer: PeerText): void
  /** An address where dialling gets no answer. */
  silentAddress(peer: PeerText): string
  /** For createMemoryNetwork only. */
  readonly internals: HubInternals
}

export interface MemoryNetworkOptions {
  readonly peer: PeerText
  readonly records: RecordValidator
  /** Servers hold records of the DHT; the default. */
  readonly role?: 'server' | 'client'
  /** False: nobody can dial this node, as behind NAT; it can be reached on connections it opened. */
  readonly dialable?: boolean
  /** Addresses this node connects to at once. */
  readonly bootstrap?: readonly string[]
  readonly log?: NetworkLog
}

interface HubInternals {
  readonly timers: Timers
  readonly nodes: Map<PeerText, MemoryNode>
  readonly numbers: Map<number, MemoryNode>
  readonly providers: Map<string, Set<PeerText>>
  readonly gossipFull: boolean
  readonly wire: MemoryWire | undefined
  nextNumber: number
}

interface MemoryNode {
  readonly peer: PeerText
  readonly number: number
  readonly dialable: boolean
  readonly streams: StreamTable
  readonly topics: TopicTable
  readonly records: RecordBook
  /** The records this node holds; undefined for a client. */
  readonly held: Map<string, Uint8Array> | undefined
  readonly connections: Map<PeerText, MemoryConnection>
  readonly onConnect: Set<(peer: PeerText) => void>
  readonly heard: WeakSet<Uint8Array>
  stopped: boolean
}

interface MemoryConnection {
  readonly cuts: Set<() => void>
}

const SILENT = 'silent'

export function createMemoryHub(options: MemoryHubOptions = {}): MemoryHub {
  const internals: HubInternals = {
    timers: options.timers ?? realTimers,
    nodes: new Map(),
    numbers: new Map(),
    providers: new Map(),
    gossipFull: options.gossip !== 'connections',
    wire: options.wire,
    nextNumber: 1,
  }
  return {
    internals,
    disconnect: (a, b) => {
      const [left, right] = [internals.nodes.get(a), internals.nodes.get(b)]
      if (left !== undefined && right !== undefined) cut(left, right)
    },
    vanish: (peer) => {
      const node = internals.nodes.get(peer)
      if (node !== undefined) remove(internals, node)
    },
    silentAddress: (peer) => `/memory/${SILENT}/p2p/${peer}`,
  }
}

/**
 * A node of the hub: the whole network port in one process, with the framing, limits and timeouts of the real one.
 * Everything happens on microtasks, so it is deterministic with the hub's timers.
 */
export function createMemoryNetwork(hub: MemoryHub, options: MemoryNetworkOptions): Network {
  const { internals } = hub
  const log = options.log ?? (() => undefined)
  const node = createNode(internals, options, log)
  for (const address of options.bootstrap ?? []) void bootstrap(internals, node, address, log)
  const deadline = <T>(dialOptions: DialOptions | undefined, ms: number, run: () => Promise<T>): Promise<T> => {
    assertRunning(node)
    return withDeadline(internals.timers, ms, dialOptions, run)
  }
  return {
    peer: node.peer,
    addresses: () => (node.dialable && !node.stopped ? [addressOf(node)] : []),
    handle: async (protocol, handler) => node.streams.serve(protocol, handler),
    unhandle: async (protocol) => node.streams.stopServing(protocol),
    dial: async (target, protocol, dialOptions) => {
      assertRunning(node)
      const run = async (): Promise<FrameStream> => {
        const other = await locate(internals, node, target)
        await internals.wire?.reach(node.peer, other.peer)
        return openStream(internals, node, other, protocol)
      }
      return withDeadline(internals.timers, NETWORK_LIMITS.dialMs, dialOptions, run, (late) => late.abort('too late'))
    },
    isConnected: (peer) => node.connections.has(peer),
    onConnect: (listener) => {
      node.onConnect.add(listener)
      return () => void node.onConnect.delete(listener)
    },
    publish: async (topic, message) => {
      assertRunning(node)
      assertGossipSize(message)
      spread(internals, node, topic, message.slice(), node.peer)
    },
    subscribe: (topic, validate) => {
      node.topics.add(topic, validate)
      return () => void node.topics.remove(topic, validate)
    },
    put: (key, value, dialOptions) =>
      deadline(dialOptions, NETWORK_LIMITS.dhtMs, async () => {
        const took = servers(internals).map((server) => store(server, key, value.slice()))
        return took.filter((server) => server !== undefined && server !== node).length
      }),
    get: (key, dialOptions) => deadline(dialOptions, NETWORK_LIMITS.dhtMs, async () => newest(internals, node, key)),
    provide: (capability, dialOptions) =>
      deadline(dialOptions, NETWORK_LIMITS.dhtMs, async () => {
        const peers = internals.providers.get(capability) ?? new Set()
        internals.providers.set(capability, peers.add(node.peer))
      }),
    find: (capability) => providersOf(internals, node, capability),
    stop: async () => {
      if (node.stopped) return
      node.stopped = true
      await node.streams.closeAll()
      remove(internals, node)
    },
  }
}

function createNode(internals: HubInternals, options: MemoryNetworkOptions, log: NetworkLog): MemoryNode {
  if (internals.nodes.has(options.peer)) {
    throw new OrienError('internal', { message: 'the hub has this peer already', details: { peer: options.peer } })
  }
  const onThrow = (error: unknown): void => log('network.listenerFailed', { error: String(error) })
  const node: MemoryNode = {
    peer: options.peer,
    number: internals.nextNumber++,
    dialable: options.dialable ?? true,
    streams: createStreamTable({ timers: internals.timers, laterTurn: queueMicrotask, log }),
    topics: createTopicTable(onThrow),
    records: createRecordBook(options.records),
    held: options.role === 'client' ? undefined : new Map(),
    connections: new Map(),
    onConnect: new Set(),
    heard: new WeakSet(),
    stopped: false,
  }
  internals.nodes.set(node.peer, node)
  internals.numbers.set(node.number, node)
  return node
}

async function bootstrap(internals: HubInternals, node: MemoryNode, address: string, log: NetworkLog): Promise<void> {
  try {
    const other = await locate(internals, node, { address })
    await internals.wire?.reach(node.peer, other.peer)
    if (node.stopped || other.stopped) throw unreachable('stopped')
    if (!node.connections.has(other.peer)) connect(node, other)
  } catch (error) {
    log('network.bootstrapFailed', { address, error: error instanceof OrienError ? error.code : 'unknown' })
  }
}

/** The node behind a target; never resolves for the silent address. */
async function locate(internals: HubInternals, from: MemoryNode, target: DialTarget): Promise<MemoryNode> {
  await Promise.resolve()
  if ('peer' in target) {
    const node = internals.nodes.get(target.peer)
    if (node === undefined || node === from || (!node.dialable && !from.connections.has(node.peer))) {
      throw unreachable('no route to the peer')
    }
    return node
  }
  const [, scheme, place, p2p, peer] = target.address.split('/')
  if (scheme !== 'memory' || p2p !== 'p2p' || peer === undefined || !isPeer(peer))
    throw unreachable('not an address with /p2p/<peer>')
  if (place === SILENT) return new Promise(() => undefined)
  const node = internals.numbers.get(Number(place))
  if (node === undefined || node === from || !node.dialable) throw unreachable('nobody listens there')
  if (node.peer !== peer) throw new OrienError('badSignature', { message: 'another peer answered', details: { peer } })
  return node
}

function openStream({ wire }: HubInternals, from: MemoryNode, to: MemoryNode, protocol: StreamProtocol): FrameStream {
  if (from.stopped || to.stopped) throw unreachable('stopped')
  const connection = from.connections.get(to.peer) ?? connect(from, to)
  if (to.streams.served(protocol.id) === undefined) throw unreachable('protocol not served')
  const pipe = createMemoryPipe(wire?.carry(from.peer, to.peer), wire?.carry(to.peer, from.peer))
  connection.cuts.add(pipe.cut)
  const stream = from.streams.adopt(protocol, to.peer, pipe.ends[0])
  void stream.ended.then(() => connection.cuts.delete(pipe.cut))
  queueMicrotask(() => to.streams.accept(protocol.id, from.peer, pipe.ends[1]))
  return stream
}

function connect(from: MemoryNode, to: MemoryNode): MemoryConnection {
  const connection: MemoryConnection = { cuts: new Set() }
  from.connections.set(to.peer, connection)
  to.connections.set(from.peer, connection)
  for (const [node, peer] of [
    [from, to.peer],
    [to, from.peer],
  ] as const) {
    for (const listener of node.onConnect) queueMicrotask(() => listener(peer))
  }
  return connection
}

function cut(a: MemoryNode, b: MemoryNode): void {
  const connection = a.connections.get(b.peer)
  a.connections.delete(b.peer)
  b.connections.delete(a.peer)
  for (const cutStream of connection?.cuts ?? []) cutStream()
}

function remove(internals: HubInternals, node: MemoryNode): void {
  node.stopped = true
  internals.nodes.delete(node.peer)
  internals.numbers.delete(node.number)
  for (const peer of node.connections.keys()) {
    const other = internals.nodes.get(peer)
    if (other !== undefined) cut(node, other)
  }
}

/** Gossip: every node that hears a message for the first time judges it, and passes it on when it accepts. */
function spread(internals: HubInternals, at: MemoryNode, topic: string, message: Uint8Array, author: PeerText): void {
  at.heard.add(message)
  const next = internals.gossipFull ? [...internals.nodes.keys()] : [...at.connections.keys()]
  for (const peer of next) {
    const node = internals.nodes.get(peer)
    if (node === undefined || node.heard.has(message)) continue
    const hear = (): void => {
      if (node.stopped || !node.topics.has(topic)) return
      if (node.topics.judge(topic, message, author) === 'accept') spread(internals, node, topic, message, author)
    }
    node.heard.add(message)
    if (internals.wire === undefined) queueMicrotask(hear)
    else internals.wire.gossip(at.peer, peer, hear)
  }
}

function servers(internals: HubInternals): MemoryNode[] {
  return [...internals.nodes.values()].filter((node) => node.held !== undefined && !node.stopped)
}

function store(server: MemoryNode, key: string, value: Uint8Array): MemoryNode | undefined {
  if (server.held === undefined || !server.records.admit(key, value)) return undefined
  server.held.set(key, value)
  return server
}

function newest(internals: HubInternals, asking: MemoryNode, key: string): Uint8Array | undefined {
  let best: { value: Uint8Array; seq: number } | undefined
  for (const server of servers(internals)) {
    const value = server.held?.get(key)
    const seq = value === undefined ? undefined : asking.records.seqOf(key, value)
    if (value !== undefined && seq !== undefined && (best === undefined || seq > best.seq)) best = { value, seq }
  }
  return best?.value.slice()
}

async function* providersOf(internals: HubInternals, node: MemoryNode, capability: string): AsyncGenerator<PeerText> {
  assertRunning(node)
  await Promise.resolve()
  for (const peer of internals.providers.get(capability) ?? []) if (peer !== node.peer) yield peer
}

function isPeer(text: string): boolean {
  try {
    return parsePeer(text) === text
  } catch (error) {
    if (error instanceof OrienError) return false
    throw error
  }
}

function addressOf(node: MemoryNode): string {
  return `/memory/${node.number}/p2p/${node.peer}`
}

function assertRunning(node: MemoryNode): void {
  if (node.stopped) throw new OrienError('stopped', { message: 'the network is stopped' })
}

function unreachable(why: string): OrienError {
  return new OrienError('unreachable', { message: `cannot dial: ${why}` })
}
