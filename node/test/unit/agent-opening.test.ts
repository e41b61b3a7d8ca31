import { hex, micros, NO_RECEIPT, type ErrorCode, type Grant } from '@orien/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RigOptions } from '../helpers/rig.ts'
import { party } from '../helpers/parties.ts'
import { echoProgram, toolNamed } from '../helpers/rig-parts.ts'
import { failureOf, startTimedRig, type TimedRig } from '../helpers/timed.ts'

let rig: TimedRig
const stranger = party(9)

async function start(options: RigOptions = {}): Promise<void> {
  rig = await startTimedRig({ policy: { maxCallMicros: micros(10_000n) }, ...options })
}
afterEach(async () => {
  await rig.stop()
})

describe('a Quote', () => {
  beforeEach(() => start())

  test('error: is held against the Open, the Offer and the policy, and nothing is funded', async () => {
    const hour = 3_600_000
    const cases: [ErrorCode, (grant: Grant) => Grant][] = [
      ['quoteMismatch', (grant) => ({ ...grant, openId: NO_RECEIPT })],
      ['quoteMismatch', (grant) => ({ ...grant, agent: stranger.peer })],
      ['quoteMismatch', (grant) => ({ ...grant, coordinator: stranger.peer })],
      ['quoteMismatch', (grant) => ({ ...grant, allowanceMicros: micros(grant.allowanceMicros * 2n) })],
      ['quoteMismatch', (grant) => ({ ...grant, windowMicros: micros(grant.windowMicros + 1n) })],
      ['quoteMismatch', (grant) => ({ ...grant, windowCalls: 1_000 })],
      ['quoteMismatch', (grant) => ({ ...grant, provider: stranger.peer })],
      ['quoteMismatch', (grant) => ({ ...grant, agentWallet: stranger.wallet.address })],
      ['policy', (grant) => ({ ...grant, asset: 'other' })],
      ['policy', (grant) => ({ ...grant, channel: { ...grant.channel, url: 'memory:other' } })],
      ['policy', (grant) => ({ ...grant, splitBps: { provider: 5_000, platform: 4_700, reserve: 300 } })],
      ['policy', (grant) => ({ ...grant, expiresAtMs: grant.expiresAtMs + hour })],
      ['policy', (grant) => ({ ...grant, collectMs: 20 * 24 * hour })],
      ['policy', (grant) => ({ ...grant, contestMs: 20 * 24 * hour })],
      ['policy', (grant) => ({ ...grant, payoutMs: 20 * 24 * hour })],
      ['policy', (grant) => ({ ...grant, chequeTsMs: grant.chequeTsMs + 1 })],
      ['priceChanged', (grant) => ({ ...grant, terms: [{ ...grant.terms[0]!, maxMs: 1 }] })],
      ['badBinding', (grant) => ({ ...grant, providerWallet: stranger.wallet.address })],
      ['badBinding', (grant) => ({ ...grant, payoutWallet: stranger.wallet.address })],
      ['badBinding', (grant) => ({ ...grant, coordinatorWallet: stranger.wallet.address })],
      ['badDocument', (grant) => ({ ...grant, channel: { ...grant.channel, appSessionId: `0x${'00'.repeat(32)}` } })],
      ['badDocument', (grant) => ({ ...grant, channel: { ...grant.channel, definition: '{}' } })],
    ]
    for (const [code, change] of cases) {
      rig.coordinator.script.grant = change
      const error = await failureOf(rig.agent.run('echo', {}))
      expect(error.code, String(change)).toBe(code)
      expect(error.money.where).toBe('wallet')
    }
    delete rig.coordinator.script.grant
    rig.coordinator.script.quoteMs = 0
    expect((await failureOf(rig.agent.run('echo', {}))).code).toBe('quoteExpired')
    expect(rig.coordinator.sessions.size).toBe(0)
    expect(rig.ledger.balance(rig.agentParty.wallet.address)).toBe(10_000_000n)
  })
})

