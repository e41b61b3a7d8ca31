/**
 * Every bound of the transport, with its reason. Figures come from attacks run against js-libp2p 3. Relations are
 * asserted when this module loads. The limits of single protocols are in protocols.ts.
 */
export const NETWORK_LIMITS = {
  /** Frames given to one reader before the event loop turns: whole windows otherwise travel back and forth in convoy. */
  framesPerTurn: 16,
  /** Frames up to this are copied into one write; larger ones are cheaper passed on as they are. */
  coalesceBytes: 8 * 1024,
  /** A write leaves at once when this much waits, without the end of the turn. Noise packs 64 KiB: few, full packets. */
  flushBytes: 256 * 1024,
  /** One write to the transport: never more than its own buffer (streamBufferBytes) takes, and a blob frame in one piece. */
  writeChunkBytes: 512 * 1024,
  /** Bytes on their way in the memory adapter before its writer must wait. */
  memoryWindowBytes: 256 * 1024,
  /** Frames read but not taken: above, the transport is paused, and below the low mark it goes on. */
  readHighWaterBytes: 512 * 1024,
  readLowWaterBytes: 256 * 1024,
  /** What one waiting frame costs besides its bytes; a flood of empty frames is bounded by it. */
  frameOverheadBytes: 128,
  /** Frames accepted by send() and not yet taken by the transport. Who ignores drained() loses the stream, not the machine. */
  maxQueuedBytes: 8 * 1024 * 1024,
  /** A peer that takes none of the bytes waiting for it for so long is gone. */
  stallMs: 30_000,
  /** After one side closed, the other has this long to close too. */
  closeMs: 10_000,
  /** A node that stops gives its streams this long to deliver what they hold. */
  stopMs: 1_000,
  /** Microtasks without a further frame before waiting frames are written. */
  quietHops: 3,
  maxHops: 256,

  dialMs: 10_000,
  /** One DHT operation when the caller gives no time. */
  dhtMs: 10_000,
  /** Checked in the validator, before relay: one message above 1 MiB silences a go subscriber for good. An Offer is ≤ 48 KiB. */
  maxGossipBytes: 64 * 1024,
  /** A DHT record holds one Offer in its envelope. */
  maxRecordBytes: 64 * 1024,
  /** Keys whose records and sequences one server keeps; 256 MiB at the very most. */
  maxRecords: 4_096,
  /** kad serves a record for 48 h at most; after that its key makes room. */
  recordMs: 48 * 3_600_000,

  /** One stream's unread or unsent bytes inside libp2p; a muxer window never exceeds it. */
  streamBufferBytes: 1024 * 1024,
  streamWindowBytes: 1024 * 1024,
  /** All streams of one connection: the sum of protocols.ts and libp2p's own. */
  maxConnectionStreams: 160,
  /** identify, its push, ping, the monitor's ping, gossip and kad. */
  libp2pStreams: 24,
  /** Unsent bytes of one connection: a peer that asks and never reads. */
  connectionBufferBytes: 8 * 1024 * 1024,
  /** Muxer frames without data per second, besides one window update for each data frame sent to that peer. */
  controlFramesPerSecond: 2_000,
  pingsPerSecond: 100,
  opensPerSecond: 500,
  gossipRpcsPerSecond: 200,
  /** How long the host of an offender is refused, and how many such hosts are remembered. */
  banMs: 60_000,
  maxBans: 4_096,

  /** The default of 10 lets twenty slow sockets lock everybody out. */
  maxPendingConnections: 4_096,
  maxConnections: 500,
  connectionsPerSecondPerHost: 5,
  upgradeMs: 3_000,
  negotiateMs: 3_000,
  kadStreams: 8,
  monitorMs: 5_000,
  /** Above the 48 h of a provider record: an entry that goes before its record poisons the key for everybody. */
  peerAgeMs: 49 * 3_600_000,
  /** A bootstrap peer that is not connected is dialled again this often. */
  bootstrapMs: 2_000,
} as const

const relations: readonly [boolean, string][] = [
  [NETWORK_LIMITS.readLowWaterBytes < NETWORK_LIMITS.readHighWaterBytes, 'reading resumes below where it stopped'],
  [NETWORK_LIMITS.coalesceBytes < NETWORK_LIMITS.flushBytes, 'a joined write holds several frames'],
  [NETWORK_LIMITS.writeChunkBytes < NETWORK_LIMITS.streamBufferBytes, 'one write fits the buffer of the stream'],
  [NETWORK_LIMITS.streamWindowBytes <= NETWORK_LIMITS.streamBufferBytes, 'a paused stream can hold its window'],
  [NETWORK_LIMITS.streamBufferBytes < NETWORK_LIMITS.connectionBufferBytes, 'one stream cannot fill its connection'],
  [NETWORK_LIMITS.peerAgeMs > NETWORK_LIMITS.recordMs, 'a provider entry outlives its record'],
]
for (const [holds, what] of relations) if (!holds) throw new Error(`limits.ts: ${what}`)
