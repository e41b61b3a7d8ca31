import {
  Ack,
  Authorisation,
  decodeCheque,
  encodeInputs,
  micros,
  openDocument,
  Receipt,
  signDocument,
  utf8,
  type CosignAnswer,
} from '@orien/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { party, scope } from '../helpers/parties.ts'
import { echoProgram } from '../helpers/rig-parts.ts'
import { steered, type Steered } from '../helpers/steered.ts'
import { failureOf, startTimedRig, type TimedRig } from '../helpers/timed.ts'
import type { SeenSession } from '../helpers/scripted-types.ts'
import { PROTOCOLS } from '../../src/network/protocols.ts'

let rig: TimedRig
let tool: Steered
let seen: SeenSession

/** One call of a second is countersigned: 1 000 µ are owed. */
beforeEach(async () => {
  tool = steered()
  rig = await startTimedRig({
    programs: { slow: tool.program, echo: echoProgram },
    policy: { maxCallMicros: micros(10_000n), windowCalls: 4 },
  })
  await run(1_000)
  seen = rig.coordinator.only
  await rig.time.until(() => seen.acks.length === 1, 'the Ack')
})
afterEach(async () => {
  await rig.stop()
})

async function run(ms: number): Promise<void> {
  const runs = tool.runs
  const call = rig.agent.run('slow', {})
  await rig.time.until(() => tool.runs > runs)
  await rig.time.advance(ms)
  tool.exit()
  await call
}

function debit(more: { version?: number; totalMicros?: bigint } = {}): Promise<CosignAnswer> {
  const { id: sessionId } = seen
  const ask = { sessionId, version: 2, totalMicros: 1_000n, tsMs: rig.clock.wallMs(), ...more }
  return rig.coordinator.cosign(rig.agentParty.peer, { debit: ask })
}

function close(more: { base?: number; totalMicros?: bigint } = {}): Promise<CosignAnswer> {
  const ask = { sessionId: seen.id, base: seen.lane.base, totalMicros: 1_000n, ...more }
  return rig.coordinator.cosign(rig.agentParty.peer, { close: ask })
}

describe('a debit', () => {
  test('behavior: of what was countersigned is signed, with the cheque that is good after it', async () => {
    const { signatures, cheque } = await debit()
    const rail = rig.coordinator.parts.rail
    rail.verifyDebit(seen.lane, { version: 2, totalMicros: micros(1_000n), tsMs: rig.clock.wallMs(), signatures })
    const next = decodeCheque(cheque ?? new Uint8Array())
    rail.verify(seen.lane, next)
    expect(next.ceilingMicros).toBeGreaterThanOrEqual(seen.cheques.at(-1)?.ceilingMicros ?? 0n)
    // ⌈A⌉ + window
    expect(next.ceilingMicros).toBeLessThanOrEqual(1_000n + seen.grant.windowMicros)
  })

  test('behavior: brings its cheque to the provider too, which admits calls by it', async () => {
    const [session] = [...rig.provider.sessions()]
    const before = session?.cheque?.cheque.ceilingMicros ?? 0n
    const { cheque } = await debit()
    const { ceilingMicros } = decodeCheque(cheque ?? new Uint8Array())
    expect(ceilingMicros).toBeGreaterThan(before)
    await rig.time.until(() => session?.cheque?.cheque.ceilingMicros === ceilingMicros, 'the cheque')
    expect(session?.cheque?.cheque.ceilingMicros).toBe(ceilingMicros)
  })

  test('behavior: of the same version may be asked for again', async () => {
    await debit()
    const again = await debit()
    expect(again.failure).toBeUndefined()
    expect(again.signatures).toHaveLength(1)
  })

  test('error: of more than was countersigned, of less than before, or of another version is refused', async () => {
    expect((await debit({ totalMicros: 1_001n })).failure?.code).toBe('overspend')
    expect((await debit({ version: 3 })).failure?.code).toBe('overspend')
    expect((await debit({ version: 1 })).failure?.code).toBe('overspend')
    expect((await debit({ totalMicros: 600n })).failure).toBeUndefined()
    expect((await debit({ totalMicros: 599n })).failure?.code).toBe('overspend')
    expect((await debit({ totalMicros: 1_000n })).failure).toBeUndefined()
  })

  test('error: while receipts are not countersigned yet counts them not', async () => {
    tool = steered()
    const call = rig.agent.run('echo', {})
    expect((await debit({ totalMicros: 2_000n })).failure?.code).toBe('overspend')
    await call
  })

  test('behavior: is remembered across a crash', async () => {
    await debit({ totalMicros: 900n })
    await rig.crashAgent()
    await rig.time.settle()
    expect((await debit({ totalMicros: 899n })).failure?.code).toBe('overspend')
    expect((await debit({ totalMicros: 900n })).failure).toBeUndefined()
  })

  test('error: is refused by a book restored from an older back-up, which lets no call pass either', async () => {
    const older = new Map(rig.agentDisk.values)
    const { cheque } = await debit()
    seen.cheques.push(decodeCheque(cheque ?? new Uint8Array()))
    seen.ceiling = seen.cheques.at(-1)?.ceilingMicros ?? 0n
    const { values, keys } = rig.agentDisk
    for (const key of [...values.keys()]) if (!older.has(key)) values.delete(key)
    for (const [key, value] of older) values.set(key, value)
    keys.splice(0, keys.length, ...[...values.keys()].toSorted())
    await rig.crashAgent()
    await rig.time.until(() => rig.logged('bookBehind').length > 0)
    expect((await debit()).failure?.code).toBe('storeCorrupt')
    expect((await close()).failure?.code).toBe('storeCorrupt')
    expect(rig.agent.sessions()[0]?.open).toBe(false)
  })

  test('error: asked by another peer than the coordinator is refused', async () => {
    const network = rig.network(party(9))
    const asked = new Promise<CosignAnswer>((resolve, reject) => {
      rig.agentNetwork
        .dial({ peer: network.peer }, PROTOCOLS.offer)
        .catch(() => undefined)
        .then(() => new Promise((next) => setImmediate(next)))
        .then(async () => {
          const stream = await network.dial({ peer: rig.agentParty.peer }, PROTOCOLS.cosign)
          const { cosignRequests, cosignAnswers } = await import('@orien/protocol')
          const ask = { sessionId: seen.id, version: 2, totalMicros: 1_000n, tsMs: rig.clock.wallMs() }
          stream.send(cosignRequests.encode({ hello: { documents: [], clockMs: 0 }, debit: ask }))
          for await (const frame of stream.frames) return cosignAnswers.decode(frame)
          throw new Error('no answer')
        })
        .then(resolve, reject)
    })
    expect((await asked).failure?.code).toBe('unknownSession')
    await network.stop()
  })

  test('error: a request that says nothing, and bytes that are none', async () => {
    expect((await rig.coordinator.cosign(rig.agentParty.peer, {})).failure?.code).toBe('badDocument')
    expect((await debit()).failure).toBeUndefined()
  })
})

