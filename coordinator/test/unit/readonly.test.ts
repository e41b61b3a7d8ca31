import { micros } from '@orien/protocol'
import { expect, test } from 'vitest'
import { decodeRecord, encodeRecord } from '../../src/codec.ts'
import { accounts } from '../../src/ledger/accounts.ts'
import { keys } from '../../src/keys.ts'
import { worlds } from '../helpers/suite.ts'
import { AGENT_FUNDS, TREASURY_FUNDS, type World } from '../helpers/world.ts'
import type { AgentSession } from '../helpers/agent.ts'

const make = worlds()

/** A back-up of the book as it is on the disk. */
function backUp({ disk }: World): () => void {
  const values = new Map(disk.values)
  const names = [...disk.keys]
  return () => {
    disk.values.clear()
    for (const [key, value] of values) disk.values.set(key, value)
    disk.keys.splice(0, disk.keys.length, ...names)
  }
}

/** The coordinator comes up on an old copy of its book. */
async function restore(w: World, bring: () => void): Promise<void> {
  await w.coordinator.stop()
  await w.kill()
  bring()
  await w.start()
  await w.reconnect()
  await w.time.settle()
}

const kindsOf = (w: World): string[] => w.coordinator.status().readOnly.map(({ kind }) => kind)

async function openIsRefused(w: World, code: string): Promise<void> {
  const { failure } = await w.agent.quote((await w.offer()).bytes)
  expect(failure).toMatchObject({ code, money: { where: 'wallet' } })
}

/** Two calls, the second after the back-up; a close that takes too much, a refund, a payout. */
async function lostHour(w: World): Promise<{ readonly session: AgentSession; readonly bring: () => void }> {
  const session = await w.begin()
  await w.call(session, 1_000)
  await w.time.settle()
  const bring = backUp(w)
  await w.call(session, 500)
  w.agent.cosign = 'refuse'
  await w.finish(session)
  await w.time.advance(60_000)
  expect(await w.stateOf(session)).toBe('PAID')
  return { session, bring }
}

test('behavior: an older book is found by what only our keys can have done; it takes evidence and signs nothing', async () => {
  const w = make()
  const { session, bring } = await lostHour(w)
  await restore(w, bring)
  await w.time.advance(10_000)
  expect(kindsOf(w).toSorted()).toEqual(['gasNonceAhead', 'transferUnknown'])
  for (const { found, missing, next } of w.coordinator.status().readOnly)
    for (const text of [found, missing, next]) expect(text.length).toBeGreaterThan(20)
  expect(w.events.some(({ event }) => event === 'bookReadOnly')).toBe(true)
  await openIsRefused(w, 'noFloat')
  const before = { agent: w.ledger.balance(w.agent.party.wallet.address), gas: w.chain.state.nextNonce(w.gasKey) }
  // What the book lost comes again, however long it takes.
  await w.time.advance(2 * 3_600_000)
  expect(await w.stateOf(session)).toBe('ENDING')
  const collected = w.provider.again(session)
  const answer = await w.provider.send(session, { receipts: collected, acks: w.agent.acksAgain(session) })
  expect(answer?.failure).toBeUndefined()
  expect((await w.coordinator.session(session.sessionId))?.collectedThrough).toBe(2)
  const last = await w.provider.send(session, { final: w.provider.final(session) })
  expect(last?.failure).toBeUndefined()
  await w.time.advance(600_000)
  expect(w.ledger.balance(w.agent.party.wallet.address)).toBe(before.agent)
  expect(w.chain.state.nextNonce(w.gasKey)).toBe(before.gas)
  expect(w.chain.balance(w.treasury.address)).toBe(TREASURY_FUNDS - 1_500n)
})

