import {
  End,
  hex,
  micros,
  Notice,
  numerator,
  peekDocument,
  Receipt,
  scopeOf,
  settledRoot,
  signDocument,
  type Address,
  type SettledReceipt,
} from '@orien/protocol'
import { expect, test } from 'vitest'
import { scope, walletOf } from '../helpers/parties.ts'
import { worlds } from '../helpers/suite.ts'

const make = worlds()

test('behavior: a larger cheque that comes with the End is not asked about again and again', async () => {
  const w = make()
  const session = await w.begin()
  let probes = 0
  w.ledger.onRequest(({ kind }) => {
    if (kind === 'probe') probes += 1
    return probes > 50 ? 'requestLost' : 'served'
  })
  await w.provider.send(session, { cheques: [await w.agent.cheque(session, 200_000n)], ends: [w.agent.end(session)] })
  await w.time.advance(10_000)
  expect(await w.stateOf(session)).toBe('ENDING')
  expect(probes).toBeLessThan(3)
})

test('behavior: an agent that numbers two cheques alike does not keep a provider from being paid', async () => {
  const w = make()
  const session = await w.begin()
  const twin = { ...session, chequeSeq: session.chequeSeq }
  const forProvider = await w.agent.cheque(session, 200_000n)
  const forUs = await w.agent.cheque(twin, 100_001n)
  const link = await w.agent.link()
  await link.send({ sessionId: session.sessionId, cheques: [forUs] })
  const receipts = [w.provider.receipt(session, w.agent.authorise(session), 50_000)]
  await w.provider.send(session, { cheques: [forProvider], receipts, acks: [w.agent.ack(session)] })
  await w.time.advance(1_000)
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({
    collectedThrough: 1,
    ackedThrough: 1,
    ceilingHeldMicros: 200_000n,
  })
})

test('behavior: a cheque below another one that the agent brought itself is no reason to refuse what comes with it', async () => {
  const w = make()
  const session = await w.begin()
  const high = await w.agent.cheque(session, 300_000n)
  const low = await w.agent.cheque(session, 200_000n)
  const link = await w.agent.link()
  await link.send({ sessionId: session.sessionId, cheques: [high] })
  const receipts = [w.provider.receipt(session, w.agent.authorise(session), 10)]
  const answer = await w.provider.send(session, { cheques: [low], receipts, acks: [w.agent.ack(session)] })
  expect(answer?.failure).toBeUndefined()
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ collectedThrough: 1, ackedThrough: 1 })
})

test('behavior: a cheque that is refused does not hold back receipts', async () => {
  const w = make()
  const session = await w.begin()
  const bad = await w.agent.drawCheque({ ...session.lane, base: 7 }, 9, micros(1n))
  const receipts = [w.provider.receipt(session, w.agent.authorise(session), 10)]
  const answer = await w.provider.send(session, { cheques: [bad], receipts, acks: [w.agent.ack(session)] })
  expect(answer?.failure?.code).toBe('badCheque')
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ collectedThrough: 1, ackedThrough: 1 })
})

test('behavior: an agent that acknowledges otherwise behind the back of its provider does not hold back what is left', async () => {
  const w = make()
  const session = await w.begin()
  const first = w.provider.receipt(session, w.agent.authorise(session), 1_000)
  await w.provider.send(session, { receipts: [first] })
  const less = w.agent.signAck(session, {
    fromSeq: 1,
    throughSeq: 1,
    headId: session.receipts[0]!.id,
    exceptions: [{ receiptSeq: 1, acceptedMs: 1, code: 'time' }],
    acceptedNumerator: 60_000n,
  })
  const link = await w.agent.link()
  expect((await link.send({ sessionId: session.sessionId, acks: [less] }))?.failure).toBeUndefined()
  const second = w.provider.receipt(session, w.agent.authorise(session), 2_000)
  const acks = [w.agent.ack(session, [], 1), w.agent.ack(session)]
  await w.provider.send(session, { receipts: [second], acks, final: w.provider.final(session) })
  await w.time.settle()
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({
    collectedThrough: 2,
    ackedThrough: 2,
    money: { minMicros: 3_000n },
  })
  expect(['SETTLING', 'CLOSING', 'CLOSED', 'PAID']).toContain(await w.stateOf(session))
})

