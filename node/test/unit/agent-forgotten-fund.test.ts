import { failureOf as failureFrame, OrienError } from '@orien/protocol'
import { afterEach, expect, test } from 'vitest'
import { failureOf, startTimedRig, type TimedRig } from '../helpers/timed.ts'

let rig: TimedRig
afterEach(async () => {
  await rig.stop()
})

for (const code of ['unknownSession', 'sessionVoid'] as const) {
  test(`behavior: an agent does not forget a funded channel because its coordinator says ${code}`, async () => {
    rig = await startTimedRig({ policy: { maxCallMicros: 10_000n as never } })
    const lie = { failure: failureFrame(new OrienError(code, { message: 'a lie' })) }
    rig.coordinator.script.fund = (count) => (count === 1 ? 'lose' : lie)
    const before = rig.ledger.balance(rig.agentParty.wallet.address)
    const run = failureOf(rig.agent.run('echo', {}, { maxCost: '0.01' }))
    await rig.time.advance(5_000)
    const error = await run
    const held = before - rig.ledger.balance(rig.agentParty.wallet.address)
    const remembered = rig.agentDisk.keys.filter((key) => key.startsWith('fund/') || key.startsWith('session/'))
    expect(held).toBeGreaterThan(0n)
    expect(error.money.where).not.toBe('wallet')
    expect(remembered.length).toBeGreaterThan(0)
  })
}

test('behavior: an agent whose wall clock is set forward does not forget a Fund that can still open its channel', async () => {
  rig = await startTimedRig({ policy: { maxCallMicros: 10_000n as never } })
  rig.ledger.loseNext(rig.coordinatorParty.wallet.address, 'late')
  const run = failureOf(rig.agent.run('echo', {}, { maxCost: '0.01' }))
  await rig.time.advance(5_000)
  expect((await run).money.where).toBe('unknown')
  const funds = () => rig.agentDisk.keys.filter((key) => key.startsWith('fund/'))
  rig.time.jump(3_600_000)
  await rig.time.advance(120_000)
  expect(funds()).toHaveLength(1)
  await rig.time.advance(120_000)
  expect(funds()).toEqual([])
})
