// EIP-3009 on the local Arc: a test per row of notes/arc-usdc.md about authorisations.
import type { Address, Hex } from 'viem'
import { encodeFunctionData } from 'viem/utils'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import {
  FAR,
  LocalArc,
  RELAY,
  TOKEN_ABI,
  ZERO,
  accountOf,
  authorisation,
  cancelCall,
  nonceOf,
  parts,
  receiveCall,
  receiveCallVrs,
  transferCall,
  transferCallVrs,
  usdc,
} from './arc-fixture.ts'

const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const PAUSED = 'Pausable: paused'
const NOT_YET = 'FiatTokenV2: authorization is not yet valid'
const EXPIRED = 'FiatTokenV2: authorization is expired'
const USED = 'FiatTokenV2: authorization is used or canceled'
const BAD_SIGNATURE = 'FiatTokenV2: invalid signature'
const NOT_PAYEE = 'FiatTokenV2: caller must be the payee'
const TO_ZERO = 'ERC20: transfer to the zero address'
const TOO_MUCH = 'ERC20: transfer amount exceeds balance'
const BLOCKED_ARC = 'Blocked address'
const BLOCKED_FIAT = 'Blacklistable: account is blacklisted'

const payer = accountOf('payer')
const stranger = accountOf('stranger')
const payee = accountOf('payee').address
let local: LocalArc
let token: Address

beforeAll(async () => {
  local = await LocalArc.open()
  token = local.arc.token
  await local.arc.mint(payer.address, usdc(100))
})
afterAll(() => local.close())
beforeEach(() => local.mark())
afterEach(() => local.rewind())

const setNativeView = (on: boolean) =>
  local.send(token, encodeFunctionData({ abi: TOKEN_ABI, functionName: 'setNativeView', args: [on] }))

/** Everything is wrong at once; what is refused is put right, until nothing is: the texts, in the token's order. */
async function refusalsInOrder(kind: 'transfer' | 'receive'): Promise<string[]> {
  const now = await local.nowS()
  const usedNonce = nonceOf('used before')
  await local.send(token, await local.transfer(payer, payee, 1n, { nonce: usedNonce }))
  await local.arc.block(payer.address, true)
  await local.arc.pause(true)
  let a = authorisation(payer.address, ZERO, usdc(1_000), { validAfter: now + 9n, validBefore: now, nonce: usedNonce })
  let signer = stranger
  let from: Address = RELAY
  const putRight: Record<string, () => unknown> = {
    [PAUSED]: () => local.arc.pause(false),
    [NOT_PAYEE]: () => (from = a.to),
    [NOT_YET]: () => (a = { ...a, validAfter: 0n }),
    [EXPIRED]: () => (a = { ...a, validBefore: FAR }),
    [USED]: () => (a = { ...a, nonce: nonceOf('unused') }),
    [BAD_SIGNATURE]: () => (signer = payer),
    [TO_ZERO]: () => {
      a = { ...a, to: payee }
      if (from !== RELAY) from = payee
    },
    [TOO_MUCH]: () => (a = { ...a, value: usdc(1) }),
    [BLOCKED_ARC]: () => local.arc.block(payer.address, false),
    [BLOCKED_FIAT]: () => local.arc.block(payer.address, false),
  }
  const texts: string[] = []
  for (;;) {
    const call =
      kind === 'transfer'
        ? transferCall(a, await local.sign(signer, 'TransferWithAuthorization', a))
        : receiveCall(a, await local.sign(signer, 'ReceiveWithAuthorization', a))
    const text = await local.ask(token, call, { from, timeS: now })
    if (text === 'ok') return texts
    const fix = putRight[text]
    if (fix === undefined || texts.includes(text)) throw new Error(`not expected: ${text}, after ${texts.join(', ')}`)
    texts.push(text)
    await fix()
  }
}