test('behavior: a second Ack that is wrong in part changes nothing, and the Statement still adds up', async () => {
  const w = make()
  const session = await w.begin()
  const all = [1_000, 2_000].map((ms) => w.provider.receipt(session, w.agent.authorise(session), ms))
  await w.provider.send(session, { receipts: all })
  const heads = session.receipts.map(({ id }) => id)
  const none = { fromSeq: 1, throughSeq: 2, headId: heads[1]! }
  const exceptions = [1, 2].map((receiptSeq) => ({ receiptSeq, acceptedMs: 1, code: 'time' as const }))
  const less = w.agent.signAck(session, { ...none, exceptions, acceptedNumerator: 120_000n })
  await w.provider.send(session, { acks: [less] })
  const unknown = [{ receiptSeq: 2, acceptedMs: 0, code: 'unknown' as const }]
  const more = w.agent.signAck(session, { ...none, exceptions: unknown, acceptedNumerator: 60_000_000n })
  await w.provider.send(session, { acks: [more] })
  await w.finish(session)
  await w.time.advance(60_000)
  const { values } = await w.statements(session)
  const leaf = (at: number, settled: bigint): SettledReceipt => ({
    receiptId: heads[at]!,
    settledNumerator: settled as never,
  })
  expect(values[0]?.totalMicros).toBe(2n)
  expect(hex(values[0]!.root)).toBe(hex(settledRoot(scope.crypto, [leaf(0, 60_000n), leaf(1, 60_000n)])))
})

test('behavior: an Ack that waited for its receipts and comes again with them counts once', async () => {
  const w = make()
  const session = await w.begin()
  const [first, second] = [1_000, 2_000].map((ms) => w.provider.receipt(session, w.agent.authorise(session), ms))
  await w.provider.send(session, { receipts: [first!] })
  const ack = w.agent.ack(session, [{ receiptSeq: 2, acceptedMs: 500, code: 'time' }])
  const link = await w.agent.link()
  expect((await link.send({ sessionId: session.sessionId, acks: [ack] }))?.failure).toBeUndefined()
  await w.provider.send(session, { receipts: [second!], acks: [ack] })
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({
    ackedThrough: 2,
    money: { minMicros: 1_500n },
  })
})

test('behavior: of two Acks that waited for the same receipt the higher counts, once', async () => {
  const w = make()
  const session = await w.begin()
  const receipts = [w.provider.receipt(session, w.agent.authorise(session), 2_000)]
  const of = { fromSeq: 1, throughSeq: 1, headId: session.receipts[0]!.id }
  const acks = [500, 700].map((acceptedMs) =>
    w.agent.signAck(session, {
      ...of,
      exceptions: [{ receiptSeq: 1, acceptedMs, code: 'time' }],
      acceptedNumerator: BigInt(acceptedMs) * 60_000n,
    }),
  )
  const link = await w.agent.link()
  for (const ack of acks) await link.send({ sessionId: session.sessionId, acks: [ack] })
  await w.provider.send(session, { receipts })
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ ackedThrough: 1, money: { minMicros: 700n } })
})

test('behavior: an agent cannot count up the disputes of a provider with one session', async () => {
  const w = make()
  const session = await w.begin()
  await w.call(session, 1_000)
  const link = await w.agent.link()
  for (let n = 0; n < 100; n++) {
    const exceptions = [{ receiptSeq: 1, acceptedMs: n, code: 'time' as const }]
    const ack = { fromSeq: 1, throughSeq: 1, headId: session.receipts[0]!.id, exceptions, acceptedNumerator: 1n }
    await link.send({ sessionId: session.sessionId, acks: [w.agent.signAck(session, ack)] })
  }
  expect(w.coordinator.standings().of(w.provider.party.peer).disputes).toBe(1)
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ money: { minMicros: 1_000n } })
})

test('behavior: a node that told a wrong account nonce once does not hold up payouts for ever', async () => {
  let lies = 1
  const w = make({
    chainThrough: (rail) => ({
      ...rail,
      nextAccountNonce: async () => (lies-- > 0 ? 1_000 : rail.nextAccountNonce()),
    }),
  })
  const session = await w.begin()
  await w.call(session, 1_000)
  await w.finish(session)
  await w.time.advance(10_000)
  expect(w.chain.balance(w.payoutWallet.address)).toBe(0n)
  await w.time.advance(60_000)
  expect(await w.stateOf(session)).toBe('PAID')
  expect(w.chain.balance(w.payoutWallet.address)).toBe(900n)
})

test('behavior: an operator who changes an address after a payout left still closes the sessions in it', async () => {
  const config: { platform?: Address } = {}
  const w = make({ config })
  const session = await w.begin()
  await w.call(session, 1_000)
  w.chain.holdMining(true)
  await w.finish(session)
  await w.time.advance(10_000)
  config.platform = w.newProvider(9).party.wallet.address
  await w.restart()
  w.chain.holdMining(false)
  await w.time.advance(60_000)
  expect(await w.stateOf(session)).toBe('PAID')
})

