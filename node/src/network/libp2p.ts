import { UnsupportedProtocolError } from '@libp2p/interface'
import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { OrienError, parsePeer } from '@orien/protocol'
import type { PeerText, Timers } from '@orien/protocol'
import { keepBootstrapped } from './libp2p-bootstrap.ts'
import { withDeadline } from './deadline.ts'
import { createDht } from './libp2p-dht.ts'
import { guardGossip, joinTopic, leaveTopic } from './libp2p-gossip.ts'
import { createNode, peerOfAddress } from './libp2p-node.ts'
import type { OrienNode } from './libp2p-node.ts'
import { createLibp2pTransport } from './libp2p-stream.ts'
import { NETWORK_LIMITS } from './limits.ts'
import type { DialOptions, DialTarget, FrameStream, Network, RecordValidator, StreamProtocol } from './port.ts'
import { createRecordBook } from './records.ts'
import { createStreamTable } from './serving.ts'
import type { NetworkLog, StreamTable } from './serving.ts'
import { realTimers } from './timers.ts'
import { assertGossipSize, createTopicTable } from './topics.ts'
import type { TopicListener, TopicTable } from './topics.ts'

export interface Libp2pNetworkOptions {
  /** 32 bytes, the ed25519 seed of the peer key (RFC 8032). */
  readonly privateKeySeed: Uint8Array
  /** Multiaddrs to listen on, for example `/ip4/0.0.0.0/tcp/4100`. None: this node only dials. */
  readonly listen: readonly string[]
  /** Addresses with `/p2p/<peer>` that are kept connected. */
  readonly bootstrap: readonly string[]
  /** Servers answer DHT queries and hold records; others only ask. */
  readonly role: 'server' | 'client'
  /** Devnet: many peers on one address, all of them private. */
  readonly loopback: boolean
  /** Peers whose connections are kept when there are too many. */
  readonly allowPeers?: readonly PeerText[]
  /** Judges records under `/orien/…`. */
  readonly records: RecordValidator
  /** The only topics gossiped here. */
  readonly topics: readonly string[]
  readonly log?: NetworkLog
  /** For the limits of streams and dials; the machine's own when absent. */
  readonly timers?: Timers
}

/** Above the tag of an ordinary peer, so that the pruner takes it last. */
const KNOWN_PEER_TAG = 80
const KNOWN_PEER_TAG_NAME = 'orien-known'

/**
 * The network port on js-libp2p: TCP, noise, yamux, identify, ping, kad-dht and gossipsub, already listening.
 *
 * Throws `badConfig` for a seed, an address or a bootstrap address without `/p2p/<peer>` that cannot be used.
 */
export async function createLibp2pNetwork(options: Libp2pNetworkOptions): Promise<Network> {
  checkOptions(options)
  const log = options.log ?? (() => undefined)
  const timers = options.timers ?? realTimers
  const records = createRecordBook(options.records, () => Date.now())
  const wrongPeers = new Set<string>()
  const node = await createNode({ ...options, records, log, onWrongPeer: (expected) => wrongPeers.add(expected) })
  const topics = createTopicTable((error) => log('network.listenerFailed', { error: String(error) }))
  const streams = createStreamTable({ timers, laterTurn: (next) => void setImmediate(next), log })
  const { gossip } = node.services
  const forget = guardGossip(
    gossip,
    () => performance.now(),
    (from) => {
      log('network.offence', { what: 'gossip', peer: from.toString() })
      for (const connection of node.getConnections(from)) connection.abort(new Error('too much gossip'))
    },
  )
  node.addEventListener('peer:disconnect', (event) => forget(event.detail))
  try {
    await node.start()
  } catch (cause) {
    throw new OrienError('badConfig', { message: 'cannot listen', cause })
  }
  for (const peer of options.allowPeers ?? []) {
    await node.peerStore.merge(peerIdFromString(peer), { tags: { [KNOWN_PEER_TAG_NAME]: { value: KNOWN_PEER_TAG } } })
  }
  const leaveBootstrap = keepBootstrapped(node, options.bootstrap, log)
  return createPort({
    node,
    streams,
    topics,
    timers,
    wrongPeers,
    dht: createDht(node.services.dht, node.peerId.toString(), records),
    leaveBootstrap,
  })
}

