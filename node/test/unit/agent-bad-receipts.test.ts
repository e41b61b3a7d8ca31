import {
  Ack,
  End,
  micros,
  numerator,
  openDocument,
  peekDocument,
  signDocument,
  TickAck,
  utf8,
  type Receipt,
} from '@orien/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RunResult } from '../../src/agent/agent.ts'
import { party, scope } from '../helpers/parties.ts'
import { noOutput, RawProvider, type ReceiptDraft } from '../helpers/raw-provider.ts'
import { failureOf, startTimedRig, type TimedRig } from '../helpers/timed.ts'

let rig: TimedRig
let provider: RawProvider
const stranger = party(9)

beforeEach(async () => {
  rig = await startTimedRig({ start: { provider: false }, policy: { maxCallMicros: micros(10_000n), windowCalls: 4 } })
  provider = await RawProvider.start(rig)
})
afterEach(async () => {
  await rig.stop()
  await provider.network.stop()
})

/** One call that really takes `tookMs`, with the receipt the test wants for it. */
async function callWith(tookMs: number, receipt: ReceiptDraft, maxCost = '0.01'): Promise<RunResult> {
  provider.onRequest = async ({ call }) => {
    if (call === undefined) return false
    await rig.time.advance(tookMs)
    provider.done(provider.authOf(call), receipt)
    return true
  }
  return rig.agent.run('echo', {}, { maxCost })
}

/** The Acks the provider got. */
function acks(): Ack[] {
  return provider.seen.flatMap(({ ack }) =>
    ack === undefined ? [] : [openDocument(scope, Ack, ack, rig.agentParty.peer).value],
  )
}

async function lastAck(): Promise<Ack> {
  await rig.time.until(() => acks().length > 0, 'the Ack')
  const ack = acks().at(-1)
  if (ack === undefined) throw new Error('no ack')
  return ack
}

function evidence(what: string): number {
  return rig.agentDisk.keys.filter((key) => key.startsWith('evidence/') && key.includes(`/${what}/`)).length
}

describe('a provider that claims too much', () => {
  test('behavior: in time is accepted up to the agent’s own clock, and the coordinator is told', async () => {
    const result = await callWith(1_000, { effectiveMs: 2_000 })
    // 1 000 ms · 1.001 + 5 ms
    expect(result.costNumerator).toBe(1_006n * 60_000n)
    expect((await lastAck()).exceptions).toEqual([{ receiptSeq: 1, acceptedMs: 1_006, code: 'time' }])
    await rig.time.until(() => rig.coordinator.only.acks.length === 1, 'the Ack at the coordinator')
  })

  test('behavior: within jitter is accepted whole', async () => {
    await callWith(1_000, { effectiveMs: 1_006 })
    expect((await lastAck()).exceptions).toEqual([])
  })

  test('behavior: while it said that the call waited is accepted less', async () => {
    const result = await callWith(1_000, { effectiveMs: 1_000, queuedMs: 400 })
    expect(result.costNumerator).toBe(606n * 60_000n)
  })

  test('behavior: in price is accepted at the price', async () => {
    const result = await callWith(1_000, { effectiveMs: 1_000, numerator: numerator(9_000n * 60_000n) })
    expect(result.costNumerator).toBe(1_000n * 60_000n)
    expect((await lastAck()).exceptions).toEqual([{ receiptSeq: 1, acceptedMs: 1_000, code: 'price' }])
  })

  test('behavior: above the cap is accepted up to the cap, however long it really ran', async () => {
    const result = await callWith(5_000, { effectiveMs: 5_000 }, '0.002')
    expect(result.costNumerator).toBe(2_000n * 60_000n)
    expect((await lastAck()).exceptions).toEqual([{ receiptSeq: 1, acceptedMs: 2_000, code: 'cap' }])
  })

  test('behavior: above the cap and in time is never accepted above the cap', async () => {
    const result = await callWith(3_000, { effectiveMs: 9_000 }, '0.002')
    expect(result.costNumerator).toBe(2_000n * 60_000n)
  })

  test('behavior: for nothing delivered is accepted by the clock only, and the result is refused', async () => {
    provider.onRequest = ({ call }) => {
      if (call === undefined) return false
      const auth = provider.authOf(call)
      const receipt = provider.receipt(auth, { effectiveMs: 3, outputHash: scope.crypto.sha256(utf8('other')) })
      provider.send({ done: { receipt: receipt.bytes, output: noOutput() } })
      return true
    }
    const error = await failureOf(rig.agent.run('echo', {}))
    expect(error).toMatchObject({ code: 'badOutput', money: { where: 'owed', minMicros: 3n, delivered: false } })
  })
})

