import { micros } from '@orien/protocol'
import { afterEach, expect, test } from 'vitest'
import { capabilityOf, PROTOCOLS } from '../../src/network/protocols.ts'
import { party } from '../helpers/parties.ts'
import { startTimedRig, type TimedRig } from '../helpers/timed.ts'

let rig: TimedRig
afterEach(async () => {
  await rig.stop()
})

test('behavior: finding takes no longer than it was given, whatever a listed peer does', async () => {
  rig = await startTimedRig({ policy: { maxCallMicros: micros(10_000n) } })
  const sybil = rig.network(party(33))
  await sybil.handle(PROTOCOLS.offer, async (stream) => {
    for await (const frame of stream.frames)
      await new Promise((resolve) => (frame.length < 0 ? resolve(frame) : undefined))
  })
  await sybil.provide(capabilityOf('echo'))
  const from = rig.clock.monoMs()
  let tookMs = -1
  const found = rig.agent.find('echo', { timeoutMs: 1_000 }).then((all) => {
    tookMs = rig.clock.monoMs() - from
    return all.length
  })
  for (let n = 0; n < 40 && tookMs < 0; n++) await rig.time.advance(250)
  expect(await found).toBe(1)
  await sybil.stop()
  expect(tookMs).toBeLessThanOrEqual(1_250)
})