interface Parts {
  readonly node: OrienNode
  readonly streams: StreamTable
  readonly topics: TopicTable
  readonly timers: Timers
  readonly wrongPeers: Set<string>
  readonly dht: ReturnType<typeof createDht>
  readonly leaveBootstrap: () => void
}

function createPort(parts: Parts): Network {
  const { node, streams, timers, dht } = parts
  const { gossip } = node.services
  let stopping: Promise<void> | undefined
  const assertRunning = (): void => {
    if (stopping !== undefined) throw new OrienError('stopped', { message: 'the network is stopped' })
  }
  const lookUp = async <T>(options: DialOptions | undefined, run: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    assertRunning()
    return withDeadline(timers, NETWORK_LIMITS.dhtMs, options, run)
  }
  return {
    peer: parsePeer(node.peerId.toString()),
    addresses: () => node.getMultiaddrs().map((address) => address.toString()),
    handle: async (protocol, handler) => {
      streams.serve(protocol, handler)
      await node.handle(
        protocol.id,
        (stream, connection) => {
          streams.accept(protocol.id, connection.remotePeer.toString() as PeerText, createLibp2pTransport(stream))
        },
        { maxInboundStreams: protocol.maxInboundStreams },
      )
    },
    unhandle: async (protocol) => {
      streams.stopServing(protocol)
      await node.unhandle(protocol.id)
    },
    dial: async (target, protocol, options) => {
      assertRunning()
      return dial(parts, target, protocol, options)
    },
    isConnected: (peer) => openConnection(node, peerIdFromString(peer)) !== undefined,
    onConnect: (listener) => {
      const onEvent = (event: CustomEvent<PeerId>): void => {
        if (event.detail.type === 'Ed25519') listener(event.detail.toString() as PeerText)
      }
      node.addEventListener('peer:connect', onEvent)
      return () => node.removeEventListener('peer:connect', onEvent)
    },
    publish: async (topic, message) => {
      assertRunning()
      assertGossipSize(message)
      await gossip.publish(topic, message)
    },
    subscribe: (topic, validate) => subscribe(parts, topic, validate),
    put: (key, value, options) => lookUp(options, (signal) => dht.put(key, value, signal)),
    get: (key, options) => lookUp(options, (signal) => dht.get(key, signal)),
    provide: (capability, options) => lookUp(options, (signal) => dht.provide(capability, signal)),
    find: (capability, options) => find(parts, capability, options, assertRunning),
    stop: () => {
      stopping ??= stop(parts)
      return stopping
    },
  }
}

async function stop({ node, streams, leaveBootstrap }: Parts): Promise<void> {
  leaveBootstrap()
  await streams.closeAll()
  await node.stop()
}

function subscribe({ node, topics }: Parts, topic: string, validate: TopicListener): () => void {
  const { gossip } = node.services
  const listener: TopicListener = (message, from) => validate(message, from)
  if (topics.add(topic, listener)) joinTopic(gossip, topics, topic)
  return () => {
    if (topics.remove(topic, listener)) leaveTopic(gossip, topic)
  }
}

async function* find(
  { dht, timers }: Parts,
  capability: string,
  options: DialOptions | undefined,
  assertRunning: () => void,
): AsyncGenerator<PeerText> {
  assertRunning()
  const controller = new AbortController()
  const cancelTimer = timers.after(options?.timeoutMs ?? NETWORK_LIMITS.dhtMs, () => controller.abort())
  const onAbort = (): void => controller.abort()
  options?.signal?.addEventListener('abort', onAbort, { once: true })
  if (options?.signal?.aborted === true) onAbort()
  try {
    yield* dht.find(capability, controller.signal)
  } catch (error) {
    // Time is up: what was found is what there is. Only the caller's own signal is an error to the caller.
    if (options?.signal?.aborted === true)
      throw new OrienError('cancelled', { message: 'the caller cancelled', cause: error })
    if (!controller.signal.aborted) throw error
  } finally {
    cancelTimer()
    options?.signal?.removeEventListener('abort', onAbort)
  }
}

