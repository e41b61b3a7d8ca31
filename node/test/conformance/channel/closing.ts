import { expect, test } from 'vitest'
import {
  usd,
  sessionIdOf,
  trio,
  opened,
  chequeOf,
  debitOf,
  afterDebit,
  exitOf,
  shares,
  balance,
  code,
  run,
} from './trio.ts'
import type { ChannelWorld } from './world.ts'

/** How a channel ends, whoever ends it. */
export function closingTests(get: () => ChannelWorld): void {
  test('behavior: a cheque pays its ceiling, again is settled, another is superseded', async () => {
    const all = await opened(get())
    const { rail } = all.coordinator
    const cheque = await chequeOf(all, all.lane, 2, usd(4))
    expect(await rail.cash(all.lane, cheque)).toBe('settled')
    const reading = await rail.read(all.lane)
    expect(reading).toMatchObject({ status: 'closed', allocations: shares(6, 4, 0) })
    expect(reading.evidence.length).toBeGreaterThan(0)
    expect(reading.evidence.length).toBeLessThanOrEqual(1_024)
    expect(await rail.cash(all.lane, cheque)).toBe('settled')
    expect(await rail.cash(all.lane, await chequeOf(all, all.lane, 1, usd(1)))).toBe('superseded')
    expect([await balance(all.agent), await balance(all.coordinator), await balance(all.provider)]).toEqual([
      usd(6),
      usd(4),
      0n,
    ])
  })

  test('behavior: the provider cashes a cheque when the coordinator is gone, and the coordinator is paid', async () => {
    const all = await opened(get())
    const cheque = await chequeOf(all, all.lane, 1, usd(4))
    expect(await all.provider.rail.cash(all.lane, cheque)).toBe('settled')
    expect(await balance(all.coordinator)).toBe(usd(4))
    expect(await all.coordinator.rail.cash(all.lane, cheque)).toBe('settled')
    expect(await balance(all.coordinator)).toBe(usd(4))
  })

  test('behavior: agent with provider leave by an exit', async () => {
    const all = await opened(get())
    const exit = await exitOf(get(), all, all.lane, usd(3))
    expect(all.provider.rail.verifyExit(all.lane, exit)).toBeUndefined()
    expect(await all.provider.rail.cash(all.lane, exit)).toBe('settled')
    expect(await all.coordinator.rail.read(all.lane)).toMatchObject({ status: 'closed', allocations: shares(7, 0, 3) })
    expect(await balance(all.provider)).toBe(usd(3))
    expect(await all.coordinator.rail.cash(all.lane, await chequeOf(all, all.lane, 1, usd(4)))).toBe('superseded')
  })

  test('error: an exit with one side, a changed total or a changed time is refused', async () => {
    const all = await opened(get())
    const { rail } = all.provider
    const exit = await exitOf(get(), all, all.lane, usd(3))
    const proposal = { ...exit, providerSignatures: [] }
    expect(rail.verifyExit(all.lane, proposal, 'agent')).toBeUndefined()
    expect(run(() => rail.verifyExit(all.lane, proposal))).toThrow(code('badSignature'))
    expect(run(() => rail.verifyExit(all.lane, { ...exit, totalMicros: usd(4) }))).toThrow(code('badSignature'))
    expect(run(() => rail.verifyExit(all.lane, { ...exit, totalMicros: usd(11) }))).toThrow(code('badCheque'))
    expect(run(() => rail.verifyExit(all.lane, { ...exit, tsMs: exit.tsMs + 1 }, 'agent'))).toThrow(
      code('badSignature'),
    )
    expect(run(() => rail.verifyExit(all.lane, { ...exit, sessionId: sessionIdOf(9_999_999) }))).toThrow(
      code('badCheque'),
    )
    expect(await rail.cash(all.lane, proposal)).toBe('refused')
    expect((await rail.read(all.lane)).status).toBe('open')
  })

  test('behavior: a channel that agent and provider moved reads so, and the exact close still pays what it says', async () => {
    const all = await opened(get())
    const { version } = await all.provider.rail.read(all.lane)
    const debit = await debitOf(get(), all, all.lane, version + 1, usd(1))
    const moved = await all.provider.rail.checkpoint(
      all.lane,
      debit,
      await chequeOf(all, afterDebit(all, all.lane), 9, usd(9)),
    )
    if (typeof moved === 'string') throw new Error(moved)
    expect(await all.coordinator.rail.read(all.lane)).toMatchObject({
      version: version + 1,
      allocations: shares(9, 1, 0),
    })
    expect(await all.coordinator.rail.cash(moved, await chequeOf(all, moved, 10, usd(2)))).toBe('settled')
    expect(await balance(all.coordinator)).toBe(usd(2))
  })

  test('error: a cheque that nobody but its agent signed is not cashed by a stranger', async () => {
    const all = await opened(get())
    const stranger = await get().party()
    expect(await stranger.rail.cash(all.lane, await chequeOf(all, all.lane, 1, usd(2)))).toBe('refused')
    expect((await stranger.rail.read(all.lane)).status).toBe('open')
  })

  test('error: a channel that does not exist cannot be cashed', async () => {
    const all = await trio(get())
    expect(await all.coordinator.rail.cash(all.lane, await chequeOf(all, all.lane, 1, usd(2)))).toBe('refused')
  })
}
