// A payout on the local Arc: one Multicall3.aggregate3 of EIP-3009 transfers. A test per row of notes/arc-usdc.md.
import type { Address, Hex } from 'viem'
import { decodeFunctionResult, encodeFunctionData, keccak256, toEventSelector, toHex } from 'viem/utils'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import {
  LocalArc,
  MULTICALL_ABI,
  RELAY,
  TOKEN_ABI,
  ZERO,
  accountOf,
  authorisation,
  cancelCall,
  nonceOf,
  receiveCall,
  transferCall,
  usdc,
  type Receipt,
} from './arc-fixture.ts'

const TRANSFER = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
const AUTHORIZATION_USED = '0x98de503528ee59b575ef0c0a2576a82497bfc029a5685b209e9ec333479b10a5'
const CANCELED_PREFIX = '0x1cdd46ff'
const USED = 'FiatTokenV2: authorization is used or canceled'

const treasury = accountOf('treasury')
const recipients = Array.from({ length: 100 }, (_, i) => accountOf(`recipient ${i}`).address)
const [first, second, third] = recipients as [Address, Address, Address]
let local: LocalArc
let token: Address

beforeAll(async () => {
  local = await LocalArc.open()
  token = local.arc.token
  await local.arc.mint(treasury.address, usdc(1_000))
})
afterAll(() => local.close())
beforeEach(() => local.mark())
afterEach(() => local.rewind())

/** The rule of a payout: never estimated. */
const gasFor = (legs: number): bigint => 100_000n + 100_000n * BigInt(legs)
const legsTo = (to: readonly Address[]) => Promise.all(to.map((who) => local.transfer(treasury, who, usdc(1))))
const sendBatch = (calls: readonly Hex[], gas = gasFor(calls.length)) =>
  local.send(local.arc.multicall3, local.batch(calls), { gas })
const word = (address: Address): Hex => `0x${address.slice(2).toLowerCase().padStart(64, '0')}`
const logsBy = (receipt: Receipt, address: Address) =>
  receipt.logs.filter((log) => log.address.toLowerCase() === address.toLowerCase())
const usedLogs = (receipt: Receipt) => logsBy(receipt, token).filter((log) => log.topics[0] === AUTHORIZATION_USED)

it('behavior: the logs of a leg: AuthorizationUsed, native Transfer, Transfer of the token', async () => {
  const nonce = nonceOf('logs')
  const receipt = await sendBatch([await local.transfer(treasury, first, 1_234_567n, { nonce })])
  const transfer = [TRANSFER, word(treasury.address), word(first)]
  const seen = receipt.logs.map(({ address, topics, data }) => ({
    address,
    topics,
    data: data === '0x' ? 0n : BigInt(data),
  }))
  expect(seen).toEqual([
    { address: token, topics: [AUTHORIZATION_USED, word(treasury.address), nonce], data: 0n },
    { address: local.arc.systemLog.toLowerCase(), topics: transfer, data: 1_234_567n * 10n ** 12n },
    { address: token, topics: transfer, data: 1_234_567n },
  ])
})

it('behavior: no native log for zero value or a self transfer', async () => {
  const zero = await local.transfer(treasury, first, 0n)
  const self = await local.transfer(treasury, treasury.address, usdc(1))
  const receipt = await sendBatch([zero, self])
  expect(logsBy(receipt, local.arc.systemLog)).toEqual([])
  expect(logsBy(receipt, token).map((log) => log.topics[0])).toEqual([
    AUTHORIZATION_USED,
    TRANSFER,
    AUTHORIZATION_USED,
    TRANSFER,
  ])
})

it('behavior: only the token may write native logs', async () => {
  const call = encodeFunctionData({
    abi: [
      {
        type: 'function',
        name: 'transferred',
        stateMutability: 'nonpayable',
        outputs: [],
        inputs: [{ type: 'address' }, { type: 'address' }, { type: 'uint256' }],
      },
    ],
    args: [first, second, 1n],
  })
  expect(await local.ask(local.arc.systemLog, call)).toBe('LocalSystemLog: caller is not the token')
})

