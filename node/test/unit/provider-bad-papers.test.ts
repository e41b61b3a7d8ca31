import { micros, utf8, type Ack, type Receipt, type ErrorCode, type Signed } from '@orien/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { keys } from '../../src/provider/records.ts'
import { scope } from '../helpers/parties.ts'
import { expectServing, heldSession, stranger } from '../helpers/raw-checks.ts'
import { RawAgent, type RawStream } from '../helpers/raw-agent.ts'
import { echoProgram } from '../helpers/rig-parts.ts'
import { steered, type Steered } from '../helpers/steered.ts'
import { startTimedRig, type TimedRig } from '../helpers/timed.ts'

let rig: TimedRig
let agent: RawAgent
let tool: Steered

beforeEach(async () => {
  tool = steered()
  rig = await startTimedRig({ start: { agent: false }, programs: { echo: echoProgram, slow: tool.program } })
  agent = await RawAgent.open(rig)
})
afterEach(async () => {
  await agent.network.stop()
  await rig.stop()
})

const held = () => heldSession(rig)
const expectAlive = (lastReceiptSeq = 0) => expectServing(agent, lastReceiptSeq)

describe('an Ack', () => {
  let stream: RawStream
  let receipts: Signed<Receipt>[]
  beforeEach(async () => {
    stream = await agent.attach()
    receipts = []
    for (let at = 0; at < 3; at++) {
      stream.call(agent.authorise())
      receipts.push(await stream.receipt())
    }
  })

  test('error: that is not the agent’s, out of order, over another head or with another sum ends the stream', async () => {
    const cases: [ErrorCode, () => Signed<Ack>][] = [
      ['badSignature', () => agent.ack(receipts, {}, stranger.signer)],
      ['outOfOrder', () => agent.ack(receipts.slice(1))],
      ['outOfOrder', () => agent.ack(receipts, { throughSeq: 9 })],
      ['badReceipt', () => agent.ack(receipts, { headId: scope.crypto.sha256(utf8('x')) })],
      ['badReceipt', () => agent.ack(receipts, { acceptedNumerator: 1n as never })],
      ['badReceipt', () => agent.ack(receipts, { exceptions: [{ receiptSeq: 1, acceptedMs: 0, code: 'unknown' }] })],
      ['badDocument', () => agent.ack(receipts, { sessionId: scope.crypto.sha256(utf8('x')) })],
    ]
    for (const [code, ack] of cases) {
      stream.send({ ack: ack().bytes })
      expect((await stream.failure()).code).toBe(code)
      stream = await agent.attach({ lastReceiptSeq: 3 })
      await stream.next('attached')
    }
    expect(held()).toMatchObject({ ackedThrough: 0, accepted: 0n })
    stream.send({ ack: agent.ack(receipts).bytes })
    await rig.time.until(() => held().ackedThrough === 3)
    await expectAlive(3)
  })

  test('behavior: replayed a thousand times counts once', async () => {
    const ack = agent.ack(receipts).bytes
    for (let at = 0; at < 1_000; at++) stream.send({ ack })
    stream.call(agent.authorise())
    await stream.receipt()
    expect(held()).toMatchObject({ ackedThrough: 3, phase: 'open' })
    expect(rig.coordinator.only.acks).toHaveLength(1)
  })

  test('error: a second, different one freezes the session; both are kept, and the higher counts', async () => {
    await rig.time.advance(1_000)
    stream.call(agent.authorise({ toolId: 'slow' }))
    await rig.time.until(() => tool.runs === 1)
    await rig.time.advance(500)
    tool.exit()
    receipts.push(await stream.receipt())
    const low = agent.ack(receipts, {
      exceptions: [{ receiptSeq: 4, acceptedMs: 100, code: 'time' }],
      acceptedNumerator: (100n * 60_000n) as never,
    })
    stream.send({ ack: low.bytes })
    await rig.time.until(() => held().ackedThrough === 4)
    stream.send({ ack: agent.ack(receipts).bytes })
    await rig.time.until(() => held().phase === 'frozen')
    expect(held().accepted).toBe(500n * 60_000n)
    const kept = [...rig.providerDisk.keys].filter((key) => key.startsWith(keys.evidence(held().key, 'ack')))
    expect(kept).toHaveLength(2)
  })

  test('error: below what the agent saw running is refused', async () => {
    const auth = agent.authorise({ toolId: 'slow', capMicros: micros(30_000n) })
    stream.call(auth)
    await rig.time.until(() => tool.runs === 1)
    await rig.time.advance(6_000)
    stream.send({ tickAck: agent.tickAck(auth, 5_000) })
    await rig.time.settle()
    tool.exit()
    receipts.push(await stream.receipt())
    expect(receipts.at(-1)?.value.lastTick).toBe(5_000)
    const exceptions = [{ receiptSeq: 4, acceptedMs: 4_999, code: 'time' as const }]
    stream.send({ ack: agent.ack(receipts, { exceptions, acceptedNumerator: (4_999n * 60_000n) as never }).bytes })
    expect((await stream.failure()).code).toBe('badReceipt')
  })
})

