import type { PeerText } from '@orien/protocol'
import { NETWORK_LIMITS } from './limits.ts'
import type { StreamProtocol } from './port.ts'

/**
 * ORIEN's stream protocols (PROTOCOL, Streams), each with its limits in one object. Every stream opens with a `hello`
 * from both sides, so the first frame is always due at once.
 */
export const PROTOCOLS = {
  /** Agent → coordinator. A Fund carries the Quote, which carries the Grant; an Open carries a whole Offer: 192 KiB at most. */
  session: {
    id: '/orien/session/1.0.0',
    maxFrameBytes: 256 * 1024,
    firstFrameMs: 3_000,
    /** A wallet signs between Quote and Fund, and the channel is read before the Grant. */
    idleMs: 30_000,
    maxInboundStreams: 8,
  },
  /** Agent → provider, one for each session, as long as the session. */
  work: {
    id: '/orien/work/1.0.0',
    /** A receipt batch or a log chunk; files travel on `blob`. */
    maxFrameBytes: 1024 * 1024,
    firstFrameMs: 3_000,
    /** Both sides send a heartbeat frame after 10 s without another. */
    idleMs: 30_000,
    /** An agent's sessions at one provider. */
    maxInboundStreams: 64,
  },
  /** Provider → coordinator (and agent → coordinator), kept open; heartbeats as on `work`. */
  receipts: {
    id: '/orien/receipts/1.0.0',
    maxFrameBytes: 1024 * 1024,
    firstFrameMs: 3_000,
    idleMs: 30_000,
    maxInboundStreams: 16,
  },
  /** Coordinator → agent, on the connection the agent opened. */
  cosign: {
    id: '/orien/cosign/1.0.0',
    maxFrameBytes: 64 * 1024,
    firstFrameMs: 3_000,
    /** The agent's wallet signs; the coordinator waits 30 s for it. */
    idleMs: 30_000,
    maxInboundStreams: 8,
  },
  /** Either party → coordinator: one question, one answer. */
  statement: {
    id: '/orien/statement/1.0.0',
    maxFrameBytes: 1024 * 1024,
    firstFrameMs: 3_000,
    idleMs: 10_000,
    maxInboundStreams: 4,
  },
  /** Anyone → provider: one question, one answer. An Offer is ≤ 48 KiB. */
  offer: {
    id: '/orien/offer/1.0.0',
    maxFrameBytes: 64 * 1024,
    firstFrameMs: 3_000,
    idleMs: 10_000,
    maxInboundStreams: 4,
  },
  /** Bytes by hash, either way. 256 KiB of file and a header in one frame; a reader that keeps reading is not idle. */
  blob: {
    id: '/orien/blob/1.0.0',
    maxFrameBytes: 320 * 1024,
    firstFrameMs: 3_000,
    idleMs: 10_000,
    maxInboundStreams: 16,
  },
} as const satisfies Record<string, StreamProtocol>

/** The gossip topic of signed Offers. */
export const OFFERS_TOPIC = '/orien/offers/1'

/** The DHT namespace whose records are validated: keys are `/orien/…`. */
export const RECORD_NAMESPACE = 'orien'

/** The capability that providers of a tool register for; hashed to a raw sha2-256 CID by the network. */
export function capabilityOf(toolId: string): string {
  return `orien/capability/1/${toolId}`
}

/** The DHT key of a provider's Offer. */
export function recordKeyOf(peer: PeerText): string {
  return `/${RECORD_NAMESPACE}/${peer}`
}

const all: readonly StreamProtocol[] = Object.values(PROTOCOLS)
const streams = all.reduce((sum, protocol) => sum + protocol.maxInboundStreams, 0)
const relations: readonly [boolean, string][] = [
  [
    streams + NETWORK_LIMITS.libp2pStreams <= NETWORK_LIMITS.maxConnectionStreams,
    'one connection carries every protocol at its limit',
  ],
  [new Set(all.map((protocol) => protocol.id)).size === all.length, 'protocol ids differ'],
  [
    all.every((protocol) => protocol.maxFrameBytes <= NETWORK_LIMITS.streamBufferBytes),
    'a frame fits the buffer of its stream',
  ],
  [
    all.every((protocol) => protocol.firstFrameMs > 0 && protocol.firstFrameMs < protocol.idleMs),
    'the first frame is due sooner than the next',
  ],
]
for (const [holds, what] of relations) if (!holds) throw new Error(`protocols.ts: ${what}`)