it('behavior: topic0 of the three events, and a cancel logs AuthorizationCanceled', async () => {
  expect(toEventSelector('AuthorizationUsed(address,bytes32)')).toBe(AUTHORIZATION_USED)
  expect(toEventSelector('Transfer(address,address,uint256)')).toBe(TRANSFER)
  const call = cancelCall(treasury.address, nonceOf('x'), await local.signCancel(treasury, nonceOf('x')))
  const { logs, blockNumber } = await local.send(token, call)
  expect(logs.map((log) => log.topics[0]?.slice(0, 10))).toEqual([CANCELED_PREFIX])
  expect(await local.arc.transfers(BigInt(blockNumber))).toMatchObject([
    { event: 'AuthorizationCanceled', authorizer: treasury.address, nonce: nonceOf('x') },
  ])
})

it('behavior: the audit pairs AuthorizationUsed with the next Transfer and leaves native logs out', async () => {
  const { blockNumber } = await sendBatch(await legsTo([first, second]))
  const logs = await local.arc.transfers(BigInt(blockNumber))
  expect(logs.map(({ event }) => event)).toEqual(['AuthorizationUsed', 'Transfer', 'AuthorizationUsed', 'Transfer'])
  const paid = logs.flatMap((log) => (log.event === 'Transfer' ? [[log.from, log.to, log.micros]] : []))
  expect(paid).toEqual([first, second].map((to) => [treasury.address, to, usdc(1)]))
})

it('error: an estimated batch runs its leg out of gas and still succeeds', async () => {
  const call = await local.transfer(treasury, first, usdc(1))
  const data = local.batch([call])
  const { multicall3 } = local.arc
  const estimate = BigInt(String(await local.anvil.rpc('eth_estimateGas', { from: RELAY, to: multicall3, data })))
  // 76 839 here, where the leg needs 110 000; 78 714 on Circle's code.
  expect(estimate).toBeLessThan(90_000n)
  const receipt = await sendBatch([call], estimate)
  expect({ status: receipt.status, logs: receipt.logs }).toEqual({ status: '0x1', logs: [] })
  expect(await local.balance(first)).toBe(0n)
})

it('error: a leg out of gas has success false and empty data; the same authorisation pays later', async () => {
  const call = await local.transfer(treasury, first, usdc(1), { nonce: nonceOf('again') })
  expect(await local.askBatch([call], { gas: 90_000n })).toEqual(['(empty)'])
  expect((await sendBatch([call], 90_000n)).status).toBe('0x1')
  expect(await local.used(treasury.address, nonceOf('again'))).toBe(false)
  await sendBatch([call])
  expect(await local.used(treasury.address, nonceOf('again'))).toBe(true)
  expect(await local.balance(first)).toBe(usdc(1))
})

it('error: success proves nothing: an address without code says it too', async () => {
  const call = await local.transfer(treasury, first, usdc(1))
  const data = local.batch([call], accountOf('no code here').address)
  const answer = await local.read(local.arc.multicall3, data)
  const [result] = decodeFunctionResult({ abi: MULTICALL_ABI, functionName: 'aggregate3', data: answer })
  expect(result).toEqual({ success: true, returnData: '0x' })
  expect((await local.send(local.arc.multicall3, data)).logs).toEqual([])
})

