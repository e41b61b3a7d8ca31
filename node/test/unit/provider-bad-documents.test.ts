import {
  documentId,
  Grant,
  micros,
  openDocument,
  peekDocument,
  Refusal,
  signDocument,
  type ErrorCode,
} from '@orien/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PROTOCOLS } from '../../src/network/protocols.ts'
import { scope } from '../helpers/parties.ts'
import { expectServing, stranger } from '../helpers/raw-checks.ts'
import { helloOf, RawAgent, RawStream } from '../helpers/raw-agent.ts'
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

const expectAlive = (lastReceiptSeq = 0) => expectServing(agent, lastReceiptSeq)

describe('frames', () => {
  test('error: that do not decode are answered and end the stream', async () => {
    for (const bytes of [new Uint8Array([0xff, 0xff, 0xff]), new Uint8Array([0x0a, 0x05, 1])]) {
      const stream = await agent.attach()
      await stream.next('attached')
      stream.stream.send(bytes)
      expect((await stream.failure()).code).toBe('badDocument')
    }
    await expectAlive()
  })

  test('error: that do not begin with hello and attach', async () => {
    const first: Parameters<RawStream['send']>[0][] = [
      { heartbeat: { count: 1 } },
      { hello: helloOf(rig) },
      { attach: agent.attachRequest() },
      { hello: helloOf(rig), cancel: 1 },
    ]
    for (const request of first) {
      const stream = await agent.dial()
      stream.send(request)
      expect((await stream.failure()).code).toBe('wrongType')
    }
    const twice = await agent.attach()
    await twice.next('attached')
    twice.send({ hello: helloOf(rig), attach: agent.attachRequest() })
    expect((await twice.failure()).code).toBe('wrongType')
    await expectAlive()
  })

  test('error: that are larger than any frame cost the stream and nothing else', async () => {
    const stream = await agent.attach()
    await stream.next('attached')
    expect(() => stream.stream.send(new Uint8Array(2 << 20))).toThrow()
    await expectAlive()
  })

  test('error: without content', async () => {
    const stream = await agent.attach()
    await stream.next('attached')
    stream.send({})
    expect((await stream.failure()).code).toBe('badDocument')
    await expectAlive()
  })

  test('error: on the offer and blob protocols leave the daemon alive', async () => {
    const offer = await agent.network.dial({ peer: rig.providerParty.peer }, PROTOCOLS.offer)
    offer.send(new Uint8Array([0xff, 1, 2]))
    expect(await offer.frames[Symbol.asyncIterator]().next()).toMatchObject({ done: true })
    const blob = await agent.network.dial({ peer: rig.providerParty.peer }, PROTOCOLS.blob)
    blob.send(new Uint8Array([0xff, 1, 2]))
    expect(await blob.frames[Symbol.asyncIterator]().next()).toMatchObject({ done: false })
    await expectAlive()
  })
})

describe('a Grant', () => {
  const regrant = (change: (grant: Grant) => Grant, signer = rig.coordinatorParty.signer) =>
    signDocument(scope, signer, Grant, change(agent.session.grant)).bytes

  async function refusedWith(grant: Uint8Array): Promise<ErrorCode> {
    const stream = await agent.attach({ grant })
    const refusal = openDocument(scope, Refusal, await stream.next('refusal'), rig.providerParty.peer).value
    expect(refusal.sessionId).toEqual(documentId(scope, Grant, Grant.encode(peekDocument(scope, Grant, grant).value)))
    return refusal.code
  }

  test('error: that the coordinator did not sign is no Grant', async () => {
    const stream = await agent.attach({ grant: regrant((grant) => grant, stranger.signer) })
    expect((await stream.failure()).code).toBe('badSignature')
    await expectAlive()
  })

  test('error: is refused for each thing it may not say', async () => {
    const cases: [ErrorCode, (grant: Grant) => Grant][] = [
      ['wrongCoordinator', (grant) => ({ ...grant, coordinator: stranger.peer })],
      ['badDocument', (grant) => ({ ...grant, provider: stranger.peer })],
      ['badBinding', (grant) => ({ ...grant, agentWallet: stranger.wallet.address })],
      ['badBinding', (grant) => ({ ...grant, providerWallet: stranger.wallet.address })],
      ['badBinding', (grant) => ({ ...grant, payoutWallet: stranger.wallet.address })],
      [
        'badBinding',
        (grant) => ({ ...grant, bindings: grant.bindings.toReversed().slice(0, 1).concat(grant.bindings[1]!) }),
      ],
      ['policy', (grant) => ({ ...grant, asset: 'other' })],
      ['policy', (grant) => ({ ...grant, splitBps: { provider: 1_000, platform: 8_700, reserve: 300 } })],
      ['policy', (grant) => ({ ...grant, expiresAtMs: grant.expiresAtMs + 86_400_000 })],
      ['policy', (grant) => ({ ...grant, collectMs: 86_400_000 })],
      ['policy', (grant) => ({ ...grant, chequeTsMs: grant.expiresAtMs + 1 })],
      ['policy', (grant) => ({ ...grant, windowCalls: 1_000 })],
      ['policy', (grant) => ({ ...grant, windowMicros: micros(100_000_000n) })],
      ['unknownTool', (grant) => ({ ...grant, terms: [{ ...grant.terms[0]!, toolId: 'other' }] })],
      ['priceChanged', (grant) => ({ ...grant, terms: [{ ...grant.terms[0]!, priceMicrosPerMin: micros(1n) }] })],
      ['expired', (grant) => ({ ...grant, expiresAtMs: rig.clock.wallMs() })],
      // Its own channel does not stand, or not with the whole allowance.
      ['insufficientBalance', (grant) => ({ ...grant, allowanceMicros: micros(2_000_000n) })],
    ]
    for (const [code, change] of cases) {
      const signer =
        change(agent.session.grant).coordinator === stranger.peer ? stranger.signer : rig.coordinatorParty.signer
      expect(await refusedWith(regrant(change, signer))).toBe(code)
    }
    await expectAlive()
    expect([...rig.provider.sessions()]).toHaveLength(1)
  })

  test('error: of another agent', async () => {
    const network = rig.network(stranger, false)
    const show = async (): Promise<RawStream> => {
      const shown = new RawStream(await network.dial({ peer: rig.providerParty.peer }, PROTOCOLS.work))
      shown.send({ hello: helloOf(rig), attach: agent.attachRequest() })
      return shown
    }
    const refusal = await (await show()).next('refusal')
    expect(openDocument(scope, Refusal, refusal, rig.providerParty.peer).value.code).toBe('badDocument')
    // And once its own agent has shown it.
    await expectAlive()
    expect((await (await show()).failure()).code).toBe('badDocument')
    await network.stop()
  })

  test('behavior: shown twice at a time is one session', async () => {
    const [a, b] = [await agent.attach(), await agent.attach()]
    await Promise.any([a.next('attached'), b.next('attached')])
    await rig.time.settle()
    expect([...rig.provider.sessions()]).toHaveLength(1)
    await expectAlive()
  })

  test('error: with papers that are not its own', async () => {
    const other = await agent.cheque(50_000n, 2, stranger.wallet)
    expect((await (await agent.attach({ cheque: other })).failure()).code).toBe('badSignature')
    const forged = signDocument(scope, stranger.signer, Grant, agent.session.grant).bytes
    expect((await (await agent.attach({ notice: forged })).failure()).code).toBe('wrongType')
    expect((await (await agent.attach({ lastReceiptSeq: 7 })).failure()).code).toBe('outOfOrder')
    await expectAlive()
  })
})
