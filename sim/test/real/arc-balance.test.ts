// Balances, allowances and the local Arc itself: a test per row of notes/arc-usdc.md.
import { domainSeparator, type Address } from 'viem'
import { encodeFunctionData, keccak256 } from 'viem/utils'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { placeArc } from '../../src/devnet/arc.ts'
import { LocalArc, RELAY, TOKEN_ABI, accountOf, usdc } from './arc-fixture.ts'

const EMPTIED = 'Cannot clear balance of empty account'
const MAX = 2n ** 256n - 1n
const UNIT_WEI = 10n ** 12n

const owner = accountOf('owner')
const other = accountOf('other').address
let local: LocalArc
let token: Address

beforeAll(async () => {
  local = await LocalArc.open()
  token = local.arc.token
})
afterAll(() => local.close())
beforeEach(() => local.mark())
afterEach(() => local.rewind())

const allowance = async (): Promise<bigint> => {
  const args = [owner.address, RELAY] as const
  return BigInt(await local.read(token, encodeFunctionData({ abi: TOKEN_ABI, functionName: 'allowance', args })))
}
const approve = (value: bigint) => encodeFunctionData({ abi: TOKEN_ABI, functionName: 'approve', args: [RELAY, value] })
const separator = () => local.read(token, encodeFunctionData({ abi: TOKEN_ABI, functionName: 'DOMAIN_SEPARATOR' }))
const pull = (value: bigint) =>
  encodeFunctionData({ abi: TOKEN_ABI, functionName: 'transferFrom', args: [owner.address, other, value] })

it('behavior: code stands at Arc’s addresses, the chain id is 31337, the domain is the token’s', async () => {
  const { rpc, chainId } = local.anvil
  expect(chainId).toBe(31_337)
  expect(BigInt(String(await rpc('eth_chainId')))).toBe(31_337n)
  expect(token).toBe('0x3600000000000000000000000000000000000000')
  expect(local.arc.multicall3).toBe('0xcA11bde05977b3631167028862bE2a173976CA11')
  expect(BigInt(local.arc.systemLog)).toBe(2n ** 160n - 2n)
  for (const address of [token, local.arc.multicall3, local.arc.systemLog]) {
    expect(String(await rpc('eth_getCode', address, 'latest')).length).toBeGreaterThan(100)
  }
  expect(await separator()).toBe(domainSeparator({ domain: local.domain }))
})

it('behavior: with the chain id of Arc the domain separator is the one of Arc', async () => {
  await local.anvil.rpc('anvil_setChainId', 5_042)
  const read = await separator()
  await local.anvil.rpc('anvil_setChainId', 31_337)
  expect(read).toBe('0x940506929bba468048a19b567f4f0d534714bc06604b5c3017e5d16785ccdf84')
  expect(await separator()).not.toBe(read)
})

it('behavior: Multicall3 is the code that viem carries', async () => {
  const code = String(await local.anvil.rpc('eth_getCode', local.arc.multicall3, 'latest'))
  expect(keccak256(code as `0x${string}`)).toBe('0x5a29a1eb2f59e45e4249b938c8192cac0d2bd32398e1afa03f302a867db692ea')
})

it('behavior: placing it again changes nothing', async () => {
  await local.arc.mint(owner.address, usdc(1))
  const before = await local.anvil.rpc('eth_blockNumber')
  await placeArc(local.anvil.rpc)
  expect(await local.anvil.rpc('eth_blockNumber')).toBe(before)
  expect(await local.arc.balanceMicros(owner.address)).toBe(usdc(1))
})

it('error: other code at an address of Arc is a chain mismatch', async () => {
  await local.anvil.rpc('anvil_setCode', token, '0x00')
  await expect(placeArc(local.anvil.rpc)).rejects.toMatchObject({ code: 'chainMismatch' })
})

it('error: an account that never sent cannot be emptied to the last wei', async () => {
  await local.arc.mint(owner.address, usdc(2))
  const all = await local.transfer(owner, other, usdc(2))
  expect(await local.ask(token, all)).toBe(EMPTIED)
  expect(await local.ask(token, await local.transfer(owner, other, usdc(2) - 1n))).toBe('ok')
  // Its first transaction makes it an account like others.
  await local.arc.fundGas(owner.address, 10n ** 18n)
  const bytes = await local.firstTransaction(owner, { to: other, value: 1n, gas: 30_000n })
  await local.receipt(await local.raw(bytes))
  const held = await local.balance(owner.address)
  expect(await local.ask(token, await local.transfer(owner, other, held))).toBe('ok')
})

