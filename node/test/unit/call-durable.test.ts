import {
  Ack,
  Authorisation,
  decodeCheque,
  equalBytes,
  hex,
  micros,
  openDocument,
  peekDocument,
  utf8Text,
} from '@orien/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import type { MemoryDisk } from '../../src/store/memory.ts'
import type { StoreOp } from '../../src/store/port.ts'
import { scope } from '../helpers/parties.ts'
import { RawAgent } from '../helpers/raw-agent.ts'
import { RawProvider } from '../helpers/raw-provider.ts'
import { steered } from '../helpers/steered.ts'
import { startTimedRig, type TimedRig } from '../helpers/timed.ts'

let rig: TimedRig
afterEach(async () => {
  await rig.stop()
})

/** A disk that takes its time: what leaves before its flush would be seen. */
async function slowly(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

function isOnDisk(disk: MemoryDisk, prefix: string, bytes: Uint8Array): boolean {
  return disk.keys.some((key) => key.startsWith(prefix) && equalBytes(disk.values.get(key) ?? new Uint8Array(), bytes))
}

function metaOf(disk: MemoryDisk): {
  readonly blockEnd: number
  readonly chequeSeq: number
  readonly cosigned: { readonly totalMicros: string }
} {
  const key = disk.keys.find((one) => one.startsWith('meta/'))
  return JSON.parse(utf8Text(disk.values.get(key ?? '') ?? new Uint8Array())) as ReturnType<typeof metaOf>
}

describe('what an agent signs is on its disk before it leaves', () => {
  test('behavior: numbers, Acks and cheques', async () => {
    rig = await startTimedRig({
      start: { provider: false },
      policy: { maxCallMicros: micros(10_000n), windowCalls: 2 },
      onAgentCommit: slowly,
    })
    const provider = await RawProvider.start(rig)
    const late: string[] = []
    const seen = { acks: 0, cheques: 0 }
    provider.onRequest = ({ call, ack, cheque }) => {
      if (ack !== undefined) {
        seen.acks++
        if (!isOnDisk(rig.agentDisk, 'ack/', ack)) late.push('ack')
      }
      if (cheque !== undefined) {
        seen.cheques++
        if (!isOnDisk(rig.agentDisk, 'cheque/', cheque)) late.push('cheque')
        if (metaOf(rig.agentDisk).chequeSeq < decodeCheque(cheque).chequeSeq) late.push('chequeSeq')
      }
      if (call === undefined) return false
      const auth = provider.authOf(call)
      if (metaOf(rig.agentDisk).blockEnd < auth.value.callSeq) late.push('callSeq')
      // Not waited for: the next frames are looked at when they arrive.
      void rig.time.advance(5_000).then(() => provider.done(auth, { effectiveMs: 5_000 }))
      return true
    }
    for (let at = 0; at < 12; at++) await rig.agent.run('echo', { at })
    await rig.time.until(() => seen.acks >= 11)
    expect(late).toEqual([])
    expect(seen.cheques).toBeGreaterThan(0)
    await provider.network.stop()
  })

  test('behavior: debits', async () => {
    const tool = steered()
    rig = await startTimedRig({
      programs: { slow: tool.program },
      policy: { maxCallMicros: micros(10_000n) },
      onAgentCommit: slowly,
    })
    const call = rig.agent.run('slow', {})
    await rig.time.until(() => tool.runs === 1)
    await rig.time.advance(800)
    tool.exit()
    await call
    await rig.time.until(() => rig.coordinator.only.acks.length === 1)
    const { id: sessionId } = rig.coordinator.only
    const debit = { sessionId, version: 2, totalMicros: 800n, tsMs: rig.clock.wallMs() }
    const { signatures } = await rig.coordinator.cosign(rig.agentParty.peer, { debit })
    expect(signatures).toHaveLength(1)
    expect(metaOf(rig.agentDisk).cosigned.totalMicros).toBe('800')
  })
})

describe('what a provider promises is on its disk before it leaves', () => {
  test('behavior: blocks of numbers before accepted, cheques before calls rest on them, receipts before they are shown', async () => {
    rig = await startTimedRig({ start: { agent: false }, onProviderCommit: slowly })
    const agent = await RawAgent.open(rig, { windowMicros: micros(50_000n) })
    const first = await agent.cheque(10_000n, 2)
    const stream = await agent.attach({ cheque: first })
    await stream.next('attached')
    expect(isOnDisk(rig.providerDisk, 'cheque/', first)).toBe(true)
    const more = await agent.cheque(50_000n, 3)
    stream.send({ cheque: more })
    stream.call(agent.authorise({ callSeq: 5_000, capMicros: micros(20_000n) }))
    await stream.next('accepted')
    expect(isOnDisk(rig.providerDisk, 'cheque/', more)).toBe(true)
    expect(metaOf(rig.providerDisk).blockEnd).toBeGreaterThanOrEqual(5_000)
    const receipt = await stream.receipt()
    expect(rig.providerDisk.keys.some((key) => key.startsWith('done/'))).toBe(true)
    const auth = peekDocument(scope, Authorisation, agent.authorise({ callSeq: 5_001 }).bytes)
    stream.send({ ack: agent.ack([receipt]).bytes })
    stream.call(auth)
    await stream.receipt()
    // The next flush brought the Ack along.
    const ack = agent.ack([receipt])
    expect(isOnDisk(rig.providerDisk, 'ack/', ack.bytes)).toBe(true)
    expect(openDocument(scope, Ack, ack.bytes, rig.agentParty.peer).value.throughSeq).toBe(1)
    await agent.network.stop()
  })

  for (const phase of ['frozen', 'ending'] as const) {
    test(`behavior: that no more calls come (${phase}) before Final and End say so`, async () => {
      const held = Promise.withResolvers<void>()
      let isHeld = false
      rig = await startTimedRig({
        start: { agent: false },
        onProviderCommit: async (ops) => {
          const says = (one: StoreOp): boolean => one.type === 'put' && utf8Text(one.value).includes(`"${phase}"`)
          if (!ops.some((one) => one.key.startsWith('meta/') && says(one))) return
          isHeld = true
          await held.promise
        },
      })
      const agent = await RawAgent.open(rig, { windowMicros: micros(50_000n) })
      const stream = await agent.attach()
      stream.call(agent.authorise())
      await stream.receipt()
      const { coordinator } = rig
      await rig.time.until(() => coordinator.only.receipts.length === 1)
      if (phase === 'frozen') coordinator.tell(hex(coordinator.only.id), 'FROZEN')
      else void rig.provider.revoke(hex(coordinator.only.id), 'done')
      await rig.time.until(() => isHeld, 'the flush')
      // Its stream drops: the outbox looks at the session again while the disk still says that it is open.
      rig.hub.disconnect(rig.providerParty.peer, rig.coordinatorParty.peer)
      await rig.time.advance(60_000)
      expect(coordinator.only).toMatchObject({ final: false, ends: [] })
      // A power cut here: the session takes calls again, and what they cost is claimed.
      held.resolve()
      await rig.time.advance(1_000)
      await rig.time.until(() => coordinator.only.final, 'the Final')
      expect(coordinator.only.ends).toEqual(phase === 'frozen' ? [] : ['done'])
      await agent.network.stop()
    })
  }

  test('behavior: an Ack before the call that has no room without it', async () => {
    rig = await startTimedRig({ start: { agent: false }, onProviderCommit: slowly })
    const agent = await RawAgent.open(rig, { windowMicros: micros(50_000n), windowCalls: 1 })
    const stream = await agent.attach({ cheque: await agent.cheque(50_000n, 2) })
    await stream.next('attached')
    stream.call(agent.authorise({ capMicros: micros(20_000n) }))
    for (let calls = 0; calls < 5; calls++) {
      const ack = agent.ack([await stream.receipt()])
      stream.send({ ack: ack.bytes })
      stream.call(agent.authorise({ capMicros: micros(20_000n) }))
      await stream.next('accepted')
      expect(isOnDisk(rig.providerDisk, 'ack/', ack.bytes)).toBe(true)
    }
    await agent.network.stop()
  })
})

describe('a paid call costs the provider', () => {
  /** Flushes of the provider's disk for so many calls, one after the other. */
  async function flushesOf(calls: number, windowCalls: number): Promise<number> {
    let flushes = 0
    rig = await startTimedRig({
      policy: { maxCallMicros: micros(10_000n), windowCalls },
      // Nothing is collected meanwhile: what the coordinator is told has its own, shared flushes.
      provider: { collectLingerMs: 60_000 },
      onProviderCommit: () => void flushes++,
    })
    await rig.agent.run('echo', {})
    await rig.time.settle()
    const before = flushes
    for (let at = 0; at < calls; at++) await rig.agent.run('echo', { at })
    await rig.time.settle()
    return flushes - before
  }

  test('behavior: one flush, the receipt’s, while its window has room without the last Ack', async () => {
    expect(await flushesOf(8, 16)).toBe(8)
  })

  test('behavior: one more, the Ack’s, when every call needs the window of the one before', async () => {
    expect(await flushesOf(8, 1)).toBe(16)
  })
})
