import { PROTOCOLS } from '@orien/node/network'
import {
  NO_RECEIPT,
  Notice,
  numerator,
  openDocument,
  receiptsAnswers,
  receiptsRequests,
  signBatch,
  draftDocument,
  Receipt,
} from '@orien/protocol'
import { expect, test } from 'vitest'
import { HELLO } from '../helpers/link.ts'
import { scope } from '../helpers/parties.ts'
import { worlds } from '../helpers/suite.ts'

const make = worlds()

test('behavior: a batch is one decision, answered by a Notice that says through where it was collected', async () => {
  const w = make()
  const session = await w.begin()
  const flushes = w.disk.values.size
  const receipts = Array.from({ length: 64 }, () => w.provider.receipt(session, w.agent.authorise(session), 10))
  const answer = await w.provider.send(session, { receipts, acks: [w.agent.ack(session)] })
  const notice = openDocument(scope, Notice, answer!.notice!, w.coordinatorParty.peer).value
  expect(notice).toMatchObject({ collectedThrough: 64, state: 'OPEN' })
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({
    ackedThrough: 64,
    money: { where: 'owed', minMicros: 640n, maxMicros: 640n, delivered: true },
  })
  expect(w.disk.values.size).toBeGreaterThan(flushes + 64)
})

test('behavior: the same receipts, acks and batches a thousand times change nothing', async () => {
  const w = make()
  const session = await w.begin()
  const receipts = [
    w.provider.receipt(session, w.agent.authorise(session), 10),
    w.provider.receipt(session, w.agent.authorise(session), 20),
  ]
  const acks = [w.agent.ack(session)]
  const first = await w.provider.send(session, { receipts, acks })
  const before = [...w.disk.values].map(([key, value]) => `${key} ${value.join()}`)
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => w.provider.send(session, { receipts, acks })))
  expect(new Set(answers.map((answer) => Buffer.from(answer!.notice!).toString('hex')))).toEqual(
    new Set([Buffer.from(first!.notice!).toString('hex')]),
  )
  expect([...w.disk.values].map(([key, value]) => `${key} ${value.join()}`)).toEqual(before)
})

test('behavior: an empty batch is answered by the newest Notice', async () => {
  const w = make()
  const session = await w.begin()
  const answer = await w.provider.send(session, {})
  expect(openDocument(scope, Notice, answer!.notice!, w.coordinatorParty.peer).value.noticeSeq).toBe(1)
})

test('behavior: what is being written is told to nobody, whoever asks and however', async () => {
  const { promise: disk, resolve: go } = Promise.withResolvers<undefined>()
  const w = make({ onCommit: async (ops) => (ops.some(({ key }) => key.startsWith('r/')) ? disk : undefined) })
  const session = await w.begin()
  const receipts = [w.provider.receipt(session, w.agent.authorise(session), 1_000)]
  const sent = w.provider.send(session, { receipts })
  await w.time.settle()
  const collected = (bytes: Uint8Array | undefined): number =>
    openDocument(scope, Notice, bytes ?? new Uint8Array(), w.coordinatorParty.peer).value.collectedThrough
  const [, asked] = await w.agent.talk({ ask: session.sessionId }, 2)
  expect(collected(asked?.notice)).toBe(0)
  go(undefined)
  expect(collected((await sent)?.notice)).toBe(1)
})

test('error: a gap in the chain is answered with what is expected, and what came before it is kept', async () => {
  const w = make()
  const session = await w.begin()
  const all = Array.from({ length: 4 }, () => w.provider.receipt(session, w.agent.authorise(session), 10))
  const skipped = await w.provider.send(session, { receipts: [all[0]!, all[2]!] })
  expect(skipped?.failure).toMatchObject({ code: 'outOfOrder', expected: 2 })
  expect(skipped?.failure?.head).toEqual(session.receipts[0]!.id)
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ collectedThrough: 1 })
  const mended = await w.provider.send(session, { receipts: all.slice(1) })
  expect(mended?.failure).toBeUndefined()
  const early = await w.provider.send(session, { final: w.provider.final({ ...session }) })
  expect(early?.failure?.code).toBe('badDocument')
})

