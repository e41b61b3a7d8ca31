import { fromHex, hex, type Address } from '@orien/protocol'
import { encodeFunctionData, hashStruct, hashTypedData } from 'viem/utils'
import type { PayoutLegDraft, SignedLeg } from '../chain.ts'
import type { Wallet } from '../channel.ts'
import { MULTICALL3_ABI, TOKEN_ABI } from './abi.ts'
import type { Hex } from './rpc.ts'

/** The token a treasury pays with, on one chain. */
export interface Token {
  readonly chainId: number
  readonly token: Address
}

const AUTHORISATION = {
  TransferWithAuthorization: [
    { name: 'from', type: 'address' },
    { name: 'to', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'validAfter', type: 'uint256' },
    { name: 'validBefore', type: 'uint256' },
    { name: 'nonce', type: 'bytes32' },
  ],
} as const

const DOMAIN = {
  EIP712Domain: [
    { name: 'name', type: 'string' },
    { name: 'version', type: 'string' },
    { name: 'chainId', type: 'uint256' },
    { name: 'verifyingContract', type: 'address' },
  ],
} as const

const domainOf = ({ chainId, token }: Token) => ({ name: 'USDC', version: '2', chainId, verifyingContract: token })

/** What the token must answer as its DOMAIN_SEPARATOR, else our signatures are for something else. */
export function expectedSeparator(token: Token): Hex {
  const data = { ...domainOf(token), chainId: BigInt(token.chainId) }
  return hashStruct({ data, primaryType: 'EIP712Domain', types: DOMAIN })
}

/** An EIP-3009 authorisation by the treasury. */
export async function signLeg(token: Token, treasury: Wallet, leg: PayoutLegDraft): Promise<SignedLeg> {
  const digest = hashTypedData({
    domain: domainOf(token),
    types: AUTHORISATION,
    primaryType: 'TransferWithAuthorization',
    message: {
      from: treasury.address,
      to: leg.recipient,
      value: leg.micros,
      validAfter: 0n,
      validBefore: BigInt(leg.validBeforeS),
      nonce: `0x${hex(leg.nonce)}`,
    },
  })
  return { ...leg, signature: await treasury.signDigest(fromHex(digest) ?? new Uint8Array()) }
}

/** Call data of one leg: anybody may submit it. */
export function legCall(treasury: Address, leg: SignedLeg): Hex {
  const signature = hex(leg.signature)
  return encodeFunctionData({
    abi: TOKEN_ABI,
    functionName: 'transferWithAuthorization',
    args: [
      treasury,
      leg.recipient,
      leg.micros,
      0n,
      BigInt(leg.validBeforeS),
      `0x${hex(leg.nonce)}`,
      Number.parseInt(signature.slice(128), 16),
      `0x${signature.slice(0, 64)}`,
      `0x${signature.slice(64, 128)}`,
    ],
  })
}

/** Call data of a batch: each leg may fail without the others. */
export function batchCall(treasury: Address, token: Address, legs: readonly SignedLeg[]): Hex {
  const calls = legs.map((leg) => ({ target: token, allowFailure: true, callData: legCall(treasury, leg) }))
  return encodeFunctionData({ abi: MULTICALL3_ABI, functionName: 'aggregate3', args: [calls] })
}
