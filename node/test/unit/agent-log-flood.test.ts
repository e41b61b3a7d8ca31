import { OrienError } from '@orien/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RawProvider } from '../helpers/raw-provider.ts'
import { startTimedRig, type TimedRig } from '../helpers/timed.ts'

let rig: TimedRig
let provider: RawProvider

beforeEach(async () => {
  rig = await startTimedRig({ start: { provider: false }, policy: { maxCallMicros: 10_000n as never, windowCalls: 4 } })
  provider = await RawProvider.start(rig)
})
afterEach(async () => {
  await rig.stop()
  await provider.network.stop()
})

test('behavior: an agent does not keep what a provider prints without an end', async () => {
  let sentBytes = 0
  provider.onRequest = async ({ call }) => {
    if (call === undefined) return false
    const auth = provider.authOf(call)
    provider.send({ accepted: { callSeq: auth.value.callSeq } })
    const bytes = new Uint8Array(512 * 1024)
    try {
      for (; sentBytes < 256 * 1024 * 1024; sentBytes += bytes.length) {
        provider.send({ log: { callSeq: auth.value.callSeq, stderr: true, offset: sentBytes, bytes } })
        await provider.stream?.drained()
        await new Promise((resolve) => setImmediate(resolve))
      }
    } catch {
      return true
    }
    provider.done(auth)
    return true
  }
  const outcome = await rig.agent.run('echo', {}, { maxCost: '0.01' }).then(
    () => 'ok',
    (error: unknown) => (error instanceof OrienError ? error.code : 'other'),
  )
  expect(outcome).toBe('badOutput')
  expect(sentBytes).toBeLessThan(100 * 1024 * 1024)
}, 60_000)
