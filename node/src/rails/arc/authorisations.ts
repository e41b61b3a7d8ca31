import { hex } from '@orien/protocol'
import { decodeFunctionResult, encodeFunctionData } from 'viem/utils'
import type { AuthorizationReading, LegFailure, SignedLeg } from '../chain.ts'
import { MULTICALL3_ABI, TOKEN_ABI, TOPICS } from './abi.ts'
import { legCall } from './legs.ts'
import { ARC_LIMITS } from './limits.ts'
import { isPaid, reasonOf, wordOf, type Payer } from './proof.ts'
import { ask, fieldOf, hexOf, nodeErrorOf, type Hex, type Rpc } from './rpc.ts'
import type { Address } from '@orien/protocol'

/** What reading authorisations needs. */
export interface Reader extends Payer {
  readonly rpc: Rpc
  readonly multicall3: Address
}

/** The state of one authorisation and the chain's time, from one eth_call; who paid it, from the logs. */
export async function readAuthorisation(reader: Reader, leg: SignedLeg): Promise<AuthorizationReading> {
  const { used, chainTimeS } = await stateOf(reader, leg)
  if (!used) return { used, chainTimeS }
  const found = await usedBy(reader, leg, chainTimeS)
  if (found === undefined) return { used, chainTimeS }
  if (found.cancelled) return { used, chainTimeS, cancelled: true }
  const receipt = await ask(reader.rpc, 'eth_getTransactionReceipt', found.transaction)
  return { used, chainTimeS, ...(isPaid(receipt, reader, leg) ? { paidBy: found.transaction } : {}) }
}

async function stateOf(
  reader: Reader,
  leg: SignedLeg,
): Promise<{ readonly used: boolean; readonly chainTimeS: number }> {
  const { multicall3, token, treasury, rpc } = reader
  const abi = MULTICALL3_ABI
  const nonce: Hex = `0x${hex(leg.nonce)}`
  const time = encodeFunctionData({ abi, functionName: 'getCurrentBlockTimestamp' })
  const state = encodeFunctionData({ abi: TOKEN_ABI, functionName: 'authorizationState', args: [treasury, nonce] })
  const calls = [
    { target: multicall3, allowFailure: false, callData: time },
    { target: token, allowFailure: false, callData: state },
  ]
  const data = encodeFunctionData({ abi, functionName: 'aggregate3', args: [calls] })
  const answer = hexOf(await ask(rpc, 'eth_call', { to: multicall3, data }, 'latest'))
  const [first, second] = decodeFunctionResult({ abi, functionName: 'aggregate3', data: answer })
  return { used: BigInt(second?.returnData ?? '0x0') === 1n, chainTimeS: Number(BigInt(first?.returnData ?? '0x0')) }
}

/** The log that used or cancelled an authorisation, looked for from now backwards. */
async function usedBy(reader: Reader, leg: SignedLeg, chainTimeS: number) {
  const { rpc, token, treasury } = reader
  const topics = [[TOPICS.used, TOPICS.cancelled], wordOf(treasury), `0x${hex(leg.nonce)}`]
  const oldestS = Math.min(leg.validBeforeS, chainTimeS) - ARC_LIMITS.lookBackS
  let to = BigInt(hexOf(await ask(rpc, 'eth_blockNumber')))
  for (;;) {
    const from = to < ARC_LIMITS.logRangeBlocks ? 0n : to - ARC_LIMITS.logRangeBlocks + 1n
    const filter = { address: token, topics, fromBlock: quantity(from), toBlock: quantity(to) }
    const logs = await ask(rpc, 'eth_getLogs', filter)
    const [log] = Array.isArray(logs) ? (logs as readonly unknown[]) : []
    if (log !== undefined) {
      const found = fieldOf(log, 'topics')
      const first = Array.isArray(found) ? hexOf(found[0]) : '0x'
      return { cancelled: first === TOPICS.cancelled, transaction: hexOf(fieldOf(log, 'transactionHash')) }
    }
    if (from === 0n) return undefined
    const block = await ask(rpc, 'eth_getBlockByNumber', quantity(from), false)
    if (Number(BigInt(hexOf(fieldOf(block, 'timestamp')))) < oldestS) return undefined
    to = from - 1n
  }
}

/** Asks the token again, at a block: what it says of a leg that failed. Undefined when the node keeps no such state. */
export async function failureAt(reader: Reader, leg: SignedLeg, block: Hex): Promise<LegFailure | undefined> {
  const { rpc, token, treasury } = reader
  try {
    await rpc('eth_call', { to: token, data: legCall(treasury, leg) }, block)
    return 'gas'
  } catch (error) {
    const refusal = nodeErrorOf(error)
    return refusal?.data === undefined ? undefined : reasonOf(refusal.data)
  }
}

function quantity(value: bigint): Hex {
  return `0x${value.toString(16)}`
}
