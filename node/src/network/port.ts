import type { PeerText } from '@orien/protocol'

/**
 * One stream protocol, with every limit that keeps a slow or hostile peer from holding anything. The network enforces
 * all of them; handlers never start timers of their own for this.
 */
export interface StreamProtocol {
  /** libp2p protocol id, for example `/orien/work/1.0.0`. */
  readonly id: string
  /** The longest frame taken; a longer length prefix aborts the stream before anything is allocated. */
  readonly maxFrameBytes: number
  /** From opening to the first whole frame from the other side. */
  readonly firstFrameMs: number
  /**
   * Between two whole frames from the other side, or signs that it reads ours; cut at 1.25 × this at the latest. Frames
   * that wait for our own reader do not count as its silence. 0: no limit.
   */
  readonly idleMs: number
  /** Streams one peer may hold open at a time. */
  readonly maxInboundStreams: number
}

/**
 * Why a stream ended: the other side `closed`; one side `aborted`; the other was silent or took nothing (`timedOut`), or
 * announced too long a frame (`tooLarge`); or the connection is gone (`lost`), which a side that stops in the middle of a
 * frame is too. The side that cut for `timedOut` or `tooLarge` says so; the other sees `aborted`.
 */
export type StreamEnd = 'closed' | 'aborted' | 'timedOut' | 'tooLarge' | 'lost'

/**
 * A two-way stream of whole frames, with real back-pressure both ways.
 *
 * Frames sent in one turn of the event loop leave in one write. Iterating pauses the transport while the consumer is
 * busy. A peer that goes away in the middle ends the iteration and resolves `ended` with the reason: protocols mark
 * their own ends by frames.
 *
 * Frames are not copied: one that was sent must not be changed afterwards, and one that came may be a view of a larger
 * buffer, so copy (`slice()`) the small part of it that is kept for long.
 */
export interface FrameStream {
  /** The peer at the other end, authenticated by the transport. */
  readonly peer: PeerText
  readonly protocol: string
  /** Queues one frame. False when the caller should wait for `drained()` before it sends more. Throws `streamClosed`, `tooLarge`. */
  send(frame: Uint8Array): boolean
  /** Resolves when the queue is below its high-water mark, or the stream ended. */
  drained(): Promise<void>
  /** One consumer, which may leave its loop and loop again. Ends when the other side closed; never throws for a peer that vanished: look at `ended`. */
  readonly frames: AsyncIterable<Uint8Array>
  /** Resolves once, when nothing more will come. Never rejects. */
  readonly ended: Promise<StreamEnd>
  /**
   * Delivers what is queued, then says that no more comes from this side; resolves when that is done. Frames the other side
   * still sends are delivered to whoever iterates, else dropped. The other side must close too, within 10 s or it is cut;
   * it may send its last frames before.
   */
  close(): Promise<void>
  /** Drops what is queued and ends at once. */
  abort(reason: string): void
}

export type StreamHandler = (stream: FrameStream) => void | Promise<void>

/** What a topic's validator says before a message is passed on. */
export type Verdict = 'accept' | 'ignore' | 'reject'

/** A record of the DHT: validators refuse what is not well signed and tell the sequence, so that old ones lose. */
export type RecordValidator = (key: string, value: Uint8Array) => { readonly seq: number } | undefined

/** Where to dial: a peer already known or connected, or a full address that ends in `/p2p/<peer>`. */
export type DialTarget = { readonly peer: PeerText } | { readonly address: string }

export interface DialOptions {
  readonly signal?: AbortSignal
  /** Give up after this long; the network's own default when absent. */
  readonly timeoutMs?: number
}

/**
 * Everything ORIEN's logic asks of the network. Adapters: libp2p (real), memory (in one process). Both pass
 * node/test/conformance/network.ts.
 */
export interface Network {
  readonly peer: PeerText
  /** Addresses others can dial, each ending in `/p2p/<peer>`. */
  addresses(): readonly string[]
  /** Serves a protocol. Throws `internal` when it is served already. */
  handle(protocol: StreamProtocol, handler: StreamHandler): Promise<void>
  unhandle(protocol: StreamProtocol): Promise<void>
  /**
   * Opens a stream, on an open connection to the peer when there is one, in whichever direction it was made. Throws `unreachable` (no
   * route, refused, protocol not served), `timedOut`, `badSignature` (another identity answered), `cancelled` (signal).
   */
  dial(target: DialTarget, protocol: StreamProtocol, options?: DialOptions): Promise<FrameStream>
  /** True while a connection to that peer stands. */
  isConnected(peer: PeerText): boolean
  /** Calls back when the first connection to a peer stands. Returns the way to stop. */
  onConnect(listener: (peer: PeerText) => void): () => void
  /**
   * Gossips to everybody subscribed to the topic; having no listeners yet is no error. A node passes a topic on only while it
   * subscribes to it itself. Throws `tooLarge` above 64 KiB.
   */
  publish(topic: string, message: Uint8Array): Promise<void>
  /** Listens to a topic. The validator runs before a message is passed on. Returns the way to stop. */
  subscribe(topic: string, validate: (message: Uint8Array, from: PeerText) => Verdict): () => void
  /** Puts a value in the DHT; resolves with how many other servers took it (0: nobody did, or it is older than one known here). */
  put(key: string, value: Uint8Array, options?: DialOptions): Promise<number>
  /** The newest valid value found, by the validator's sequence. */
  get(key: string, options?: DialOptions): Promise<Uint8Array | undefined>
  /**
   * Registers this peer as a provider of `capability` (hashed to a raw sha2-256 CID). Throws `unreachable` when no server
   * took it, `timedOut` when none was met.
   */
  provide(capability: string, options?: DialOptions): Promise<void>
  /** Peers registered for a capability. Some may be gone: check by asking them. */
  find(capability: string, options?: DialOptions): AsyncIterable<PeerText>
  stop(): Promise<void>
}
