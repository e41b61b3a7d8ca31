import { join } from 'node:path'
import { OrienError, peerOfKey, type PeerText, type Signer } from '@orien/protocol'
import { keySigner } from '../crypto/ed25519.ts'
import { systemRandom } from '../crypto/system.ts'
import { ensureHome } from './home.ts'
import { loadOrCreateKeyFile } from './key-file.ts'

/** A peer's identity as a daemon uses it. */
export interface PeerKey {
  readonly peer: PeerText
  readonly signer: Signer
  /** The 32-byte seed, for the transport's own handshake. Not enumerable: it is in no log and no JSON. */
  readonly seed: Uint8Array
}

/** Order of secp256k1: a wallet's key lies between 0 and it. */
const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

/**
 * The peer key of a role (`provider`, `agent`, `coordinator`), made on first use: `<home>/keys/<role>.peer`, mode 0600. Throws
 * `badConfig` when the file is open to others, is no key, or is a devnet's key while `chainId` is not a devnet's.
 */
export async function loadOrCreateKey(home: string, role: string, chainId: number): Promise<PeerKey> {
  const file = await fileOf(home, role, 'peer')
  const seed = await loadOrCreateKeyFile(file, chainId, () => systemRandom.bytes(32))
  const signer = keySigner(seed)
  const key = { peer: peerOfKey(signer.publicKey), signer }
  return Object.defineProperty(key, 'seed', { value: seed, enumerable: false }) as PeerKey
}

/**
 * A wallet's private key as `0x` and 64 hex digits, made on first use: `<home>/keys/<name>.wallet`, mode 0600. Not encrypted: for
 * devnets and development. Throws as loadOrCreateKey.
 */
export async function loadOrCreateWalletKey(home: string, name: string, chainId: number): Promise<`0x${string}`> {
  const file = await fileOf(home, name, 'wallet')
  const key: `0x${string}` = `0x${Buffer.from(await loadOrCreateKeyFile(file, chainId, walletKey)).toString('hex')}`
  if (isWalletKey(BigInt(key))) return key
  throw new OrienError('badConfig', { message: `${file} is not a wallet's key`, details: { file } })
}

function walletKey(): Uint8Array {
  for (;;) {
    const bytes = systemRandom.bytes(32)
    if (isWalletKey(BigInt(`0x${Buffer.from(bytes).toString('hex')}`))) return bytes
  }
}

function isWalletKey(key: bigint): boolean {
  return key > 0n && key < SECP256K1_ORDER
}

async function fileOf(home: string, name: string, kind: string): Promise<string> {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name))
    throw new OrienError('internal', { message: 'a key name is not a plain word' })
  await ensureHome(home)
  return join(home, 'keys', `${name}.${kind}`)
}
