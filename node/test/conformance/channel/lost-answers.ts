import { expect, test } from 'vitest'
import { usd, trio, openMessages, opened, chequeOf, debitOf, afterDebit, shares, balance, settle } from './trio.ts'
import type { ChannelWorld } from './world.ts'

/** What a rail does when it does not hear. */
export function lostAnswerTests(get: () => ChannelWorld): void {
  for (const what of ['request', 'answer'] as const) {
    test(`behavior: an opening whose ${what} is lost ends open and full, once`, async () => {
      const all = await trio(get())
      await get().fund(all.agent.wallet.address, usd(25))
      get().lose(all.coordinator.wallet.address, what)
      const messages = await openMessages(all, get().nowMs())
      const first = await all.coordinator.rail.open(all.lane, messages)
      expect(first).not.toBe('void')
      if (what === 'request') expect(first).toBe('unknown')
      expect(await all.coordinator.rail.open(all.lane, messages)).toBe('open')
      expect(await balance(all.agent)).toBe(usd(15))
    })

    test(`behavior: a close whose ${what} is lost is settled in the end, paid once`, async () => {
      const all = await opened(get())
      const cheque = await chequeOf(all, all.lane, 1, usd(4))
      get().lose(all.coordinator.wallet.address, what)
      const first = await all.coordinator.rail.cash(all.lane, cheque)
      expect(what === 'request' ? ['unknown'] : ['unknown', 'settled']).toContain(first)
      expect((await all.coordinator.rail.read(all.lane)).status).toBe(what === 'request' ? 'open' : 'closed')
      expect(await settle(get(), () => all.coordinator.rail.cash(all.lane, cheque))).toBe('settled')
      expect([await balance(all.agent), await balance(all.coordinator)]).toEqual([usd(6), usd(4)])
    })

    test(`behavior: a debit whose ${what} is lost is found by reading, and moves once`, async () => {
      const all = await opened(get())
      const { version } = await all.coordinator.rail.read(all.lane)
      const debit = await debitOf(get(), all, all.lane, version + 1, usd(2))
      const cheque = await chequeOf(all, afterDebit(all, all.lane), 2, usd(5))
      get().lose(all.coordinator.wallet.address, what)
      const first = await all.coordinator.rail.checkpoint(all.lane, debit, cheque)
      expect(first).not.toBe('refused')
      const reading = await all.coordinator.rail.read(all.lane)
      expect(reading.version).toBe(what === 'request' ? version : version + 1)
      expect(reading.allocations).toEqual(what === 'request' ? shares(10, 0, 0) : shares(8, 2, 0))
    })

    test(`behavior: a payout whose ${what} is lost is never paid twice`, async () => {
      const payer = await get().party()
      const payee = await get().party()
      await get().fund(payer.wallet.address, usd(10))
      const bytes = await payer.rail.draftPayout(payee.wallet.address, usd(3), get().nowMs())
      get().lose(payer.wallet.address, what)
      await payer.rail.pay(bytes)
      expect(await settle(get(), () => payer.rail.pay(bytes))).toBe(what === 'request' ? 'dead' : 'paid')
      expect(await payer.rail.pay(bytes)).toBe(what === 'request' ? 'dead' : 'paid')
      expect(await balance(payee)).toBe(what === 'request' ? 0n : usd(3))
    })
  }
}
