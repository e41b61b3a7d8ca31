import { PROTOCOLS } from '@orien/node/network'
import {
  LIMITS,
  Grant,
  micros,
  Notice,
  openDocument,
  Quote,
  sessionAnswers,
  sessionRequests,
  signDocument,
  type SessionAnswer,
} from '@orien/protocol'
import { expect, test } from 'vitest'
import { HELLO } from '../helpers/link.ts'
import { partyOf, scope, walletOf } from '../helpers/parties.ts'
import { worlds } from '../helpers/suite.ts'
import type { World } from '../helpers/world.ts'

const make = worlds()

/** Sends raw frames on a session stream and gives back what came until it closed. */
async function raw(w: World, ...frames: Uint8Array[]): Promise<SessionAnswer[]> {
  const stream = await w.agent.network.dial({ peer: w.coordinatorParty.peer }, PROTOCOLS.session)
  for (const frame of frames) stream.send(frame)
  const answers: SessionAnswer[] = []
  for await (const frame of stream.frames) answers.push(sessionAnswers.decode(frame))
  return answers
}

test('behavior: Open is answered by a Quote of my own whose Grant repeats what was asked', async () => {
  const w = make()
  await w.start()
  const offer = await w.offer()
  const { quote } = await w.agent.quote(offer.bytes, {
    allowanceMicros: 500_000n,
    windowMicros: 70_000n,
    windowCalls: 4,
  })
  const { value } = openDocument(scope, Quote, quote!, w.coordinatorParty.peer)
  const grant = Grant.decode(value.grant)
  expect(grant).toMatchObject({
    agent: w.agent.party.peer,
    provider: w.provider.party.peer,
    coordinator: w.coordinatorParty.peer,
    allowanceMicros: 500_000n,
    windowMicros: 70_000n,
    windowCalls: 4,
    payoutWallet: w.payoutWallet.address,
  })
  expect(grant.documents).toContain('/orien/receipt/1')
  // Nothing is held for a Quote.
  expect(w.coordinator.status().holdsMicros).toBe(0n)
})

test('behavior: Fund opens the channel and is answered by Grant and Notice; the same Fund again by the same', async () => {
  const w = make()
  const session = await w.begin()
  const [again, noticed] = await w.agent.talk({ fund: session.fund }, 2)
  expect(openDocument(scope, Grant, again!.grant!, w.coordinatorParty.peer).id).toEqual(session.sessionId)
  const notice = openDocument(scope, Notice, noticed!.notice!, w.coordinatorParty.peer).value
  expect(notice).toMatchObject({ state: 'OPEN', noticeSeq: 1, ceilingHeldMicros: 100_000n, debitedMicros: 0n })
  const [asked] = await w.agent.talk({ ask: session.sessionId }, 2)
  expect(asked!.grant).toEqual(again!.grant)
  expect(w.coordinator.status()).toMatchObject({ holdsMicros: 1_000_000n, sessions: { OPEN: 1 } })
})

test('behavior: windows are held to what the agent has earned and grow with paid sessions', async () => {
  const first = { windowMicros: micros(10_000n), windowCalls: 2 }
  const w = make({ config: { windows: { first, max: { windowMicros: micros(15_000n), windowCalls: 100 } } } })
  const session = await w.begin()
  expect(session.grant).toMatchObject({ windowMicros: 10_000n, windowCalls: 2 })
  await w.call(session, 100)
  await w.finish(session)
  await w.time.advance(20_000)
  expect(await w.stateOf(session)).toBe('PAID')
  const next = await w.agent.open((await w.offer()).bytes)
  expect(next.grant).toMatchObject({ windowMicros: 15_000n, windowCalls: 4 })
})