it('error: transferWithAuthorization checks in the order of the token of Arc', async () => {
  const expected = [PAUSED, NOT_YET, EXPIRED, USED, BAD_SIGNATURE, TO_ZERO, TOO_MUCH, BLOCKED_ARC]
  expect(await refusalsInOrder('transfer')).toEqual(expected)
})

it('error: receiveWithAuthorization asks for the payee right after paused', async () => {
  const expected = [PAUSED, NOT_PAYEE, NOT_YET, EXPIRED, USED, BAD_SIGNATURE, TO_ZERO, TOO_MUCH, BLOCKED_ARC]
  expect(await refusalsInOrder('receive')).toEqual(expected)
})

it('error: before native view, as FiatTokenV2_2, blocked comes right after paused', async () => {
  await setNativeView(false)
  const rest = [NOT_YET, EXPIRED, USED, BAD_SIGNATURE, TO_ZERO, TOO_MUCH]
  expect(await refusalsInOrder('transfer')).toEqual([PAUSED, BLOCKED_FIAT, ...rest])
  expect(await refusalsInOrder('receive')).toEqual([PAUSED, BLOCKED_FIAT, NOT_PAYEE, ...rest])
})

it('error: both edges of the time window are strict', async () => {
  const now = await local.nowS()
  const at = async (change: object, timeS: bigint) =>
    local.ask(token, await local.transfer(payer, payee, 1n, change), { timeS })
  expect(await at({ validAfter: now }, now)).toBe(NOT_YET)
  expect(await at({ validAfter: now }, now + 1n)).toBe('ok')
  expect(await at({ validBefore: now }, now)).toBe(EXPIRED)
  expect(await at({ validBefore: now }, now - 1n)).toBe('ok')
})

it('error: the edges hold in a mined block too', async () => {
  const edge = (await local.nowS()) + 50n
  const call = await local.transfer(payer, payee, 7n, { validBefore: edge, nonce: nonceOf('edge') })
  expect((await local.send(token, call, { timeS: edge })).status).toBe('0x0')
  expect(await local.used(payer.address, nonceOf('edge'))).toBe(false)
  const later = await local.transfer(payer, payee, 7n, { validAfter: edge, nonce: nonceOf('edge') })
  expect((await local.send(token, later, { timeS: edge + 1n })).status).toBe('0x1')
})

it('error: blocked texts in native view: payer, payee, and only the caller of transferFrom differs', async () => {
  expect(await blockedTexts()).toEqual({
    payer: BLOCKED_ARC,
    payee: BLOCKED_ARC,
    sender: BLOCKED_ARC,
    caller: BLOCKED_FIAT,
  })
})

it('error: blocked texts before native view are all the same', async () => {
  await setNativeView(false)
  expect(await blockedTexts()).toEqual({
    payer: BLOCKED_FIAT,
    payee: BLOCKED_FIAT,
    sender: BLOCKED_FIAT,
    caller: BLOCKED_FIAT,
  })
})

async function blockedTexts(): Promise<Record<string, string>> {
  const call = await local.transfer(payer, payee, 1n)
  const plain = encodeFunctionData({ abi: TOKEN_ABI, functionName: 'transfer', args: [payee, 1n] })
  const approve = encodeFunctionData({ abi: TOKEN_ABI, functionName: 'approve', args: [RELAY, 5n] })
  await local.send(token, approve, { from: await withGas(payer.address) })
  const pull = encodeFunctionData({ abi: TOKEN_ABI, functionName: 'transferFrom', args: [payer.address, payee, 1n] })
  const during = async (who: Address, data: Hex, from: Address) => {
    await local.arc.block(who, true)
    const text = await local.ask(token, data, { from })
    await local.arc.block(who, false)
    return text
  }
  expect(await local.ask(token, pull)).toBe('ok')
  return {
    payer: await during(payer.address, call, RELAY),
    payee: await during(payee, call, RELAY),
    sender: await during(payer.address, plain, payer.address),
    caller: await during(RELAY, pull, RELAY),
  }
}