test('behavior: an Ack ahead of its receipts waits for them, over a restart too', async () => {
  const w = make()
  const session = await w.begin()
  const first = w.provider.receipt(session, w.agent.authorise(session), 10)
  const ackFirst = w.agent.ack(session)
  const second = w.provider.receipt(session, w.agent.authorise(session), 20)
  const ackSecond = w.agent.ack(session)
  const link = await w.agent.link()
  await link.send({ sessionId: session.sessionId, acks: [ackSecond] })
  await w.provider.send(session, { acks: [ackFirst] })
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ ackedThrough: 0 })
  await w.restart()
  await w.provider.send(session, { receipts: [first, second] })
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ ackedThrough: 2, money: { minMicros: 30n } })
})

test('behavior: an Ack with an exception settles at what the agent accepts, freezes the session and counts as a dispute', async () => {
  const w = make()
  const session = await w.begin()
  const receipts = [
    w.provider.receipt(session, w.agent.authorise(session), 100),
    w.provider.receipt(session, w.agent.authorise(session), 1_000),
  ]
  const ack = w.agent.ack(session, [{ receiptSeq: 2, acceptedMs: 400, code: 'time' }])
  await w.provider.send(session, { receipts, acks: [ack] })
  const view = await w.coordinator.session(session.sessionId)
  expect(view).toMatchObject({ state: 'FROZEN', frozen: 'exception', money: { minMicros: 500n } })
  expect(w.coordinator.standings().of(w.agent.party.peer).disputes).toBe(1)
  expect(w.coordinator.standings().of(w.provider.party.peer).disputes).toBe(1)
  // Frozen: receipts and Acks of running calls are still taken.
  const late = w.provider.receipt(session, w.agent.authorise(session), 10)
  const answer = await w.provider.send(session, { receipts: [late], acks: [w.agent.ack(session)] })
  expect(answer?.failure).toBeUndefined()
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ money: { minMicros: 510n } })
  await w.provider.send(session, { final: w.provider.final(session) })
  await w.time.advance(20_000)
  expect(await w.stateOf(session)).toBe('PAID')
  const { values } = await w.statements(session)
  expect(values[0]).toMatchObject({ totalMicros: 510n, receivedMicros: 510n })
})

test('error: an Ack below what the agent saw running, for another head, or that does not add up is refused', async () => {
  const w = make()
  const session = await w.begin()
  const auth = w.agent.authorise(session)
  const tickAck = w.agent.tickAck(auth, 5_000)
  const ticked = { ...w.provider.receipt(session, auth, 10_000, { lastTick: 5_000 }), tickAck }
  await w.provider.send(session, { receipts: [ticked] })
  const headId = session.receipts[0]!.id
  const base = { fromSeq: 1, throughSeq: 1, headId, exceptions: [], acceptedNumerator: 600_000_000n }
  const code = async (ack: object) =>
    (await w.provider.send(session, { acks: [w.agent.signAck(session, { ...base, ...ack })] }))?.failure?.code
  expect(await code({ acceptedNumerator: 1n })).toBe('badDocument')
  expect(await code({ headId: NO_RECEIPT })).toBe('badDocument')
  const exceptions = [{ receiptSeq: 1, acceptedMs: 4_999, code: 'time' as const }]
  expect(await code({ exceptions, acceptedNumerator: 4_999n * 60_000n })).toBe('badDocument')
  const unknown = [{ receiptSeq: 1, acceptedMs: 5_000, code: 'unknown' as const }]
  expect(await code({ exceptions: unknown, acceptedNumerator: 5_000n * 60_000n })).toBe('badDocument')
  expect(await code({})).toBeUndefined()
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ state: 'OPEN', ackedThrough: 1 })
})

test('behavior: of two Acks over one receipt the higher acceptance stands, and the session freezes', async () => {
  const w = make()
  const session = await w.begin()
  await w.provider.send(session, { receipts: [w.provider.receipt(session, w.agent.authorise(session), 1_000)] })
  const headId = session.receipts[0]!.id
  const low = w.agent.signAck(session, {
    fromSeq: 1,
    throughSeq: 1,
    headId,
    exceptions: [{ receiptSeq: 1, acceptedMs: 10, code: 'time' }],
    acceptedNumerator: 600_000n,
  })
  const high = w.agent.signAck(session, {
    fromSeq: 1,
    throughSeq: 1,
    headId,
    exceptions: [],
    acceptedNumerator: 60_000_000n,
  })
  await w.provider.send(session, { acks: [low] })
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ money: { minMicros: 10n } })
  await w.provider.send(session, { acks: [high] })
  await w.provider.send(session, { acks: [high, low] })
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({
    state: 'FROZEN',
    money: { minMicros: 1_000n },
  })
})