test('error: frames without hello, without a request, or that cannot be read are answered once and the stream closes', async () => {
  const w = make()
  await w.start()
  const offer = await w.offer()
  const open = await w.agent.openDocument(offer.bytes)
  const codes = async (...frames: Uint8Array[]) => (await raw(w, ...frames)).map(({ failure }) => failure?.code)
  expect(await codes(sessionRequests.encode({ open }))).toEqual(['wrongType'])
  expect(await codes(sessionRequests.encode({ hello: { documents: ['/orien/other/1'], clockMs: 0 }, open }))).toEqual([
    'wrongType',
  ])
  expect(await codes(sessionRequests.encode({ hello: HELLO }))).toEqual(['badDocument'])
  expect(await codes(Uint8Array.of(255, 255, 255))).toEqual(['badDocument'])
  expect(await codes(sessionRequests.encode({ hello: HELLO, open: open.slice(0, -3) }))).toEqual(['badDocument'])
  expect(w.coordinator.status().holdsMicros).toBe(0n)
})

test('error: an Open that is not for me, not signed, or whose offer is no good is refused with its code', async () => {
  const w = make()
  await w.start()
  const refusal = async (offer: Uint8Array, wish = {}) => (await w.agent.quote(offer, wish)).failure?.code
  const now = w.time.clock.wallMs()
  expect(await refusal((await w.offer({ coordinators: [w.agent.party.peer] })).bytes)).toBe('wrongCoordinator')
  expect(await refusal((await w.offer({ issuedAtMs: now - 2, expiresAtMs: now - 1 })).bytes)).toBe('offerStale')
  const fine = (await w.offer()).bytes
  expect(await refusal(fine, { durationMs: 24 * 3_600_000 })).toBe('policy')
  expect(await refusal(fine, { allowanceMicros: 2_000_000_000n })).toBe('policy')
  const stranger = partyOf(9)
  const open = await w.agent.openDocument(fine)
  const other = w.newAgent(9)
  w.fundedAgents = 2
  const [answer] = await other.talk({ open })
  expect(answer?.failure?.code).toBe('badSignature')
  expect(stranger.peer).toBe(other.party.peer)
})

test('error: a payout wallet nobody may pay is refused when its binding is made', async () => {
  const w = make()
  await w.start()
  for (const wallet of [w.treasury, { ...walletOf(41), address: w.gasKey }]) {
    const { failure } = await w.agent.quote((await w.offer({}, w.provider, wallet)).bytes)
    expect(failure?.code).toBe('badBinding')
  }
})

test('error: the float bounds unpaid shares and allowances together', async () => {
  const w = make({ config: { floatMicros: micros(2_000_000n) } })
  const first = await w.begin()
  const offer = (await w.offer()).bytes
  await w.agent.open(offer)
  const third = await w.agent.quote(offer, { allowanceMicros: 1n })
  expect(third.failure).toMatchObject({ code: 'noFloat', money: { where: 'wallet' } })
  await w.finish(first)
  expect((await w.agent.quote(offer, { allowanceMicros: 1_000_000n })).quote).toBeDefined()
})

test('error: of two Funds at once only one gets the last of the float', async () => {
  const w = make({ config: { floatMicros: micros(1_500_000n) } })
  await w.start()
  await w.agent.serve()
  const offer = (await w.offer()).bytes
  const funds: Uint8Array[] = []
  for (let at = 0; at < 2; at++) funds.push((await w.agent.prepare((await w.agent.quote(offer)).quote!)).fund)
  const answers = await Promise.all(funds.map((fund) => w.agent.talk({ fund }, 2)))
  const codes = answers.map(([first]) => first?.failure?.code ?? 'granted')
  expect(codes.toSorted()).toEqual(['granted', 'noFloat'])
  expect(w.coordinator.status().holdsMicros).toBe(1_000_000n)
})

