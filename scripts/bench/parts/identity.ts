import { nodeCrypto, keySigner, systemRandom } from '@orien/node/crypto'
import { bindWallet, localWallet, type Wallet } from '@orien/node/rails'
import { hex, peerOfKey, scopeOf, type PeerText, type Scope, type Signer, type WalletBinding } from '@orien/protocol'

/** Signatures of a devnet are good nowhere else. */
export const CHAIN_ID = 31_337
export const scope: Scope = scopeOf(CHAIN_ID, nodeCrypto)
const YEAR_MS = 365 * 24 * 3_600_000

/** A party with fresh keys. */
export interface Identity {
  readonly peer: PeerText
  readonly signer: Signer
  readonly seed: Uint8Array
  readonly wallet: Wallet
  /** Binds a wallet, its own when absent, to the peer. */
  binding(role: WalletBinding['role'], bound?: Wallet): Promise<Uint8Array>
}

export function freshIdentity(): Identity {
  const seed = systemRandom.bytes(32)
  const signer = keySigner(seed)
  const peer = peerOfKey(signer.publicKey)
  const wallet = localWallet(`0x${hex(systemRandom.bytes(32))}`)
  return {
    peer,
    signer,
    seed,
    wallet,
    async binding(role, bound = wallet) {
      const notBeforeMs = Date.now() - 60_000
      const statement = { peer, wallet: bound.address, role, notBeforeMs, expiresAtMs: notBeforeMs + YEAR_MS }
      return (await bindWallet(scope, signer, bound, statement)).bytes
    },
  }
}