test('error: a second receipt for one place or one call freezes the session and both are kept', async () => {
  for (const kind of ['place', 'call'] as const) {
    const w = make()
    const session = await w.begin()
    const auth = w.agent.authorise(session)
    const first = w.provider.receipt(session, auth, 10)
    await w.provider.send(session, { receipts: [first] })
    const second =
      kind === 'call'
        ? w.provider.receipt(session, auth, 20)
        : {
            authorisation: auth.bytes,
            receipt: w.provider.sign({ sessionId: session.sessionId, authId: auth.id, effectiveMs: 5 }).bytes,
          }
    const answer = await w.provider.send(session, { receipts: [second] })
    expect(answer?.failure).toMatchObject({ code: 'equivocation', money: { where: 'owed' } })
    expect(await w.coordinator.session(session.sessionId)).toMatchObject({
      state: 'FROZEN',
      frozen: 'equivocation',
      collectedThrough: 1,
    })
    const kept = [...w.disk.values].filter(([key]) => key.startsWith('e/'))
    expect(kept.some(([, value]) => Buffer.from(value).equals(second.receipt))).toBe(true)
    expect(await w.problems()).toEqual([])
    await w.end()
  }
})

test('behavior: an Ack vouches for its Authorisations; without one each must be signed by the agent', async () => {
  const w = make()
  const session = await w.begin()
  const good = w.agent.authorise(session)
  const envelope = good.bytes.slice()
  // The last byte of the envelope lies in its signature.
  envelope[envelope.length - 1]! ^= 1
  const receipt = { ...w.provider.receipt(session, good, 10), authorisation: envelope }
  const alone = await w.provider.send(session, { receipts: [receipt] })
  expect(alone?.failure?.code).toBe('badSignature')
  const vouched = await w.provider.send(session, { receipts: [receipt], acks: [w.agent.ack(session)] })
  expect(vouched?.failure).toBeUndefined()
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ ackedThrough: 1, money: { minMicros: 10n } })
})

test('behavior: receipts signed in one batch proof are taken like single ones', async () => {
  const w = make()
  const session = await w.begin()
  const auths = [w.agent.authorise(session), w.agent.authorise(session)]
  const first = openDocument(scope, Receipt, w.provider.receipt(session, auths[0]!, 10).receipt, w.provider.party.peer)
  const second = openDocument(scope, Receipt, w.provider.receipt(session, auths[1]!, 10).receipt, w.provider.party.peer)
  const batch = signBatch(scope, w.provider.party.signer, [
    draftDocument(Receipt, first.value),
    draftDocument(Receipt, second.value),
  ])
  const receipts = batch.map(({ bytes }, at) => ({ authorisation: auths[at]!.bytes, receipt: bytes }))
  expect((await w.provider.send(session, { receipts }))?.failure).toBeUndefined()
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ collectedThrough: 2 })
})

test('error: claims above price and cap, unknown tools and wrong sessions are refused, and nothing is charged', async () => {
  const w = make()
  const session = await w.begin()
  const code = async (receipt: { authorisation: Uint8Array; receipt: Uint8Array }) =>
    (await w.provider.send(session, { receipts: [receipt] }))?.failure?.code
  const over = w.agent.authorise(session, 10n)
  const chain = { sessionId: session.sessionId, prevId: NO_RECEIPT, receiptSeq: 1 }
  const of = (auth: typeof over, more: object) => ({
    authorisation: auth.bytes,
    receipt: w.provider.sign({ ...chain, authId: auth.id, callSeq: auth.value.callSeq, ...more }).bytes,
  })
  expect(await code(of(over, { effectiveMs: 11, numerator: numerator(11n * 60_000n) }))).toBe('badReceipt')
  expect(await code(of(over, { effectiveMs: 9, numerator: numerator(10n * 60_000n) }))).toBe('badReceipt')
  expect(await code(of(over, { authId: NO_RECEIPT }))).toBe('badReceipt')
  expect(await code(of(w.agent.authorise(session, 10n, { toolId: 'other' }), {}))).toBe('unknownTool')
  expect(await code(of(over, { sessionId: NO_RECEIPT }))).toBe('badDocument')
  expect(await code({ authorisation: over.bytes, receipt: Uint8Array.of(1, 2) })).toBe('badDocument')
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ state: 'OPEN', collectedThrough: 0 })
})

