import { micros, type Timers } from '@orien/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PROTOCOLS } from '../../src/network/protocols.ts'
import { manualTime, type ManualTime } from '../helpers/manual-time.ts'
import { startRig, type Rig } from '../helpers/rig.ts'
import { echoProgram } from '../helpers/rig-parts.ts'
import { steered, type Steered } from '../helpers/steered.ts'

const HOUR_MS = 3_600_000
let time: ManualTime
let timers: SeenTimers
let rig: Rig
let tool: Steered

/** Timers of the provider. */
interface SeenTimers extends Timers {
  /** Those that are set and did not fire. */
  readonly armed: Set<object>
  /** Those it called off, whether they were still armed or not. */
  readonly cancelled: Set<object>
}

function seen(inner: Timers): SeenTimers {
  const armed = new Set<object>()
  const cancelled = new Set<object>()
  return {
    armed,
    cancelled,
    after(delayMs, fire) {
      const timer = {}
      armed.add(timer)
      const cancel = inner.after(delayMs, () => {
        armed.delete(timer)
        fire()
      })
      return () => {
        armed.delete(timer)
        cancelled.add(timer)
        cancel()
      }
    },
  }
}

beforeEach(async () => {
  time = manualTime()
  timers = seen(time.timers)
  tool = steered()
  rig = await startRig({
    ...{ programs: { echo: echoProgram, slow: tool.program }, clock: time.clock, timers: time.timers },
    policy: { maxCallMicros: micros(10_000n), sessionMs: 60_000, reattachMs: 4 * HOUR_MS },
    providerParts: { timers },
  })
})
afterEach(async () => {
  await rig.stop()
})

/** A session with one call, countersigned and ended. */
async function served(): Promise<string> {
  const { session } = await rig.agent.run('echo', {})
  await rig.agent.sessions().at(-1)?.end()
  await time.until(() => rig.coordinator.sessions.get(session)?.final === true)
  await time.advance(1_000)
  return session
}

async function paid(): Promise<void> {
  const key = await served()
  await rig.coordinator.close(key)
  await time.advance(1_000)
  rig.coordinator.tell(key, 'PAID')
  await time.advance(10_000)
}

/** A provider that stops calls off every timer it knows: those that were over it had kept, with the session they were for. */
async function keptUntilStop(): Promise<number> {
  const armed = new Set(timers.armed)
  timers.cancelled.clear()
  await rig.provider.stop()
  return [...timers.cancelled].filter((timer) => !armed.has(timer)).length
}

describe('a provider whose sessions are over', () => {
  test('behavior: has no timer set for those that were paid', async () => {
    await paid()
    const { size } = timers.armed
    for (let at = 0; at < 3; at++) await paid()
    expect([...rig.provider.sessions()]).toEqual([])
    expect(timers.armed.size).toBe(size)
  })

  test('behavior: keeps nothing of those that were paid', async () => {
    for (let at = 0; at < 3; at++) await paid()
    expect(await keptUntilStop()).toBe(0)
  })

  test('behavior: keeps nothing of one whose Statement came late', async () => {
    const { network } = rig.coordinator.parts
    await network.unhandle(PROTOCOLS.statement)
    await paid()
    expect(rig.logged('settlementNotThere').some(({ who }) => who === 'provider')).toBe(true)
    await rig.coordinator.serveStatements()
    await time.advance(10_000)
    expect([...rig.provider.sessions()]).toEqual([])
    expect(await keptUntilStop()).toBe(0)
  })

  test('behavior: keeps nothing of one that ran out, and was closed with its agent', async () => {
    const call = rig.agent.run('slow', {})
    await time.until(() => tool.runs === 1)
    await time.advance(3_000)
    tool.exit()
    await call
    await time.until(() => rig.coordinator.only.acks.length === 1)
    // As good as gone: it does not know the session any more.
    rig.coordinator.sessions.clear()
    await time.advance(3 * HOUR_MS)
    expect([...rig.provider.sessions()]).toEqual([])
    // Another session, so that the coordinator's stream is up: its timer is none of a session.
    await rig.agent.run('echo', {})
    expect(await keptUntilStop()).toBe(0)
  })
})