test('behavior: after the operator answers for it, the session is stated again and nobody is paid twice', async () => {
  const w = make()
  const { session, bring } = await lostHour(w)
  const before = await w.statements(session)
  expect(before.payouts).toHaveLength(1)
  await restore(w, bring)
  await w.time.advance(10_000)
  await w.provider.send(session, { receipts: w.provider.again(session), acks: w.agent.acksAgain(session) })
  await w.provider.send(session, { final: w.provider.final(session) })
  await w.coordinator.resume()
  await w.time.advance(600_000)
  expect(w.coordinator.status().readOnly).toEqual([])
  expect(await w.stateOf(session)).toBe('PAID')
  const { statements, payouts } = await w.statements(session)
  expect(Buffer.from(statements[0]!).equals(before.statements[0]!)).toBe(true)
  // Every leg is in it, though each was found on the chain by itself.
  expect(payouts.map((one) => Buffer.from(one).toString('hex'))).toEqual(
    before.payouts.map((one) => Buffer.from(one).toString('hex')),
  )
  expect(w.coordinator.transitions()['refund/refundFound']).toBe(1)
  expect(w.ledger.balance(w.agent.party.wallet.address)).toBe(AGENT_FUNDS - 1_500n)
  expect(w.chain.balance(w.treasury.address)).toBe(TREASURY_FUNDS - 1_500n)
  expect(w.chain.balance(w.payoutWallet.address)).toBe(1_350n)
  await openAgain(w)
})

async function openAgain(w: World): Promise<void> {
  w.agent.cosign = 'sign'
  const session = await w.agent.open((await w.offer()).bytes)
  expect(await w.stateOf(session)).toBe('OPEN')
}

test('behavior: a payout that was made after the back-up is found on the chain, and the book goes on by itself', async () => {
  const w = make({ payout: { thresholdMicros: micros(2_000n) } })
  await w.start()
  await w.agent.serve()
  const sessions: AgentSession[] = []
  let bring = (): void => undefined
  for (const ms of [1_000, 1_200]) {
    w.provider.unlink()
    const session = await w.agent.open((await w.offer()).bytes)
    await w.call(session, ms)
    await w.finish(session)
    sessions.push(session)
    bring = backUp(w)
    await w.time.advance(10)
  }
  await w.time.advance(30_000)
  for (const session of sessions) expect(await w.stateOf(session)).toBe('PAID')
  await restore(w, bring)
  await w.time.advance(30_000)
  expect(w.coordinator.status().readOnly).toEqual([])
  for (const session of sessions) expect(await w.stateOf(session)).toBe('PAID')
  expect(w.chain.state.nextNonce(w.gasKey)).toBe(1)
  expect(w.chain.balance(w.treasury.address)).toBe(TREASURY_FUNDS - 2_200n)
})

test('behavior: a reading that lied about the gas key is forgotten when the next ones do not', async () => {
  let lies = 0
  const w = make({
    chainThrough: (rail) => ({
      ...rail,
      nextAccountNonce: async () => (lies-- > 0 ? 9 : rail.nextAccountNonce()),
    }),
  })
  await w.begin()
  lies = 3
  await w.time.advance(11_000)
  expect(kindsOf(w)).toEqual(['gasNonceAhead'])
  // A node that lags says the same as one that lied before: it takes a while to tell.
  await w.time.advance(30_000)
  expect(kindsOf(w)).toEqual(['gasNonceAhead'])
  await w.time.advance(40_000)
  expect(kindsOf(w)).toEqual([])
})

