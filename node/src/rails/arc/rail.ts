import { fromHex, hex, keccak, micros, OrienError, type Address } from '@orien/protocol'
import { decodeFunctionResult, encodeFunctionData, serializeTransaction } from 'viem/utils'
import { BATCH_LIMITS, checkLegs, feeToOffer } from '../batch-rules.ts'
import type { ChainBalances, ChainRail, LegProof, MinedBatch, RawTransaction, SignedLeg } from '../chain.ts'
import type { Wallet } from '../channel.ts'
import { recipientRules, type RecipientRules } from '../recipients.ts'
import { TOKEN_ABI } from './abi.ts'
import { failureAt, readAuthorisation, type Reader } from './authorisations.ts'
import { batchCall, expectedSeparator, signLeg } from './legs.ts'
import { ARC_LIMITS } from './limits.ts'
import { isPaid } from './proof.ts'
import { arcRpc, ask, fieldOf, hexOf, nodeErrorOf, type Hex, type Rpc } from './rpc.ts'

export interface ArcRailOptions {
  readonly rpcUrl: string
  readonly chainId: number
  readonly token: Address
  readonly multicall3: Address
  /** Signs authorisations only: it sends nothing and never needs gas. */
  readonly treasury: Wallet
  /** Sends the batches. Another key: gas is paid in the same money. */
  readonly gas: Wallet
  /** For tests. */
  readonly gasRule?: { readonly baseGas: bigint; readonly legGas: bigint }
}

interface Desk extends Reader {
  readonly options: ArcRailOptions
  readonly rules: RecipientRules
}

/**
 * The settlement chain of one payer, checked once. Throws `chainMismatch`, `unreachable`, and `badConfig` when treasury
 * and gas key are the same.
 *
 * @example
 * const chain = await createArcRail({ rpcUrl, chainId: 31337, token: ARC_TOKEN, multicall3: MULTICALL3, treasury, gas })
 */
export async function createArcRail(options: ArcRailOptions): Promise<ChainRail> {
  const { rpcUrl, chainId, token, multicall3, treasury, gas, gasRule = BATCH_LIMITS } = options
  if (treasury.address === gas.address) {
    throw new OrienError('badConfig', { message: 'the treasury pays its own gas: use two keys' })
  }
  const rules = recipientRules([treasury.address, gas.address], token, multicall3)
  const desk: Desk = { rpc: arcRpc(rpcUrl), multicall3, token, treasury: treasury.address, options, rules }
  const gasLimit = (legs: number): bigint => gasRule.baseGas + gasRule.legGas * BigInt(legs)
  const rail: ChainRail = {
    chainId,
    treasury: treasury.address,
    ...rules,
    check: () => check(desk),
    chainTimeS: async () => Number(BigInt(hexOf(fieldOf(await latestBlock(desk), 'timestamp')))),
    async signLegs(legs) {
      checkLegs(rules, legs)
      return Promise.all(legs.map((leg) => signLeg(options, treasury, leg)))
    },
    nextAccountNonce: async () =>
      Number(BigInt(hexOf(await ask(desk.rpc, 'eth_getTransactionCount', gas.address, 'latest')))),
    async feeWei(above) {
      const base = BigInt(hexOf(fieldOf(await latestBlock(desk), 'baseFeePerGas')))
      return feeToOffer(base * ARC_LIMITS.baseFeeTimes, above)
    },
    gasLimit,
    draftBatch: (legs, accountNonce, fee) => draftBatch(desk, legs, accountNonce, { fee, gas: gasLimit(legs.length) }),
    send: (transaction) => send(desk, transaction),
    find: (hash, legs) => find(desk, hash, legs),
    authorization: (leg) => readAuthorisation(desk, leg),
    balances: () => balances(desk),
    stop: () => Promise.resolve(),
  }
  await rail.check()
  return rail
}

function latestBlock({ rpc }: Desk): Promise<unknown> {
  return ask(rpc, 'eth_getBlockByNumber', 'latest', false)
}

/** An address without code answers success to every call: a payout to the wrong chain would look paid. */
async function check({ rpc, options }: Desk): Promise<void> {
  const { chainId, token, multicall3, treasury } = options
  const mismatch = (what: string) => new OrienError('chainMismatch', { message: what, details: { chainId } })
  const code = async (address: Address): Promise<Hex> => hexOf(await ask(rpc, 'eth_getCode', address, 'latest'))
  const shown = BigInt(hexOf(await ask(rpc, 'eth_chainId')))
  if (shown !== BigInt(chainId)) throw mismatch(`the chain's id is ${shown}, not ${chainId}`)
  if ((await code(token)) === '0x') throw mismatch('there is no code at the token')
  if ((await code(multicall3)) === '0x') throw mismatch('there is no code at Multicall3')
  const separator = await separatorOf(rpc, token)
  if (separator !== expectedSeparator({ chainId, token })) throw mismatch('the token signs for another domain')
  // With code the token would ask it by ERC-1271 and refuse our signatures.
  if ((await code(treasury.address)) !== '0x') throw mismatch('the treasury is a contract')
}

