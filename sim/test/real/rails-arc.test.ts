import { localWallet } from '@orien/node/rails'
import { hex, micros, requireAddress } from '@orien/protocol'
import { generatePrivateKey } from 'viem/accounts'
import { parseTransaction } from 'viem/utils'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ArcLab, freshAddress } from './rails-arc-fixture.ts'

/** What the Arc rail refuses to start on, and what its bytes hold. */
let lab: ArcLab
beforeAll(async () => {
  lab = await ArcLab.open()
})
afterAll(() => lab.close())

test('error: another chain id, no code at the token or Multicall3, another domain: no rail', async () => {
  const nobody = freshAddress()
  const mismatch = { code: 'chainMismatch' }
  await expect(lab.rail({ chainId: 5_042 })).rejects.toMatchObject(mismatch)
  await expect(lab.rail({ token: nobody })).rejects.toMatchObject(mismatch)
  await expect(lab.rail({ multicall3: nobody })).rejects.toMatchObject(mismatch)
  await expect(lab.rail({ token: requireAddress(lab.arc.multicall3, 'other') })).rejects.toMatchObject(mismatch)
  // Code that answers every call with 32 zero bytes.
  const impostor = freshAddress()
  await lab.anvil.rpc('anvil_setCode', impostor, '0x60206000f3')
  await expect(lab.rail({ token: impostor })).rejects.toMatchObject(mismatch)
})

test('error: a treasury with code, or one that pays its own gas: no rail', async () => {
  const treasury = localWallet(generatePrivateKey())
  await expect(lab.rail({ treasury: lab.gas })).rejects.toMatchObject({ code: 'badConfig' })
  await lab.anvil.rpc('anvil_setCode', treasury.address, '0x00')
  await expect(lab.rail({ treasury })).rejects.toMatchObject({ code: 'chainMismatch' })
})

test('error: a node that does not answer is unreachable, and what its address holds is not shown', async () => {
  const rpcUrl = 'http://127.0.0.1:1/secret'
  const problem: unknown = await lab.rail({ rpcUrl }).catch((error: unknown) => error)
  expect(problem).toMatchObject({ code: 'unreachable' })
  expect(problem instanceof Error ? problem.message : 'secret').not.toContain('secret')
})

test('behavior: a batch is one EIP-1559 transaction by the gas key, by the rule, and its hash is known before it is sent', async () => {
  const rail = await lab.rail()
  const validBeforeS = (await rail.chainTimeS()) + 60
  const legs = await rail.signLegs([
    { recipient: freshAddress(), micros: micros(5n), nonce: new Uint8Array(32).fill(9), validBeforeS },
  ])
  const { raw, hash, accountNonce } = await rail.draftBatch(legs, 7, 40_000_000_000n)
  const parsed = parseTransaction(`0x${hex(raw)}`)
  expect(parsed).toMatchObject({
    type: 'eip1559',
    chainId: lab.anvil.chainId,
    nonce: 7,
    gas: 200_000n,
    maxFeePerGas: 40_000_000_000n,
    maxPriorityFeePerGas: 2_000_000_000n,
    to: lab.arc.multicall3.toLowerCase(),
  })
  expect(accountNonce).toBe(7)
  await lab.setGas(10n ** 18n)
  const next = await rail.draftBatch(legs, await rail.nextAccountNonce(), await rail.feeWei())
  expect(await rail.send(next)).toBe('sent')
  await lab.anvil.rpc('evm_mine')
  expect((await rail.find(next.hash, legs))?.legs).toEqual([
    { nonce: legs[0]?.nonce, outcome: 'failed', reason: 'balance' },
  ])
  expect(hash).not.toBe(next.hash)
})

test('behavior: gas is never estimated', async () => {
  expect(lab.way.asked).toContain('eth_sendRawTransaction')
  expect(lab.way.asked).not.toContain('eth_estimateGas')
})

test('behavior: a paused token fails every leg of a batch that is mined all the same', async () => {
  const rail = await lab.rail()
  await lab.setGas(10n ** 18n)
  await lab.arc.mint(requireAddress(rail.treasury, 'treasury'), micros(100n))
  const validBeforeS = (await rail.chainTimeS()) + 3_600
  const legs = await rail.signLegs(
    [1, 2].map((at) => ({
      recipient: freshAddress(),
      micros: micros(5n),
      nonce: new Uint8Array(32).fill(40 + at),
      validBeforeS,
    })),
  )
  await lab.arc.pause(true)
  const transaction = await rail.draftBatch(legs, await rail.nextAccountNonce(), await rail.feeWei())
  expect(await rail.send(transaction)).toBe('sent')
  await lab.anvil.rpc('evm_mine')
  const batch = await rail.find(transaction.hash, legs)
  expect(batch?.legs.map(({ outcome, reason }) => [outcome, reason])).toEqual([
    ['failed', 'paused'],
    ['failed', 'paused'],
  ])
  await lab.arc.pause(false)
})
