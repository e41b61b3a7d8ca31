import { fromHex, hex, keccak, micros, openDocument, Payout, type Address, type Micros } from '@orien/protocol'
import { expect, test } from 'vitest'
import { accounts } from '../../src/ledger/accounts.ts'
import { readingEvent } from '../../src/payout/legs.ts'
import { formSet, isDue, legNonce } from '../../src/payout/set.ts'
import { offerOf, scope, walletOf } from '../helpers/parties.ts'
import { worlds } from '../helpers/suite.ts'
import { TREASURY_FUNDS, type World } from '../helpers/world.ts'
import type { AgentSession } from '../helpers/agent.ts'

const make = worlds()

/** A session of `ms` of work that is closed. */
async function closed(w: World, ms: number, payout = w.payoutWallet): Promise<AgentSession> {
  const session = await w.agent.open((await w.offer({}, w.provider, payout)).bytes)
  await w.call(session, ms)
  await w.finish(session)
  expect(await w.stateOf(session)).toBe('CLOSED')
  return session
}

async function begin(w: World): Promise<void> {
  await w.start()
  await w.agent.serve()
}

test('behavior: Statements wait for the threshold or their age, and recipients are merged in one transaction', async () => {
  const w = make({ payout: { thresholdMicros: micros(5_000n), maxAgeMs: 600_000 } })
  await begin(w)
  const first = await closed(w, 2_000)
  await w.time.advance(60_000)
  expect(await w.stateOf(first)).toBe('CLOSED')
  w.provider.unlink()
  const second = await closed(w, 3_000)
  await w.time.advance(20_000)
  for (const session of [first, second]) expect(await w.stateOf(session)).toBe('PAID')
  expect(w.coordinator.status().counters.payout_transactions_total).toBe('1')
  const { payouts } = await w.statements(first)
  const payout = openDocument(scope, Payout, payouts[0]!, w.coordinatorParty.peer).value
  expect(payout.statementIds).toHaveLength(2)
  expect(payout.legs.map(({ micros: amount }) => amount)).toEqual([4_500n, 350n, 150n])
  w.provider.unlink()
  const third = await closed(w, 1_000)
  await w.time.advance(599_000)
  expect(await w.stateOf(third)).toBe('CLOSED')
  await w.time.advance(20_000)
  expect(await w.stateOf(third)).toBe('PAID')
})

test('behavior: a blocked recipient delays nobody and is paid when it is unblocked', async () => {
  const w = make()
  await begin(w)
  const other = walletOf(60)
  w.chain.block(w.payoutWallet.address, true)
  const blocked = await closed(w, 1_000)
  const fine = await w.agent.open((await w.offer({}, w.newProvider(8), other)).bytes)
  await w.finishOf(fine, 8, 2_000)
  await w.time.advance(30_000)
  expect(await w.stateOf(fine)).toBe('PAID')
  expect(await w.stateOf(blocked)).toBe('CLOSED')
  expect(w.coordinator.balance(accounts.blocked(w.payoutWallet.address))).toBe(-900n)
  w.chain.block(w.payoutWallet.address, false)
  await w.time.advance(200_000)
  expect(await w.stateOf(blocked)).toBe('PAID')
  expect(w.chain.balance(w.payoutWallet.address)).toBe(900n)
  expect(w.chain.balance(other.address)).toBe(1_800n)
})

test('behavior: a leg that somebody else submits counts as paid', async () => {
  const w = make()
  await begin(w)
  w.chain.block(w.payoutWallet.address, true)
  const session = await closed(w, 1_000)
  await w.time.advance(10_000)
  w.chain.block(w.payoutWallet.address, false)
  const leg = w.blockedLeg()
  expect(w.chain.submitElsewhere(w.treasury.address, leg)).toBe(true)
  await w.time.advance(200_000)
  expect(await w.stateOf(session)).toBe('PAID')
  expect(w.chain.balance(w.payoutWallet.address)).toBe(900n)
  const { payouts } = await w.statements(session)
  const transactions = payouts.map(
    (bytes) => openDocument(scope, Payout, bytes, w.coordinatorParty.peer).value.transaction,
  )
  expect(new Set(transactions).size).toBe(2)
})

