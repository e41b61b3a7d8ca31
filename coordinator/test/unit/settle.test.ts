import { accounts } from '../../src/ledger/accounts.ts'
import { chooseKept } from '../../src/settle/close.ts'
import { hex, micros, type Cheque } from '@orien/protocol'
import { expect, test } from 'vitest'
import { worlds } from '../helpers/suite.ts'
import { AGENT_FUNDS, TREASURY_FUNDS, type World } from '../helpers/world.ts'
import type { AgentSession } from '../helpers/agent.ts'

const make = worlds()
const NOTHING = micros(0n)

async function untilPaid(w: World, session: AgentSession, ms = 300_000): Promise<void> {
  await w.time.advance(ms)
  expect(await w.stateOf(session)).toBe('PAID')
}

test('behavior: a session runs from Open to PAID and every micro is accounted for', async () => {
  const w = make()
  const session = await w.begin()
  for (const ms of [1_000, 2_500, 1]) await w.call(session, ms)
  await w.finish(session)
  expect(await w.stateOf(session)).toBe('CLOSED')
  await untilPaid(w, session, 20_000)
  const total = 3_501n
  expect(w.ledger.balance(w.agent.party.wallet.address)).toBe(AGENT_FUNDS - total)
  expect(w.ledger.balance(w.coordinatorParty.wallet.address)).toBe(total)
  const platform = (total * 700n) / 10_000n
  const reserve = (total * 300n) / 10_000n
  expect(w.chain.balance(w.payoutWallet.address)).toBe(total - platform - reserve)
  expect(w.chain.balance(w.platform)).toBe(platform)
  expect(w.chain.balance(w.reserve)).toBe(reserve)
  expect(w.chain.balance(w.treasury.address)).toBe(TREASURY_FUNDS - total)
  const { values, payouts } = await w.statements(session)
  expect(values).toHaveLength(1)
  expect(values[0]).toMatchObject({ totalMicros: total, receivedMicros: total, receipts: 3 })
  expect(payouts).toHaveLength(1)
  expect(w.coordinator.balance(accounts.rail)).toBe(total)
  expect(w.coordinator.balance(accounts.treasury)).toBe(0n - total)
  expect(w.coordinator.status()).toMatchObject({ holdsMicros: 0n, unpaidMicros: 0n, sessions: {} })
  expect(w.coordinator.standings().of(w.agent.party.peer)).toMatchObject({ completed: 1, paid: 1, paidMicros: total })
})

test('behavior: a session without a call gives the whole allowance back', async () => {
  const w = make()
  const session = await w.begin()
  await w.finish(session)
  await untilPaid(w, session, 1_000)
  expect(w.ledger.balance(w.agent.party.wallet.address)).toBe(AGENT_FUNDS)
  expect(w.coordinator.standings().of(w.agent.party.peer)).toMatchObject({ completed: 1, paid: 0 })
})

test('behavior: when the agent is gone its cheque closes the channel and the overshoot goes back', async () => {
  const w = make()
  const session = await w.begin()
  await w.call(session, 1_000)
  w.agent.cosign = 'silent'
  await w.finish(session)
  await w.time.advance(29_000)
  expect(await w.stateOf(session)).toBe('SETTLING')
  await untilPaid(w, session)
  const { values } = await w.statements(session)
  expect(values[0]).toMatchObject({ totalMicros: 1_000n, receivedMicros: 100_000n })
  expect(w.ledger.balance(w.agent.party.wallet.address)).toBe(AGENT_FUNDS - 1_000n)
  expect(w.ledger.balance(w.coordinatorParty.wallet.address)).toBe(1_000n)
})

test('behavior: the smallest kept cheque that covers the total is chosen, else the largest', () => {
  const cheque = (base: number, ceiling: bigint, chequeSeq: number) => ({
    cheque: {
      base,
      ceilingMicros: micros(ceiling),
      chequeSeq,
      sessionId: new Uint8Array(32),
      signatures: [],
    } satisfies Cheque,
    bytes: new Uint8Array(),
  })
  const kept = [cheque(0, 10n, 1), cheque(0, 20n, 2), cheque(0, 30n, 3), cheque(1, 15n, 4)]
  const seq = (base: number, total: bigint) => chooseKept(kept, base, micros(total))?.cheque.chequeSeq
  expect(seq(0, 0n)).toBe(1)
  expect(seq(0, 10n)).toBe(1)
  expect(seq(0, 11n)).toBe(2)
  expect(seq(0, 30n)).toBe(3)
  expect(seq(0, 31n)).toBe(3)
  expect(seq(1, 1n)).toBe(4)
  expect(seq(2, 1n)).toBeUndefined()
})