async function withGas(account: Address): Promise<Address> {
  await local.arc.fundGas(account, 10n ** 18n)
  return account
}

it('error: a signature is 65 bytes, low s, v 27 or 28, in both overloads', async () => {
  const a = authorisation(payer.address, payee, 1n)
  const good = await local.sign(payer, 'TransferWithAuthorization', a)
  const [v, r, s] = parts(good)
  const make = (rHex: Hex, sHex: Hex, vByte: number): Hex =>
    `0x${rHex.slice(2)}${sHex.slice(2)}${vByte.toString(16).padStart(2, '0')}`
  const highS: Hex = `0x${(ORDER - BigInt(s)).toString(16).padStart(64, '0')}`
  expect(BigInt(s) <= HALF_ORDER && BigInt(highS) > HALF_ORDER).toBe(true)
  const both = async (signature: Hex) => [
    await local.ask(token, transferCall(a, signature)),
    await local.ask(token, transferCallVrs(a, signature)),
  ]
  const twice = (text: string) => [text, text]
  expect(await both(good)).toEqual(twice('ok'))
  expect(await both(make(r, highS, v === 27 ? 28 : 27))).toEqual(twice("ECRecover: invalid signature 's' value"))
  expect(await both(make(r, s, v - 27))).toEqual(twice("ECRecover: invalid signature 'v' value"))
  expect(await both(make(`0x${'f'.repeat(64)}`, s, v))).toEqual(twice('ECRecover: invalid signature'))
  expect(await both(make(r, s, v === 27 ? 28 : 27))).toEqual(twice(BAD_SIGNATURE))
  for (const wrong of [`${good}00`, good.slice(0, -2), '0x'] as Hex[]) {
    expect(await local.ask(token, transferCall(a, wrong))).toBe('ECRecover: invalid signature length')
  }
})

it('behavior: both overloads ask a payer with code by ERC-1271', async () => {
  const a = authorisation(payer.address, payee, 1n)
  const nonsense: Hex = `0x${'01'.repeat(65)}`
  const ask = async () => [
    await local.ask(token, transferCall(a, nonsense)),
    await local.ask(token, transferCallVrs(a, nonsense)),
  ]
  await local.anvil.rpc('anvil_setCode', payer.address, SAYS_YES)
  expect(await ask()).toEqual(['ok', 'ok'])
  await local.anvil.rpc('anvil_setCode', payer.address, SAYS_NO)
  expect(await ask()).toEqual([BAD_SIGNATURE, BAD_SIGNATURE])
})

// Contracts that answer any call: with the magic value of ERC-1271 (PUSH4 it, SHL 224, return), with a zero word.
const SAYS_YES: Hex = '0x631626ba7e60e01b60005260206000f3'
const SAYS_NO: Hex = '0x60206000f3'
/** The same yes, after a loop of 10 000 rounds (260 000 gas). */
const SAYS_YES_SLOWLY: Hex = '0x6127105b6001900380600357631626ba7e60e01b60005260206000f3'

it('error: an EIP-7702 account is asked by ERC-1271: its plain signature is refused', async () => {
  const call = await local.transfer(payer, payee, 1n)
  expect(await local.ask(token, call)).toBe('ok')
  await withGas(payer.address)
  const target = accountOf('delegate').address
  await local.anvil.rpc('anvil_setCode', target, SAYS_NO)
  const { chainId } = local.anvil
  const signed = await payer.signAuthorization({ contractAddress: target, chainId, nonce: 1 })
  const bytes = await payer.signTransaction({
    type: 'eip7702',
    chainId,
    nonce: 0,
    to: payee,
    gas: 200_000n,
    maxFeePerGas: 10n ** 11n,
    maxPriorityFeePerGas: 0n,
    authorizationList: [signed],
  })
  expect((await local.receipt(await local.raw(bytes))).status).toBe('0x1')
  expect(await local.anvil.rpc('eth_getCode', payer.address, 'latest')).toBe(`0xef0100${target.slice(2).toLowerCase()}`)
  expect(await local.ask(token, call)).toBe(BAD_SIGNATURE)
})

