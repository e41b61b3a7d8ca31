import { secp256k1 } from '@noble/curves/secp256k1.js'
import { addressOfBytes, concatBytes, keccak, nobleCrypto, nobleSigner, peerOfKey, scopeOf } from '../src/index.ts'
import type { Address, PeerText, Scope, Signer } from '../src/index.ts'

/** Fixed identities of the tests. Their seeds stand in the published vectors, so they are worth nothing. */
export interface TestPeer {
  readonly seed: Uint8Array
  readonly signer: Signer
  readonly peer: PeerText
}

export const CHAIN_ID = 31_337
export const scope: Scope = scopeOf(CHAIN_ID, nobleCrypto)

const peerOf = (byte: number): TestPeer => {
  const seed = new Uint8Array(32).fill(byte)
  const signer = nobleSigner(seed)
  return { seed, signer, peer: peerOfKey(signer.publicKey) }
}

export const PEERS = { agent: peerOf(1), provider: peerOf(2), coordinator: peerOf(3), stranger: peerOf(4) } as const
export type Role = keyof typeof PEERS

export interface TestWallet {
  readonly key: Uint8Array
  readonly address: Address
  /** 65-byte r ‖ s ‖ v over a digest. */
  sign(digest: Uint8Array): Uint8Array
}

const walletOf = (byte: number): TestWallet => {
  const key = new Uint8Array(32).fill(byte)
  const point = secp256k1.getPublicKey(key, false)
  return {
    key,
    address: addressOfBytes(keccak(point.subarray(1)).subarray(12)),
    sign(digest) {
      const [recovery = 0, ...rs] = secp256k1.sign(digest, key, { prehash: false, format: 'recovered' })
      return concatBytes(Uint8Array.from(rs), Uint8Array.of(27 + recovery))
    },
  }
}

export const WALLETS = {
  agent: walletOf(0x11),
  provider: walletOf(0x12),
  coordinator: walletOf(0x13),
  payout: walletOf(0x14),
} as const
