import { keySigner, nodeCrypto } from '@orien/node/crypto'
import { bindWallet, cheapWallet, localWallet, type Wallet } from '@orien/node/rails'
import {
  micros,
  Offer,
  peerOfKey,
  scopeOf,
  signDocument,
  type PeerText,
  type Signed,
  type Signer,
  type WalletBinding,
} from '@orien/protocol'

export const CHAIN_ID = 31_337
export const scope = scopeOf(CHAIN_ID, nodeCrypto)

/** Somebody with a peer key and a wallet, both drawn from a number. */
export interface Party {
  readonly peer: PeerText
  readonly signer: Signer
  readonly wallet: Wallet
  binding(role: WalletBinding['role'], wallet?: Wallet, old?: Wallet): Promise<Uint8Array>
}

export function walletOf(seed: number): Wallet {
  return cheapWallet(localWallet(`0x${seed.toString(16).padStart(4, '0').repeat(16)}`))
}

export function partyOf(seed: number): Party {
  const signer = keySigner(new Uint8Array(32).fill(seed))
  const peer = peerOfKey(signer.publicKey)
  const own = walletOf(seed)
  return {
    peer,
    signer,
    wallet: own,
    async binding(role, wallet = own, old) {
      const statement = { peer, wallet: wallet.address, role, notBeforeMs: 1, expiresAtMs: 8_000_000_000_000 }
      return (await bindWallet(scope, signer, wallet, statement, old)).bytes
    },
  }
}

/** An offer of one tool, `echo`, at a price. */
export async function offerOf(
  provider: Party,
  coordinator: PeerText,
  payout: Wallet,
  nowMs: number,
  more: Partial<Offer> = {},
  oldPayout?: Wallet,
): Promise<Signed<Offer>> {
  return signDocument(scope, provider.signer, Offer, {
    seq: 1,
    issuedAtMs: nowMs,
    expiresAtMs: nowMs + 3_600_000,
    provider: provider.peer,
    bindings: [await provider.binding('spend'), await provider.binding('payout', payout, oldPayout)],
    name: 'provider',
    description: '',
    tier: 'D',
    capacity: 1,
    coordinators: [coordinator],
    maxWindow: { windowMicros: micros(1_000_000_000n), windowCalls: 1_024 },
    tools: [
      {
        toolId: 'echo',
        name: 'echo',
        description: '',
        inputSchema: '{}',
        fileInputs: [],
        fileOutputs: [],
        priceMicrosPerMin: PRICE,
        maxMs: 3_600_000,
        limits: { cpuMillis: 0, memoryBytes: 0, diskBytes: 0, pids: 0, outputBytes: 0 },
        tags: [],
        verification: 'none',
        thirdPartyUseAllowed: true,
      },
    ],
    ...more,
  })
}

/** 60 000 µ a minute: one µ a millisecond. */
export const PRICE = micros(60_000n)