it("error: a contract payer's own lack of gas reads as an invalid signature", async () => {
  await local.anvil.rpc('anvil_setCode', payer.address, SAYS_YES_SLOWLY)
  const call = transferCall(authorisation(payer.address, payee, 1n), '0x')
  expect(await local.ask(token, call, { gas: 200_000n })).toBe(BAD_SIGNATURE)
  expect(await local.ask(token, call, { gas: 600_000n })).toBe('ok')
})

it('error: paused refuses cancel too', async () => {
  const call = cancelCall(payer.address, nonceOf('c'), await local.signCancel(payer, nonceOf('c')))
  expect(await local.ask(token, call)).toBe('ok')
  await local.arc.pause(true)
  expect(await local.ask(token, call)).toBe(PAUSED)
})

it('behavior: a blocked authorizer may still cancel, approve and permit', async () => {
  await local.arc.block(payer.address, true)
  const deadline = await local.nowS()
  const permit = await local.signPermit(payer, RELAY, 5n, 0n, deadline)
  const approve = encodeFunctionData({ abi: TOKEN_ABI, functionName: 'approve', args: [RELAY, 5n] })
  const permitArgs = [payer.address, RELAY, 5n, deadline, permit] as const
  expect(
    await local.ask(token, cancelCall(payer.address, nonceOf('c'), await local.signCancel(payer, nonceOf('c')))),
  ).toBe('ok')
  expect(await local.ask(token, approve, { from: payer.address })).toBe('ok')
  const permitCall = encodeFunctionData({ abi: TOKEN_ABI, functionName: 'permit', args: permitArgs })
  expect(await local.ask(token, permitCall, { timeS: deadline })).toBe('ok')
})

it('error: cancel, transfer and receive share one space of nonces per payer', async () => {
  const nonce = nonceOf('shared')
  const a = authorisation(payer.address, payee, 1n, { nonce })
  const transfer = transferCall(a, await local.sign(payer, 'TransferWithAuthorization', a))
  const receiveSignature = await local.sign(payer, 'ReceiveWithAuthorization', a)
  const cancel = cancelCall(payer.address, nonce, await local.signCancel(payer, nonce))
  const all = async () => [
    await local.ask(token, transfer),
    await local.ask(token, receiveCall(a, receiveSignature), { from: payee }),
    await local.ask(token, receiveCallVrs(a, receiveSignature), { from: payee }),
    await local.ask(token, cancel),
  ]
  expect(await all()).toEqual(['ok', 'ok', 'ok', 'ok'])
  for (const [data, from] of [
    [transfer, RELAY],
    [receiveCall(a, receiveSignature), await withGas(payee)],
    [cancel, RELAY],
  ] as const) {
    await local.mark()
    expect((await local.send(token, data, { from })).status).toBe('0x1')
    expect(await local.used(payer.address, nonce)).toBe(true)
    expect(await all()).toEqual([USED, USED, USED, USED])
    await local.rewind()
  }
  expect(await local.used(payer.address, nonce)).toBe(false)
})

it('behavior: the same nonce of another payer is free', async () => {
  await local.arc.mint(stranger.address, usdc(1))
  await local.send(token, await local.transfer(payer, payee, 1n, { nonce: nonceOf('same') }))
  expect(await local.ask(token, await local.transfer(payer, payee, 2n, { nonce: nonceOf('same') }))).toBe(USED)
  expect(await local.ask(token, await local.transfer(stranger, payee, 1n, { nonce: nonceOf('same') }))).toBe('ok')
})

it('behavior: anyone may submit a transferWithAuthorization', async () => {
  const before = await local.balance(payee)
  const call = await local.transfer(payer, payee, usdc(3))
  expect((await local.send(token, call, { from: await withGas(stranger.address) })).status).toBe('0x1')
  expect(await local.balance(payee)).toBe(before + usdc(3))
})