test('error: a Fund with another coordinator’s Quote, a late one, or a bad cheque is refused and nothing is held', async () => {
  const w = make()
  await w.start()
  await w.agent.serve()
  const offer = (await w.offer()).bytes
  const code = async (fund: Uint8Array) => (await w.agent.talk({ fund }, 2))[0]?.failure?.code
  const quote = (await w.agent.quote(offer)).quote!
  const { value } = openDocument(scope, Quote, quote, w.coordinatorParty.peer)
  const forged = signDocument(scope, w.agent.party.signer, Quote, value).bytes
  const session = await w.agent.prepare(quote)
  const { Fund } = await import('@orien/protocol')
  const fundOf = (more: object): Uint8Array => {
    const { value: fund } = openDocument(scope, Fund, session.fund, w.agent.party.peer)
    return signDocument(scope, w.agent.party.signer, Fund, { ...fund, ...more }).bytes
  }
  expect(await code(fundOf({ quote: forged }))).toBe('badSignature')
  const low = await w.agent.drawCheque(session.lane, 1, micros(1n))
  expect(await code(fundOf({ cheque: low }))).toBe('badCheque')
  expect(await code(fundOf({ cheque: Uint8Array.of(1) }))).toBe('badDocument')
  expect(await code(fundOf({ openMessages: [Uint8Array.of(1)] }))).toBe('badDocument')
  await w.time.advance(61_000)
  expect(await code(session.fund)).toBe('quoteExpired')
  expect(w.coordinator.status()).toMatchObject({ holdsMicros: 0n, sessions: {} })
})

test('error: an agent without the money is asked to fund again and the session is void in the end', async () => {
  const w = make()
  await w.start()
  await w.agent.serve()
  const offer = (await w.offer()).bytes
  const session = await w.agent.prepare((await w.agent.quote(offer, { allowanceMicros: 20_000_000n })).quote!)
  const [first] = await w.agent.talk({ fund: session.fund })
  expect(first?.fundAgain).toEqual(session.sessionId)
  expect(w.coordinator.status().holdsMicros).toBe(20_000_000n)
  const [asked] = await w.agent.talk({ ask: session.sessionId })
  expect(asked?.fundAgain).toEqual(session.sessionId)
  await w.time.advance(61_000)
  expect(await w.stateOf(session)).toBe('VOID')
  const [over] = await w.agent.talk({ ask: session.sessionId })
  expect(over?.failure).toMatchObject({ code: 'sessionVoid', money: { where: 'wallet' } })
  expect(w.coordinator.status().holdsMicros).toBe(0n)
})

test('behavior: another attempt with the same cheque opens the session once the money is there', async () => {
  const w = make()
  await w.start()
  await w.agent.serve()
  const offer = (await w.offer()).bytes
  const { quote } = await w.agent.quote(offer, { allowanceMicros: 20_000_000n })
  await w.agent.talk({ fund: (await w.agent.prepare(quote!)).fund })
  w.ledger.fund(w.agent.party.wallet.address, micros(10_000_000n))
  w.fundedAgents = 2
  const second = await w.agent.prepare(quote!, 2)
  const [granted] = await w.agent.talk({ fund: second.fund }, 2)
  expect(granted?.grant).toBeDefined()
  expect(await w.stateOf(second)).toBe('OPEN')
})

test('error: an opening is not given up while an unanswered one may still land, however many were refused since', async () => {
  const w = make()
  await w.start()
  await w.agent.serve()
  const wallet = w.agent.party.wallet.address
  const { quote } = await w.agent.quote((await w.offer()).bytes)
  w.ledger.loseNext(w.coordinatorParty.wallet.address, 'late')
  const session = await w.agent.prepare(quote!)
  const first = w.agent.talk({ fund: session.fund })
  await w.time.settle()
  w.ledger.hijack(wallet, true)
  await w.time.advance(3_000)
  expect((await first)[0]?.fundAgain ?? (await first)[0]?.pending).toEqual(session.sessionId)
  for (let attempt = 2; attempt <= LIMITS.maxFundAttempts; attempt++) {
    const again = w.agent.talk({ fund: (await w.agent.prepare(quote!, attempt)).fund })
    await w.time.advance(3_000)
    await again
  }
  expect(await w.stateOf(session)).toBe('FUNDING')
  w.ledger.hijack(wallet, false)
  w.ledger.landLate()
  await w.time.advance(40_000)
  expect(await w.stateOf(session)).toBe('OPEN')
})

