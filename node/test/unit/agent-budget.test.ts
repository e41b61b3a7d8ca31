import { failureOf as failureFrame, micros, OrienError } from '@orien/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { echoProgram } from '../helpers/rig-parts.ts'
import { steered, type Steered } from '../helpers/steered.ts'
import { failureOf, startTimedRig, type TimedRig } from '../helpers/timed.ts'

let rig: TimedRig
let tool: Steered
/** One call costs up to 10 000 µ, and there are 15 000 µ in all. */
beforeEach(async () => {
  tool = steered()
  rig = await startTimedRig({
    programs: { slow: tool.program, echo: echoProgram },
    policy: { maxCallMicros: micros(10_000n), totalMicros: micros(15_000n) },
  })
})
afterEach(async () => {
  await rig.stop()
})

/** A session in which one call costs so much, closed and, if so wished, paid. */
async function spend(ms: number, state: 'CLOSED' | 'PAID'): Promise<void> {
  const runs = tool.runs
  const call = rig.agent.run('slow', {})
  await rig.time.until(() => tool.runs > runs)
  await rig.time.advance(ms)
  tool.exit()
  await call
  const [newest] = [...rig.coordinator.sessions.keys()].toReversed()
  await rig.time.until(() => (rig.coordinator.sessions.get(newest ?? '')?.acks.length ?? 0) > 0)
  await rig.coordinator.close(newest ?? '')
  await rig.time.settle()
  if (state === 'PAID') rig.coordinator.tell(newest ?? '', 'PAID')
  await rig.time.settle()
}

describe('the spend cap of a run', () => {
  for (const state of ['CLOSED', 'PAID'] as const) {
    test(`behavior: counts on after a crash what a ${state} session cost`, async () => {
      await spend(6_000, state)
      await rig.crashAgent()
      expect(await failureOf(rig.agent.run('echo', {}))).toMatchObject({
        code: 'policy',
        details: { heldMicros: 6_000n, totalMicros: 15_000n },
      })
      expect((await rig.agent.run('echo', {}, { maxCost: '0.009' })).outcome).toBe('ok')
    })

    test(`behavior: starts anew after a stop in order, and not again after the crash that follows (${state})`, async () => {
      await spend(6_000, state)
      await rig.restartAgent()
      await spend(7_000, state)
      await rig.crashAgent()
      await rig.crashAgent()
      expect(await failureOf(rig.agent.run('echo', {}))).toMatchObject({
        code: 'policy',
        details: { heldMicros: 7_000n },
      })
    })
  }

  test('behavior: takes over a session that still holds money from the run before', async () => {
    await rig.agent.run('echo', {}, { maxCost: '0.005', allowance: '0.012' })
    const [key] = rig.coordinator.sessions.keys()
    // It takes no more calls, and holds what it holds.
    rig.coordinator.tell(key ?? '', 'FROZEN')
    await rig.restartAgent()
    await rig.crashAgent()
    expect(await failureOf(rig.agent.run('echo', {}))).toMatchObject({
      code: 'policy',
      details: { heldMicros: 12_000n },
    })
  })
})

describe('a Fund whose outcome nobody tells', () => {
  /** The coordinator opens the channel and says that it did not. */
  async function lied(): Promise<void> {
    const lie = { failure: failureFrame(new OrienError('noFloat', { message: 'a lie' })) }
    rig.coordinator.script.fund = (count) => (count === 1 ? 'lose' : lie)
    const run = failureOf(rig.agent.run('echo', {}))
    await rig.time.advance(2_000)
    await run
  }

  test('error: counts against the cap, whatever the coordinator says, also after a crash', async () => {
    await lied()
    expect((await failureOf(rig.agent.run('echo', {}))).code).toBe('policy')
    await rig.crashAgent()
    expect((await failureOf(rig.agent.run('echo', {}))).code).toBe('policy')
    await rig.restartAgent()
    expect((await failureOf(rig.agent.run('echo', {}))).code).toBe('policy')
  })

  test('behavior: counts once when its session is found, and what comes back may be spent', async () => {
    await lied()
    rig.coordinator.script.fund = () => undefined
    await rig.time.advance(15_000)
    expect(rig.coordinator.only.ends).toContain('unused')
    const [key] = rig.coordinator.sessions.keys()
    await rig.coordinator.close(key ?? '')
    await rig.time.settle()
    expect((await rig.agent.run('echo', {})).outcome).toBe('ok')
  })

  test('behavior: that opened nothing is let go when it can open nothing any more', async () => {
    rig.coordinator.script.fund = () => ({ failure: failureFrame(new OrienError('noFloat', { message: 'no' })) })
    await failureOf(rig.agent.run('echo', {}))
    expect((await failureOf(rig.agent.run('echo', {}))).code).toBe('policy')
    await rig.time.advance(200_000)
    rig.coordinator.script.fund = () => undefined
    expect((await rig.agent.run('echo', {})).outcome).toBe('ok')
  })
})