/** The token's DOMAIN_SEPARATOR; undefined when what stands there has none. */
async function separatorOf(rpc: Rpc, token: Address): Promise<Hex | undefined> {
  const data = encodeFunctionData({ abi: TOKEN_ABI, functionName: 'DOMAIN_SEPARATOR' })
  try {
    return hexOf(await ask(rpc, 'eth_call', { to: token, data }, 'latest'))
  } catch (error) {
    if (nodeErrorOf(error) !== undefined) return undefined
    throw error
  }
}

async function draftBatch(
  desk: Desk,
  legs: readonly SignedLeg[],
  accountNonce: number,
  { fee, gas }: { readonly fee: bigint; readonly gas: bigint },
): Promise<RawTransaction> {
  const { options, rules, treasury, token, multicall3 } = desk
  checkLegs(rules, legs)
  const transaction = {
    type: 'eip1559',
    chainId: options.chainId,
    nonce: accountNonce,
    to: multicall3,
    gas,
    maxFeePerGas: fee,
    maxPriorityFeePerGas: fee / ARC_LIMITS.tipShare,
    data: batchCall(treasury, token, legs),
  } as const
  const unsigned = bytesOf(serializeTransaction(transaction))
  const signature = hex(await options.gas.sign({ scheme: 'keccak', bytes: unsigned }))
  const raw = bytesOf(
    serializeTransaction(transaction, {
      r: `0x${signature.slice(0, 64)}`,
      s: `0x${signature.slice(64, 128)}`,
      yParity: signature.endsWith('1c') ? 1 : 0,
    }),
  )
  return { raw, hash: `0x${hex(keccak(raw))}`, accountNonce, maxFeePerGasWei: fee }
}

/** Nodes differ in their words; these are of the ones in use. */
const KNOWN = /already (?:known|imported)|known transaction/i
const USED_UP = /nonce (?:is )?too low|nonce already used/i
/** Codes that say nothing about the transaction: the node is ill, busy or limits us. */
const NO_VERDICT = new Set([-32_603, -32_002, -32_005, -32_016, -32_097, 429])

async function send({ rpc }: Desk, { raw }: RawTransaction): Promise<'sent' | 'superseded' | 'refused' | 'unknown'> {
  try {
    await rpc('eth_sendRawTransaction', `0x${hex(raw)}`)
    return 'sent'
  } catch (error) {
    const refusal = nodeErrorOf(error)
    if (refusal === undefined) return 'unknown'
    if (KNOWN.test(refusal.message)) return 'sent'
    if (USED_UP.test(refusal.message)) return 'superseded'
    return NO_VERDICT.has(refusal.code) ? 'unknown' : 'refused'
  }
}

async function find(desk: Desk, hash: string, legs: readonly SignedLeg[]): Promise<MinedBatch | undefined> {
  const receipt = await ask(desk.rpc, 'eth_getTransactionReceipt', hash)
  if (receipt === null || receipt === undefined) return undefined
  const block = hexOf(fieldOf(receipt, 'blockNumber'))
  const gasUsed = BigInt(hexOf(fieldOf(receipt, 'gasUsed')))
  const gasPrice = BigInt(hexOf(fieldOf(receipt, 'effectiveGasPrice')))
  const proofs: LegProof[] = []
  for (const leg of legs) proofs.push(await proofOf(desk, receipt, block, leg))
  return { blockNumber: BigInt(block), legs: proofs, gasWei: gasUsed * gasPrice }
}

async function proofOf(desk: Desk, receipt: unknown, block: Hex, leg: SignedLeg): Promise<LegProof> {
  const { nonce } = leg
  if (isPaid(receipt, desk, leg)) return { nonce, outcome: 'paid' }
  const reason = await failureAt(desk, leg, block)
  return { nonce, outcome: 'failed', ...(reason === undefined ? {} : { reason }) }
}

async function balances({ rpc, options, token, treasury }: Desk): Promise<ChainBalances> {
  const data = encodeFunctionData({ abi: TOKEN_ABI, functionName: 'balanceOf', args: [treasury] })
  const answer = hexOf(await ask(rpc, 'eth_call', { to: token, data }, 'latest'))
  const held = decodeFunctionResult({ abi: TOKEN_ABI, functionName: 'balanceOf', data: answer })
  const gasWei = BigInt(hexOf(await ask(rpc, 'eth_getBalance', options.gas.address, 'latest')))
  return { treasuryMicros: micros(held), gasWei }
}

function bytesOf(text: string): Uint8Array {
  const bytes = fromHex(text)
  if (bytes === undefined) throw new OrienError('internal', { message: 'a transaction is not hex' })
  return bytes
}
