import { micros } from '@orien/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RawProvider } from '../helpers/raw-provider.ts'
import { startTimedRig, type TimedRig } from '../helpers/timed.ts'

let rig: TimedRig
let provider: RawProvider
beforeEach(async () => {
  rig = await startTimedRig({ start: { provider: false }, policy: { maxCallMicros: micros(10_000n), windowCalls: 4 } })
  provider = await RawProvider.start(rig)
})
afterEach(async () => {
  await rig.stop()
  await provider.network.stop()
})

test('behavior: an agent that is shown another receipt than it got keeps both, and shows its own to the coordinator', async () => {
  let larger: { authorisation: Uint8Array; receipt: Uint8Array } | undefined
  provider.onRequest = async ({ call }) => {
    if (call === undefined) return false
    await rig.time.advance(100)
    const auth = provider.authOf(call)
    larger = { authorisation: auth.bytes, receipt: provider.receipt(auth, { effectiveMs: 9_000 }).bytes }
    provider.done(auth, { effectiveMs: 100 })
    return true
  }
  await rig.agent.run('echo', {}, { maxCost: '0.01' })
  await rig.coordinator.cosign(rig.agentParty.peer, { contest: larger! })
  await rig.time.advance(1_000)
  const kept = rig.agentDisk.keys.filter((key) => key.startsWith('evidence/') && key.includes('/receipt/'))
  expect(kept).toHaveLength(2)
  expect(rig.agent.sessions()[0]?.session.phase).not.toBe('open')
})

test('behavior: an agent that was shown another receipt shows all of its own behind it too', async () => {
  let larger: { authorisation: Uint8Array; receipt: Uint8Array } | undefined
  provider.onRequest = async ({ call }) => {
    if (call === undefined) return false
    await rig.time.advance(100)
    const auth = provider.authOf(call)
    larger ??= { authorisation: auth.bytes, receipt: provider.receipt(auth, { effectiveMs: 9_000 }).bytes }
    provider.done(auth, { effectiveMs: 100 })
    return true
  }
  for (let run = 0; run < 3; run++) await rig.agent.run('echo', {}, { maxCost: '0.01' })
  const before = rig.coordinator.sessions.values().next().value?.receipts.length ?? 0
  await rig.coordinator.cosign(rig.agentParty.peer, { contest: larger! })
  await rig.time.advance(1_000)
  const told = rig.coordinator.sessions.values().next().value?.receipts.slice(before) ?? []
  expect(told.map(({ value }) => value.receiptSeq)).toEqual([1, 2, 3])
})