describe('other papers', () => {
  test('error: a TickAck of somebody else ends the stream; one for more than ran is ignored', async () => {
    let stream = await agent.attach()
    const auth = agent.authorise({ toolId: 'slow', capMicros: micros(30_000n) })
    stream.call(auth)
    await rig.time.until(() => tool.runs === 1)
    stream.send({ tickAck: agent.tickAck(auth, 86_000_000) })
    await rig.time.settle()
    stream.send({ tickAck: agent.tickAck(auth, 1, stranger.signer) })
    expect((await stream.failure()).code).toBe('badSignature')
    await rig.time.advance(29_000)
    tool.exit()
    stream = await agent.attach()
    expect((await stream.receipt()).value.lastTick).toBeUndefined()
  })

  test('error: a cheque of another wallet, above the allowance, or no cheque', async () => {
    const papers = [
      ['badSignature', await agent.cheque(200_000n, 2, stranger.wallet)],
      ['badDocument', utf8('no cheque')],
    ] as const
    for (const [code, cheque] of papers) {
      const stream = await agent.attach()
      await stream.next('attached')
      stream.send({ cheque })
      expect((await stream.failure()).code).toBe(code)
    }
    await expectAlive()
  })

  test('error: an End of somebody else, or of another session', async () => {
    for (const [code, end] of [
      ['badSignature', agent.end({}, stranger.signer)],
      ['badDocument', agent.end({ sessionId: scope.crypto.sha256(utf8('x')) })],
    ] as const) {
      const stream = await agent.attach()
      await stream.next('attached')
      stream.send({ end })
      expect((await stream.failure()).code).toBe(code)
    }
    await expectAlive()
  })

  test('behavior: an old Notice changes nothing, and replays cost nothing', async () => {
    const old = rig.coordinator.noticeOf(agent.session)
    rig.coordinator.tell([...rig.coordinator.sessions.keys()][0] ?? '', 'OPEN')
    const stream = await agent.attach()
    await stream.next('attached')
    await rig.time.settle()
    const { noticeSeq } = held().notice?.value ?? { noticeSeq: 0 }
    for (let at = 0; at < 1_000; at++) stream.send({ notice: old })
    stream.call(agent.authorise())
    await stream.receipt()
    expect(held().notice?.value.noticeSeq).toBeGreaterThanOrEqual(noticeSeq)
  })
})

describe('an Exit', () => {
  const HOUR_MS = 3_600_000

  test('error: that leaves out a receipt on its way to the agent is not signed while that may be countersigned', async () => {
    const first = await agent.attach()
    first.call(agent.authorise({ toolId: 'slow' }))
    await rig.time.until(() => tool.runs === 1)
    await rig.time.advance(500)
    tool.exit()
    await rig.time.until(() => rig.logged('receipt').length === 1)
    await first.stream.close()
    await rig.coordinator.stop()
    await rig.time.advance(3 * HOUR_MS)
    const stream = await agent.attach()
    stream.send({ exit: await agent.exit(0n) })
    await rig.time.until(() => rig.logged('exitRefused').length === 1)
    expect(rig.logged('exitRefused')[0]?.fields).toMatchObject({ code: 'policy' })
    stream.send({ ack: agent.ack([await stream.receipt()]).bytes })
    stream.send({ exit: await agent.exit(500n) })
    await rig.time.until(() => rig.logged('exitCashed').length === 1)
    expect(rig.ledger.balance(rig.providerParty.wallet.address)).toBe(500n)
  })

  /** A receipt that its agent has not countersigned, and no coordinator any more. */
  async function leaveOneOpen(): Promise<void> {
    const first = await agent.attach()
    first.call(agent.authorise())
    await first.receipt()
    await first.stream.close()
    await rig.coordinator.stop()
    await rig.time.advance(3 * HOUR_MS)
  }

  async function propose(stream: RawStream): Promise<void> {
    stream.send({ exit: await agent.exit(0n) })
    await rig.time.settle()
  }

  async function stay(stream: RawStream, ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 10_000) {
      stream.send({ heartbeat: { count: at } })
      await rig.time.advance(10_000)
    }
  }

  const refusals = () => rig.logged('exitRefused').map(({ fields }) => fields['code'])

  test('behavior: is signed without a receipt that its agent does not countersign in two minutes', async () => {
    await leaveOneOpen()
    const stream = await agent.attach()
    await stream.receipt()
    for (const ms of [0, 60_000, 60_000]) {
      await stay(stream, ms)
      await propose(stream)
    }
    expect(refusals()).toEqual(['policy', 'policy'])
    expect(rig.logged('exitCashed')[0]?.fields).toMatchObject({ outcome: 'settled', totalMicros: '0' })
  })

  test('error: that is dated too early to outlive a ledger that is away is not signed', async () => {
    await leaveOneOpen()
    const stream = await agent.attach()
    stream.send({ ack: agent.ack([await stream.receipt()]).bytes })
    for (const aheadMs of [0, HOUR_MS]) stream.send({ exit: await agent.exit(10_000n, rig.agentParty.wallet, aheadMs) })
    await rig.time.settle()
    expect(refusals()).toEqual(['badCheque', 'badCheque'])
    expect(rig.logged('exitCashed')).toEqual([])
  })

  test('error: that leaves out a receipt is not signed at once for an agent that was away', async () => {
    await leaveOneOpen()
    for (let back = 0; back < 2; back++) {
      const stream = await agent.attach()
      await stream.receipt()
      await propose(stream)
      await stream.stream.close()
      await rig.time.advance(HOUR_MS)
    }
    expect(refusals()).toEqual(['policy', 'policy'])
    expect(rig.logged('exitCashed')).toEqual([])
  })
})