test('behavior: what a cheque cannot cover is recorded as missing, never paid from other money', async () => {
  const w = make()
  const session = await w.begin({ windowMicros: 1_000n })
  w.agent.cosign = 'silent'
  await w.call(session, 1_500)
  await w.time.advance(31_000)
  expect(await w.stateOf(session)).toBe('FROZEN')
  w.provider.unlink()
  await w.finish(session)
  await untilPaid(w, session)
  const { values } = await w.statements(session)
  expect(values[0]).toMatchObject({ totalMicros: 1_500n, receivedMicros: 1_000n })
  expect(w.coordinator.balance(accounts.shortfall(hex(session.sessionId)))).toBe(-500n)
  expect(w.coordinator.balance(accounts.agent(hex(session.sessionId)))).toBe(500n)
  expect(w.chain.balance(w.payoutWallet.address)).toBe(900n)
})

test('behavior: a close with an unknown outcome is read, and the channel pays once', async () => {
  for (const fate of ['requestLost', 'answerLost', 'late'] as const) {
    const w = make()
    const session = await w.begin()
    await w.call(session, 1_000)
    w.ledger.loseNext(w.coordinatorParty.wallet.address, fate)
    await w.finish(session)
    expect(await w.stateOf(session)).toBe(fate === 'answerLost' ? 'CLOSING' : 'CLOSING')
    if (fate === 'late') w.ledger.landLate()
    await untilPaid(w, session, 30_000)
    expect(w.ledger.balance(w.coordinatorParty.wallet.address)).toBe(1_000n)
    expect(await w.problems()).toEqual([])
    await w.end()
  }
})

test('behavior: a refund with an unknown outcome is paid exactly once', async () => {
  for (const fate of ['requestLost', 'answerLost', 'late'] as const) {
    const w = make()
    const session = await w.begin()
    await w.call(session, 1_000)
    w.agent.cosign = 'refuse'
    let lost = false
    w.ledger.onRequest(({ kind }) => {
      if (kind !== 'transfer' || lost) return 'served'
      lost = true
      return fate
    })
    await w.finish(session)
    expect(await w.coordinator.session(session.sessionId)).toMatchObject({
      state: 'CLOSED',
      money: { where: 'refunding' },
    })
    if (fate === 'late') w.ledger.landLate()
    await untilPaid(w, session)
    expect(w.ledger.balance(w.agent.party.wallet.address)).toBe(AGENT_FUNDS - 1_000n)
    expect(await w.problems()).toEqual([])
    await w.end()
  }
})

test('behavior: two refunds to one agent go one after the other', async () => {
  const w = make()
  const first = await w.begin()
  const second = await w.agent.open((await w.offer()).bytes)
  for (const session of [first, second]) await w.call(session, 1_000)
  w.agent.cosign = 'refuse'
  let inFlight = 0
  let most = 0
  w.ledger.onRequest(async ({ kind }) => {
    if (kind !== 'transfer') return 'served'
    most = Math.max(most, ++inFlight)
    await Promise.resolve()
    inFlight -= 1
    return 'answerLost'
  })
  await w.finish(first)
  await w.finish(second)
  await untilPaid(w, first)
  await untilPaid(w, second)
  expect(most).toBe(1)
  expect(w.ledger.balance(w.agent.party.wallet.address)).toBe(AGENT_FUNDS - 2_000n)
})

test('behavior: others moved the channel while it was being closed: the agent is asked for a close of what stands', async () => {
  const w = make({ debitMovesBase: true })
  const session = await w.begin()
  await w.call(session, 1_000)
  w.agent.cosign = 'silent'
  let moved = false
  w.ledger.onRequest(({ kind }) => {
    if (kind !== 'close' || moved) return 'served'
    moved = true
    w.ledger.moveByOthers(session.lane.id, {
      agentMicros: micros(999_990n),
      coordinatorMicros: NOTHING,
      providerMicros: micros(10n),
    })
    return 'served'
  })
  await w.finish(session)
  await w.time.advance(40_000)
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({
    state: 'CLOSING',
    money: { where: 'inTransit' },
  })
  w.agent.cosign = 'sign'
  await untilPaid(w, session, 120_000)
  const { values } = await w.statements(session)
  expect(values[0]).toMatchObject({ totalMicros: 1_000n, receivedMicros: 1_000n })
})

