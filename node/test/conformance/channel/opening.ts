import { expect, test } from 'vitest'
import { CAPACITY, usd, trio, openMessages, opened, shares, balance } from './trio.ts'
import type { ChannelAttacks, ChannelWorld } from './world.ts'

/** From an absent channel to one that stands open and full. */
export function openingTests(get: () => ChannelWorld, { squat }: ChannelAttacks): void {
  test('behavior: a channel opens full, with the agent, and reads so', async () => {
    const all = await opened(get())
    const reading = await all.provider.rail.read(all.lane)
    expect(reading).toMatchObject({ status: 'open', definitionMatches: true, allocations: shares(10, 0, 0) })
    expect(await balance(all.agent)).toBe(0n)
  })

  test('behavior: a channel that was never opened reads absent', async () => {
    const all = await trio(get())
    expect(await all.provider.rail.read(all.lane)).toMatchObject({
      status: 'absent',
      version: 0,
      allocations: shares(0, 0, 0),
    })
  })

  test('behavior: the same opening twice is open and moves once', async () => {
    const all = await trio(get())
    await get().fund(all.agent.wallet.address, usd(25))
    const messages = await openMessages(all, get().nowMs())
    expect(await all.coordinator.rail.open(all.lane, messages)).toBe('open')
    expect(await all.coordinator.rail.open(all.lane, messages)).toBe('open')
    expect(await balance(all.agent)).toBe(usd(15))
  })

  test('error: an opening without the money is void and moves nothing', async () => {
    const all = await trio(get())
    await get().fund(all.agent.wallet.address, usd(9))
    expect(await all.coordinator.rail.open(all.lane, await openMessages(all, get().nowMs()))).toBe('void')
    expect(await balance(all.agent)).toBe(usd(9))
    expect((await all.coordinator.rail.read(all.lane)).status).toBe('absent')
  })

  test('error: an opening past landing is void', async () => {
    const all = await trio(get())
    await get().fund(all.agent.wallet.address, CAPACITY)
    const messages = await openMessages(all, get().nowMs())
    get().advance(all.agent.rail.capabilities.landingMs + 5_000)
    expect(await all.coordinator.rail.open(all.lane, messages)).toBe('void')
  })

  if (!squat) return
  test('error: an id that somebody took makes the opening void, and the money stays', async () => {
    const all = await trio(get())
    await get().fund(all.agent.wallet.address, CAPACITY)
    await get().squat(all.lane)
    expect(await all.coordinator.rail.open(all.lane, await openMessages(all, get().nowMs()))).toBe('void')
    expect(await balance(all.agent)).toBe(CAPACITY)
  })
}
