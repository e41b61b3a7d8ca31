import { describe, expect, test } from 'vitest'
import {
  bindingDigest,
  bindingTypedData,
  findBinding,
  openBinding,
  requireAddress,
  signDocument,
  WalletBinding,
  type BindingWanted,
} from '../../../src/index.ts'
import { WalletBinding as Wire } from '../../../src/identity/binding.wire.ts'
import { refuses, takes } from '../../bounds.ts'
import { expectCode } from '../../expect.ts'
import { CHAIN_ID, PEERS, scope, WALLETS } from '../../keys.ts'
import { bindingBytes, bindingValue, NOW_MS } from '../../samples.ts'

const value = bindingValue('provider')
const wanted: BindingWanted = { peer: PEERS.provider.peer, role: 'spend', chainId: CHAIN_ID, nowMs: NOW_MS }
const signed = (changed: Partial<WalletBinding>): Uint8Array =>
  signDocument(scope, PEERS.provider.signer, WalletBinding, { ...value, ...changed }).bytes

describe('wallet binding: bounds', () => {
  takes(WalletBinding, value, [
    ['role', 'payout'],
    ['oldWalletSignature', new Uint8Array(65)],
  ])
  refuses(WalletBinding, Wire, value, [
    ['peer', 'nobody'],
    ['wallet', WALLETS.provider.address.toLowerCase()],
    ['wallet', ''],
    ['role', 'save'],
    ['notBeforeMs', -1],
    ['expiresAtMs', value.notBeforeMs],
    ['walletSignature', new Uint8Array(64)],
    ['oldWalletSignature', new Uint8Array(66)],
  ])
})

describe('openBinding', () => {
  test('behavior: takes a binding that both halves signed, up to two minutes beside its dates', () => {
    const bytes = bindingBytes('provider')
    for (const nowMs of [NOW_MS, value.notBeforeMs - 120_000, value.expiresAtMs + 120_000]) {
      expect(openBinding(scope, bytes, { ...wanted, nowMs }).value.wallet).toBe(WALLETS.provider.address)
    }
  })

  test.each([
    ['before its time', { nowMs: value.notBeforeMs - 120_001 }],
    ['after its time', { nowMs: value.expiresAtMs + 120_001 }],
    ['for another use', { role: 'payout' }],
    ['of another chain', { chainId: 5_042 }],
  ] as [string, Partial<BindingWanted>][])('error: one %s is badBinding', (_, change) => {
    expectCode(() => openBinding(scope, bindingBytes('provider'), { ...wanted, ...change }), 'badBinding')
  })

  test('error: one whose wallet did not sign just this is badBinding', () => {
    const others: Partial<WalletBinding>[] = [
      { wallet: WALLETS.agent.address },
      { expiresAtMs: value.expiresAtMs + 1 },
      { walletSignature: new Uint8Array(65) },
      { walletSignature: value.walletSignature.with(64, 28 + 27 - (value.walletSignature[64] ?? 27)) },
      { walletSignature: value.walletSignature.with(64, 0) },
    ]
    for (const change of others) expectCode(() => openBinding(scope, signed(change), wanted), 'badBinding')
  })

  test('behavior: what is remembered of one never answers for another, nor for another chain', () => {
    const bytes = bindingBytes('provider')
    const stolen = signed({ wallet: WALLETS.agent.address })
    for (let again = 0; again < 2; again++) {
      expect(openBinding(scope, bytes, wanted).value).toEqual(value)
      expectCode(() => openBinding(scope, bytes, { ...wanted, chainId: 5_042 }), 'badBinding')
      expectCode(() => openBinding(scope, bytes, { ...wanted, role: 'payout' }), 'badBinding')
      expectCode(() => openBinding(scope, bytes, { ...wanted, nowMs: value.expiresAtMs + 120_001 }), 'badBinding')
      expectCode(() => openBinding(scope, stolen, wanted), 'badBinding')
    }
  })

  test('error: one that another peer put into an envelope is badSignature', () => {
    const stolen = signDocument(scope, PEERS.stranger.signer, WalletBinding, value).bytes
    expectCode(() => openBinding(scope, stolen, wanted), 'badSignature')
    const renamed = signDocument(scope, PEERS.stranger.signer, WalletBinding, {
      ...value,
      peer: PEERS.stranger.peer,
    }).bytes
    expectCode(() => openBinding(scope, renamed, { ...wanted, peer: PEERS.stranger.peer }), 'badBinding')
  })

  test('error: a signature with a high s is none', () => {
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    const s = BigInt(`0x${Buffer.from(value.walletSignature.subarray(32, 64)).toString('hex')}`)
    const high = Buffer.from(value.walletSignature)
    high.write((order - s).toString(16).padStart(64, '0'), 32, 'hex')
    high[64] = 55 - (high[64] ?? 0)
    expectCode(() => openBinding(scope, signed({ walletSignature: high }), wanted), 'badBinding')
  })
})

describe('findBinding', () => {
  const expired = signed({ expiresAtMs: value.notBeforeMs + 1 })

  test('behavior: takes the first good one, whatever stands beside it', () => {
    const list = [
      Uint8Array.of(1, 2, 3),
      bindingBytes('agent'),
      bindingBytes('provider', 'payout'),
      expired,
      bindingBytes('provider'),
    ]
    expect(findBinding(scope, list, wanted).value).toEqual(value)
    expect(findBinding(scope, list, { ...wanted, role: 'payout' }).value.wallet).toBe(WALLETS.payout.address)
  })

  test('error: none that is good is badBinding', () => {
    for (const list of [[], [expired], [Uint8Array.of(9)], [bindingBytes('agent')]]) {
      expectCode(() => findBinding(scope, list, wanted), 'badBinding')
    }
  })
})

describe('the statement', () => {
  test('behavior: typed data names the five fields and the chain', () => {
    const typed = bindingTypedData(value, CHAIN_ID)
    expect(typed.domain).toEqual({ name: 'ORIEN', version: '1', chainId: CHAIN_ID })
    expect(Object.keys(typed.message)).toEqual(typed.types.WalletBinding.map((field) => field.name))
    expect(bindingDigest(value, CHAIN_ID)).toHaveLength(32)
  })

  test('error: an address in another spelling is named', () => {
    expect(requireAddress(WALLETS.agent.address, 'to')).toBe(WALLETS.agent.address)
    expect(expectCode(() => requireAddress('0x1', 'to'), 'badDocument').details).toEqual({ field: 'to' })
  })
})
