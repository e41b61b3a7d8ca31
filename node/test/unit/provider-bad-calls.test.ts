import {
  encodeInputs,
  micros,
  numerator,
  utf8,
  type Authorisation,
  type Receipt,
  type ErrorCode,
  type Signed,
} from '@orien/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { keys } from '../../src/provider/records.ts'
import { scope } from '../helpers/parties.ts'
import { expectServing, heldSession, refusalOf, stranger } from '../helpers/raw-checks.ts'
import { RawAgent, type RawStream } from '../helpers/raw-agent.ts'
import { echoProgram } from '../helpers/rig-parts.ts'
import { steered, type Steered } from '../helpers/steered.ts'
import { startTimedRig, type TimedRig } from '../helpers/timed.ts'

let rig: TimedRig
let agent: RawAgent
let tool: Steered
/** Flushes of the provider so far, and what the next ones wait for. */
let flushes: number
let flushGate: PromiseWithResolvers<void> | undefined

beforeEach(async () => {
  tool = steered()
  flushes = 0
  flushGate = undefined
  rig = await startTimedRig({
    start: { agent: false },
    programs: { echo: echoProgram, slow: tool.program },
    onProviderCommit: () => {
      flushes++
      return flushGate?.promise
    },
  })
  agent = await RawAgent.open(rig)
})
afterEach(async () => {
  await agent.network.stop()
  await rig.stop()
})

const held = () => heldSession(rig)
const expectAlive = (lastReceiptSeq = 0) => expectServing(agent, lastReceiptSeq)

describe('an Authorisation', () => {
  let stream: RawStream
  beforeEach(async () => {
    stream = await agent.attach()
    await stream.next('attached')
  })

  test('error: that the agent did not sign ends the stream', async () => {
    stream.call(agent.authorise({}, stranger.signer))
    expect((await stream.failure()).code).toBe('badSignature')
    await expectAlive()
  })

  test('error: is refused for each thing it may not say, and nothing is reserved', async () => {
    const { crypto } = scope
    const cases: [ErrorCode, Partial<Authorisation>][] = [
      ['badDocument', { sessionId: crypto.sha256(utf8('another session')) }],
      ['late', { startByMs: rig.clock.wallMs() - 1 }],
      ['unknownTool', { toolId: 'other' }],
      ['badArguments', { argsHash: crypto.sha256(utf8('[]')) }],
      ['badInputs', { inputsHash: crypto.sha256(utf8('x')) }],
      ['overAllowance', { capMicros: micros(2_000_000n) }],
      ['chequeNeeded', { capMicros: micros(100_001n) }],
    ]
    for (const [code, change] of cases) {
      const auth = agent.authorise(change)
      stream.call(auth)
      expect((await refusalOf(agent, stream, auth)).code).toBe(code)
    }
    expect(held()).toMatchObject({ reserved: 0n, lastCallSeq: cases.length })
    await expectAlive()
  })

  test('error: with inputs that are no list, or were not sent', async () => {
    const bytes = utf8('not a list')
    const bad = agent.authorise({ inputsHash: scope.crypto.sha256(bytes) })
    stream.call(bad, { inputs: bytes })
    expect((await refusalOf(agent, stream, bad)).code).toBe('badDocument')
    const missing = encodeInputs({ files: [{ path: 'a', sha256: scope.crypto.sha256(utf8('a')), bytes: 1 }] })
    const auth = agent.authorise({ inputsHash: scope.crypto.sha256(missing) })
    stream.call(auth, { inputs: missing })
    expect((await refusalOf(agent, stream, auth)).code).toBe('badInputs')
    await expectAlive()
  })

  test('error: after the session expired or ended', async () => {
    await rig.time.advance(3_600_000)
    stream = await agent.attach()
    await stream.next('attached')
    const auth = agent.authorise()
    stream.call(auth)
    expect((await refusalOf(agent, stream, auth)).code).toBe('sessionClosed')
  })

  test('behavior: replayed a thousand times runs once, and gives its receipt again', async () => {
    const auth = agent.authorise()
    stream.call(auth)
    const first = await stream.receipt()
    for (let at = 0; at < 1_000; at++) stream.call(auth)
    for (let at = 0; at < 1_000; at++) expect((await stream.receipt()).id).toEqual(first.id)
    expect(held()).toMatchObject({ head: { seq: 1 }, claimed: first.value.numerator })
    expect(rig.logged('receipt')).toHaveLength(1)
    await expectAlive(1)
  })

  test('behavior: replayed after a crash of the provider gives the same receipt', async () => {
    const auth = agent.authorise()
    stream.call(auth)
    const first = await stream.receipt()
    await rig.crashProvider()
    stream = await agent.attach()
    expect((await stream.receipt()).id).toEqual(first.id)
    stream.call(auth)
    expect((await stream.receipt()).id).toEqual(first.id)
    expect(rig.logged('receipt')).toHaveLength(1)
  })

  test('error: another one under a used number is equivocation: both are kept and the session freezes', async () => {
    const first = agent.authorise({ callSeq: 1 })
    stream.call(first)
    await stream.receipt()
    const second = agent.authorise({ callSeq: 1, capMicros: micros(2_000n) })
    stream.call(second)
    expect((await refusalOf(agent, stream, second)).code).toBe('equivocation')
    expect(held().phase).toBe('frozen')
    const kept = [...rig.providerDisk.keys].filter((key) => key.startsWith(keys.evidence(held().key, 'authorisation')))
    expect(kept).toHaveLength(2)
    const third = agent.authorise({ callSeq: 2 })
    stream.call(third)
    expect((await refusalOf(agent, stream, third)).code).toBe('sessionClosed')
  })

  test('error: another one under the number of a running call is equivocation too, and that call goes on', async () => {
    const first = agent.authorise({ callSeq: 1, toolId: 'slow' })
    stream.call(first)
    await stream.next('accepted')
    const second = agent.authorise({ callSeq: 1 })
    stream.call(second)
    expect((await refusalOf(agent, stream, second)).code).toBe('equivocation')
    await rig.time.advance(100)
    tool.exit()
    expect((await stream.receipt()).value).toMatchObject({ outcome: 'ok', effectiveMs: 100 })
  })

  test('error: under a number that was skipped is told the last one', async () => {
    stream.call(agent.authorise({ callSeq: 5 }))
    await stream.receipt()
    const skipped = agent.authorise({ callSeq: 3 })
    stream.call(skipped)
    expect(await refusalOf(agent, stream, skipped)).toMatchObject({ code: 'seqUsed', last: 5 })
  })

  test('error: that was refused is refused again, and so is another under its number, without a flush and also after a crash', async () => {
    stream.call(agent.authorise({ callSeq: 5 }))
    await stream.receipt()
    await rig.time.advance(10_000)
    const flushesBefore = flushes
    for (const callSeq of [6, 9, 5_000]) {
      const refused = agent.authorise({ callSeq, toolId: 'unknown' })
      stream.call(refused)
      expect((await refusalOf(agent, stream, refused)).code).toBe('unknownTool')
      for (const again of [refused, agent.authorise({ callSeq })]) {
        stream.call(again)
        expect(await refusalOf(agent, stream, again)).toMatchObject({ code: 'seqUsed', last: callSeq })
      }
    }
    expect(flushes).toBe(flushesBefore)
    stream.send({ cheque: await agent.cheque(150_000n, 2) })
    await rig.time.until(() => flushes > flushesBefore)
    await rig.crashProvider()
    stream = await agent.attach({ lastReceiptSeq: 1 })
    for (const callSeq of [6, 5_000]) {
      const again = agent.authorise({ callSeq })
      stream.call(again)
      expect((await refusalOf(agent, stream, again)).code).toBe('seqUsed')
    }
  })

  test('behavior: that waits for the disk on a stream that drops is admitted once', async () => {
    flushGate = Promise.withResolvers<void>()
    const first = agent.authorise({ callSeq: 3_000 })
    stream.call(first)
    await rig.time.settle()
    const other = await agent.attach()
    await other.next('attached')
    other.call(first)
    await rig.time.settle()
    flushGate.resolve()
    expect((await other.receipt()).value).toMatchObject({ callSeq: 3_000, receiptSeq: 1, outcome: 'ok' })
    await rig.time.settle()
    expect(rig.logged('callRefused')).toEqual([])
    expect(rig.logged('receipt')).toHaveLength(1)
  })

  test('behavior: of the last number there is leaves a book that can be read', async () => {
    stream.call(agent.authorise({ callSeq: Number.MAX_SAFE_INTEGER }))
    await stream.receipt()
    await rig.crashProvider()
    stream = await agent.attach({ lastReceiptSeq: 1 })
    expect((await stream.next('attached')).lastCallSeq).toBe(Number.MAX_SAFE_INTEGER)
  })

  test('behavior: far ahead of the reserved numbers is durable first', async () => {
    stream.call(agent.authorise({ callSeq: 1_000_000 }))
    await stream.receipt()
    await rig.crashProvider()
    stream = await agent.attach({ lastReceiptSeq: 1 })
    expect((await stream.next('attached')).lastCallSeq).toBeGreaterThanOrEqual(1_000_000)
  })
})

