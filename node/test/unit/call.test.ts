import { utf8Text } from '@orien/protocol'
import { afterEach, expect, test } from 'vitest'
import { startRig, type Rig } from '../helpers/rig.ts'

let rig: Rig | undefined
afterEach(async () => {
  await rig?.stop()
  rig = undefined
})

test('behavior: a call runs, is paid for and countersigned', async () => {
  rig = await startRig()
  const result = await rig.agent.run('echo', { hello: 'world' }, { maxCost: '0.05' })
  expect(utf8Text(result.output)).toBe('{"hello":"world"}')
  expect(result.outcome).toBe('ok')
  const [session] = [...rig.coordinator.sessions.values()]
  expect(session?.grant.allowanceMicros).toBeGreaterThan(0n)
})

test('behavior: 64 calls in flight on one session share signatures and come back in order of their receipts', async () => {
  rig = await startRig({ policy: { windowCalls: 64, maxCallMicros: 10_000n as never } })
  const { agent } = rig
  const results = await Promise.all(Array.from({ length: 200 }, (_, at) => agent.run('echo', { at })))
  expect(results.map((one) => utf8Text(one.output))).toEqual(results.map((_, at) => JSON.stringify({ at })))
  expect(new Set(results.map((one) => one.session)).size).toBe(1)
})

test('behavior: a dropped connection is attached again and nothing is lost', async () => {
  let release: () => void = () => undefined
  const running = new Promise<void>((resolve) => (release = resolve))
  let started: () => void = () => undefined
  const begun = new Promise<void>((resolve) => (started = resolve))
  rig = await startRig({
    programs: {
      slow: async ({ write }) => {
        await write('stdout', new TextEncoder().encode('one '))
        started()
        await running
        await write('stdout', new TextEncoder().encode('two'))
      },
    },
  })
  const call = rig.agent.run('slow', {})
  await begun
  rig.hub.disconnect(rig.agentParty.peer, rig.providerParty.peer)
  release()
  const result = await call
  expect(utf8Text(result.output)).toBe('one two')
})

test('behavior: ending a session sends the rest, Final and End to the coordinator', async () => {
  rig = await startRig()
  await rig.agent.run('echo', {})
  const [live] = rig.agent.sessions()
  await live?.end()
  const [seen] = [...rig.coordinator.sessions.values()]
  await expect.poll(() => seen?.final).toBe(true)
  expect(seen?.receipts.length).toBe(1)
  expect(seen?.acks.at(-1)?.throughSeq).toBe(1)
})

test('behavior: a restarted provider gives a lost call its receipt of 0 and goes on', async () => {
  rig = await startRig()
  await rig.agent.run('echo', { first: true })
  await rig.restartProvider()
  const again = await rig.agent.run('echo', { second: true })
  expect(utf8Text(again.output)).toBe('{"second":true}')
})