async function dial(
  { node, streams, timers, wrongPeers }: Parts,
  target: DialTarget,
  protocol: StreamProtocol,
  options: DialOptions | undefined,
): Promise<FrameStream> {
  const place = placeOf(target)
  const peer = place.peer.toString()
  wrongPeers.delete(peer)
  try {
    const stream = await withDeadline(
      timers,
      NETWORK_LIMITS.dialMs,
      options,
      (signal) => openStream(node, place, protocol, signal),
      (late) => late.abort(new Error('too late')),
    )
    return streams.adopt(protocol, place.text, createLibp2pTransport(stream))
  } catch (error) {
    if (error instanceof OrienError) throw error
    if (wrongPeers.delete(peer)) {
      throw new OrienError('badSignature', {
        message: 'another peer answered at that address',
        details: { peer },
        cause: error,
      })
    }
    const served = !(error instanceof Error && error.name === UnsupportedProtocolError.name)
    throw new OrienError('unreachable', {
      message: served ? 'the peer cannot be reached' : 'the peer does not serve the protocol',
      details: { peer, protocol: protocol.id },
      cause: error,
    })
  }
}

interface Place {
  readonly peer: PeerId
  readonly text: PeerText
  readonly address: string | undefined
}

function placeOf(target: DialTarget): Place {
  const peer = 'peer' in target ? target.peer : peerOfAddress(target.address)?.peer
  try {
    // Without a PeerId a dial would take whoever answers.
    if (peer === undefined) throw new OrienError('badDocument', { message: 'no /p2p/<peer> at the end of the address' })
    const text = parsePeer(peer)
    return { peer: peerIdFromString(text), text, address: 'address' in target ? target.address : undefined }
  } catch (cause) {
    throw new OrienError('unreachable', { message: 'the address must end in /p2p/<peer>, an ed25519 PeerId', cause })
  }
}

/** A stream on an open connection, made by either side; else on a new one. */
async function openStream(
  node: OrienNode,
  place: Place,
  protocol: StreamProtocol,
  signal: AbortSignal,
): Promise<Stream> {
  const options = { signal, maxOutboundStreams: NETWORK_LIMITS.maxConnectionStreams }
  const standing = openConnection(node, place.peer)
  if (standing !== undefined) {
    try {
      return await standing.newStream(protocol.id, options)
    } catch (error) {
      // It went down just now; that says nothing of the peer.
      if (signal.aborted || standing.status === 'open') throw error
    }
  }
  if (place.address === undefined) await lookUpAddress(node, place.peer, signal)
  const connection = await node.dial(place.address === undefined ? place.peer : multiaddr(place.address), { signal })
  return connection.newStream(protocol.id, options)
}

/**
 * Finds where a peer is before it is dialled. A dial that looks up by itself waits for kad's first query, and that query dials the peers
 * it hears of: it joins the very dial that waits for it, and both stand still until the look-up's 5 s are over.
 */
async function lookUpAddress(node: OrienNode, peer: PeerId, signal: AbortSignal): Promise<void> {
  if (await isAddressKnown(node, peer)) return
  // What is found is kept in the peer store. Connected meanwhile, it need not be found.
  await node.peerRouting.findPeer(peer, { signal }).catch((error: unknown) => {
    if (openConnection(node, peer) === undefined) throw error
  })
}

async function isAddressKnown(node: OrienNode, peer: PeerId): Promise<boolean> {
  return (await node.peerStore.has(peer)) && (await node.peerStore.get(peer)).addresses.length > 0
}

function openConnection(node: OrienNode, peer: PeerId): Connection | undefined {
  return node.getConnections(peer).find(({ status, limits }) => status === 'open' && limits === undefined)
}

function checkOptions({ privateKeySeed, bootstrap }: Libp2pNetworkOptions): void {
  if (privateKeySeed.length !== 32) throw new OrienError('badConfig', { message: 'the key seed is not 32 bytes' })
  for (const address of bootstrap) {
    if (peerOfAddress(address) !== undefined) continue
    throw new OrienError('badConfig', {
      message: 'a bootstrap address does not end in /p2p/<peer>',
      details: { address },
    })
  }
}