test('behavior: a channel that cannot be closed by chequeTs is stated with nothing received; a later close is stated too', async () => {
  const w = make({ times: { chequeMs: 60_000, watchMs: 30_000, skewMs: 1_000 } })
  const session = await w.begin({ durationMs: 100_000 })
  await w.call(session, 1_000)
  w.agent.cosign = 'silent'
  w.ledger.hijack(w.agent.party.wallet.address, true)
  await w.finish(session)
  await w.time.advance(300_000)
  expect(await w.stateOf(session)).toBe('CLOSED')
  expect(w.coordinator.status()).toMatchObject({ holdsMicros: 0n, unpaidMicros: 0n })
  expect((await w.statements(session)).values).toMatchObject([{ statementSeq: 1, receivedMicros: 0n }])
  w.ledger.closeByOthers(session.lane.id, {
    agentMicros: micros(998_000n),
    coordinatorMicros: micros(2_000n),
    providerMicros: NOTHING,
  })
  await untilPaid(w, session, 100_000)
  expect((await w.statements(session)).values).toMatchObject([
    { statementSeq: 1, receivedMicros: 0n },
    { statementSeq: 2, receivedMicros: 2_000n, totalMicros: 1_000n },
  ])
  expect(w.chain.balance(w.payoutWallet.address)).toBe(900n)
  expect(w.ledger.balance(w.agent.party.wallet.address)).toBe(AGENT_FUNDS - 1_000n)
})

test('error: statements are for the two parties only', async () => {
  const w = make()
  const session = await w.begin()
  await w.call(session, 10)
  await w.finish(session)
  for (const who of [w.agent, w.provider]) expect((await w.statements(session, who)).values).toHaveLength(1)
  expect((await w.statements(session, w.newProvider(8))).failure?.code).toBe('unknownSession')
})

test('behavior: expiry ends a session, and collection ends without a Final after collectMs', async () => {
  const w = make()
  const session = await w.begin({ durationMs: 60_000 })
  await w.call(session, 1_000)
  await w.time.advance(60_000)
  expect(await w.stateOf(session)).toBe('ENDING')
  await w.time.advance(899_000)
  expect(await w.stateOf(session)).toBe('ENDING')
  w.agent.unlink()
  await w.reconnect()
  await untilPaid(w, session, 60_000)
})

test('behavior: a channel that others moved, with the agent gone, waits for the agent and is given up at chequeTs', async () => {
  for (const returns of [true, false]) {
    const w = make({ debitMovesBase: true, times: { chequeMs: 600_000, skewMs: 1_000, watchMs: 5_000 } })
    const session = await w.begin({ durationMs: 100_000 })
    await w.call(session, 1_000)
    w.agent.cosign = 'silent'
    const rest = { agentMicros: micros(999_990n), coordinatorMicros: NOTHING, providerMicros: micros(10n) }
    w.ledger.moveByOthers(session.lane.id, rest)
    await w.time.advance(5_000)
    w.provider.unlink()
    await w.provider.send(session, { final: w.provider.final(session) })
    await w.time.advance(60_000)
    expect(await w.stateOf(session)).toBe('CLOSING')
    if (returns) {
      w.agent.cosign = 'sign'
      await untilPaid(w, session)
    } else {
      await w.time.advance(900_000)
      expect(await w.stateOf(session)).toBe('CLOSED')
    }
    const { values } = await w.statements(session)
    expect(values).toMatchObject([{ totalMicros: 1_000n, receivedMicros: returns ? 1_000n : 0n }])
    expect(await w.problems()).toEqual([])
    await w.end()
  }
})

test('error: a stop while the agent is asked for the exact close takes no more than the total', async () => {
  const w = make()
  const session = await w.begin()
  await w.call(session, 1_000)
  w.agent.cosign = 'silent'
  await w.finish(session)
  await w.time.advance(2_000)
  await w.coordinator.stop()
  await w.kill()
  w.agent.cosign = 'sign'
  await w.start()
  await w.reconnect()
  await w.time.advance(60_000)
  expect((await w.statements(session)).values[0]).toMatchObject({ totalMicros: 1_000n, receivedMicros: 1_000n })
})
