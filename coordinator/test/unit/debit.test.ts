import { micros, Notice, openDocument } from '@orien/protocol'
import { expect, test } from 'vitest'
import { scope } from '../helpers/parties.ts'
import { worlds } from '../helpers/suite.ts'
import type { AgentSession } from '../helpers/agent.ts'
import type { World } from '../helpers/world.ts'

const make = worlds()
const NOTHING = micros(0n)

/** The channel as the ledger has it. */
function channelOf(w: World, session: AgentSession) {
  return w.ledger.ledger.channels.get(session.lane.id)!
}

async function payAll(w: World, session: AgentSession, total: bigint): Promise<void> {
  await w.finish(session)
  await w.time.advance(120_000)
  expect(await w.stateOf(session)).toBe('PAID')
  const { values } = await w.statements(session)
  expect(values.at(-1)).toMatchObject({ totalMicros: total, receivedMicros: total })
}

for (const debitMovesBase of [false, true]) {
  const rail = debitMovesBase ? 'where a debit moves the base' : 'where a debit leaves the cheques'

  test(`behavior: two debits land, at least a second apart, and the session is paid in full, ${rail}`, async () => {
    const w = make({ debitMovesBase })
    const session = await w.begin({ windowMicros: 1_000n })
    await w.reconnect()
    await w.call(session, 1_200)
    await w.call(session, 1_300)
    await w.time.settle()
    expect(channelOf(w, session)).toMatchObject({ version: 2, allocations: { coordinatorMicros: 1_200n } })
    await w.time.advance(1_000)
    expect(channelOf(w, session)).toMatchObject({ version: 3, allocations: { coordinatorMicros: 2_500n } })
    expect(await w.coordinator.session(session.sessionId)).toMatchObject({ debitedMicros: 2_500n, state: 'OPEN' })
    expect(w.agent.notices.map(({ debitedMicros }) => debitedMicros)).toEqual([1_200n, 2_500n])
    expect(w.agent.notices.at(-1)?.base).toBe(debitMovesBase ? 3 : 0)
    await payAll(w, session, 2_500n)
  })

  test(`behavior: a debit whose answer is lost, or that lands late, is read and counted once, ${rail}`, async () => {
    for (const fate of ['requestLost', 'answerLost', 'late'] as const) {
      const w = make({ debitMovesBase })
      const session = await w.begin({ windowMicros: 1_000n })
      await w.reconnect()
      w.ledger.loseNext(w.coordinatorParty.wallet.address, fate)
      await w.call(session, 1_500)
      await w.time.settle()
      if (fate === 'late') w.ledger.landLate()
      await w.time.advance(5_000)
      expect(channelOf(w, session)).toMatchObject({ version: 2, allocations: { coordinatorMicros: 1_500n } })
      expect(await w.coordinator.session(session.sessionId)).toMatchObject({ debitedMicros: 1_500n })
      await payAll(w, session, 1_500n)
      expect(await w.problems()).toEqual([])
      await w.end()
    }
  })

  test(`behavior: a debit that can never land is dropped, and asked for again, ${rail}`, async () => {
    const w = make({ debitMovesBase })
    const session = await w.begin({ windowMicros: 1_000n, durationMs: 900_000 })
    await w.reconnect()
    let lose = true
    w.ledger.onRequest(({ kind }) => (lose && kind === 'operate' ? 'requestLost' : 'served'))
    await w.call(session, 1_500)
    await w.time.advance(100_000)
    lose = false
    await w.time.advance(200_000)
    expect(await w.coordinator.session(session.sessionId)).toMatchObject({ state: 'OPEN', debitedMicros: 1_500n })
    w.provider.unlink()
    await payAll(w, session, 1_500n)
  })
}

test('error: no co-signature within 30 s, or a refused one, freezes the session and says so', async () => {
  for (const mode of ['silent', 'refuse'] as const) {
    const w = make()
    const session = await w.begin({ windowMicros: 1_000n })
    await w.reconnect()
    w.agent.cosign = mode
    await w.call(session, 1_500)
    await w.time.advance(mode === 'silent' ? 29_000 : 1)
    expect(await w.stateOf(session)).toBe(mode === 'silent' ? 'OPEN' : 'FROZEN')
    w.provider.unlink()
    await w.time.advance(2_000)
    const view = await w.coordinator.session(session.sessionId)
    expect(view).toMatchObject({ state: 'FROZEN', frozen: mode === 'silent' ? 'cosignTimeout' : 'cosignRefused' })
    const answer = await w.provider.send(session, {})
    expect(openDocument(scope, Notice, answer!.notice!, w.coordinatorParty.peer).value.state).toBe('FROZEN')
    w.agent.cosign = 'sign'
    await w.finish(session)
    await w.time.advance(20_000)
    expect(await w.stateOf(session)).toBe('PAID')
    expect(await w.problems()).toEqual([])
    await w.end()
  }
})

test('error: a cheque that died freezes the session before a larger ceiling is reported', async () => {
  const w = make()
  const session = await w.begin()
  w.ledger.hijack(w.agent.party.wallet.address, true)
  await w.provider.send(session, { cheques: [await w.agent.cheque(session, 300_000n)] })
  await w.time.settle()
  const view = await w.coordinator.session(session.sessionId)
  expect(view).toMatchObject({ state: 'FROZEN', frozen: 'chequeDead', ceilingHeldMicros: 100_000n })
  w.ledger.hijack(w.agent.party.wallet.address, false)
})

test('behavior: a channel that others moved or closed ends the session; if closed, nothing more is sent', async () => {
  const w = make({ times: { watchMs: 10_000 } })
  const session = await w.begin()
  await w.call(session, 1_000)
  const rest = { agentMicros: micros(900_000n), coordinatorMicros: NOTHING, providerMicros: micros(100_000n) }
  w.ledger.closeByOthers(session.lane.id, rest)
  await w.time.advance(10_000)
  expect(await w.stateOf(session)).toBe('ENDING')
  w.provider.unlink()
  await w.provider.send(session, { final: w.provider.final(session) })
  await w.time.advance(20_000)
  expect(await w.stateOf(session)).toBe('PAID')
  const { values } = await w.statements(session)
  // The provider was paid in the channel: nothing was received, and nothing is missing.
  expect(values[0]).toMatchObject({ totalMicros: 1_000n, receivedMicros: 0n })
  expect(w.coordinator.balance(`shortfall:${Buffer.from(session.sessionId).toString('hex')}`)).toBe(0n)
})

test('error: a stop while the agent is asked is no refusal: the session stays open, and is debited after the start', async () => {
  const w = make()
  const session = await w.begin({ windowMicros: 1_000n })
  w.agent.cosign = 'silent'
  await w.call(session, 1_500, 100_000n)
  await w.time.advance(2_000)
  expect(w.agent.asked).toHaveLength(1)
  await w.restart()
  expect(await w.stateOf(session)).toBe('OPEN')
  w.agent.cosign = 'sign'
  await w.time.advance(120_000)
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ state: 'OPEN', debitedMicros: 1_500n })
})