describe('the exact close', () => {
  test('behavior: is a cheque at the total, and the session takes no more calls', async () => {
    const { cheque } = await close()
    const exact = decodeCheque(cheque ?? new Uint8Array())
    rig.coordinator.parts.rail.verify(seen.lane, exact)
    expect(exact.ceilingMicros).toBe(1_000n)
    expect(rig.agent.sessions()[0]?.open).toBe(false)
    expect(await rig.coordinator.parts.rail.cash(seen.lane, exact)).toBe('settled')
    expect(rig.ledger.balance(rig.agentParty.wallet.address)).toBe(10_000_000n - 1_000n)
  })

  test('error: above what was countersigned, or on another version', async () => {
    expect((await close({ totalMicros: 1_001n })).failure?.code).toBe('overspend')
    expect((await close({ base: 7 })).failure?.code).toBe('overspend')
  })

  test('error: of a session that is paid is not signed: nothing is known of it any more', async () => {
    const [key = ''] = rig.coordinator.sessions.keys()
    await rig.coordinator.close(key)
    rig.coordinator.tell(key, 'PAID')
    await rig.time.until(() => rig.agent.sessions().length === 0, 'the payout')
    expect((await close()).failure?.code).toBe('unknownSession')
  })

  test('behavior: never uses a cheque number twice', async () => {
    const numbers = new Set<number>()
    for (const answer of [await close(), await debit(), await close()])
      numbers.add(decodeCheque(answer.cheque ?? new Uint8Array()).chequeSeq)
    await rig.crashAgent()
    await rig.time.settle()
    numbers.add(decodeCheque((await close()).cheque ?? new Uint8Array()).chequeSeq)
    expect(numbers.size).toBe(4)
  })
})

