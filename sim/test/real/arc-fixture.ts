// What the tests of the local Arc share: one chain per file, questions (eth_call) and transactions of a relay.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Address, Hex, Log, PrivateKeyAccount } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { decodeAbiParameters, decodeFunctionResult, encodeFunctionData, keccak256, parseAbi, toHex } from 'viem/utils'
import { startAnvil, type Anvil } from '../../src/devnet/anvil.ts'
import { placeArc, type Arc } from '../../src/devnet/arc.ts'
import { mined } from '../../src/devnet/faucet.ts'
import { isOrienError, type Micros } from '@orien/protocol'

export const TOKEN_ABI = parseAbi([
  'function balanceOf(address) view returns (uint256)',
  'function totalSupply() view returns (uint256)',
  'function allowance(address,address) view returns (uint256)',
  'function DOMAIN_SEPARATOR() view returns (bytes32)',
  'function authorizationState(address,bytes32) view returns (bool)',
  'function nonces(address) view returns (uint256)',
  'function transfer(address,uint256) returns (bool)',
  'function transferFrom(address,address,uint256) returns (bool)',
  'function approve(address,uint256) returns (bool)',
  'function permit(address,address,uint256,uint256,uint8,bytes32,bytes32)',
  'function permit(address,address,uint256,uint256,bytes)',
  'function transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)',
  'function transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)',
  'function receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)',
  'function receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)',
  'function cancelAuthorization(address,bytes32,uint8,bytes32,bytes32)',
  'function cancelAuthorization(address,bytes32,bytes)',
  'function setNativeView(bool)',
])

export const MULTICALL_ABI = parseAbi([
  'struct Call { address target; bool allowFailure; bytes callData; }',
  'struct Result { bool success; bytes returnData; }',
  'function aggregate3(Call[] calls) payable returns (Result[] results)',
  'function getCurrentBlockTimestamp() view returns (uint256)',
])

/** What one authorisation says. Times in seconds of the chain. */
export interface Authorisation {
  readonly from: Address
  readonly to: Address
  readonly value: bigint
  readonly validAfter: bigint
  readonly validBefore: bigint
  readonly nonce: Hex
}

const AUTHORISATION_FIELDS = [
  { name: 'from', type: 'address' },
  { name: 'to', type: 'address' },
  { name: 'value', type: 'uint256' },
  { name: 'validAfter', type: 'uint256' },
  { name: 'validBefore', type: 'uint256' },
  { name: 'nonce', type: 'bytes32' },
] as const

