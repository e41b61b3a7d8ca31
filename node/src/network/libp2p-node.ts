import { bootstrap } from '@libp2p/bootstrap'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { gossipsub } from '@libp2p/gossipsub'
import type { GossipSub } from '@libp2p/gossipsub'
import { createTopicScoreParams } from '@libp2p/gossipsub/score'
import { identify } from '@libp2p/identify'
import type { ConnectionGater, Libp2p, MessageStream } from '@libp2p/interface'
import { kadDHT, passthroughMapper, removePrivateAddressesMapper } from '@libp2p/kad-dht'
import type { KadDHT } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import type { Ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { guardedYamux } from './libp2p-guard.ts'
import { orienNoise } from './libp2p-noise.ts'
import { NETWORK_LIMITS } from './limits.ts'
import { RECORD_NAMESPACE } from './protocols.ts'
import { createBanList } from './rates.ts'
import type { RecordBook } from './records.ts'
import type { NetworkLog } from './serving.ts'

export interface NodeOptions {
  readonly privateKeySeed: Uint8Array
  readonly listen: readonly string[]
  readonly bootstrap: readonly string[]
  readonly role: 'server' | 'client'
  readonly loopback: boolean
  readonly topics: readonly string[]
  readonly records: RecordBook
  readonly log: NetworkLog
  /** Hears that an outbound connection met another identity than the one dialled. */
  readonly onWrongPeer: (expected: string) => void
}

/** What ORIEN runs on a libp2p node. */
export interface NodeServices extends Record<string, unknown> {
  readonly ping: Ping
  readonly dht: KadDHT
  readonly gossip: GossipSub
}

export type OrienNode = Libp2p<NodeServices>

/** A libp2p node with every setting of notes/interop.md (Settings, Guard), not yet started. */
export async function createNode(options: NodeOptions): Promise<OrienNode> {
  const { loopback, log } = options
  const bans = createBanList(monoMs)
  const onOffence = (host: string | undefined, what: string): void => {
    const banned = host !== undefined && !(loopback && isLoopback(host))
    if (banned) bans.ban(host)
    log('network.offence', { what, banned })
  }
  return createLibp2p<NodeServices>({
    start: false,
    privateKey: await generateKeyPairFromSeed('Ed25519', options.privateKeySeed),
    addresses: { listen: [...options.listen] },
    transports: [tcp()],
    connectionEncrypters: [orienNoise(options.onWrongPeer)],
    streamMuxers: [guardedYamux((connection, what) => onOffence(hostBelow(connection), what), monoMs)],
    connectionGater: gater((host) => bans.has(host)),
    connectionManager: {
      maxConnections: NETWORK_LIMITS.maxConnections,
      maxIncomingPendingConnections: NETWORK_LIMITS.maxPendingConnections,
      inboundConnectionThreshold: loopback ? Infinity : NETWORK_LIMITS.connectionsPerSecondPerHost,
      inboundUpgradeTimeout: NETWORK_LIMITS.upgradeMs,
      inboundStreamProtocolNegotiationTimeout: NETWORK_LIMITS.negotiateMs,
      outboundStreamProtocolNegotiationTimeout: NETWORK_LIMITS.negotiateMs,
      dialTimeout: NETWORK_LIMITS.dialMs,
    },
    connectionMonitor: { pingInterval: NETWORK_LIMITS.monitorMs },
    peerStore: { maxPeerAge: NETWORK_LIMITS.peerAgeMs },
    ...(options.bootstrap.length > 0
      ? { peerDiscovery: [bootstrap({ list: [...options.bootstrap], timeout: 0 })] }
      : {}),
    services: {
      identify: identify(),
      ping: ping(),
      dht: kad(options),
      gossip: gossip(options),
    },
  })
}

function kad({ loopback, role, records }: NodeOptions): ReturnType<typeof kadDHT> {
  const text = new TextDecoder()
  return kadDHT({
    protocol: '/orien/kad/1.0.0',
    clientMode: role === 'client',
    peerInfoMapper: loopback ? passthroughMapper : removePrivateAddressesMapper,
    maxInboundStreams: NETWORK_LIMITS.kadStreams,
    // The first query waits for a peer anyway; a second's pause besides would only slow every start.
    initialQuerySelfInterval: 1,
    validators: {
      // Servers ask the validator and not the selector on PUT, so the validator itself must refuse older records.
      [RECORD_NAMESPACE]: (key, value) => {
        if (!records.admit(text.decode(key), value)) throw new Error('record refused')
      },
    },
    selectors: {
      [RECORD_NAMESPACE]: (key, values) => {
        const seqs = values.map((value) => records.seqOf(text.decode(key), value) ?? -1)
        return seqs.indexOf(Math.max(...seqs))
      },
    },
  })
}

function gossip({ loopback, topics }: NodeOptions): ReturnType<typeof gossipsub> {
  return gossipsub({
    allowPublishToZeroTopicPeers: true,
    allowedTopics: [...topics],
    globalSignaturePolicy: 'StrictSign',
    scoreParams: {
      // Many devnet peers share one address; elsewhere that is what a sybil looks like.
      ...(loopback ? { IPColocationFactorWeight: 0 } : {}),
      topics: Object.fromEntries(topics.map((topic) => [topic, TOPIC_SCORE])),
    },
  })
}

/** Invalid messages cost a peer its place: without a score of the topic, bad signatures cost nothing. */
const TOPIC_SCORE = createTopicScoreParams({
  topicWeight: 1,
  timeInMeshWeight: 0.01,
  timeInMeshQuantum: 1_000,
  timeInMeshCap: 100,
  firstMessageDeliveriesWeight: 0.5,
  firstMessageDeliveriesDecay: 0.9,
  firstMessageDeliveriesCap: 10,
  // Offers are rare: a peer that delivers few is no worse for it.
  meshMessageDeliveriesWeight: 0,
  meshFailurePenaltyWeight: 0,
  invalidMessageDeliveriesWeight: -10,
  invalidMessageDeliveriesDecay: 0.9,
})

function gater(isBanned: (host: string) => boolean): ConnectionGater {
  return {
    denyInboundConnection: (connection) => {
      const host = hostOf(connection.remoteAddr)
      return host !== undefined && isBanned(host)
    },
  }
}

/** The muxer sees the encrypted connection; the address is that of the transport below it. */
function hostBelow(connection: MessageStream): string | undefined {
  const { stream } = connection as { stream?: { remoteAddr?: Multiaddr } }
  return hostOf(stream?.remoteAddr)
}

/** The IP address in a multiaddr. */
function hostOf(address: Multiaddr | undefined): string | undefined {
  return address?.getComponents().find(({ name }) => name === 'ip4' || name === 'ip6')?.value
}

function isLoopback(host: string): boolean {
  return host === '::1' || host.startsWith('127.')
}

/** The peer at the end of an address; undefined when it names none, or is no address. */
export function peerOfAddress(address: string): { readonly address: Multiaddr; readonly peer: string } | undefined {
  let parsed: Multiaddr
  try {
    parsed = multiaddr(address)
  } catch (error) {
    if (error instanceof Error) return undefined
    throw error
  }
  const last = parsed.getComponents().at(-1)
  return last?.name === 'p2p' && last.value !== undefined ? { address: parsed, peer: last.value } : undefined
}

function monoMs(): number {
  return performance.now()
}