test('error: an opening is not given up because the clock was set forward', async () => {
  const w = make()
  await w.start()
  await w.agent.serve()
  const { quote } = await w.agent.quote((await w.offer()).bytes)
  w.ledger.loseNext(w.coordinatorParty.wallet.address, 'late')
  const session = await w.agent.prepare(quote!)
  const first = w.agent.talk({ fund: session.fund })
  await w.time.settle()
  w.time.jump(24 * 3_600_000)
  await w.time.advance(3_000)
  await first
  w.ledger.landLate()
  await w.time.advance(3_600_000)
  expect(await w.stateOf(session)).toBe('PAID')
  expect(w.ledger.balance(w.agent.party.wallet.address)).toBe(10_000_000n)
})

test('error: an opening that is sent again and again without an answer is given up when the first could land no more', async () => {
  const w = make()
  w.ledger.onRequest(({ kind }) => (kind === 'open' ? 'requestLost' : 'served'))
  await w.start()
  await w.agent.serve()
  const { quote } = await w.agent.quote((await w.offer()).bytes)
  const session = await w.agent.prepare(quote!)
  const first = w.agent.talk({ fund: session.fund })
  await w.time.advance(3_600_000)
  await first
  expect(await w.stateOf(session)).toBe('VOID')
  expect(w.coordinator.status().holdsMicros).toBe(0n)
})

test('behavior: a lost answer to the opening is read, never repeated blindly', async () => {
  for (const fate of ['requestLost', 'answerLost', 'late'] as const) {
    const w = make()
    await w.start()
    await w.agent.serve()
    const offer = (await w.offer()).bytes
    const session = await w.agent.prepare((await w.agent.quote(offer)).quote!)
    w.ledger.loseNext(w.coordinatorParty.wallet.address, fate)
    const talking = w.agent.talk({ fund: session.fund }, 2)
    await w.time.settle()
    if (fate === 'late') w.ledger.landLate()
    await w.time.advance(2_000)
    expect((await talking)[0]?.grant).toBeDefined()
    expect(w.ledger.balance(w.agent.party.wallet.address)).toBe(9_000_000n)
    expect(await w.problems()).toEqual([])
    await w.end()
  }
})

test('error: a ledger that never answers leaves the session pending, and void when nothing can land any more', async () => {
  const w = make()
  await w.start()
  await w.agent.serve()
  const offer = (await w.offer()).bytes
  const session = await w.agent.prepare((await w.agent.quote(offer)).quote!)
  w.ledger.setDown(true)
  const talking = w.agent.talk({ fund: session.fund })
  await w.time.advance(2_500)
  expect((await talking)[0]?.pending).toEqual(session.sessionId)
  await w.time.advance(200_000)
  expect(await w.stateOf(session)).toBe('FUNDING')
  w.ledger.setDown(false)
  await w.time.advance(60_000)
  expect(await w.stateOf(session)).toBe('VOID')
})

test('error: sessions of others and unknown ones are not told apart', async () => {
  const w = make()
  const session = await w.begin()
  const other = w.newAgent(9)
  w.fundedAgents = 2
  const [answer] = await other.talk({ ask: session.sessionId })
  const [unknown] = await other.talk({ ask: new Uint8Array(32).fill(1) })
  expect(answer?.failure?.code).toBe('unknownSession')
  expect(unknown?.failure?.code).toBe('unknownSession')
  const [stolen] = await other.talk({ fund: session.fund })
  expect(stolen?.failure?.code).toBe('badSignature')
})

test('error: too many Opens of one peer are refused until time has passed', async () => {
  const w = make()
  await w.start()
  const { bytes } = await w.offer()
  const open = await w.agent.openDocument(bytes)
  const codes = []
  for (let at = 0; at < 66; at++) codes.push((await w.agent.talk({ open }))[0]?.failure?.code)
  expect(codes.filter((code) => code === 'busy')).toHaveLength(2)
  await w.time.advance(1_000)
  expect((await w.agent.talk({ open }))[0]?.quote).toBeDefined()
})
