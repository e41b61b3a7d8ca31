import { OrienError, micros, type Micros } from '@orien/protocol'
import type { Address, Hex } from 'viem'
import { decodeEventLog, decodeFunctionResult, encodeEventTopics, encodeFunctionData } from 'viem/utils'
import { LOCAL_USDC_ABI } from './abi.ts'
import { ARC_TOKEN, MULTICALL3, SYSTEM_LOG, TOKEN_CODE } from './addresses.ts'
import { openFaucet, sendFromFaucet } from './faucet.ts'
import { multicall3Code } from './multicall3.ts'
import { isRecord, type Rpc } from './rpc.ts'
import { compileContracts, contractNamed, type Compiled } from './solc.ts'

/** Where a log stands. */
export interface LogPlace {
  readonly blockNumber: bigint
  readonly logIndex: number
  readonly transaction: Hex
}

/** One log of the token (6 decimals); the native ones of the system address are left out. */
export type TokenLog = LogPlace &
  (
    | { readonly event: 'Transfer'; readonly from: Address; readonly to: Address; readonly micros: Micros }
    | { readonly event: 'AuthorizationUsed'; readonly authorizer: Address; readonly nonce: Hex }
    | { readonly event: 'AuthorizationCanceled'; readonly authorizer: Address; readonly nonce: Hex }
  )

/** The local Arc: what tests, the demo and its audit ask of the chain. Every write resolves when it is mined. */
export interface Arc {
  readonly token: Address
  readonly multicall3: Address
  readonly systemLog: Address
  /** Creates USDC for an account, with the logs of a real mint. It cannot pay gas: anvil does not see it. */
  mint(to: Address, amount: Micros): Promise<void>
  /** Gives an account native money for gas. The token counts it too, in units of 10¹² wei. */
  fundGas(to: Address, wei: bigint): Promise<void>
  /** Puts an account on the blocklist or takes it off. */
  block(account: Address, on: boolean): Promise<void>
  /** Stops or resumes every movement, approval and cancellation of the token. */
  pause(on: boolean): Promise<void>
  /** For an account with native money that never sends: it then cannot be emptied. One without is known by itself. */
  markNeverSent(account: Address, on: boolean): Promise<void>
  /** Balance as the token states it: minted, moved and native together; dust unseen. */
  balanceMicros(account: Address): Promise<Micros>
  /** Native balance in wei: what pays gas. */
  gasWei(account: Address): Promise<bigint>
  /** Logs of the token from a block on (default: all), in their order on the chain. */
  transfers(fromBlock?: bigint): Promise<TokenLog[]>
}

/**
 * Makes a chain a local Arc: token, system log and Multicall3 at Arc's addresses, the token in native view. On a chain
 * read from a state file that is one already, nothing is written; other code at these addresses is `chainMismatch`.
 */
export async function placeArc(rpc: Rpc, compiled?: Compiled): Promise<Arc> {
  const contracts = compiled ?? (await compileContracts())
  await place(rpc, MULTICALL3, await multicall3Code(rpc))
  await place(rpc, SYSTEM_LOG, contractNamed(contracts, 'LocalSystemLog').runtime)
  // Before the token: where the token stands, the faucet has been opened.
  if ((await codeAt(rpc, ARC_TOKEN)) === '0x') await openFaucet(rpc)
  await place(rpc, TOKEN_CODE, contractNamed(contracts, 'LocalUSDC').runtime)
  await place(rpc, ARC_TOKEN, contractNamed(contracts, 'LocalProxy').runtime)
  if (!(await inNativeView(rpc))) {
    await callToken(rpc, encodeFunctionData({ abi: LOCAL_USDC_ABI, functionName: 'setNativeView', args: [true] }))
  }
  return attachArc(rpc)
}

