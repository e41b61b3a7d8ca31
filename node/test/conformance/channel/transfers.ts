import { micros } from '@orien/protocol'
import { expect, test } from 'vitest'
import { usd, balance } from './trio.ts'
import type { ChannelWorld } from './world.ts'

/** Payouts between wallets, and what they hold. */
export function transferTests(get: () => ChannelWorld): void {
  test('behavior: a payout is paid once, however often it is asked for', async () => {
    const payer = await get().party()
    const payee = await get().party()
    await get().fund(payer.wallet.address, usd(10))
    const bytes = await payer.rail.draftPayout(payee.wallet.address, usd(3), get().nowMs())
    expect(await payer.rail.pay(bytes)).toBe('paid')
    expect(await payer.rail.pay(bytes)).toBe('paid')
    expect([await balance(payer), await balance(payee)]).toEqual([usd(7), usd(3)])
  })

  test('behavior: two equal payouts one after the other are two', async () => {
    const payer = await get().party()
    const payee = await get().party()
    await get().fund(payer.wallet.address, usd(10))
    for (let paid = 0; paid < 2; paid++) {
      const bytes = await payer.rail.draftPayout(payee.wallet.address, usd(3), get().nowMs())
      expect(await payer.rail.pay(bytes)).toBe('paid')
    }
    expect(await balance(payee)).toBe(usd(6))
  })

  test('error: a payout above the balance is dead, and nothing moved', async () => {
    const payer = await get().party()
    const payee = await get().party()
    await get().fund(payer.wallet.address, usd(2))
    expect(await payer.rail.pay(await payer.rail.draftPayout(payee.wallet.address, usd(3), get().nowMs()))).toBe('dead')
    expect([await balance(payer), await balance(payee)]).toEqual([usd(2), 0n])
  })

  test('behavior: money that nobody asked for shows in the holdings, newest first, and from a mark on', async () => {
    const payer = await get().party()
    const payee = await get().party()
    await get().fund(payer.wallet.address, usd(10))
    for (const amount of [1n, 2_000_000n]) {
      const bytes = await payer.rail.draftPayout(payee.wallet.address, micros(amount), get().nowMs())
      expect(await payer.rail.pay(bytes)).toBe('paid')
    }
    const { balanceMicros, movements } = await payee.rail.holdings(payee.wallet.address)
    expect(balanceMicros).toBe(2_000_001n)
    expect(movements.map(({ micros: moved, account }) => [moved, account])).toEqual([
      [2_000_000n, payer.wallet.address],
      [1n, payer.wallet.address],
    ])
    const since = await payee.rail.holdings(payee.wallet.address, movements[1]?.id)
    expect(since.movements).toEqual(movements.slice(0, 1))
    const out = await payer.rail.holdings(payer.wallet.address, undefined)
    expect(out.movements.slice(0, 2).map((one) => one.micros)).toEqual([-2_000_000n, -1n])
  })
}