test('behavior: a leg out of date and unused gets a new attempt, once', async () => {
  const w = make({ payout: { validMs: 100_000, retryMs: 50_000 } })
  await begin(w)
  w.chain.block(w.payoutWallet.address, true)
  const session = await closed(w, 1_000)
  await w.time.advance(120_000)
  const old = w.blockedLeg()
  await w.time.advance(500_000)
  w.chain.block(w.payoutWallet.address, false)
  await w.time.advance(2_000_000)
  expect(await w.stateOf(session)).toBe('PAID')
  expect(w.chain.submitElsewhere(w.treasury.address, old)).toBe(false)
  expect(w.chain.balance(w.payoutWallet.address)).toBe(900n)
})

test('behavior: a cancelled authorisation gets a new attempt', async () => {
  const w = make()
  await begin(w)
  w.chain.block(w.payoutWallet.address, true)
  const session = await closed(w, 1_000)
  await w.time.advance(10_000)
  w.chain.cancel(w.blockedLeg())
  w.chain.block(w.payoutWallet.address, false)
  await w.time.advance(200_000)
  expect(await w.stateOf(session)).toBe('PAID')
  expect(w.chain.balance(w.payoutWallet.address)).toBe(900n)
})

test('behavior: legs that ran out of gas are sent again with the same authorisation', async () => {
  const w = make()
  await begin(w)
  w.chain.shortOfGasFrom(1)
  const session = await closed(w, 1_000)
  await w.time.advance(200_000)
  expect(await w.stateOf(session)).toBe('PAID')
  expect(w.chain.balance(w.platform)).toBe(70n)
})

test('behavior: a low treasury pays the oldest Statements first and the rest when it is refilled', async () => {
  const w = make({ treasuryMicros: 2_500n, payout: { thresholdMicros: micros(4_000n) } })
  await begin(w)
  const first = await closed(w, 2_000)
  await w.time.advance(10)
  const second = await closed(w, 2_000)
  await w.time.advance(30_000)
  expect(await w.stateOf(first)).toBe('PAID')
  expect(await w.stateOf(second)).toBe('CLOSED')
  w.chain.fund(w.treasury.address, micros(1_500n))
  await w.time.advance(4_000_000)
  // One unit must stay: 2 000 of 2 000 is not enough.
  expect(await w.stateOf(second)).toBe('CLOSED')
  expect(w.coordinator.status().payoutTrouble).toBe('treasuryLow')
  w.chain.fund(w.treasury.address, micros(1n))
  await w.time.advance(20_000)
  expect(await w.stateOf(second)).toBe('PAID')
  expect(w.chain.balance(w.treasury.address)).toBe(1n)
})

test('behavior: a transaction the node dropped, or whose answer was lost, is sent again and pays once', async () => {
  for (const fault of ['request', 'answer', 'pool'] as const) {
    const w = make()
    await begin(w)
    if (fault === 'pool') w.chain.holdMining(true)
    else w.chain.loseNext(fault)
    const session = await closed(w, 1_000)
    await w.time.advance(8_000)
    if (fault === 'pool') {
      w.chain.dropPending()
      w.chain.holdMining(false)
    }
    await w.time.advance(20_000)
    expect(await w.stateOf(session)).toBe('PAID')
    expect(w.chain.balance(w.treasury.address)).toBe(TREASURY_FUNDS - 1_000n)
    expect(await w.problems()).toEqual([])
    await w.end()
  }
})

test('behavior: a transaction that is not mined gets a higher fee on the same nonce', async () => {
  const w = make()
  await begin(w)
  w.chain.holdMining(true)
  const session = await closed(w, 1_000)
  await w.time.advance(40_000)
  expect(w.coordinator.status().counters.payout_transactions_total).toBe('2')
  w.chain.holdMining(false)
  await w.time.advance(10_000)
  expect(await w.stateOf(session)).toBe('PAID')
  expect(w.chain.balance(w.treasury.address)).toBe(TREASURY_FUNDS - 1_000n)
})

