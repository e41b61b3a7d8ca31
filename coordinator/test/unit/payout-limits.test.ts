import { memoryChainRail } from '@orien/node/rails'
import { micros } from '@orien/protocol'
import { expect, test } from 'vitest'
import { decodeRecord } from '../../src/codec.ts'
import { keys } from '../../src/keys.ts'
import { accounts } from '../../src/ledger/accounts.ts'
import type { GasLane } from '../../src/payout/record.ts'
import { walletOf } from '../helpers/parties.ts'
import { worlds } from '../helpers/suite.ts'
import type { AgentSession } from '../helpers/agent.ts'
import { TREASURY_FUNDS, type World } from '../helpers/world.ts'

const make = worlds()

/** A closed session of `ms` of work for a provider of its own. */
async function closed(w: World, seed: number, ms: number): Promise<AgentSession> {
  const session = await w.agent.open((await w.offer({}, w.newProvider(seed), walletOf(100 + seed))).bytes)
  w.newProvider(seed).unlink()
  await w.finishOf(session, seed, ms)
  expect(await w.stateOf(session)).toBe('CLOSED')
  return session
}

async function begin(w: World): Promise<void> {
  await w.start()
  await w.agent.serve()
}

test('error: gas for fewer legs than a Statement has is said, and payouts go on when there is more', async () => {
  const w = make()
  await begin(w)
  const rail = memoryChainRail(w.chain, { treasury: w.treasury, gas: w.gasKey })
  const { gasWei } = await rail.balances()
  const two = rail.gasLimit(2) * (await rail.feeWei())
  w.chain.fundGas(w.gasKey, two - gasWei)
  const session = await closed(w, 8, 2_000)
  await w.time.advance(60_000)
  expect([await w.stateOf(session), w.coordinator.status().payoutTrouble]).toEqual(['CLOSED', 'gasLow'])
  w.chain.fundGas(w.gasKey, gasWei)
  await w.time.advance(60_000)
  expect([await w.stateOf(session), w.coordinator.status().payoutTrouble]).toEqual(['PAID', undefined])
})

test('behavior: dust waits for more of it or for its age, and delays nobody', async () => {
  const payout = { thresholdMicros: micros(10_000n), maxAgeMs: 60_000, dustMicros: micros(500n) }
  const w = make({ payout: { ...payout, dustMaxAgeMs: 3_600_000 } })
  await begin(w)
  const small = await closed(w, 8, 200)
  const large = await closed(w, 9, 2_000)
  await w.time.advance(120_000)
  expect([await w.stateOf(small), await w.stateOf(large)]).toEqual(['CLOSED', 'PAID'])
  expect(w.coordinator.balance(accounts.payable(walletOf(108).address))).toBe(-180n)
  await w.time.advance(3_600_000)
  expect(await w.stateOf(small)).toBe('PAID')
  expect(w.chain.balance(walletOf(108).address)).toBe(180n)
})

test('behavior: dust of one wallet that adds up goes together', async () => {
  const payout = { thresholdMicros: micros(10_000n), maxAgeMs: 60_000, dustMicros: micros(500n) }
  const w = make({ payout })
  await begin(w)
  const sessions = [await closed(w, 8, 300)]
  await w.time.advance(120_000)
  expect(await w.stateOf(sessions[0]!)).toBe('CLOSED')
  sessions.push(await closed(w, 8, 300))
  await w.time.advance(120_000)
  for (const session of sessions) expect(await w.stateOf(session)).toBe('PAID')
  expect(w.coordinator.status().counters.payout_transactions_total).toBe('1')
})

test('behavior: a low treasury pays the oldest, and no session is granted until it is refilled', async () => {
  const w = make({ treasuryMicros: 2_500n, payout: { thresholdMicros: micros(4_000n) } })
  await begin(w)
  const first = await closed(w, 8, 2_000)
  await w.time.advance(10)
  const { quote } = await w.agent.quote((await w.offer()).bytes)
  const second = await closed(w, 9, 2_000)
  await w.time.advance(30_000)
  expect([await w.stateOf(first), await w.stateOf(second)]).toEqual(['PAID', 'CLOSED'])
  expect(w.coordinator.status().payoutTrouble).toBe('treasuryLow')
  const refusal = { code: 'treasuryLow', money: { where: 'wallet' } }
  expect((await w.agent.quote((await w.offer()).bytes)).failure).toMatchObject(refusal)
  const { fund } = await w.agent.prepare(quote!)
  expect((await w.agent.talk({ fund }))[0]?.failure).toMatchObject(refusal)
  w.chain.fund(w.treasury.address, micros(10_000n))
  await w.time.advance(4_000_000)
  expect(await w.stateOf(second)).toBe('PAID')
  expect(w.coordinator.status().payoutTrouble).toBeUndefined()
  expect((await w.agent.quote((await w.offer()).bytes)).quote).toBeDefined()
})

test('behavior: when fees spike each bump replaces the same account nonce, and one of them pays', async () => {
  let spike = 1n
  const w = make({
    chainThrough: (rail) => ({ ...rail, feeWei: async (above) => (await rail.feeWei(above)) * (spike *= 2n) }),
  })
  await begin(w)
  w.chain.holdMining(true)
  const session = await closed(w, 8, 1_000)
  await w.time.advance(100_000)
  const { flight, nextNonce } = decodeRecord<GasLane>(w.disk.values.get(keys.gasLane)!)
  const transactions = flight?.transactions ?? []
  expect(transactions.length).toBeGreaterThan(2)
  expect(new Set(transactions.map(({ accountNonce }) => accountNonce))).toEqual(new Set([0]))
  expect(nextNonce).toBe(1)
  const fees = transactions.map(({ maxFeePerGasWei }) => maxFeePerGasWei)
  fees.slice(1).forEach((fee, at) => expect(fee * 10n).toBeGreaterThanOrEqual(fees[at]! * 11n))
  w.chain.holdMining(false)
  await w.time.advance(20_000)
  expect(await w.stateOf(session)).toBe('PAID')
  expect(w.chain.balance(w.treasury.address)).toBe(TREASURY_FUNDS - 1_000n)
  expect(w.chain.state.nextNonce(w.gasKey)).toBe(1)
})

test('error: shares that could never be paid are refused at start', async () => {
  const config: { platform?: ReturnType<typeof walletOf>['address'] } = {}
  const w = make({ config })
  config.platform = w.treasury.address
  await expect(w.start()).rejects.toMatchObject({ code: 'badConfig' })
  await w.kill()
  delete config.platform
  await w.start()
})
