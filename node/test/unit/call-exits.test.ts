import { micros } from '@orien/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { echoProgram } from '../helpers/rig-parts.ts'
import { steered, type Steered } from '../helpers/steered.ts'
import { startTimedRig, type TimedRig } from '../helpers/timed.ts'

const HOUR_MS = 3_600_000
let rig: TimedRig
let tool: Steered

/** Calls of 3 s are countersigned in a session of a minute: 3 000 µ are owed. */
beforeEach(async () => {
  tool = steered()
  rig = await startTimedRig({
    programs: { slow: tool.program, echo: echoProgram },
    policy: { maxCallMicros: micros(10_000n), sessionMs: 60_000, reattachMs: 4 * HOUR_MS },
  })
  const call = rig.agent.run('slow', {})
  await rig.time.until(() => tool.runs === 1)
  await rig.time.advance(3_000)
  tool.exit()
  await call
  await rig.time.until(() => rig.coordinator.only.acks.length === 1)
})
afterEach(async () => {
  await rig.stop()
})

function balances() {
  const { agentParty, providerParty, ledger } = rig
  return {
    agent: ledger.balance(agentParty.wallet.address),
    provider: ledger.balance(providerParty.wallet.address),
  }
}

describe('a coordinator that is gone for good', () => {
  test('behavior: is left behind: the provider is paid in the channel, the agent has the rest back', async () => {
    const [live] = rig.agent.sessions()
    await rig.coordinator.stop()
    await rig.time.advance(HOUR_MS)
    expect(balances()).toEqual({ agent: 10_000_000n - 3_000n, provider: 3_000n })
    expect(rig.logged('exitCashed').map(({ fields }) => fields['outcome'])).toContain('settled')
    expect(live?.session.phase).toBe('paid')
    expect(await live?.settled()).toMatchObject({ statements: [] })
    expect([...rig.provider.sessions()]).toEqual([])
  })

  test('behavior: is not left behind before its time', async () => {
    const { only } = rig.coordinator
    const dueMs = only.grant.expiresAtMs + only.grant.collectMs + only.grant.contestMs
    await rig.coordinator.stop()
    await rig.time.advance(dueMs - rig.clock.wallMs() - 1)
    expect(rig.logged('exitProposed')).toEqual([])
    expect(balances().provider).toBe(0n)
  })

  test('behavior: that still answers is never left behind', async () => {
    await rig.time.advance(HOUR_MS)
    expect(rig.logged('exitProposed')).toEqual([])
    expect(balances().provider).toBe(0n)
  })

  test('behavior: that does not know the session any more is as good as gone', async () => {
    rig.coordinator.sessions.clear()
    await rig.time.advance(HOUR_MS)
    expect(balances()).toEqual({ agent: 10_000_000n - 3_000n, provider: 3_000n })
  })

  test('behavior: is left behind by an agent that restarted, once both are there', async () => {
    await rig.coordinator.stop()
    await rig.crashAgent()
    await rig.time.advance(HOUR_MS)
    expect(balances()).toEqual({ agent: 10_000_000n - 3_000n, provider: 3_000n })
  })

  test('behavior: is left behind once, however often both propose', async () => {
    const [live] = rig.agent.sessions()
    await rig.coordinator.stop()
    rig.ledger.loseNext(rig.providerParty.wallet.address, 'answerLost')
    await rig.time.advance(2 * HOUR_MS)
    expect(balances()).toEqual({ agent: 10_000_000n - 3_000n, provider: 3_000n })
    expect([...rig.provider.sessions()]).toEqual([])
    expect(live?.session.phase).toBe('paid')
  })

  test('error: an Exit at more than was countersigned is not signed', async () => {
    const [session] = [...rig.provider.sessions()]
    session!.accepted = 9_000n * 60_000n
    await rig.coordinator.stop()
    await rig.time.advance(HOUR_MS)
    expect(rig.logged('exitRefused').some(({ who, fields }) => who === 'agent' && fields['code'] === 'overspend')).toBe(
      true,
    )
    expect(
      rig.logged('exitRefused').some(({ who, fields }) => who === 'provider' && fields['code'] === 'badCheque'),
    ).toBe(true)
    expect(balances().provider).toBe(0n)
  })
})
