import { base58btc } from 'multiformats/bases/base58'
import { OrienError } from '../errors.ts'

declare const peerBrand: unique symbol

/** A libp2p PeerId in its text form (`12D3KooW…`): base58btc of the identity multihash of an ed25519 public key. */
export type PeerText = string & { readonly [peerBrand]: true }

/** Identity multihash (0x00, 36 bytes) of the libp2p PublicKey message { type: Ed25519, data: 32 bytes }. */
const PREFIX = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20)
const KEY_BYTES = 32
const known = new Map<string, Uint8Array>()
const KNOWN_MAX = 4_096

/** The PeerId of an ed25519 public key (libp2p peer-ids spec). Throws `badDocument` unless it is 32 bytes. */
export function peerOfKey(publicKey: Uint8Array): PeerText {
  if (publicKey.length !== KEY_BYTES) throw notAPeer()
  const bytes = new Uint8Array(PREFIX.length + KEY_BYTES)
  bytes.set(PREFIX)
  bytes.set(publicKey, PREFIX.length)
  return base58btc.baseEncode(bytes) as PeerText
}

/** The 32-byte ed25519 public key inside a PeerId. Throws `badDocument` for anything but an ed25519 PeerId in canonical text. */
export function keyOfPeer(peer: string): Uint8Array {
  const cached = known.get(peer)
  if (cached !== undefined) return cached
  const bytes = decode(peer)
  if (bytes.length !== PREFIX.length + KEY_BYTES || PREFIX.some((byte, at) => bytes[at] !== byte)) throw notAPeer()
  const key = Uint8Array.from(bytes.subarray(PREFIX.length))
  if (peerOfKey(key) !== peer) throw notAPeer()
  if (known.size >= KNOWN_MAX) known.clear()
  known.set(peer, key)
  return key
}

/** `peer` as PeerText. Throws `badDocument` when it is not a canonical ed25519 PeerId. */
export function parsePeer(peer: string): PeerText {
  keyOfPeer(peer)
  return peer as PeerText
}

function decode(peer: string): Uint8Array {
  if (peer.length > 64) throw notAPeer()
  try {
    return base58btc.baseDecode(peer)
  } catch (cause) {
    throw notAPeer(cause)
  }
}

function notAPeer(cause?: unknown): OrienError {
  return new OrienError('badDocument', { message: 'not an ed25519 PeerId', ...(cause === undefined ? {} : { cause }) })
}
