import { hex, micros, requireAddress } from '@orien/protocol'
import { encodeAbiParameters } from 'viem/utils'
import { describe, expect, test } from 'vitest'
import { isPaid, reasonOf, wordOf } from '../../../src/rails/arc/proof.ts'
import { nodeErrorOf } from '../../../src/rails/arc/rpc.ts'

const address = (byte: string) => requireAddress(`0x${byte.repeat(20)}`, 'address')
const token = address('36')
const treasury = address('11')
const recipient = address('22')
const leg = {
  recipient,
  micros: micros(1_234_567n),
  nonce: new Uint8Array(32).fill(7),
  validBeforeS: 1,
  signature: new Uint8Array(65),
}
const USED = '0x98de503528ee59b575ef0c0a2576a82497bfc029a5685b209e9ec333479b10a5'
const TRANSFER = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
const NATIVE = '0xfffffffffffffffffffffffffffffffffffffffe'
const word = (value: bigint): string => `0x${value.toString(16).padStart(64, '0')}`
const used = { address: token, topics: [USED, wordOf(treasury), `0x${hex(leg.nonce)}`], data: '0x' }
const native = { address: NATIVE, topics: [TRANSFER, wordOf(treasury), wordOf(recipient)], data: word(10n ** 18n) }
const moved = { address: token, topics: [TRANSFER, wordOf(treasury), wordOf(recipient)], data: word(leg.micros) }
const receipt = (logs: readonly unknown[], status = '0x1') => ({ status, logs })
const paid = (logs: readonly unknown[], status?: string): boolean =>
  isPaid(receipt(logs, status), { treasury, token }, leg)

describe('proof of payment', () => {
  test('behavior: AuthorizationUsed and the next Transfer of the token prove a leg, whatever Arc logs between', () => {
    expect(paid([used, moved])).toBe(true)
    expect(paid([used, native, moved])).toBe(true)
    expect(paid([{ ...moved, data: word(1n) }, used, native, moved])).toBe(true)
  })

  test('error: anything less, or next to it, proves nothing', () => {
    const other = wordOf(address('33'))
    const cases: readonly (readonly unknown[])[] = [
      [],
      [used],
      [moved],
      [moved, used],
      [used, native],
      [used, { ...moved, data: word(leg.micros - 1n) }],
      [used, { ...moved, topics: [TRANSFER, wordOf(treasury), other] }],
      [used, { ...moved, topics: [TRANSFER, other, wordOf(recipient)] }],
      [used, { ...moved, data: word(1n) }, moved],
      [{ ...used, address: NATIVE }, moved],
      [{ ...used, topics: [USED, other, `0x${hex(leg.nonce)}`] }, moved],
      [{ ...used, topics: [USED, wordOf(treasury), word(8n)] }, moved],
      [used, { ...moved, address: NATIVE }],
    ]
    for (const logs of cases) expect(paid(logs)).toBe(false)
    expect(paid([used, moved], '0x0')).toBe(false)
  })
})

test("behavior: the token's words are told apart, on Arc and on the plain token", () => {
  const reverted = (text: string) => `0x08c379a0${encodeAbiParameters([{ type: 'string' }], [text]).slice(2)}` as const
  const cases: readonly (readonly [string, string])[] = [
    ['Blocked address', 'blocked'],
    ['Blacklistable: account is blacklisted', 'blocked'],
    ['Pausable: paused', 'paused'],
    ['FiatTokenV2: authorization is expired', 'expired'],
    ['FiatTokenV2: authorization is used or canceled', 'used'],
    ['ERC20: transfer amount exceeds balance', 'balance'],
    ['Cannot clear balance of empty account', 'balance'],
    ['FiatTokenV2: invalid signature', 'signature'],
    ["ECRecover: invalid signature 's' value", 'signature'],
    ['something new', 'other'],
  ]
  for (const [text, reason] of cases) expect(reasonOf(reverted(text))).toBe(reason)
  expect(reasonOf('0x')).toBe('other')
  expect(reasonOf('0x08c379a0ff')).toBe('other')
})

test("behavior: a node's own refusal is found under what wraps it, and no answer is none", () => {
  const own = { code: -32_003, message: 'nonce too low', data: { data: '0x08' } }
  const wrapped = new Error('outer', { cause: Object.assign(new Error('inner', { cause: own }), { code: -32_000 }) })
  expect(nodeErrorOf(wrapped)).toEqual({ code: -32_003, message: 'nonce too low', data: '0x08' })
  expect(
    nodeErrorOf(new Error('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) })),
  ).toBeUndefined()
})