test('error: strangers, agents with receipts, late receipts and too many documents are refused', async () => {
  const w = make()
  const session = await w.begin()
  const stranger = w.newProvider(8)
  const link = await stranger.link()
  expect((await link.send({ sessionId: session.sessionId }))?.failure?.code).toBe('unknownSession')
  const receipt = w.provider.receipt(session, w.agent.authorise(session), 10)
  const agentLink = await w.agent.link()
  expect((await agentLink.send({ sessionId: session.sessionId, receipts: [receipt] }))?.failure?.code).toBe(
    'badDocument',
  )
  const many = Array.from({ length: 17 }, () => session.cheque)
  expect((await agentLink.send({ sessionId: session.sessionId, cheques: many }))?.failure?.code).toBe('tooLarge')
  await w.provider.send(session, { ends: [w.agent.end(session)] })
  await w.time.advance(901_000)
  w.provider.unlink()
  expect(await w.stateOf(session)).not.toBe('ENDING')
  expect((await w.provider.send(session, { receipts: [receipt] }))?.failure?.code ?? 'sessionClosed').toBe(
    'sessionClosed',
  )
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ collectedThrough: 0 })
})

test('error: a frame that cannot be read is answered and the stream closes; the daemon goes on', async () => {
  const w = make()
  const session = await w.begin()
  for (const first of [Uint8Array.of(255), receiptsRequests.encode({ batch: 1, sessionId: session.sessionId })]) {
    const stream = await w.provider.network.dial({ peer: w.coordinatorParty.peer }, PROTOCOLS.receipts)
    stream.send(first)
    const codes = []
    for await (const frame of stream.frames) codes.push(receiptsAnswers.decode(frame).failure?.code)
    expect(codes).toHaveLength(1)
    expect(['badDocument', 'wrongType']).toContain(codes[0])
  }
  await w.call(session, 10)
  expect(await w.coordinator.session(session.sessionId)).toMatchObject({ collectedThrough: 1 })
})

test('behavior: heartbeats go out when nothing else does, and Notices come unasked to both sides', async () => {
  const w = make()
  const session = await w.begin()
  const agent = await w.agent.link()
  agent.stream.send(receiptsRequests.encode({ hello: HELLO, heartbeat: { count: 1 } }))
  await w.provider.send(session, {})
  await w.time.advance(21_000)
  expect(agent.pushed.filter(({ heartbeat }) => heartbeat !== undefined).length).toBeGreaterThanOrEqual(2)
  const provider = await w.provider.link()
  await w.provider.send(session, { ends: [w.provider.end(session)] })
  await w.time.settle()
  for (const link of [agent, provider]) {
    const states = link.pushed.flatMap(({ notice }) =>
      notice === undefined ? [] : [openDocument(scope, Notice, notice, w.coordinatorParty.peer).value.state],
    )
    expect(states).toContain('ENDING')
  }
})

test('behavior: a cheque is kept at once and reported as held only when the node says it is alive', async () => {
  const w = make()
  const session = await w.begin()
  let probes = 0
  w.ledger.onRequest(({ kind }) => (kind === 'probe' && ++probes < 3 ? 'requestLost' : 'served'))
  const answer = await w.provider.send(session, { cheques: [await w.agent.cheque(session, 200_000n)] })
  const at = (bytes: Uint8Array) => openDocument(scope, Notice, bytes, w.coordinatorParty.peer).value.ceilingHeldMicros
  expect(at(answer!.notice!)).toBe(100_000n)
  await w.time.advance(5_000)
  const later = await w.provider.send(session, {})
  expect(at(later!.notice!)).toBe(200_000n)
  const lower = await w.provider.send(session, { cheques: [await w.agent.cheque(session, 150_000n)] })
  expect(lower?.failure).toBeUndefined()
  expect(at(lower!.notice!)).toBe(200_000n)
})