/** The same for a chain on which `placeArc` ran. Asks nothing. */
export function attachArc(rpc: Rpc): Arc {
  const abi = LOCAL_USDC_ABI
  const hook = (data: Hex): Promise<void> => callToken(rpc, data)
  return {
    token: ARC_TOKEN,
    multicall3: MULTICALL3,
    systemLog: SYSTEM_LOG,
    mint: (to, amount) => hook(encodeFunctionData({ abi, functionName: 'mint', args: [to, amount] })),
    fundGas: (to, wei) => sendFromFaucet(rpc, to, { wei }),
    block: (who, on) => hook(encodeFunctionData({ abi, functionName: 'setBlacklisted', args: [who, on] })),
    pause: (on) => hook(encodeFunctionData({ abi, functionName: on ? 'pause' : 'unpause' })),
    markNeverSent: (who, on) => hook(encodeFunctionData({ abi, functionName: 'setNeverSent', args: [who, on] })),
    balanceMicros: (account) => readBalance(rpc, account),
    gasWei: async (account) => BigInt(text(await rpc('eth_getBalance', account, 'latest'))),
    transfers: (fromBlock = 0n) => readLogs(rpc, fromBlock),
  }
}

async function codeAt(rpc: Rpc, address: Address): Promise<string> {
  return text(await rpc('eth_getCode', address, 'latest'))
}

async function place(rpc: Rpc, address: Address, code: string): Promise<void> {
  const standing = await codeAt(rpc, address)
  if (standing === code) return
  if (standing !== '0x') {
    throw new OrienError('chainMismatch', {
      message: `other code stands at ${address}`,
      hint: 'The state was made by another version of the contracts: remove the devnet folder and start anew.',
      details: { address },
    })
  }
  await rpc('anvil_setCode', address, code)
}

function callToken(rpc: Rpc, data: Hex): Promise<void> {
  return sendFromFaucet(rpc, ARC_TOKEN, { data })
}

async function inNativeView(rpc: Rpc): Promise<boolean> {
  const data = encodeFunctionData({ abi: LOCAL_USDC_ABI, functionName: 'nativeView' })
  return BigInt(text(await rpc('eth_call', { to: ARC_TOKEN, data }, 'latest'))) === 1n
}

async function readBalance(rpc: Rpc, account: Address): Promise<Micros> {
  const abi = LOCAL_USDC_ABI
  const data = encodeFunctionData({ abi, functionName: 'balanceOf', args: [account] })
  const answer = hex(await rpc('eth_call', { to: ARC_TOKEN, data }, 'latest'))
  return micros(decodeFunctionResult({ abi, functionName: 'balanceOf', data: answer }))
}

async function readLogs(rpc: Rpc, fromBlock: bigint): Promise<TokenLog[]> {
  const abi = LOCAL_USDC_ABI
  const names = ['Transfer', 'AuthorizationUsed', 'AuthorizationCanceled'] as const
  const topics = names.map((eventName) => encodeEventTopics({ abi, eventName })[0])
  const filter = { address: ARC_TOKEN, fromBlock: `0x${fromBlock.toString(16)}`, toBlock: 'latest', topics: [topics] }
  const logs = await rpc('eth_getLogs', filter)
  if (!Array.isArray(logs)) throw unexpected('eth_getLogs')
  return logs.map(tokenLog)
}

function tokenLog(log: unknown): TokenLog {
  if (!isRecord(log) || !Array.isArray(log['topics'])) throw unexpected('eth_getLogs')
  const place: LogPlace = {
    blockNumber: BigInt(text(log['blockNumber'])),
    logIndex: Number(text(log['logIndex'])),
    transaction: hex(log['transactionHash']),
  }
  const [first, ...rest] = log['topics'].map(hex)
  if (first === undefined) throw unexpected('eth_getLogs')
  const decoded = decodeEventLog({ abi: LOCAL_USDC_ABI, data: hex(log['data']), topics: [first, ...rest] })
  if (decoded.eventName !== 'Transfer') return { ...place, event: decoded.eventName, ...decoded.args }
  const { from, to, value } = decoded.args
  return { ...place, event: 'Transfer', from, to, micros: micros(value) }
}

function hex(value: unknown): Hex {
  const found = text(value)
  if (found.startsWith('0x')) return found as Hex
  throw unexpected('a hex text')
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw unexpected('a text')
}

function unexpected(what: string): OrienError {
  return new OrienError('internal', { message: `the node's answer is not ${what}` })
}
