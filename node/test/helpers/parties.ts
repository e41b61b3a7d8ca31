import { peerOfKey, scopeOf, type PeerText, type Signer, type WalletBinding } from '@orien/protocol'
import { keySigner, nodeCrypto } from '../../src/crypto/index.ts'
import type { Wallet } from '../../src/rails/channel.ts'
import { bindWallet, localWallet } from '../../src/rails/wallet.ts'

export const CHAIN_ID = 31_337
export const scope = scopeOf(CHAIN_ID, nodeCrypto)
/** Bindings of tests are good at any time a test may think it is. */
const FOREVER_MS = 8_000_000_000_000

/** A party with keys drawn from a number: the same in every run. */
export interface Party {
  readonly seed: Uint8Array
  readonly peer: PeerText
  readonly signer: Signer
  readonly wallet: Wallet
  binding(role: WalletBinding['role']): Promise<Uint8Array>
}

export function party(number: number): Party {
  const seed = new Uint8Array(32).fill(number)
  const signer = keySigner(seed)
  const wallet = localWallet(`0x${number.toString(16).padStart(2, '0').repeat(32)}`)
  const peer = peerOfKey(signer.publicKey)
  return {
    seed,
    peer,
    signer,
    wallet,
    async binding(role) {
      const statement = { peer, wallet: wallet.address, role, notBeforeMs: 0, expiresAtMs: FOREVER_MS }
      return (await bindWallet(scope, signer, wallet, statement)).bytes
    },
  }
}