describe('a Fund', () => {
  test('behavior: whose answer is lost is asked for on another stream, and granted', async () => {
    await start()
    rig.coordinator.script.fund = (attempt) => (attempt === 1 ? 'lose' : undefined)
    const run = rig.agent.run('echo', {})
    await rig.time.advance(1_000)
    expect((await run).outcome).toBe('ok')
    expect(rig.coordinator.sessions.size).toBe(1)
  })

  test('error: that never arrived is kept until it cannot land any more, because the coordinator alone says so', async () => {
    await start()
    rig.coordinator.script.fund = (attempt) => (attempt === 1 ? 'drop' : undefined)
    const lost = rig.agent.run('echo', {})
    lost.catch(() => undefined)
    await rig.time.advance(1_000)
    expect(await failureOf(lost)).toMatchObject({ code: 'unknownSession', money: { where: 'unknown' } })
    const kept = (): string[] => rig.agentDisk.keys.filter((key) => key.startsWith('fund/'))
    expect(kept()).toHaveLength(1)
    expect((await rig.agent.run('echo', {})).outcome).toBe('ok')
    await rig.time.advance(200_000)
    expect(kept()).toEqual([])
  })

  test('behavior: that is pending is asked for until it is granted', async () => {
    await start()
    rig.coordinator.script.fund = (attempt) => (attempt <= 3 ? 'pending' : undefined)
    const run = rig.agent.run('echo', {})
    await rig.time.advance(5_000)
    expect((await run).outcome).toBe('ok')
  })

  test('error: that nobody can tell about says that the money is in an unknown place', async () => {
    await start()
    rig.coordinator.script.fund = () => ({ pending: NO_RECEIPT })
    const run = rig.agent.run('echo', {})
    run.catch(() => undefined)
    await rig.time.advance(200_000)
    const error = await failureOf(run)
    expect(error).toMatchObject({
      code: 'sessionPending',
      money: { where: 'unknown', minMicros: 0n, maxMicros: 80_000n },
    })
  })

  test('behavior: is sent again with the same cheque when the coordinator asks for it', async () => {
    await start()
    rig.coordinator.script.fund = (attempt) => (attempt <= 2 ? { fundAgain: NO_RECEIPT } : undefined)
    expect((await rig.agent.run('echo', {})).outcome).toBe('ok')
    expect(rig.logged('fundAgain')).toHaveLength(2)
    expect(rig.coordinator.sessions.size).toBe(1)
  })

  test('error: that is asked for too often is given up', async () => {
    await start()
    rig.coordinator.script.fund = () => ({ fundAgain: NO_RECEIPT })
    expect(await failureOf(rig.agent.run('echo', {}))).toMatchObject({
      code: 'sessionVoid',
      money: { where: 'unknown' },
    })
    await rig.time.advance(200_000)
    expect(rig.agentDisk.keys.filter((key) => key.startsWith('fund/'))).toEqual([])
  })

  test('behavior: unknown at a crash is asked for at the next start, and its session is ended', async () => {
    await start()
    // Granted, but the answer never arrives: the agent dies first.
    rig.coordinator.script.fund = (attempt) => (attempt === 1 ? 'lose' : undefined)
    rig.agent.run('echo', {}).catch(() => undefined)
    await rig.time.until(() => rig.coordinator.sessions.size === 1, 'the Grant')
    await rig.time.settle()
    await rig.crashAgent()
    await rig.time.until(() => rig.coordinator.only.ends.includes('unused'), 'the End')
    expect(rig.agentDisk.keys.filter((key) => key.startsWith('fund/'))).toEqual([])
    expect(hex(rig.agent.sessions()[0]?.session.id ?? NO_RECEIPT)).toBe(hex(rig.coordinator.only.id))
  })

  test('behavior: unknown at a crash is settled with the rest, however soon that is asked for', async () => {
    await start()
    rig.coordinator.script.fund = (attempt) => (attempt === 1 ? 'lose' : undefined)
    rig.agent.run('echo', {}).catch(() => undefined)
    await rig.time.until(() => rig.coordinator.sessions.size === 1, 'the Grant')
    await rig.time.settle()
    const settling = (await rig.crashAgent()).settle()
    await rig.time.until(() => rig.coordinator.only.ends.includes('unused'), 'the End')
    await rig.coordinator.close(hex(rig.coordinator.only.id))
    expect(await settling).toHaveLength(1)
  })
})

describe('the spend cap', () => {
  test('behavior: bounds what sessions hold, however many are opened at a time', async () => {
    await start({
      programs: { a: echoProgram, b: echoProgram, c: echoProgram, d: echoProgram },
      tools: ['a', 'b', 'c', 'd'].map((id) => toolNamed(id)),
      policy: { maxCallMicros: micros(10_000n), totalMicros: micros(100_000n) },
    })
    const results = await Promise.allSettled(['a', 'b', 'c', 'd'].map((tool) => rig.agent.run(tool, {})))
    const held = [...rig.coordinator.sessions.values()].reduce((sum, { grant }) => sum + grant.allowanceMicros, 0n)
    expect(held).toBeLessThanOrEqual(100_000n)
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0)
    for (const result of results) {
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ code: 'policy', money: { where: 'wallet' } })
    }
  })

  test('error: is reached when closed sessions cost it', async () => {
    await start({ policy: { maxCallMicros: micros(10_000n), totalMicros: micros(15_000n) } })
    await rig.agent.run('echo', {})
    const [key] = rig.coordinator.sessions.keys()
    await rig.coordinator.close(key ?? '')
    await rig.time.settle()
    // What came back may be spent.
    expect((await rig.agent.run('echo', {})).outcome).toBe('ok')
    expect((await failureOf(rig.agent.run('echo', {}, { provider: stranger.peer }))).code).toBe('notFound')
  })

  test('behavior: a session never holds more than the policy lets one hold', async () => {
    await start({ policy: { maxCallMicros: micros(10_000n), sessionMicros: micros(30_000n) } })
    await rig.agent.run('echo', {}, { allowance: '5' })
    expect(rig.coordinator.only.grant.allowanceMicros).toBe(30_000n)
  })

  test('error: a call above what is left of a session opens another, and the old one is left as it is', async () => {
    await start({ policy: { maxCallMicros: micros(10_000n), sessionMicros: micros(30_000n) } })
    await rig.agent.run('echo', {})
    await rig.agent.run('echo', {}, { maxCost: '0.03' })
    expect(rig.coordinator.sessions.size).toBe(1)
    expect(rig.coordinator.only.grant.windowMicros).toBe(20_000n)
  })
})
