import { expect, test } from 'vitest'
import { usd, opened, chequeOf, debitOf, afterDebit, shares, debited, code, run } from './trio.ts'
import type { ChannelWorld } from './world.ts'

/** States that move the total while the channel is open. */
export function debitTests(get: () => ChannelWorld): void {
  test('behavior: a debit moves the total, and the cheque given with it is good', async () => {
    const all = await opened(get())
    const next = await debited(get(), all, all.lane, usd(3))
    const reading = await all.coordinator.rail.read(next)
    expect(reading).toMatchObject({ status: 'open', allocations: shares(7, 3, 0) })
    const cheque = await chequeOf(all, next, 2, usd(5))
    expect(await all.coordinator.rail.cash(next, cheque)).toBe('settled')
    expect(await all.coordinator.rail.read(next)).toMatchObject({ status: 'closed', allocations: shares(5, 5, 0) })
  })

  test('behavior: the cheque before a debit is good after it exactly where debits do not move the base', async () => {
    const all = await opened(get())
    const older = await chequeOf(all, all.lane, 1, usd(4))
    const next = await debited(get(), all, all.lane, usd(1))
    const { debitMovesBase } = all.agent.rail.capabilities
    expect(next.base).toBe(debitMovesBase ? all.lane.base + 1 : all.lane.base)
    expect(await all.coordinator.rail.probe(next, older)).toBe(debitMovesBase ? 'dead' : 'alive')
    expect(await all.coordinator.rail.cash(next, older)).toBe(debitMovesBase ? 'superseded' : 'settled')
  })

  test('behavior: a cheque over just what a debit moved closes after it: its first step is what stands', async () => {
    const all = await opened(get())
    const older = await chequeOf(all, all.lane, 1, usd(3))
    const next = await debited(get(), all, all.lane, usd(3))
    expect(await all.coordinator.rail.cash(next, older)).toBe('settled')
    expect(await all.coordinator.rail.read(next)).toMatchObject({ status: 'closed', allocations: shares(7, 3, 0) })
  })

  test('behavior: the same debit again returns the lane as it stands and moves nothing', async () => {
    const all = await opened(get())
    const { version } = await all.coordinator.rail.read(all.lane)
    const debit = await debitOf(get(), all, all.lane, version + 1, usd(2))
    const cheque = await chequeOf(all, afterDebit(all, all.lane), 2, usd(5))
    const first = await all.coordinator.rail.checkpoint(all.lane, debit, cheque)
    expect(first).not.toBe('refused')
    expect(await all.coordinator.rail.checkpoint(all.lane, debit, cheque)).toEqual(first)
    expect(await all.coordinator.rail.read(all.lane)).toMatchObject({
      version: version + 1,
      allocations: shares(8, 2, 0),
    })
  })

  test('error: a debit of a stale version, a late one, or one of another amount is refused', async () => {
    const all = await opened(get())
    const { rail } = all.coordinator
    const { version } = await rail.read(all.lane)
    const cheque = await chequeOf(all, afterDebit(all, all.lane), 2, usd(5))
    const stale = await debitOf(get(), all, all.lane, version, usd(2))
    const afterStale = await chequeOf(all, afterDebit(all, all.lane, version), 2, usd(5))
    expect(await rail.checkpoint(all.lane, stale, afterStale)).toBe('refused')
    const debit = await debitOf(get(), all, all.lane, version + 1, usd(2))
    await expect(rail.checkpoint(all.lane, { ...debit, totalMicros: usd(3) }, cheque)).rejects.toThrow(
      code('badSignature'),
    )
    expect(run(() => rail.verifyDebit(all.lane, { ...debit, totalMicros: usd(11) }))).toThrow(code('badDocument'))
    expect(run(() => rail.verifyDebit(all.lane, { ...debit, tsMs: debit.tsMs + 1 }))).toThrow(code('badSignature'))
    get().advance(rail.capabilities.landingMs + 5_000)
    expect(await rail.checkpoint(all.lane, debit, cheque)).toBe('refused')
    expect(await rail.read(all.lane)).toMatchObject({ version, allocations: shares(10, 0, 0) })
  })

  test('error: a debit is not submitted without a cheque that is good after it', async () => {
    const all = await opened(get())
    const { rail } = all.coordinator
    const { version } = await rail.read(all.lane)
    const debit = await debitOf(get(), all, all.lane, version + 1, usd(2))
    const small = await chequeOf(all, afterDebit(all, all.lane), 2, usd(1))
    await expect(rail.checkpoint(all.lane, debit, small)).rejects.toThrow(code('badCheque'))
    const elsewhere = await chequeOf(all, { ...all.lane, base: all.lane.base + 2 }, 2, usd(5))
    await expect(rail.checkpoint(all.lane, debit, elsewhere)).rejects.toThrow(code('badCheque'))
    expect((await rail.read(all.lane)).version).toBe(version)
  })
}
