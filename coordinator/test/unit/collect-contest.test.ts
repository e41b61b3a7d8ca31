import { signDocument, TickAck } from '@orien/protocol'
import { expect, test } from 'vitest'
import { scope } from '../helpers/parties.ts'
import { worlds } from '../helpers/suite.ts'

const make = worlds()

test('behavior: receipts nobody acknowledges settle after contestMs and three attempts, up to the last tick', async () => {
  const w = make()
  const session = await w.begin()
  w.agent.acksContests = false
  const auth = w.agent.authorise(session, 100_000n)
  const tickAck = w.agent.tickAck(auth, 10_000)
  const seen = { ...w.provider.receipt(session, auth, 90_000, { lastTick: 10_000 }), tickAck }
  const short = w.provider.receipt(session, w.agent.authorise(session, 100_000n), 5_000)
  await w.provider.send(session, {
    receipts: [seen, short],
    ends: [w.provider.end(session)],
    final: w.provider.final(session),
  })
  expect(await w.stateOf(session)).toBe('SETTLING')
  await w.time.advance(599_000)
  expect(await w.stateOf(session)).toBe('SETTLING')
  const contests = w.agent.asked.map(({ contest }) => contest).filter((one) => one !== undefined)
  expect(contests).toHaveLength(3)
  // An agent that lost the call in a crash goes by what it signed while the call ran.
  expect(contests[0]?.tickAck).toEqual(tickAck)
  await w.time.advance(30_000)
  expect(await w.stateOf(session)).toBe('PAID')
  const { values } = await w.statements(session)
  // 10 000 + 30 000 ms of the first, all of the second.
  expect(values[0]).toMatchObject({ totalMicros: 45_000n, receivedMicros: 45_000n })
})

test('error: a clock that was a day ahead when receipts came puts off their settling by no day', async () => {
  const w = make()
  const session = await w.begin({ durationMs: 3_600_000 })
  w.agent.acksContests = false
  const receipt = w.provider.receipt(session, w.agent.authorise(session, 100_000n), 5_000)
  w.time.jump(24 * 3_600_000)
  await w.provider.send(session, {
    receipts: [receipt],
    ends: [w.provider.end(session)],
    final: w.provider.final(session),
  })
  await w.time.advance(200_000)
  w.time.jump(-24 * 3_600_000)
  // Three rounds were asked, or are asked now; a whole contestMs passes by any clock.
  await w.time.advance(1_400_000)
  expect(await w.stateOf(session)).toBe('PAID')
  expect((await w.statements(session)).values[0]).toMatchObject({ totalMicros: 5_000n, receivedMicros: 5_000n })
})

test('error: a clock that was a day ahead when a session ended puts off its collection by no day, over a restart too', async () => {
  for (const restarted of [false, true]) {
    const w = make()
    const session = await w.begin({ durationMs: 3_600_000 })
    w.time.jump(24 * 3_600_000)
    await w.provider.send(session, { ends: [w.agent.end(session)] })
    await w.time.advance(60_000)
    w.time.jump(-24 * 3_600_000)
    if (restarted) await w.restart()
    await w.time.advance(800_000)
    expect(await w.stateOf(session)).toBe('ENDING')
    await w.time.advance(160_000)
    expect(await w.stateOf(session)).toBe('PAID')
  }
})

test('error: a lastTick counts only as far as the agent signed for it', async () => {
  const forged = async (
    proof: (
      w: ReturnType<typeof make>,
      auth: ReturnType<ReturnType<typeof make>['agent']['authorise']>,
    ) => Uint8Array | undefined,
  ) => {
    const w = make()
    const session = await w.begin()
    w.agent.acksContests = false
    const auth = w.agent.authorise(session, 100_000n)
    const tickAck = proof(w, auth)
    const receipt = w.provider.receipt(session, auth, 90_000, { lastTick: 60_000 })
    await w.provider.send(session, {
      receipts: [{ ...receipt, ...(tickAck === undefined ? {} : { tickAck }) }],
      ends: [w.provider.end(session)],
      final: w.provider.final(session),
    })
    await w.time.advance(700_000)
    expect(await w.stateOf(session)).toBe('PAID')
    return (await w.statements(session)).values[0]?.totalMicros
  }
  expect(await forged(() => undefined)).toBe(30_000n)
  expect(await forged((w, auth) => w.agent.tickAck(auth, 1_000))).toBe(31_000n)
  // Of another call, and signed by the provider itself.
  expect(await forged((w, auth) => w.agent.tickAck({ ...auth, id: new Uint8Array(32).fill(9) }, 60_000))).toBe(30_000n)
  expect(
    await forged(
      (w, auth) => signDocument(scope, w.provider.party.signer, TickAck, { authId: auth.id, ms: 60_000 }).bytes,
    ),
  ).toBe(30_000n)
})

test('behavior: an agent that is told of receipts it missed acknowledges them, and they settle at once', async () => {
  const w = make()
  const session = await w.begin()
  const receipts = Array.from({ length: 3 }, () => w.provider.receipt(session, w.agent.authorise(session), 1_000))
  session.receipts.length = 0
  await w.provider.send(session, { receipts, ends: [w.provider.end(session)], final: w.provider.final(session) })
  await w.time.advance(200_000)
  expect(await w.stateOf(session)).toBe('PAID')
  const { values } = await w.statements(session)
  expect(values[0]).toMatchObject({ totalMicros: 3_000n, receivedMicros: 3_000n, receipts: 3 })
})