test('behavior: sessions that others open with a peer as their provider do not use up its own', async () => {
  const w = make({ config: { maxSessionsPerAgent: 2 } })
  await w.start()
  const provider = Object.assign(w.newProvider(14), { party: w.agent.party })
  for (const seed of [11, 12]) {
    const other = w.newAgent(seed)
    w.fundedAgents += 1
    await other.serve()
    await other.open((await w.offer({}, provider, w.payoutWallet)).bytes, {
      allowanceMicros: 1_000n,
      windowMicros: 10n,
    })
  }
  await w.agent.serve()
  await w.agent.open((await w.offer()).bytes)
  expect(w.coordinator.status().sessions).toEqual({ OPEN: 3 })
})

test('behavior: nothing is told before it is durable, whoever asks meanwhile', async () => {
  let hold: Promise<void> | undefined
  const w = make({ onCommit: () => hold })
  const session = await w.begin()
  const { promise, resolve } = Promise.withResolvers<void>()
  hold = promise
  const receipts = [w.provider.receipt(session, w.agent.authorise(session), 10)]
  const sent = w.provider.send(session, { receipts, acks: [w.agent.ack(session)] })
  await w.time.settle()
  let told = false
  const asked = w.statements(session).then((answer) => {
    told = true
    return answer
  })
  await w.time.settle()
  expect(told).toBe(false)
  hold = undefined
  resolve()
  expect(peekDocument(scope, Notice, (await asked).notice!).value.collectedThrough).toBe(1)
  expect((await sent)?.failure).toBeUndefined()
})

test('behavior: a flood of cheques costs a bounded memory, and the largest one still counts', async () => {
  const w = make()
  const session = await w.begin()
  const link = await w.agent.link()
  for (let round = 0; round < 260; round++) {
    const cheques: Uint8Array[] = []
    for (let n = 0; n < 16; n++) cheques.push(await w.agent.cheque(session, 100_000n))
    await link.send({ sessionId: session.sessionId, cheques })
  }
  const answer = await w.provider.send(session, { cheques: [await w.agent.cheque(session, 200_000n)] })
  expect(answer?.failure).toBeUndefined()
  await w.time.advance(1_000)
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ ceilingHeldMicros: 200_000n })
})

test('behavior: a provider that shows us a larger receipt than its agent gets no more than the agent’s', async () => {
  const w = make()
  const session = await w.begin()
  const authorisation = w.agent.authorise(session)
  const shown = w.provider.sign({
    sessionId: session.sessionId,
    authId: authorisation.id,
    effectiveMs: 1_000,
    numerator: numerator(60_000_000n),
  })
  const larger = w.provider.receipt(session, authorisation, 30_000)
  await w.provider.send(session, { receipts: [larger] })
  w.agent.acksContests = false
  const link = await w.agent.link()
  const answer = await link.send({
    sessionId: session.sessionId,
    receipts: [{ authorisation: authorisation.bytes, receipt: shown.bytes }],
  })
  expect(answer?.failure?.code).toBe('equivocation')
  w.provider.unlink()
  await w.restart()
  await w.finish(session)
  await w.time.advance(1_200_000)
  const { values } = await w.statements(session)
  expect(values).toMatchObject([{ totalMicros: 1_000n, receivedMicros: 1_000n }])
  expect(hex(values[0]!.root)).toBe(
    hex(settledRoot(scope.crypto, [{ receiptId: session.receipts[0]!.id, settledNumerator: numerator(60_000_000n) }])),
  )
})

test('error: an agent brings no receipts but the one that shows its provider to be two-faced', async () => {
  const w = make()
  const session = await w.begin()
  const receipts = [w.provider.receipt(session, w.agent.authorise(session), 10)]
  const link = await w.agent.link()
  const first = await link.send({ sessionId: session.sessionId, receipts })
  expect(first?.failure?.code).toBe('badDocument')
  await w.provider.send(session, { receipts })
  expect((await link.send({ sessionId: session.sessionId, receipts }))?.failure).toBeUndefined()
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ state: 'OPEN', collectedThrough: 1 })
})