test('behavior: money nobody asked for is booked once, over restarts, and freezes nothing', async () => {
  const w = make()
  const session = await w.begin()
  w.gifts = 7n
  w.ledger.dust(w.coordinatorParty.wallet.address, micros(7n))
  await w.time.advance(61_000)
  expect(w.coordinator.balance(accounts.unclaimed('stranger'))).toBe(-7n)
  await w.restart()
  // A node that lost its place shows everything again.
  await w.coordinator.stop()
  await w.kill()
  const cursor = decodeRecord<object>(w.disk.values.get(keys.movementCursor)!)
  w.disk.values.set(keys.movementCursor, encodeRecord({ ...cursor, id: 'gone' }))
  await w.start()
  await w.reconnect()
  await w.time.advance(61_000)
  expect(w.coordinator.balance(accounts.unclaimed('stranger'))).toBe(-7n)
  expect(w.coordinator.balance(accounts.rail)).toBe(7n)
  expect(w.coordinator.status()).toMatchObject({ readOnly: [], unpaidMicros: 0n })
  await w.call(session, 1_000)
  await w.finish(session)
  await w.time.advance(61_000)
  expect(await w.stateOf(session)).toBe('PAID')
  expect(w.coordinator.balance(accounts.rail)).toBe(1_007n)
})

test('behavior: what agent and provider do to a channel is that session’s matter alone', async () => {
  const w = make()
  const session = await w.begin()
  await w.call(session, 1_000)
  const allowance = session.grant.allowanceMicros
  w.ledger.closeByOthers(session.lane.id, {
    agentMicros: micros(allowance - 400n),
    coordinatorMicros: micros(400n),
    providerMicros: micros(0n),
  })
  await w.time.advance(120_000)
  w.provider.unlink()
  await w.provider.send(session, { final: w.provider.final(session) })
  await w.time.advance(120_000)
  expect(w.coordinator.status().readOnly).toEqual([])
  expect(await w.stateOf(session)).toBe('PAID')
  await openAgain(w)
})

test('behavior: damage in an older part of the journal stops signing, not collecting', async () => {
  const w = make()
  const session = await w.begin()
  for (let call = 0; call < 300; call++) await w.call(session, 1)
  await w.time.settle()
  await w.coordinator.stop()
  await w.kill()
  const key = keys.journal(100)
  const good = w.disk.values.get(key)!
  const bad = Uint8Array.from(good)
  bad[40]! ^= 1
  w.disk.values.set(key, bad)
  await w.start()
  await w.reconnect()
  await w.time.advance(1_000)
  expect(w.coordinator.status().readOnly[0]?.found).toContain('entry 100')
  await openIsRefused(w, 'noFloat')
  await w.call(session, 5_000)
  await w.finish(session)
  await w.time.advance(3_600_000)
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ state: 'SETTLING', collectedThrough: 301 })
  expect(w.ledger.balance(w.coordinatorParty.wallet.address)).toBe(0n)
  await expect(w.coordinator.resume()).rejects.toMatchObject({ code: 'storeCorrupt' })
  // The whole journal again, from a back-up.
  await w.coordinator.stop()
  await w.kill()
  w.disk.values.set(key, good)
  await w.start()
  await w.reconnect()
  await w.time.advance(60_000)
  expect(await w.stateOf(session)).toBe('PAID')
  expect(w.coordinator.status()).toMatchObject({ readOnly: [], verifiedFrom: 0 })
})

