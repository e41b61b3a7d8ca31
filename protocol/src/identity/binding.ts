import { concatBytes, hex, utf8 } from '../bytes.ts'
import { OrienError } from '../errors.ts'
import { CLOCK_SKEW_MS } from '../limits.ts'
import { address, bytesOf, check, oneOf, peer, time } from '../wire/checks.ts'
import { documentType, withShape } from '../wire/document.ts'
import { openRead, readDocument, type ReadDocument, type Scope, type Signed } from '../wire/envelope.ts'
import { isAddress, keccak, recoverAddress, type Address } from './address.ts'
import { WalletBinding as Wire } from './binding.wire.ts'
import type { PeerText } from './peer.ts'

/** What a bound wallet is for: paying from, or being paid to. */
export type BindingRole = 'spend' | 'payout'

/** A wallet's statement that it belongs to a peer; the envelope carries the peer's half. */
export interface WalletBinding {
  readonly peer: PeerText
  readonly wallet: Address
  readonly role: BindingRole
  readonly notBeforeMs: number
  readonly expiresAtMs: number
  /** 65-byte EIP-712 signature by `wallet` over the five fields above. */
  readonly walletSignature: Uint8Array
  /** The same by the payout wallet before this one; without it a new payout wallet waits 72 h. */
  readonly oldWalletSignature?: Uint8Array
}

/** The five fields that wallets sign. */
export type BindingStatement = Omit<WalletBinding, 'walletSignature' | 'oldWalletSignature'>

/** As in binding.wire.proto. */
const BINDING = {
  peer: 'text',
  wallet: 'text',
  role: 'text',
  notBeforeMs: 'number',
  expiresAtMs: 'number',
  walletSignature: 'bytes',
  oldWalletSignature: 'bytes?',
} as const

/** WalletBinding (wallet, and peer by its envelope). */
export const WalletBinding = documentType<WalletBinding>('binding', withShape(Wire, BINDING), (value) => {
  peer(value.peer, 'peer')
  address(value.wallet, 'wallet')
  oneOf(value.role, 'role', ['spend', 'payout'])
  time(value.notBeforeMs, 'notBeforeMs')
  time(value.expiresAtMs, 'expiresAtMs')
  check(value.expiresAtMs > value.notBeforeMs, 'expiresAtMs', 'is not after notBeforeMs')
  bytesOf(value.walletSignature, 'walletSignature', 65, 65)
  if (value.oldWalletSignature !== undefined) bytesOf(value.oldWalletSignature, 'oldWalletSignature', 65, 65)
})

const TYPE = 'WalletBinding(string peer,address wallet,string role,uint64 notBeforeMs,uint64 expiresAtMs)'

/** EIP-712 typed data, in the shape that wallets' `signTypedData` takes. */
export interface BindingTypedData {
  readonly domain: { readonly name: 'ORIEN'; readonly version: '1'; readonly chainId: number }
  readonly primaryType: 'WalletBinding'
  readonly types: { readonly WalletBinding: readonly { readonly name: string; readonly type: string }[] }
  readonly message: {
    readonly peer: string
    readonly wallet: `0x${string}`
    readonly role: string
    readonly notBeforeMs: bigint
    readonly expiresAtMs: bigint
  }
}

/** The statement as EIP-712 typed data, for any wallet's `signTypedData`. */
export function bindingTypedData(statement: BindingStatement, chainId: number): BindingTypedData {
  return {
    domain: { name: 'ORIEN', version: '1', chainId },
    primaryType: 'WalletBinding',
    types: {
      WalletBinding: [
        { name: 'peer', type: 'string' },
        { name: 'wallet', type: 'address' },
        { name: 'role', type: 'string' },
        { name: 'notBeforeMs', type: 'uint64' },
        { name: 'expiresAtMs', type: 'uint64' },
      ],
    },
    message: {
      peer: statement.peer,
      wallet: statement.wallet,
      role: statement.role,
      notBeforeMs: BigInt(statement.notBeforeMs),
      expiresAtMs: BigInt(statement.expiresAtMs),
    },
  }
}

const TYPE_HASH = keccak(utf8(TYPE))
const DOMAIN_HEAD = concatBytes(
  keccak(utf8('EIP712Domain(string name,string version,uint256 chainId)')),
  keccak(utf8('ORIEN')),
  keccak(utf8('1')),
)