test('error: two Funds at once on one channel make one session, should a nonce ever come twice', async () => {
  const w = make({ random: { bytes: (length) => new Uint8Array(length).fill(7) } })
  await w.start()
  await w.agent.serve()
  const { bytes } = await w.offer()
  const funds: Uint8Array[] = []
  for (let n = 0; n < 2; n++) {
    const { quote } = await w.agent.quote(bytes)
    funds.push((await w.agent.prepare(quote!)).fund)
  }
  const answers = await Promise.all(funds.map((fund) => w.agent.talk({ fund })))
  const codes = answers.map(([first]) => first?.failure?.code)
  expect(codes.filter((code) => code !== undefined)).toEqual(['badDocument'])
  expect(w.coordinator.status().sessions).toEqual({ OPEN: 1 })
})

test('error: documents that were signed for another chain are void here', async () => {
  const w = make()
  const session = await w.begin()
  const other = scopeOf(5_042, scope.crypto)
  const authorisation = w.agent.authorise(session)
  const collected = w.provider.receipt(session, authorisation, 1_000)
  const elsewhere = signDocument(other, w.provider.party.signer, Receipt, session.receipts[0]!.value).bytes
  const end = signDocument(other, w.agent.party.signer, End, {
    sessionId: session.sessionId,
    reason: 'elsewhere',
  }).bytes
  const receipts = [{ authorisation: authorisation.bytes, receipt: elsewhere }]
  expect((await w.provider.send(session, { receipts }))?.failure?.code).toBe('badSignature')
  expect((await w.provider.send(session, { ends: [end] }))?.failure?.code).toBe('badSignature')
  expect((await w.provider.send(session, { receipts: [collected] }))?.failure).toBeUndefined()
  expect(await w.stateOf(session)).toBe('OPEN')
})

test('behavior: whoever shows an old Offer again does not make the provider wait for its money anew', async () => {
  const w = make()
  await w.start()
  await w.agent.serve()
  const newWallet = walletOf(45)
  const old = await w.offer()
  const fresh = await w.offer({}, w.provider, newWallet)
  await w.agent.open(old.bytes, { allowanceMicros: 1_000n })
  const first = await w.agent.open(fresh.bytes)
  await w.call(first, 1_000)
  await w.finish(first)
  await w.time.advance(71 * 3_600_000)
  expect(w.chain.balance(newWallet.address)).toBe(0n)
  const again = w.time.clock.wallMs()
  const standing = w.coordinator.standings()
  const { fromMs } = standing.of(w.provider.party.peer).payout!
  standing.payoutFrom(w.provider.party.peer, w.payoutWallet.address, again)
  expect(standing.payoutFrom(w.provider.party.peer, newWallet.address, again)).toEqual({ fromMs, ops: [] })
  await w.time.advance(2 * 3_600_000)
  expect(w.chain.balance(newWallet.address)).toBe(900n)
})

test('behavior: an Ack that covers more than the one the agent brought itself counts for the rest, also before its receipts', async () => {
  const w = make()
  const session = await w.begin()
  const all = [1_000, 2_000, 3_000].map((ms) => w.provider.receipt(session, w.agent.authorise(session), ms))
  await w.provider.send(session, { receipts: all.slice(0, 1) })
  const ids = session.receipts.map(({ id }) => id)
  const whole = (through: number, sum: bigint) => ({
    ...{ fromSeq: 1, throughSeq: through, headId: ids[through - 1]!, exceptions: [], acceptedNumerator: sum },
  })
  const link = await w.agent.link()
  await link.send({ sessionId: session.sessionId, acks: [w.agent.signAck(session, whole(1, 60_000_000n))] })
  await w.provider.send(session, { acks: [w.agent.signAck(session, whole(3, 360_000_000n))] })
  await w.provider.send(session, { receipts: all.slice(1), final: w.provider.final(session) })
  await w.time.settle()
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({
    ackedThrough: 3,
    money: { minMicros: 6_000n },
  })
})

test('behavior: a ledger that is away for hours is asked at a measured pace, and everybody is paid when it is back', async () => {
  const w = make()
  const session = await w.begin()
  await w.call(session, 1_000)
  let requests = 0
  w.ledger.onRequest(() => {
    requests += 1
    return 'served'
  })
  w.ledger.setDown(true)
  const cheques = [await w.agent.cheque(session, 200_000n)]
  await w.provider.send(session, { cheques, ends: [w.agent.end(session)] })
  await w.provider.send(session, { final: w.provider.final(session) })
  await w.time.advance(4 * 3_600_000)
  expect(requests).toBeLessThan(1_000)
  w.ledger.setDown(false)
  await w.time.advance(60_000)
  expect(await w.stateOf(session)).toBe('PAID')
  expect(w.chain.balance(w.payoutWallet.address)).toBe(900n)
})