it('behavior: gas by the rule pays 1, 3 and 100 legs, to new accounts and to known ones', async () => {
  const used: Record<string, bigint> = {}
  for (const legs of [1, 3, 100]) {
    await local.mark()
    const to = recipients.slice(0, legs)
    const fresh = await sendBatch(await legsTo(to))
    const again = await sendBatch(await Promise.all(to.map((who) => local.transfer(treasury, who, usdc(2)))))
    for (const receipt of [fresh, again]) {
      expect(receipt.status).toBe('0x1')
      expect(usedLogs(receipt)).toHaveLength(legs)
      expect(receipt.gasUsed).toBeLessThan(gasFor(legs))
    }
    for (const who of to) expect(await local.balance(who)).toBe(usdc(3))
    used[`${legs} new`] = fresh.gasUsed
    used[`${legs} known`] = again.gasUsed
    await local.rewind()
  }
  // Measured: 107 219 and 90 107, 243 051 and 191 732, 6 833 139 and 5 123 006. A drop would mean legs that did less.
  expect(used['100 new']).toBeGreaterThan(6_000_000n)
  expect(used['3 new']).toBeGreaterThan(used['3 known'] ?? 0n)
})

it('error: more than EIP-7825 allows is refused', async () => {
  const call = await local.transfer(treasury, first, usdc(1))
  await expect(sendBatch([call], 16_777_217n)).rejects.toMatchObject({ code: 'railRefused' })
  expect((await sendBatch([call], 16_777_216n)).status).toBe('0x1')
})

it('error: a blocked recipient fails alone, and its authorisation stays usable by anyone', async () => {
  const calls = await legsTo([first, second, third])
  const [, blockedCall = '0x'] = calls
  await local.arc.block(second, true)
  expect(await local.askBatch(calls)).toEqual(['ok', 'Blocked address', 'ok'])
  const receipt = await sendBatch(calls)
  expect([receipt.status, usedLogs(receipt).length, await local.balance(second)]).toEqual(['0x1', 2, 0n])
  await local.arc.block(second, false)
  const anyone = accountOf('anyone').address
  await local.arc.fundGas(anyone, 10n ** 18n)
  await local.send(token, blockedCall, { from: anyone })
  expect(await local.balance(second)).toBe(usdc(1))
})

it('error: a blocked treasury or a paused token fails every leg, the batch still succeeds', async () => {
  const calls = await legsTo([first, second])
  await local.arc.block(treasury.address, true)
  expect(await local.askBatch(calls)).toEqual(['Blocked address', 'Blocked address'])
  expect(await sendBatch(calls)).toMatchObject({ status: '0x1', logs: [] })
  await local.arc.block(treasury.address, false)
  await local.arc.pause(true)
  expect(await local.askBatch(calls)).toEqual(['Pausable: paused', 'Pausable: paused'])
  expect(await sendBatch(calls)).toMatchObject({ status: '0x1', logs: [] })
  await local.arc.pause(false)
  expect(usedLogs(await sendBatch(calls))).toHaveLength(2)
})

it('error: a leg paid before is refused, alone', async () => {
  const calls = await legsTo([first, second])
  await local.send(token, calls[0] ?? '0x')
  expect(await local.askBatch(calls)).toEqual([USED, 'ok'])
  expect(usedLogs(await sendBatch(calls))).toHaveLength(1)
  expect([await local.balance(first), await local.balance(second)]).toEqual([usdc(1), usdc(1)])
})

it('behavior: block time and authorizationState are read by one call', async () => {
  const { multicall3 } = local.arc
  const read = async () => {
    const state = encodeFunctionData({
      abi: TOKEN_ABI,
      functionName: 'authorizationState',
      args: [treasury.address, nonceOf('t')],
    })
    const time = encodeFunctionData({ abi: MULTICALL_ABI, functionName: 'getCurrentBlockTimestamp' })
    const calls = [
      { target: multicall3, allowFailure: false, callData: time },
      { target: token, allowFailure: false, callData: state },
    ]
    const data = encodeFunctionData({ abi: MULTICALL_ABI, functionName: 'aggregate3', args: [calls] })
    const results = decodeFunctionResult({
      abi: MULTICALL_ABI,
      functionName: 'aggregate3',
      data: await local.read(multicall3, data),
    })
    return results.map(({ returnData }) => BigInt(returnData))
  }
  const validBefore = (await local.nowS()) + 60n
  const call = await local.transfer(treasury, first, usdc(1), { validBefore, nonce: nonceOf('t') })
  expect(await read()).toEqual([await local.nowS(), 0n])
  await sendBatch([call])
  expect(await read()).toEqual([await local.nowS(), 1n])
})