describe('windows', () => {
  test('error: a call beyond the window waits for countersignatures', async () => {
    const stream = await agent.attach()
    const receipts: Signed<Receipt>[] = []
    for (let at = 0; at < 8; at++) {
      stream.call(agent.authorise())
      receipts.push(await stream.receipt())
    }
    const refused = agent.authorise()
    stream.call(refused)
    expect((await refusalOf(agent, stream, refused)).code).toBe('windowFull')
    stream.send({ ack: agent.ack(receipts).bytes })
    stream.call(refused)
    expect((await refusalOf(agent, stream, refused)).code).toBe('seqUsed')
    stream.call(agent.authorise())
    expect((await stream.receipt()).value.receiptSeq).toBe(9)
  })

  test('error: a call beyond the cheque waits for a cheque, and one the coordinator does not hold covers one window', async () => {
    rig.coordinator.script.holdsNothing = true
    await agent.network.stop()
    agent = await RawAgent.open(rig, { windowMicros: micros(100_000n) })
    const stream = await agent.attach({ cheque: await agent.cheque(100_000n) })
    const sumOf = (calls: number) => ({ acceptedNumerator: numerator(BigInt(calls) * 25_000n * 60_000n) })
    const run = async (capMicros: bigint) => {
      const auth = agent.authorise({ toolId: 'slow', capMicros: micros(capMicros) })
      const runs = tool.runs
      stream.call(auth)
      await rig.time.until(() => tool.runs > runs)
      await rig.time.advance(Number(capMicros))
      const receipt = await stream.receipt()
      return receipt
    }
    stream.send({ cheque: await agent.cheque(1_000_000n, 3) })
    for (let at = 0; at < 6; at++) stream.send({ ack: agent.ack([await run(25_000n)], sumOf(at + 1)).bytes })
    // 150 000 are countersigned, 100 000 are held, and the window is 100 000 more.
    const above = agent.authorise({ capMicros: micros(50_001n) })
    stream.call(above)
    expect((await refusalOf(agent, stream, above)).code).toBe('chequeNeeded')
    stream.call(agent.authorise({ capMicros: micros(50_000n) }))
    expect((await stream.receipt()).value.outcome).toBe('ok')
    expect(held().notice?.value.ceilingHeldMicros).toBe(100_000n)
  })
})
