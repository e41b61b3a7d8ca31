import {
  bindingDigest,
  fromHex,
  nobleCrypto,
  nobleSigner,
  openBinding,
  peerOfKey,
  recoverAddress,
  scopeOf,
  utf8,
  type BindingStatement,
} from '@orien/protocol'
import { hashMessage, keccak256 } from 'viem/utils'
import { expect, test } from 'vitest'
import { cheapWallet } from '../../../src/rails/memory/index.ts'
import { bindWallet, localWallet } from '../../../src/rails/wallet.ts'

const KEY = `0x${'11'.repeat(32)}`
const CHAIN_ID = 31_337
const wallet = localWallet(KEY)
const other = localWallet(`0x${'22'.repeat(32)}`)
const scope = scopeOf(CHAIN_ID, nobleCrypto)
const signer = nobleSigner(new Uint8Array(32).fill(5))
const peer = peerOfKey(signer.publicKey)
const NOW_MS = 1_800_000_000_000
const statement: BindingStatement = {
  peer,
  wallet: wallet.address,
  role: 'spend',
  notBeforeMs: NOW_MS - 1_000,
  expiresAtMs: NOW_MS + 1_000,
}
const wanted = { peer, role: 'spend', chainId: CHAIN_ID, nowMs: NOW_MS } as const
const bytesOf = (text: string): Uint8Array => fromHex(text) ?? new Uint8Array()

test('behavior: a wallet has the address of its key, in EIP-55 spelling', () => {
  expect(wallet.address).toBe('0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A')
})

test('behavior: it signs raw over keccak-256, by EIP-191, and digests', async () => {
  const bytes = utf8('a message')
  const raw = await wallet.sign({ scheme: 'keccak', bytes })
  expect(recoverAddress(bytesOf(keccak256(bytes)), raw)).toBe(wallet.address)
  const prefixed = await wallet.sign({ scheme: 'eip191', bytes })
  expect(recoverAddress(bytesOf(hashMessage({ raw: bytes })), prefixed)).toBe(wallet.address)
  const digest = new Uint8Array(32).fill(9)
  expect(recoverAddress(digest, await wallet.signDigest(digest))).toBe(wallet.address)
})

test('error: a text that is no key is refused and not shown', () => {
  for (const text of [
    '',
    '0x12',
    'f'.repeat(64),
    `0x${'00'.repeat(32)}`,
    `0x${'ff'.repeat(32)}`,
    `0x${'zz'.repeat(32)}`,
  ]) {
    const problem = catchOf(() => localWallet(text))
    expect(problem).toMatchObject({ code: 'badConfig' })
    if (text !== '') expect(JSON.stringify([problem.message, String(problem.cause)])).not.toContain(text.slice(2))
  }
})

test('behavior: a binding opens for its peer, role and chain', async () => {
  const bound = await bindWallet(scope, signer, wallet, statement, other)
  expect(openBinding(scope, bound.bytes, wanted).value).toEqual(bound.value)
  const { oldWalletSignature } = bound.value
  expect(recoverAddress(bindingDigest(statement, CHAIN_ID), oldWalletSignature ?? new Uint8Array())).toBe(other.address)
})

test('error: a binding made on another chain, or by another wallet, does not open', async () => {
  const elsewhere = await bindWallet(scopeOf(5_042, nobleCrypto), signer, wallet, statement)
  expect(() => openBinding(scope, elsewhere.bytes, wanted)).toThrow(expect.objectContaining({ code: 'badSignature' }))
  const forged = await bindWallet(scope, signer, { ...other, address: wallet.address }, statement)
  expect(() => openBinding(scope, forged.bytes, wanted)).toThrow(expect.objectContaining({ code: 'badBinding' }))
  await expect(bindWallet(scope, signer, other, statement)).rejects.toMatchObject({ code: 'badDocument' })
})

test('behavior: a cheap wallet still binds as its real one', async () => {
  const cheap = cheapWallet(wallet)
  const bound = await bindWallet(scope, signer, cheap, statement)
  expect(openBinding(scope, bound.bytes, wanted).value.wallet).toBe(wallet.address)
})

function catchOf(act: () => unknown): Error {
  try {
    act()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('nothing was thrown')
}
