// The parties of a hand-made run: real keys, drawn from a number.
import { keySigner, nodeCrypto } from '@orien/node/crypto'
import { bindWallet, localWallet } from '@orien/node/rails'
import {
  Offer,
  micros,
  peerOfKey,
  scopeOf,
  signDocument,
  type Address,
  type PeerText,
  type Signed,
  type Signer,
  type Tool,
  type WalletBinding,
} from '@orien/protocol'
import type { AuditedParty } from '../../src/demo/audit/types.ts'

export const CHAIN_ID = 31_337
export const scope = scopeOf(CHAIN_ID, nodeCrypto)
export const NOW_MS = 1_800_000_000_000
const YEAR_MS = 365 * 24 * 3_600_000

export interface Party {
  readonly name: string
  readonly peer: PeerText
  readonly signer: Signer
  readonly wallet: ReturnType<typeof localWallet>
  binding(role: WalletBinding['role']): Promise<Uint8Array>
}

export function party(name: string, seed: number): Party {
  const signer = keySigner(new Uint8Array(32).fill(seed))
  const wallet = localWallet(`0x${seed.toString(16).padStart(2, '0').repeat(32)}`)
  const peer = peerOfKey(signer.publicKey)
  return {
    name,
    peer,
    signer,
    wallet,
    binding: (role) => bound(peer, signer, wallet, role),
  }
}

async function bound(
  peer: PeerText,
  signer: Signer,
  wallet: Party['wallet'],
  role: WalletBinding['role'],
): Promise<Uint8Array> {
  const dates = { notBeforeMs: NOW_MS - YEAR_MS, expiresAtMs: NOW_MS + YEAR_MS }
  return (await bindWallet(scope, signer, wallet, { peer, wallet: wallet.address, role, ...dates })).bytes
}

export const account = (seed: number): Address => party('', seed).wallet.address

export const cast = {
  coordinator: party('coordinator', 1),
  barn: party('build-barn', 2),
  mill: party('number-mill', 3),
  ada: party('ada', 4),
  grace: party('grace', 5),
}
export const addresses = { treasury: account(11), platform: account(12), reserve: account(13) }
const payoutSeed = (provider: Party): number => (provider === cast.barn ? 14 : 15)
export const payoutOf = (provider: Party): Address => account(payoutSeed(provider))

export const parties: readonly AuditedParty[] = [
  {
    name: 'coordinator',
    role: 'coordinator',
    channelWallet: cast.coordinator.wallet.address,
    chainAccounts: Object.entries(addresses).map(([name, address]) => ({ name, address })),
  },
  ...[cast.barn, cast.mill].map((one) => ({
    name: one.name,
    role: 'provider' as const,
    channelWallet: one.wallet.address,
    chainAccounts: [{ name: 'payout', address: payoutOf(one) }],
  })),
  ...[cast.ada, cast.grace].map((one) => ({
    name: one.name,
    role: 'agent' as const,
    channelWallet: one.wallet.address,
    chainAccounts: [],
  })),
]

/** Prices in µUSDC a minute. */
export const PRICES = { compile_contract: micros(900_000n), count_primes: micros(6_000_000n) } as const
export type ToolId = keyof typeof PRICES

export async function offerOf(provider: Party): Promise<Signed<Offer>> {
  return signDocument(scope, provider.signer, Offer, {
    seq: 1,
    issuedAtMs: NOW_MS,
    expiresAtMs: NOW_MS + 3_600_000,
    provider: provider.peer,
    bindings: [
      await provider.binding('spend'),
      await bound(provider.peer, provider.signer, party('', payoutSeed(provider)).wallet, 'payout'),
    ],
    name: provider.name,
    description: '',
    tier: 'D',
    capacity: 2,
    coordinators: [cast.coordinator.peer],
    maxWindow: { windowMicros: micros(1_000_000n), windowCalls: 16 },
    tools: Object.entries(PRICES).map(([toolId, price]) => toolOf(toolId, price)),
  })
}

function toolOf(toolId: string, priceMicrosPerMin: Tool['priceMicrosPerMin']): Tool {
  return {
    toolId,
    name: toolId,
    description: '',
    inputSchema: '{}',
    fileInputs: [],
    fileOutputs: [],
    priceMicrosPerMin,
    maxMs: 60_000,
    limits: { cpuMillis: 0, memoryBytes: 0, diskBytes: 0, pids: 0, outputBytes: 1_024 },
    tags: [],
    verification: 'none',
    thirdPartyUseAllowed: true,
  }
}