test('error: a record that is damaged, or says something else than the journal, is refused at start by name', async () => {
  const w = make({ payout: { thresholdMicros: micros(1_000_000n) } })
  const session = await w.begin()
  await w.call(session, 1_000)
  await w.finish(session)
  const open = await w.agent.open((await w.offer()).bytes)
  await w.call(open, 700)
  await w.provider.send(open, { receipts: [w.provider.receipt(open, w.agent.authorise(open), 300)] })
  await w.time.advance(1_000)
  await w.coordinator.stop()
  await w.kill()
  const good = new Map(w.disk.values)
  const startsWith = (prefix: string): string => w.disk.keys.find((key) => key.startsWith(prefix))!
  const bring = (key: string, value: Uint8Array): void => {
    for (const [name, bytes] of good) w.disk.values.set(name, bytes)
    w.disk.values.set(key, value)
  }
  for (const prefix of [keys.sessions, keys.allUnpaid, keys.gasLane, keys.standings, keys.movementCursor, 'r/']) {
    const key = prefix === 'r/' ? keys.receipt(Buffer.from(open.sessionId).toString('hex'), 2) : startsWith(prefix)
    const bytes = good.get(key)!
    for (let at = 0; at < bytes.length; at += 7) {
      const bad = Uint8Array.from(bytes)
      bad[at]! ^= 4
      bring(key, bad)
      await expect(w.start(), `${key} ${at}`).rejects.toMatchObject({ code: 'storeCorrupt', details: { key } })
      await w.kill()
    }
  }
  for (const [prefix, change] of [
    [keys.sessions, { settledNumerator: 60_000n }],
    [keys.allUnpaid, { split: { providerMicros: 901n, platformMicros: 70n, reserveMicros: 30n } }],
  ] as const) {
    const key = startsWith(prefix)
    bring(key, encodeRecord({ ...decodeRecord<object>(good.get(key)!), ...change }))
    await expect(w.start(), key).rejects.toMatchObject({ code: 'storeCorrupt' })
    await w.kill()
  }
  for (const [name, bytes] of good) w.disk.values.set(name, bytes)
  await w.start()
})

test('behavior: a flight that was replaced after the back-up hides nothing that the gas key did since', async () => {
  const w = make()
  const session = await w.begin()
  await w.call(session, 1_000)
  w.chain.holdMining(true)
  await w.finish(session)
  await w.time.advance(10_000)
  const bring = backUp(w)
  // The fee is raised, that one is mined, and another payout is made.
  await w.time.advance(40_000)
  w.chain.holdMining(false)
  await w.time.advance(10_000)
  w.provider.unlink()
  const second = await w.agent.open((await w.offer()).bytes)
  await w.call(second, 700)
  await w.finish(second)
  await w.time.advance(20_000)
  expect([await w.stateOf(session), await w.stateOf(second)]).toEqual(['PAID', 'PAID'])
  await restore(w, bring)
  await w.time.advance(120_000)
  expect(kindsOf(w)).toEqual(['gasNonceAhead'])
  expect(await w.stateOf(session)).toBe('PAID')
  expect(w.chain.balance(w.treasury.address)).toBe(TREASURY_FUNDS - 1_700n)
})

test('behavior: of a session whose Final did not come again nothing is paid, and a refund that was made is found', async () => {
  const w = make()
  const { session, bring } = await lostHour(w)
  const before = w.ledger.balance(w.coordinatorParty.wallet.address)
  await restore(w, bring)
  await w.time.advance(10_000)
  await w.coordinator.resume()
  // The agent acknowledges what is told of; the second receipt never comes.
  await w.time.advance(2 * 3_600_000)
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ state: 'CLOSED', collectedThrough: 1 })
  expect(w.ledger.balance(w.coordinatorParty.wallet.address)).toBe(before)
  expect(w.chain.balance(w.treasury.address)).toBe(TREASURY_FUNDS - 1_500n)
  expect(w.coordinator.status().readOnly).toEqual([])
})

test('behavior: an operator who used the gas key by hand says so, and what was withheld is paid', async () => {
  const w = make()
  const session = await w.begin({ durationMs: 100_000 })
  await w.call(session, 1_000)
  w.chain.useNonce(w.gasKey)
  await w.time.advance(60_000)
  expect(kindsOf(w)).toEqual(['gasNonceAhead'])
  await w.coordinator.resume()
  await w.time.advance(2 * 3_600_000)
  expect(await w.stateOf(session)).toBe('CLOSED')
  expect(w.coordinator.status()).toMatchObject({ readOnly: [], withheld: 1 })
  expect(w.chain.balance(w.payoutWallet.address)).toBe(0n)
  await w.coordinator.resume({ current: true })
  expect(w.coordinator.status().withheld).toBe(0)
  await w.time.advance(120_000)
  expect(await w.stateOf(session)).toBe('PAID')
  expect(w.chain.balance(w.payoutWallet.address)).toBe(900n)
})
