import { micros } from '@orien/protocol'
import { afterEach, expect, test } from 'vitest'
import { startTimedRig, type TimedRig } from '../helpers/timed.ts'

let rig: TimedRig
afterEach(async () => {
  await rig.stop()
})

test('behavior: a coordinator that comes back is told the offer again, because it forgot who offers what', async () => {
  rig = await startTimedRig({ policy: { maxCallMicros: micros(10_000n) } })
  await rig.agent.run('echo', {})
  await rig.time.advance(1_000)
  const before = rig.logged('announced').length
  rig.hub.disconnect(rig.providerParty.peer, rig.coordinatorParty.peer)
  await rig.time.advance(2_000)
  expect(rig.logged('announced')).toHaveLength(before + 1)
})