/** The EIP-712 digest of the statement: 32 bytes that the wallet signs. */
export function bindingDigest(statement: BindingStatement, chainId: number): Uint8Array {
  const domain = keccak(DOMAIN_HEAD, word(BigInt(chainId)))
  const struct = keccak(
    TYPE_HASH,
    keccak(utf8(statement.peer)),
    word(BigInt(statement.wallet)),
    keccak(utf8(statement.role)),
    word(BigInt(statement.notBeforeMs)),
    word(BigInt(statement.expiresAtMs)),
  )
  return keccak(concatBytes(Uint8Array.of(0x19, 0x01), domain, struct))
}

/** What a verifier wants of a binding. */
export interface BindingWanted {
  readonly peer: PeerText
  readonly role: BindingRole
  readonly chainId: number
  readonly nowMs: number
}

/**
 * Opens a binding and checks both halves: the peer's envelope, the wallet's EIP-712 signature, role and dates (± 120 s).
 * Throws `badBinding`, or as openDocument.
 */
export function openBinding(scope: Scope, bytes: Uint8Array, wanted: BindingWanted): Signed<WalletBinding> {
  return openBindingRead(scope, readDocument(scope, WalletBinding, bytes), wanted)
}

function openBindingRead(
  scope: Scope,
  read: ReadDocument<WalletBinding>,
  wanted: BindingWanted,
): Signed<WalletBinding> {
  const signed = openRead(scope, read, wanted.peer)
  const { value } = signed
  const why =
    value.peer !== wanted.peer
      ? 'names another peer'
      : value.role !== wanted.role
        ? `is for ${value.role}, not ${wanted.role}`
        : wanted.nowMs < value.notBeforeMs - CLOCK_SKEW_MS || wanted.nowMs > value.expiresAtMs + CLOCK_SKEW_MS
          ? 'is not valid now'
          : !isByWallet(signed, wanted.chainId)
            ? 'is not signed by its wallet'
            : undefined
  if (why !== undefined)
    throw new OrienError('badBinding', { message: `the wallet binding ${why}`, details: { peer: wanted.peer } })
  return signed
}

const byWallet = new Map<string, boolean>()
const BY_WALLET_MAX = 4_096

/**
 * Whether the wallet signed the statement. A party shows the same bindings in every Grant, and recovering a key costs more than all its other
 * checks together, so answers are kept by the document's id: the hash of everything that the answer depends on, except the chain.
 */
function isByWallet({ id, value }: Signed<WalletBinding>, chainId: number): boolean {
  const name = `${chainId} ${hex(id)}`
  const known = byWallet.get(name)
  if (known !== undefined) return known
  const good = recoverAddress(bindingDigest(value, chainId), value.walletSignature) === value.wallet
  // The oldest goes: clearing all of them at once would make everybody pay again.
  if (byWallet.size >= BY_WALLET_MAX) for (const oldest of byWallet.keys()) if (byWallet.delete(oldest)) break
  byWallet.set(name, good)
  return good
}

/** The first binding in a list that is good for what is wanted. Throws `badBinding` when none is. */
export function findBinding(
  scope: Scope,
  bindings: readonly Uint8Array[],
  wanted: BindingWanted,
): Signed<WalletBinding> {
  let cause: unknown
  for (const bytes of bindings) {
    try {
      const read = readDocument(scope, WalletBinding, bytes)
      if (read.value.peer === wanted.peer && read.value.role === wanted.role)
        return openBindingRead(scope, read, wanted)
    } catch (error) {
      // A bad one does not spoil a good one beside it: an expired binding may stand next to its successor.
      cause ??= error
    }
  }
  throw new OrienError('badBinding', {
    message: `no good ${wanted.role} binding of ${wanted.peer}`,
    details: { peer: wanted.peer, role: wanted.role },
    ...(cause === undefined ? {} : { cause }),
  })
}

/** An address in a statement, or an error that names it. */
export function requireAddress(text: string, field: string): Address {
  if (!isAddress(text))
    throw new OrienError('badDocument', {
      message: `${field} is not an address in EIP-55 spelling`,
      details: { field },
    })
  return text
}

function word(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32)
  let rest = value
  for (let at = 31; rest > 0n; at--) {
    bytes[at] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return bytes
}