it('behavior: a mined cancel makes room for a new attempt, and reads as used', async () => {
  const call = await local.transfer(treasury, first, usdc(1), { nonce: nonceOf('old') })
  await local.send(
    token,
    cancelCall(treasury.address, nonceOf('old'), await local.signCancel(treasury, nonceOf('old'))),
  )
  expect(await local.used(treasury.address, nonceOf('old'))).toBe(true)
  expect(await local.askBatch([call])).toEqual([USED])
  expect(await local.askBatch([await local.transfer(treasury, first, usdc(1), { nonce: nonceOf('new') })])).toEqual([
    'ok',
  ])
})

it('error: recipients the token refuses, and recipients it takes money for', async () => {
  const { multicall3, systemLog } = local.arc
  const one: Address = '0x0000000000000000000000000000000000000001'
  expect(await local.askBatch(await legsTo([ZERO, token]))).toEqual([
    'ERC20: transfer to the zero address',
    'Blocked address',
  ])
  expect(await local.askBatch(await legsTo([multicall3, systemLog, one, treasury.address]))).toEqual([
    'ok',
    'ok',
    'ok',
    'ok',
  ])
})

it('error: receiveWithAuthorization fails through Multicall3, unless Multicall3 is the payee', async () => {
  const { multicall3 } = local.arc
  const signed = async (to: Address) => {
    const a = authorisation(treasury.address, to, usdc(1))
    return receiveCall(a, await local.sign(treasury, 'ReceiveWithAuthorization', a))
  }
  expect(await local.ask(token, await signed(first), { from: first })).toBe('ok')
  const calls = [await signed(first), await signed(multicall3)]
  expect(await local.askBatch(calls)).toEqual(['FiatTokenV2: caller must be the payee', 'ok'])
  await sendBatch(calls)
  expect(await local.balance(multicall3)).toBe(usdc(1))
})

it('error: a receive authorisation is not a transfer authorisation', async () => {
  const a = authorisation(treasury.address, first, usdc(1))
  const call = transferCall(a, await local.sign(treasury, 'ReceiveWithAuthorization', a))
  expect(await local.ask(token, call)).toBe('FiatTokenV2: invalid signature')
})

it('behavior: the same bytes again: already imported while they wait, nonce too low once mined', async () => {
  const gasKey = accountOf('gas key')
  await local.arc.fundGas(gasKey.address, 10n ** 18n)
  const data = local.batch(await legsTo([first]))
  const bytes = await local.firstTransaction(gasKey, { to: local.arc.multicall3, data, gas: gasFor(1) })
  await local.anvil.rpc('evm_setAutomine', false)
  const hash = await local.raw(bytes)
  expect(hash).toBe(keccak256(bytes))
  await expect(local.raw(bytes)).rejects.toThrow('already imported')
  await local.anvil.rpc('evm_mine')
  await local.anvil.rpc('evm_setAutomine', true)
  expect(usedLogs(await local.receipt(hash))).toHaveLength(1)
  await expect(local.raw(bytes)).rejects.toThrow('nonce too low')
})

it('error: the gas key needs gasLimit × maxFeePerGas in hand; one wei short is refused', async () => {
  const gasKey = accountOf('gas key')
  const maxFeePerGas = 10n ** 11n
  const data = local.batch(await legsTo([first]))
  const bytes = await local.firstTransaction(gasKey, { to: local.arc.multicall3, data, gas: gasFor(1), maxFeePerGas })
  await local.anvil.rpc('anvil_setBalance', gasKey.address, toHex(gasFor(1) * maxFeePerGas - 1n))
  await expect(local.raw(bytes)).rejects.toMatchObject({ code: 'railRefused' })
  await local.arc.fundGas(gasKey.address, 1n)
  expect(usedLogs(await local.receipt(await local.raw(bytes)))).toHaveLength(1)
})
