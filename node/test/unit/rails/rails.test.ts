import { generatePrivateKey } from 'viem/accounts'
import { expect, test } from 'vitest'
import { memoryChannelNetwork, memoryPaper } from '../../../src/rails/memory/index.ts'
import { channelPaper, createChannelRails } from '../../../src/rails/rails.ts'
import { localWallet } from '../../../src/rails/wallet.ts'
import { systemClock, systemRandom, systemTimers } from '../../../src/crypto/index.ts'

const common = {
  wallet: localWallet(generatePrivateKey()),
  clock: systemClock,
  timers: systemTimers,
  random: systemRandom,
}
const memory = { rail: 'memory', url: 'memory:', asset: 'usdc' }

test('behavior: a rail is opened once and shared', async () => {
  const rails = createChannelRails({ ...common, allow: [memory], memory: memoryChannelNetwork() })
  const [first, second] = await Promise.all([rails.use('memory', 'memory:'), rails.use('memory', 'memory:')])
  expect(second).toBe(first)
  await rails.stop()
  await expect(rails.use('memory', 'memory:')).rejects.toMatchObject({ code: 'stopped' })
})

test('error: what the configuration does not list is never connected to', async () => {
  const rails = createChannelRails({ ...common, allow: [memory], memory: memoryChannelNetwork() })
  await expect(rails.use('memory', 'memory:elsewhere')).rejects.toMatchObject({ code: 'policy' })
  await expect(rails.use('yellow-v0', 'ws://127.0.0.1:1')).rejects.toMatchObject({ code: 'policy' })
})

test('error: a rail that is listed and unknown says so', async () => {
  const rails = createChannelRails({ ...common, allow: [{ ...memory, rail: 'unheard-of' }] })
  await expect(rails.use('unheard-of', 'memory:')).rejects.toMatchObject({ code: 'policy' })
  await expect(channelPaper('unheard-of', 'usdc')).rejects.toMatchObject({ code: 'policy' })
})

test('behavior: a ledger that is not there is asked for again at the next use', async () => {
  const url = 'ws://127.0.0.1:1/ws'
  const rails = createChannelRails({ ...common, allow: [{ rail: 'yellow-v0', url, asset: 'usdc' }] })
  await expect(rails.use('yellow-v0', url)).rejects.toMatchObject({ code: 'unreachable' })
  await expect(rails.use('yellow-v0', url)).rejects.toMatchObject({ code: 'unreachable' })
  await rails.stop()
})

test('behavior: paper alone drafts what the rail does', async () => {
  const parties = {
    agentWallet: localWallet(generatePrivateKey()).address,
    coordinatorWallet: localWallet(generatePrivateKey()).address,
    providerWallet: localWallet(generatePrivateKey()).address,
  }
  const nonce = new Uint8Array(8).fill(1)
  expect((await channelPaper('memory', 'usdc')).define(parties, nonce)).toEqual(memoryPaper().define(parties, nonce))
  const yellow = (await channelPaper('yellow-v0', 'usdc')).define(parties, nonce)
  expect(yellow.definition).toContain('"application":"orien"')
})
