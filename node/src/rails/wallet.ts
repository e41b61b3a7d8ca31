import {
  bindingDigest,
  fromHex,
  hex,
  keccak,
  OrienError,
  requireAddress,
  signDocument,
  utf8,
  WalletBinding,
  type BindingStatement,
  type Scope,
  type Signed,
  type Signer,
} from '@orien/protocol'
import { privateKeyToAccount, sign } from 'viem/accounts'
import type { Wallet } from './channel.ts'

/** A private key: 0x and 64 hex digits. */
const KEY = /^0x[0-9a-fA-F]{64}$/

/**
 * A wallet of a private key held in this process. Throws `badConfig` when the text is not a key; the text is not shown.
 *
 * @example
 * const wallet = localWallet('0x…64 hex digits…')
 * await wallet.sign({ scheme: 'keccak', bytes })
 */
export function localWallet(privateKeyHex: string): Wallet {
  const privateKey = privateKeyHex as `0x${string}`
  const address = addressOf(privateKey)
  const signDigest = async (digest: Uint8Array): Promise<Uint8Array> =>
    bytesOf(await sign({ hash: `0x${hex(digest)}`, privateKey, to: 'hex' }))
  return {
    address,
    sign: ({ scheme, bytes }) => signDigest(scheme === 'keccak' ? keccak(bytes) : messageDigest(bytes)),
    signDigest,
  }
}

/**
 * A WalletBinding envelope: the wallet's EIP-712 signature over the statement, and the peer key's over both. Pass
 * `oldWallet` for a new payout wallet, which else waits 72 h. Throws `badDocument` when a field is out of bounds or the
 * statement names another wallet.
 */
export async function bindWallet(
  scope: Scope,
  signer: Signer,
  wallet: Wallet,
  statement: BindingStatement,
  oldWallet?: Wallet,
): Promise<Signed<WalletBinding>> {
  if (statement.wallet !== wallet.address) {
    throw new OrienError('badDocument', { message: 'the statement names another wallet', details: { field: 'wallet' } })
  }
  const digest = bindingDigest(statement, chainIdOf(scope))
  const walletSignature = await wallet.signDigest(digest)
  const old = oldWallet === undefined ? {} : { oldWalletSignature: await oldWallet.signDigest(digest) }
  return signDocument(scope, signer, WalletBinding, { ...statement, walletSignature, ...old })
}

/** EIP-191. By hand: viem's own would load all of its utilities into every provider. */
function messageDigest(bytes: Uint8Array): Uint8Array {
  return keccak(utf8(`\x19Ethereum Signed Message:\n${bytes.length}`), bytes)
}

function addressOf(privateKey: `0x${string}`) {
  try {
    if (KEY.test(privateKey)) return requireAddress(privateKeyToAccount(privateKey).address, 'address')
  } catch {
    // A number outside the curve's order: the same answer, and the cause would show the key.
  }
  throw new OrienError('badConfig', { message: 'a wallet key is not 0x and 64 hex digits of a secp256k1 key' })
}

function chainIdOf(scope: Scope): number {
  const match = /^orien\/1\/eip155:(\d+)$/.exec(scope.domain)
  if (match === null) throw new OrienError('internal', { message: 'a scope without an EVM chain' })
  return Number(match[1])
}

function bytesOf(signature: string): Uint8Array {
  const bytes = fromHex(signature)
  if (bytes?.length !== 65) throw new OrienError('internal', { message: 'a signature is not 65 bytes' })
  return bytes
}
