import { peerOfKey, scopeOf, type PeerText, type Scope, type Signer, type WalletBinding } from '@orien/protocol'
import { bindWallet, cheapWallet, localWallet, type Wallet } from '@orien/node/rails'
import { cheapCrypto, realCrypto, type WorldCrypto } from '../ports/crypto.ts'

export const CHAIN_ID = 31_337
/** Bindings are good at any time a world may come to. */
const FOREVER_MS = 8_000_000_000_000

/** A party with keys drawn from a number: the same in every world. */
export interface Party {
  readonly name: string
  readonly peer: PeerText
  readonly signer: Signer
  readonly wallet: Wallet
  /** WalletBinding envelopes of the wallet to the peer. */
  readonly bindings: Readonly<Record<WalletBinding['role'], Uint8Array>>
}

/** Everybody who can appear in a world. */
export interface Cast {
  readonly scope: Scope
  readonly crypto: WorldCrypto
  /** As wallets sign. */
  readonly signatures: 'cheap' | 'ecdsa'
  readonly coordinator: Party
  readonly providers: readonly Party[]
  readonly agents: readonly Party[]
  readonly treasury: Party
  readonly gas: Party
  readonly platform: Party
  readonly reserve: Party
  readonly all: readonly Party[]
}

export type Signatures = 'cheap' | 'real'

const casts = new Map<Signatures, Promise<Cast>>()

/** The cast, made once in a process: bindings cost curve operations even where everything else is cheap. */
export function castOf(signatures: Signatures): Promise<Cast> {
  const known = casts.get(signatures)
  if (known !== undefined) return known
  const made = makeCast(signatures)
  casts.set(signatures, made)
  return made
}

const NAMES = {
  coordinator: 'coordinator',
  providers: ['anvil', 'bellows'],
  agents: ['ada', 'bob'],
  keys: ['treasury', 'gas', 'platform', 'reserve'],
} as const

async function makeCast(signatures: Signatures): Promise<Cast> {
  const crypto = signatures === 'cheap' ? cheapCrypto : realCrypto
  const scope = scopeOf(CHAIN_ID, crypto.crypto)
  let number = 0
  const make = (name: string): Promise<Party> => makeParty(name, ++number, scope, crypto, signatures)
  const coordinator = await make(NAMES.coordinator)
  const providers: Party[] = []
  for (const name of NAMES.providers) providers.push(await make(name))
  const agents: Party[] = []
  for (const name of NAMES.agents) agents.push(await make(name))
  const keys: Party[] = []
  for (const name of NAMES.keys) keys.push(await make(name))
  const [treasury, gas, platform, reserve] = keys
  if (treasury === undefined || gas === undefined || platform === undefined || reserve === undefined)
    throw new RangeError('the cast has four keys')
  return {
    scope,
    crypto,
    signatures: signatures === 'cheap' ? 'cheap' : 'ecdsa',
    ...{ coordinator, providers, agents, treasury, gas, platform, reserve },
    all: [coordinator, ...providers, ...agents, ...keys],
  }
}

async function makeParty(
  name: string,
  number: number,
  scope: Scope,
  crypto: WorldCrypto,
  signatures: Signatures,
): Promise<Party> {
  const signer = crypto.signer(new Uint8Array(32).fill(number))
  const peer = peerOfKey(signer.publicKey)
  const local = localWallet(`0x${number.toString(16).padStart(2, '0').repeat(32)}`)
  const wallet = signatures === 'cheap' ? cheapWallet(local) : local
  const bind = async (role: WalletBinding['role']): Promise<Uint8Array> => {
    const statement = { peer, wallet: wallet.address, role, notBeforeMs: 0, expiresAtMs: FOREVER_MS }
    return (await bindWallet(scope, signer, wallet, statement)).bytes
  }
  return { name, peer, signer, wallet, bindings: { spend: await bind('spend'), payout: await bind('payout') } }
}