test('behavior: a transaction that was given up for a lower nonce may be mined after all, and the book does not doubt itself', async () => {
  // What the node says too much: nothing when the book looks, one when the transaction is made.
  let lies: number[] = []
  const w = make({
    chainThrough: (rail) => ({
      ...rail,
      nextAccountNonce: async () => (await rail.nextAccountNonce()) + (lies.shift() ?? 0),
    }),
  })
  await begin(w)
  const balances = w.chain.balance(w.treasury.address)
  w.chain.holdMining(true)
  lies = [0, 1]
  const session = await closed(w, 1_000)
  await w.time.advance(46_000)
  w.chain.holdMining(false)
  await w.time.advance(120_000)
  expect(await w.stateOf(session)).toBe('PAID')
  expect(w.chain.balance(w.treasury.address)).toBe(balances - 1_000n)
  expect(w.chain.state.nextNonce(w.gasKey)).toBe(2)
  expect(w.coordinator.status().readOnly).toEqual([])
})

test('error: on another chain nothing is paid; when it answers right again, everything is', async () => {
  const w = make()
  await begin(w)
  const session = await closed(w, 1_000)
  w.chain.setDown(true)
  await w.time.advance(20_000)
  expect(w.coordinator.status().payoutTrouble).toBe('unreachable')
  w.chain.setDown(false)
  w.chain.setWrong(true)
  await w.time.advance(20_000)
  expect(w.coordinator.status().payoutTrouble).toBe('chainMismatch')
  expect(await w.stateOf(session)).toBe('CLOSED')
  w.chain.setWrong(false)
  await w.time.advance(20_000)
  expect(await w.stateOf(session)).toBe('PAID')
})

test('error: a coordinator configured for another chain does not start', async () => {
  const w = make()
  w.chain.setWrong(true)
  await expect(w.start()).rejects.toMatchObject({ code: 'chainMismatch' })
  w.chain.setWrong(false)
  await w.kill()
  await w.start()
})

test('behavior: a new payout wallet waits 72 h unless the old one signed it', async () => {
  const w = make()
  await begin(w)
  const first = await closed(w, 1_000)
  const unsigned = await closed(w, 1_000, walletOf(61))
  await w.time.advance(20_000)
  expect(await w.stateOf(first)).toBe('PAID')
  expect(await w.stateOf(unsigned)).toBe('CLOSED')
  await w.time.advance(72 * 3_600_000)
  expect(await w.stateOf(unsigned)).toBe('PAID')
  w.provider.unlink()
  const offer = await offerOf(
    w.provider.party,
    w.coordinatorParty.peer,
    walletOf(62),
    w.time.clock.wallMs(),
    { seq: 99 },
    walletOf(61),
  )
  w.agent.unlink()
  await w.reconnect()
  const signed = await w.agent.open(offer.bytes)
  await w.call(signed, 1_000)
  await w.finish(signed)
  await w.time.advance(20_000)
  expect(await w.stateOf(signed)).toBe('PAID')
})

test('error: a new payout wallet that waits itself lets no other one in sooner', async () => {
  const w = make()
  await begin(w)
  await closed(w, 1_000)
  await closed(w, 1_000, walletOf(61))
  const { party } = w.provider
  const nowMs = w.time.clock.wallMs()
  const offer = await offerOf(party, w.coordinatorParty.peer, walletOf(62), nowMs, { seq: 99 }, walletOf(61))
  const chained = await w.agent.open(offer.bytes)
  await w.call(chained, 1_000)
  await w.finish(chained)
  await w.time.advance(71 * 3_600_000)
  expect(await w.stateOf(chained)).toBe('CLOSED')
  await w.time.advance(2 * 3_600_000)
  expect(await w.stateOf(chained)).toBe('PAID')
})

