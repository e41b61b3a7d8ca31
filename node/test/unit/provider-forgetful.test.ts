import { micros } from '@orien/protocol'
import { afterEach, expect, test } from 'vitest'
import { startTimedRig, type TimedRig } from '../helpers/timed.ts'

let rig: TimedRig
afterEach(async () => {
  await rig.stop()
})

test('behavior: a coordinator that stands on a back-up is brought again what it forgot, to the last word', async () => {
  rig = await startTimedRig({ policy: { maxCallMicros: micros(10_000n) } })
  await rig.agent.run('echo', {})
  await rig.agent.run('echo', {})
  const { only } = rig.coordinator
  const isWhole = (): boolean => only.receipts.length === 2 && only.acks.some(({ throughSeq }) => throughSeq === 2)
  await rig.agent.sessions()[0]?.end()
  await rig.time.until(() => isWhole() && only.final, 'the Final')

  only.receipts.splice(1)
  only.acks.splice(0)
  only.final = false
  only.state = 'OPEN'
  only.noticeSeq = 0
  rig.hub.disconnect(rig.providerParty.peer, rig.coordinator.parts.network.peer)
  await rig.time.advance(1_000)
  await rig.time.until(() => isWhole() && only.final, 'all of it again')
  expect(only.receipts.map(({ value }) => value.receiptSeq)).toEqual([1, 2])
  expect(rig.logged('coordinatorForgot')).toHaveLength(1)
})