describe('a contested receipt', () => {
  test('behavior: that is countersigned already is answered by the Ack that covers it', async () => {
    await run(10)
    const [first] = seen.receipts
    const { ack } = await rig.coordinator.cosign(rig.agentParty.peer, {
      contest: { authorisation: first!.authorisationBytes, receipt: first!.bytes },
    })
    expect(openDocument(scope, Ack, ack ?? new Uint8Array(), rig.agentParty.peer).value).toMatchObject({
      fromSeq: 1,
      throughSeq: 1,
    })
  })

  test('behavior: that the provider did not bring is countersigned by the agent’s own clock, and gives the call its end', async () => {
    const runs = tool.runs
    const call = rig.agent.run('slow', {})
    await rig.time.until(() => tool.runs > runs)
    await rig.time.settle()
    rig.hub.disconnect(rig.agentParty.peer, rig.providerParty.peer)
    await rig.time.advance(100)
    tool.exit()
    await rig.time.until(() => seen.receipts.length === 2, 'the receipt at the coordinator')
    const last = seen.receipts[1]
    const { ack } = await rig.coordinator.cosign(rig.agentParty.peer, {
      contest: { authorisation: last!.authorisationBytes, receipt: last!.bytes },
    })
    expect(openDocument(scope, Ack, ack ?? new Uint8Array(), rig.agentParty.peer).value).toMatchObject({
      throughSeq: 2,
      exceptions: [],
    })
    await rig.time.advance(2_000)
    expect((await call).effectiveMs).toBe(100)
  })

  test('behavior: of a call lost in a crash counts by the agent’s own signature', async () => {
    const runs = tool.runs
    rig.agent.run('slow', {}).catch(() => undefined)
    await rig.time.until(() => tool.runs > runs)
    await rig.time.settle()
    rig.hub.vanish(rig.agentParty.peer)
    await rig.time.advance(100)
    tool.exit()
    await rig.time.until(() => seen.receipts.length === 2)
    await rig.crashAgent()
    const last = seen.receipts[1]
    await rig.time.settle()
    const { ack, failure } = await rig.coordinator.cosign(rig.agentParty.peer, {
      contest: { authorisation: last!.authorisationBytes, receipt: last!.bytes },
    })
    expect(failure).toBeUndefined()
    const { value } = openDocument(scope, Ack, ack ?? new Uint8Array(), rig.agentParty.peer)
    expect(value).toMatchObject({ throughSeq: 2, exceptions: [], acceptedNumerator: 1_100n * 60_000n })
  })

  test('behavior: for an Authorisation that somebody forged is accepted at nothing, as unknown', async () => {
    const { crypto } = scope
    const forged = signDocument(scope, party(9).signer, Authorisation, {
      sessionId: seen.id,
      callSeq: 77,
      toolId: 'slow',
      argsHash: crypto.sha256(utf8('{}')),
      inputsHash: crypto.sha256(encodeInputs({ files: [] })),
      capMicros: micros(9_000n),
      startByMs: rig.clock.wallMs(),
    })
    const [first] = seen.receipts
    const receipt = signDocument(scope, rig.providerParty.signer, Receipt, {
      ...first!.value,
      authId: forged.id,
      callSeq: 77,
      receiptSeq: 2,
      prevId: first!.id,
    })
    const contest = { authorisation: forged.bytes, receipt: receipt.bytes }
    const { ack } = await rig.coordinator.cosign(rig.agentParty.peer, { contest })
    expect(openDocument(scope, Ack, ack ?? new Uint8Array(), rig.agentParty.peer).value).toMatchObject({
      exceptions: [{ receiptSeq: 2, acceptedMs: 0, code: 'unknown' }],
      acceptedNumerator: 1_000n * 60_000n,
    })
  })

  test('error: out of its order is not countersigned', async () => {
    const [first] = seen.receipts
    const receipt = signDocument(scope, rig.providerParty.signer, Receipt, { ...first!.value, receiptSeq: 5 })
    const contest = { authorisation: first!.authorisationBytes, receipt: receipt.bytes }
    const { failure } = await rig.coordinator.cosign(rig.agentParty.peer, { contest })
    expect(failure?.code).toBe('equivocation')
  })
})

describe('a cheque', () => {
  test('behavior: is renewed ahead of the calls that need it, and never above what may be owed', async () => {
    for (let at = 0; at < 30; at++) await run(4_000)
    const ceilings = seen.cheques.map(({ ceilingMicros }) => ceilingMicros)
    expect(ceilings.length).toBeGreaterThan(2)
    expect(ceilings).toEqual(ceilings.toSorted((a, b) => Number(a - b)))
    const owed = (seen.acks.at(-1)?.acceptedNumerator ?? 0n) / 60_000n
    expect(ceilings.at(-1)).toBeLessThanOrEqual(owed + seen.grant.windowMicros)
  })

  test('error: that the coordinator does not confirm stops calls with a reason, and never leaves them hanging', async () => {
    rig.coordinator.script.holdsNothing = true
    const { windowMicros } = seen.grant
    let code: string | undefined
    for (let at = 0; at < 60 && code === undefined; at++) {
      const runs = tool.runs
      const call = rig.agent.run('slow', {}, { maxCost: '0.01' })
      const failed = failureOf(call)
        .then((error) => (code = error.code))
        .catch(() => undefined)
      await rig.time.settle()
      if (tool.runs === runs) await rig.time.advance(31_000)
      else {
        await rig.time.advance(9_000)
        tool.exit()
      }
      await rig.time.settle()
      if (code !== undefined) await failed
    }
    expect(code).toBe('unreachable')
    const total = (seen.acks.at(-1)?.acceptedNumerator ?? 0n) / 60_000n
    expect(total).toBeLessThanOrEqual(windowMicros * 2n)
  })
})