it('error: one with native money is told to the token by hand', async () => {
  await local.arc.mint(owner.address, usdc(2))
  await local.arc.fundGas(owner.address, 3n * UNIT_WEI)
  const all = await local.transfer(owner, other, usdc(2) + 3n)
  expect(await local.ask(token, all)).toBe('ok')
  await local.arc.markNeverSent(owner.address, true)
  expect(await local.ask(token, all)).toBe(EMPTIED)
  // Dust keeps it from being empty.
  await local.arc.fundGas(owner.address, 1n)
  expect(await local.ask(token, all)).toBe('ok')
  await local.arc.markNeverSent(owner.address, false)
  expect(await local.ask(token, all)).toBe('ok')
})

it('behavior: before native view any account can be emptied', async () => {
  await local.arc.mint(owner.address, usdc(2))
  await local.send(token, encodeFunctionData({ abi: TOKEN_ABI, functionName: 'setNativeView', args: [false] }))
  expect(await local.ask(token, await local.transfer(owner, other, usdc(2)))).toBe('ok')
})

it('behavior: dust under 10¹² wei is unseen by the token', async () => {
  await local.arc.fundGas(owner.address, UNIT_WEI - 1n)
  expect(await local.arc.balanceMicros(owner.address)).toBe(0n)
  await local.arc.fundGas(owner.address, 1n)
  expect(await local.arc.balanceMicros(owner.address)).toBe(1n)
})

it('behavior: gas and native sends move the balance the token states', async () => {
  await local.arc.fundGas(owner.address, 10n ** 18n)
  await local.anvil.setBaseFeeGwei(20n)
  const bytes = await local.firstTransaction(owner, {
    to: other,
    value: 5n * UNIT_WEI,
    gas: 21_000n,
    maxFeePerGas: 20n * 10n ** 9n,
  })
  await local.receipt(await local.raw(bytes))
  const gasUnits = (21_000n * 20n * 10n ** 9n) / UNIT_WEI
  expect(await local.arc.balanceMicros(other)).toBe(5n)
  expect(await local.arc.balanceMicros(owner.address)).toBe(usdc(1) - 5n - gasUnits)
})

it('behavior: local only: eth_getBalance does not see token moves, totalSupply is what was minted', async () => {
  const supply = async () =>
    BigInt(await local.read(token, encodeFunctionData({ abi: TOKEN_ABI, functionName: 'totalSupply' })))
  const before = await supply()
  await local.arc.mint(owner.address, usdc(9))
  await local.arc.fundGas(other, 10n ** 18n)
  await local.send(token, await local.transfer(owner, other, usdc(4)))
  expect(await supply()).toBe(before + usdc(9))
  expect([await local.arc.gasWei(owner.address), await local.arc.gasWei(other)]).toEqual([0n, 10n ** 18n])
  expect(await local.arc.balanceMicros(other)).toBe(usdc(5))
})

it('behavior: an allowance shrinks whatever its size, with no Approval log', async () => {
  await local.arc.mint(owner.address, usdc(9))
  await local.arc.fundGas(owner.address, 10n ** 18n)
  await local.send(token, approve(MAX), { from: owner.address })
  const receipt = await local.send(token, pull(usdc(1)))
  expect(await allowance()).toBe(MAX - usdc(1))
  expect(new Set(receipt.logs.map((log) => log.topics[0])).size).toBe(1)
  await local.send(token, approve(5n), { from: owner.address })
  expect(await local.ask(token, pull(6n))).toBe('ERC20: transfer amount exceeds allowance')
})

it('behavior: permit: deadline == now is good, a second earlier is not', async () => {
  const now = await local.nowS()
  const signature = await local.signPermit(owner, RELAY, 7n, 0n, now)
  const args = [owner.address, RELAY, 7n, now, signature] as const
  const call = encodeFunctionData({ abi: TOKEN_ABI, functionName: 'permit', args })
  expect(await local.ask(token, call, { timeS: now })).toBe('ok')
  expect(await local.ask(token, call, { timeS: now + 1n })).toBe('FiatTokenV2: permit is expired')
  await local.send(token, call, { timeS: now })
  expect(await allowance()).toBe(7n)
  expect(await local.ask(token, call, { timeS: now })).toBe('EIP2612: invalid signature')
})