describe('a receipt that is none', () => {
  const cases: readonly [string, string, (receipt: Receipt) => Partial<Receipt>][] = [
    ['of another session', 'badReceipt', () => ({ sessionId: scope.crypto.sha256(utf8('x')) })],
    ['for another authorisation', 'badReceipt', () => ({ authId: scope.crypto.sha256(utf8('x')) })],
    ['for a call that was never made', 'badReceipt', () => ({ callSeq: 99 })],
    ['that leaves one out', 'outOfOrder', () => ({ receiptSeq: 3 })],
    ['behind another one', 'outOfOrder', () => ({ prevId: scope.crypto.sha256(utf8('x')) })],
  ]
  for (const [what, code, change] of cases) {
    test(`error: ${what} is not countersigned, is kept, and ends the session`, async () => {
      await rig.agent.run('echo', {})
      provider.onRequest = ({ call }) => {
        if (call === undefined) return false
        const auth = provider.authOf(call)
        provider.done(auth, change(provider.receipt(auth).value))
        return true
      }
      const error = await failureOf(rig.agent.run('echo', {}))
      expect(error).toMatchObject({ code, money: { where: 'running', minMicros: 0n, maxMicros: 10_000n } })
      await rig.time.until(() => rig.coordinator.only.ends.includes(code), 'the End')
      await rig.time.until(() => evidence('receipt') === 1, 'the evidence')
      expect(rig.agent.sessions()[0]?.session).toMatchObject({ ackedThrough: 1, acked: 0n })
    })
  }

  test('error: that the provider did not sign proves nothing, and ends the session', async () => {
    provider.onRequest = ({ call }) => {
      if (call === undefined) return false
      const receipt = provider.receipt(provider.authOf(call), {}, stranger.signer)
      provider.send({ done: { receipt: receipt.bytes, output: noOutput() } })
      return true
    }
    expect((await failureOf(rig.agent.run('echo', {}))).code).toBe('badSignature')
    expect(evidence('receipt')).toBe(0)
  })

  test('error: a second one for a call is equivocation, though it shows the agent’s own signature', async () => {
    provider.onRequest = ({ call }) => {
      if (call === undefined) return false
      const auth = provider.authOf(call)
      provider.done(auth)
      const again = provider.receipt(auth, { effectiveMs: 20_000, outcome: 'exitNonZero' })
      provider.send({ done: { receipt: again.bytes, output: noOutput(), authorisation: auth.bytes } })
      return true
    }
    await rig.agent.run('echo', {})
    await rig.time.until(() => rig.coordinator.only.ends.includes('equivocation'), 'the End')
    expect(rig.agent.sessions()[0]?.session).toMatchObject({ ackedThrough: 1, acked: 0n })
    expect(evidence('receipt')).toBe(1)
  })

  test('error: another one in the place of one that was countersigned is equivocation, and both are kept', async () => {
    await rig.agent.run('echo', {})
    await lastAck()
    const [first] = provider.seen.filter(({ call }) => call !== undefined)
    const auth = provider.authOf(first!.call!)
    const twin = provider.receipt(auth, { receiptSeq: 1, prevId: new Uint8Array(32), effectiveMs: 7 })
    provider.send({ done: { receipt: twin.bytes, output: noOutput() } })
    await rig.time.until(() => rig.coordinator.only.ends.includes('equivocation'), 'the End')
    expect(evidence('receipt')).toBe(2)
  })

  test('behavior: the same one again, a thousand times, changes nothing', async () => {
    provider.onRequest = ({ call }) => {
      if (call === undefined) return false
      const receipt = provider.done(provider.authOf(call))
      for (let at = 0; at < 1_000; at++) provider.send({ done: { receipt: receipt.bytes, output: noOutput() } })
      return true
    }
    await rig.agent.run('echo', {})
    provider.onRequest = () => false
    expect((await rig.agent.run('echo', {})).outcome).toBe('ok')
    await rig.time.until(() => acks().at(-1)?.throughSeq === 2)
    expect(acks()).toHaveLength(2)
  })
})

describe('other answers', () => {
  test('error: a gap in the output is no output', async () => {
    provider.onRequest = ({ call }) => {
      if (call === undefined) return false
      const { callSeq } = provider.authOf(call).value
      provider.send({ log: { callSeq, stderr: false, offset: 5, bytes: utf8('late') } })
      return true
    }
    expect((await failureOf(rig.agent.run('echo', {}))).code).toBe('badOutput')
  })

  test('error: a Refusal that is not the provider’s, and frames that cannot be read', async () => {
    provider.onRequest = ({ call }) => {
      if (call === undefined) return false
      provider.stream?.send(new Uint8Array([0xff, 0xff]))
      return true
    }
    expect((await failureOf(rig.agent.run('echo', {}))).code).toBe('badDocument')
  })

  test('error: a Refusal is what its code says, and the session goes on', async () => {
    provider.onRequest = ({ call }) => {
      if (call === undefined) return false
      provider.refuse(provider.authOf(call), 'busy')
      return true
    }
    expect(await failureOf(rig.agent.run('echo', {}))).toMatchObject({ code: 'busy', money: { where: 'reserved' } })
    provider.onRequest = () => false
    expect((await rig.agent.run('echo', {})).outcome).toBe('ok')
  })

  test('behavior: a tick of more than the agent’s clock allows is acknowledged up to that', async () => {
    provider.onRequest = async ({ call, tickAck }) => {
      if (tickAck !== undefined) return true
      if (call === undefined) return false
      await rig.time.advance(1_000)
      provider.send({ tick: { authId: provider.authOf(call).id, ms: 60_000, queuedMs: 0 } })
      return true
    }
    rig.agent.run('echo', {}).catch(() => undefined)
    await rig.time.until(() => provider.seen.some(({ tickAck }) => tickAck !== undefined), 'the TickAck')
    const [bytes] = provider.seen.flatMap(({ tickAck }) => (tickAck === undefined ? [] : [tickAck]))
    expect(peekDocument(scope, TickAck, bytes ?? new Uint8Array()).value.ms).toBe(1_006)
  })

  test('error: an End of a stranger is no End', async () => {
    await rig.agent.run('echo', {})
    const end = signDocument(scope, stranger.signer, End, { sessionId: provider.sessionId, reason: 'done' })
    provider.send({ end: end.bytes })
    await rig.time.until(() => rig.coordinator.only.ends.length > 0, 'the End')
    // Our own, because the stream lies; not the stranger's.
    expect(rig.coordinator.only.ends).toEqual(['badSignature'])
  })
})