test('behavior: a signature of the old wallet that a restart forgot is taken when it comes again', async () => {
  const w = make()
  await begin(w)
  await closed(w, 1_000)
  const { party } = w.provider
  const nowMs = w.time.clock.wallMs()
  const offer = await offerOf(party, w.coordinatorParty.peer, walletOf(61), nowMs, { seq: 99 }, w.payoutWallet)
  const { quote } = await w.agent.quote(offer.bytes)
  const forgotten = await w.agent.prepare(quote!)
  await w.restart()
  await w.agent.talk({ fund: forgotten.fund }, 2)
  const again = await w.agent.open(offer.bytes)
  for (const session of [forgotten, again]) {
    await w.call(session, 1_000)
    await w.finish(session)
  }
  await w.time.advance(20_000)
  expect(await w.stateOf(again)).toBe('PAID')
  expect(await w.stateOf(forgotten)).toBe('CLOSED')
})

const split = (provider: bigint, platform: bigint, reserve: bigint) => ({
  providerMicros: micros(provider),
  platformMicros: micros(platform),
  reserveMicros: micros(reserve),
})
const to = (at: number): Address => walletOf(at).address
const RECIPIENTS = { platform: to(42), reserve: to(43) }
const statement = (at: number, provider: bigint) => ({
  statementId: new Uint8Array(32).fill(at),
  sessionId: new Uint8Array(32).fill(at),
  split: split(provider, 7n, 3n),
  payoutWallet: to(100 + at),
  atMs: at,
})

test('behavior: a set is the oldest-first prefix within legs, statements and money', () => {
  const all = [statement(1, 90n), statement(2, 90n), statement(3, 90n)]
  const limits = { maxLegs: 100, maxStatements: 100, availableMicros: 1_000n }
  expect(formSet(all, RECIPIENTS, limits).legs.map(({ micros: amount }) => amount)).toEqual([90n, 21n, 9n, 90n, 90n])
  expect(formSet(all, RECIPIENTS, { ...limits, maxLegs: 4 }).statements).toHaveLength(2)
  expect(formSet(all, RECIPIENTS, { ...limits, maxLegs: 2 }).statements).toHaveLength(0)
  expect(formSet(all, RECIPIENTS, { ...limits, maxStatements: 1 }).statements).toHaveLength(1)
  expect(formSet(all, RECIPIENTS, { ...limits, availableMicros: 299n }).statements).toHaveLength(2)
  expect(formSet(all, RECIPIENTS, { ...limits, availableMicros: 99n }).statements).toHaveLength(0)
  const dust = { ...statement(1, 0n), split: split(1n, 0n, 0n) }
  expect(formSet([dust], RECIPIENTS, limits).legs).toEqual([{ recipient: to(101), micros: 1n }])
  expect(isDue([dust], 5, micros(2n), 10)).toBe(false)
  expect(isDue([dust], 11, micros(2n), 10)).toBe(true)
  expect(isDue([], 11, 0n as Micros, 0)).toBe(false)
})

test('behavior: a leg’s nonce is keccak of six words', () => {
  const parts = {
    chainId: 31_337,
    token: to(1),
    treasury: to(2),
    payoutId: new Uint8Array(32).fill(7),
    recipient: to(3),
    attempt: 2,
  }
  const word = (text: string) => text.replace(/^0x/, '').toLowerCase().padStart(64, '0')
  const words = [word((31_337).toString(16)), word(to(1)), word(to(2)), '07'.repeat(32), word(to(3)), word('2')].join(
    '',
  )
  expect(hex(legNonce(parts))).toBe(hex(keccak(fromHex(words)!)))
  expect(hex(legNonce({ ...parts, attempt: 3 }))).not.toBe(hex(legNonce(parts)))
})

test('behavior: a new attempt only when the old one can never be used', () => {
  const leg = { validBeforeS: 100 } as Parameters<typeof readingEvent>[0]
  expect(readingEvent(leg, { used: false, chainTimeS: 99 })).toBe('readUnused')
  expect(readingEvent(leg, { used: false, chainTimeS: 100 })).toBe('readDead')
  expect(readingEvent(leg, { used: true, chainTimeS: 200, paidBy: '0x' })).toBe('readPaid')
  expect(readingEvent(leg, { used: true, chainTimeS: 200, cancelled: true })).toBe('readDead')
  expect(readingEvent(leg, { used: true, chainTimeS: 200 })).toBe('readUnproved')
})