const TYPES = {
  TransferWithAuthorization: AUTHORISATION_FIELDS,
  ReceiveWithAuthorization: AUTHORISATION_FIELDS,
  CancelAuthorization: [
    { name: 'authorizer', type: 'address' },
    { name: 'nonce', type: 'bytes32' },
  ],
  Permit: [
    { name: 'owner', type: 'address' },
    { name: 'spender', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
} as const

export const FAR = 2n ** 40n
export const RELAY: Address = '0x00000000000000000000000000000000000beef1'
export const ZERO: Address = '0x0000000000000000000000000000000000000000'

/** A key of a test's own: never used on a real chain, the same in each run. */
export const keyOf = (name: string): Hex => keccak256(toHex(`orien test ${name}`))
export const accountOf = (name: string): PrivateKeyAccount => privateKeyToAccount(keyOf(name))
export const nonceOf = (name: string | number): Hex => keccak256(toHex(`nonce ${name}`))
export const usdc = (whole: number): Micros => (BigInt(whole) * 1_000_000n) as Micros

export interface Receipt {
  readonly status: Hex
  readonly gasUsed: bigint
  readonly blockNumber: Hex
  readonly logs: readonly Pick<Log, 'address' | 'topics' | 'data'>[]
}

export interface AskOptions {
  readonly from?: Address
  /** Chain time of the call, in seconds. */
  readonly timeS?: bigint
  readonly gas?: bigint
}

interface FirstTransaction {
  readonly to: Address
  readonly gas: bigint
  readonly data?: Hex
  readonly value?: bigint
  readonly maxFeePerGas?: bigint
}

/** A local Arc of one test file. */
export class LocalArc {
  readonly anvil: Anvil
  readonly arc: Arc
  readonly #home: string
  #snapshot = ''

  private constructor(home: string, anvil: Anvil, arc: Arc) {
    this.#home = home
    this.anvil = anvil
    this.arc = arc
  }

  static async open(): Promise<LocalArc> {
    const home = mkdtempSync(join(tmpdir(), 'orien-arc-'))
    const anvil = await startAnvil({ home })
    const local = new LocalArc(home, anvil, await placeArc(anvil.rpc))
    await local.arc.fundGas(RELAY, 10n ** 21n)
    await anvil.rpc('anvil_impersonateAccount', RELAY)
    return local
  }

  async close(): Promise<void> {
    await this.anvil.stop()
    rmSync(this.#home, { recursive: true, force: true })
  }

  /** Between tests: the chain as it was after `open`. */
  async mark(): Promise<void> {
    this.#snapshot = String(await this.anvil.rpc('evm_snapshot'))
  }

  async rewind(): Promise<void> {
    await this.anvil.rpc('evm_revert', this.#snapshot)
  }

  /** Time of the newest block, in seconds. */
  async nowS(): Promise<bigint> {
    const block = (await this.anvil.rpc('eth_getBlockByNumber', 'latest', false)) as { timestamp: Hex }
    return BigInt(block.timestamp)
  }

  /** `ok`, the text of the revert, or `(empty)` for a revert without one. Nothing is sent. */
  async ask(to: Address, data: Hex, options: AskOptions = {}): Promise<string> {
    try {
      await this.#call(to, data, options)
      return 'ok'
    } catch (error) {
      if (!isOrienError(error, 'railRefused')) throw error
      return revertText(String(error.details['data']))
    }
  }

  /** The answer of a read. */
  async read(to: Address, data: Hex): Promise<Hex> {
    return (await this.#call(to, data, {})) as Hex
  }

  async balance(account: Address): Promise<bigint> {
    const data = encodeFunctionData({ abi: TOKEN_ABI, functionName: 'balanceOf', args: [account] })
    return BigInt(await this.read(this.arc.token, data))
  }

  async used(payer: Address, nonce: Hex): Promise<boolean> {
    const data = encodeFunctionData({ abi: TOKEN_ABI, functionName: 'authorizationState', args: [payer, nonce] })
    return BigInt(await this.read(this.arc.token, data)) === 1n
  }

  /** Sends from the relay, or another account without its key, and waits until it is mined. */
  async send(to: Address, data: Hex, options: AskOptions & { wei?: bigint } = {}): Promise<Receipt> {
    const { rpc } = this.anvil
    const { from = RELAY, gas = 1_000_000n, wei = 0n, timeS } = options
    if (from !== RELAY) await rpc('anvil_impersonateAccount', from)
    if (timeS !== undefined) await rpc('evm_setNextBlockTimestamp', Number(timeS))
    const hash = await rpc('eth_sendTransaction', { from, to, data, gas: toHex(gas), value: toHex(wei) })
    return receiptOf(await mined(rpc, String(hash)))
  }

  async raw(bytes: Hex): Promise<Hex> {
    return (await this.anvil.rpc('eth_sendRawTransaction', bytes)) as Hex
  }

  async receipt(hash: Hex): Promise<Receipt> {
    return receiptOf(await mined(this.anvil.rpc, hash))
  }

  /** An account's own first transaction, signed; fees far above any base fee here unless said. */
  firstTransaction(account: PrivateKeyAccount, tx: FirstTransaction): Promise<Hex> {
    const fees = { maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 0n }
    return account.signTransaction({ type: 'eip1559', chainId: this.anvil.chainId, nonce: 0, ...fees, ...tx })
  }

  /** Signs by a key, as the payer of an authorisation does. */
  sign(
    signer: PrivateKeyAccount,
    primaryType: 'TransferWithAuthorization' | 'ReceiveWithAuthorization',
    a: Authorisation,
  ) {
    return signer.signTypedData({ domain: this.domain, types: TYPES, primaryType, message: a })
  }

  signCancel(signer: PrivateKeyAccount, nonce: Hex): Promise<Hex> {
    const message = { authorizer: signer.address, nonce }
    return signer.signTypedData({ domain: this.domain, types: TYPES, primaryType: 'CancelAuthorization', message })
  }

  signPermit(
    signer: PrivateKeyAccount,
    spender: Address,
    value: bigint,
    nonce: bigint,
    deadline: bigint,
  ): Promise<Hex> {
    const message = { owner: signer.address, spender, value, nonce, deadline }
    return signer.signTypedData({ domain: this.domain, types: TYPES, primaryType: 'Permit', message })
  }

  get domain() {
    return { name: 'USDC', version: '2', chainId: this.anvil.chainId, verifyingContract: this.arc.token } as const
  }

  /** One signed transfer of a payer, ready to send. */
  async transfer(
    signer: PrivateKeyAccount,
    to: Address,
    value: bigint,
    change: Partial<Authorisation> = {},
  ): Promise<Hex> {
    const a = authorisation(signer.address, to, value, change)
    return transferCall(a, await this.sign(signer, 'TransferWithAuthorization', a))
  }

  /** One `aggregate3` of calls to the token, each allowed to fail. */
  batch(calls: readonly Hex[], target: Address = this.arc.token): Hex {
    const args = calls.map((callData) => ({ target, allowFailure: true, callData }))
    return encodeFunctionData({ abi: MULTICALL_ABI, functionName: 'aggregate3', args: [args] })
  }

  /** What each call of a batch would answer: `ok`, its text, `(empty)`. */
  async askBatch(calls: readonly Hex[], options: AskOptions = {}): Promise<string[]> {
    const answer = (await this.#call(this.arc.multicall3, this.batch(calls), options)) as Hex
    const results = decodeFunctionResult({ abi: MULTICALL_ABI, functionName: 'aggregate3', data: answer })
    return results.map(({ success, returnData }) => (success ? 'ok' : revertText(returnData)))
  }

  #call(to: Address, data: Hex, { from = RELAY, timeS, gas = 16_000_000n }: AskOptions): Promise<unknown> {
    const block = timeS === undefined ? {} : { time: toHex(timeS) }
    return this.anvil.rpc('eth_call', { from, to, data, gas: toHex(gas) }, 'latest', {}, block)
  }
}

/** An authorisation that is good unless `change` says otherwise. */
export function authorisation(
  from: Address,
  to: Address,
  value: bigint,
  change: Partial<Authorisation> = {},
): Authorisation {
  return { from, to, value, validAfter: 0n, validBefore: FAR, nonce: nonceOf(`${to} ${value}`), ...change }
}

const fieldsOf = (a: Authorisation) => [a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce] as const

/** r, s and v of 65 bytes. */
export function parts(signature: Hex): readonly [number, Hex, Hex] {
  const hex = signature.slice(2)
  return [Number.parseInt(hex.slice(128, 130), 16), `0x${hex.slice(0, 64)}`, `0x${hex.slice(64, 128)}`]
}

export function transferCall(a: Authorisation, signature: Hex): Hex {
  const args = [...fieldsOf(a), signature] as const
  return encodeFunctionData({ abi: TOKEN_ABI, functionName: 'transferWithAuthorization', args })
}

export function transferCallVrs(a: Authorisation, signature: Hex): Hex {
  const args = [...fieldsOf(a), ...parts(signature)] as const
  return encodeFunctionData({ abi: TOKEN_ABI, functionName: 'transferWithAuthorization', args })
}

export function receiveCall(a: Authorisation, signature: Hex): Hex {
  const args = [...fieldsOf(a), signature] as const
  return encodeFunctionData({ abi: TOKEN_ABI, functionName: 'receiveWithAuthorization', args })
}

export function receiveCallVrs(a: Authorisation, signature: Hex): Hex {
  const args = [...fieldsOf(a), ...parts(signature)] as const
  return encodeFunctionData({ abi: TOKEN_ABI, functionName: 'receiveWithAuthorization', args })
}

export function cancelCall(authorizer: Address, nonce: Hex, signature: Hex): Hex {
  return encodeFunctionData({
    abi: TOKEN_ABI,
    functionName: 'cancelAuthorization',
    args: [authorizer, nonce, signature],
  })
}

function revertText(data: string): string {
  if (!data.startsWith('0x08c379a0')) return data === '0x' || data === '' ? '(empty)' : data
  return decodeAbiParameters([{ type: 'string' }], `0x${data.slice(10)}`)[0]
}

function receiptOf(raw: Record<string, unknown>): Receipt {
  const { status, gasUsed, blockNumber, logs } = raw as unknown as Receipt & { gasUsed: Hex }
  return { status, gasUsed: BigInt(gasUsed), blockNumber, logs }
}
