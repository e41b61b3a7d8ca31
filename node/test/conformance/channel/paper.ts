import type { Grant } from '@orien/protocol'
import { expect, test } from 'vitest'
import { usd, nonceOf, sessionIdOf, trio, openMessages, flipped, code, run } from './trio.ts'
import type { ChannelWorld } from './world.ts'

/** What is pure: lanes, openings, and that nothing but our own bytes passes. */
export function paperTests(get: () => ChannelWorld): void {
  test('behavior: every side derives the same lane and the same bytes', async () => {
    const { agent, coordinator, provider, grant, lane } = await trio(get())
    for (const { rail } of [agent, provider]) expect(rail.lane(grant, lane.sessionId)).toEqual(lane)
    expect(agent.rail.draft(lane, 3, usd(2))).toEqual(coordinator.rail.draft(lane, 3, usd(2)))
    expect(agent.rail.draftExit(lane, usd(2), 1_700_000_000_000)).toEqual(
      provider.rail.draftExit(lane, usd(2), 1_700_000_000_000),
    )
  })

  test('behavior: an opening verifies and shows its time', async () => {
    const all = await trio(get())
    const tsMs = get().nowMs()
    expect(all.coordinator.rail.verifyOpen(all.lane, await openMessages(all, tsMs))).toEqual({ tsMs })
  })

  test('error: a definition of other wallets, another nonce or another order is refused', async () => {
    const all = await trio(get())
    const { rail } = all.coordinator
    const { grant, lane } = all
    const other = rail.define({ ...lane, providerWallet: (await get().party()).wallet.address }, nonceOf(1))
    const swapped = rail.define(
      { ...lane, agentWallet: lane.providerWallet, providerWallet: lane.agentWallet },
      all.nonce,
    )
    const mine = grant.channel.definition
    for (const [definition, appSessionId] of [
      [other.definition, other.id],
      [swapped.definition, swapped.id],
      [mine, other.id],
      [mine.replace(lane.agentWallet, lane.agentWallet.toLowerCase()), lane.id],
      [mine.replace(/("quorum":)3/, '$12'), lane.id],
      [` ${mine}`, lane.id],
      ['{}', lane.id],
    ] as const) {
      const bad: Grant = { ...grant, channel: { ...grant.channel, definition, appSessionId } }
      expect(run(() => rail.lane(bad, lane.sessionId))).toThrow(code('badDocument'))
    }
    const elsewhere: Grant = { ...grant, channel: { ...grant.channel, rail: 'another' } }
    expect(run(() => rail.lane(elsewhere, lane.sessionId))).toThrow(code('badDocument'))
    expect(run(() => rail.lane({ ...grant, asset: 'weth' }, lane.sessionId))).toThrow(code('badDocument'))
    const twice = { ...lane, providerWallet: lane.agentWallet }
    expect(run(() => rail.define(twice, nonceOf(1)))).toThrow(code('badDocument'))
    expect(run(() => rail.define(lane, new Uint8Array(8)))).toThrow(code('badDocument'))
  })

  test('error: an opening with any byte changed, or of another lane, is refused', async () => {
    const all = await trio(get())
    const [message] = await openMessages(all, get().nowMs())
    if (message === undefined) throw new Error('no opening')
    for (let at = 0; at < message.length; at += 7) {
      expect(run(() => all.coordinator.rail.verifyOpen(all.lane, [flipped(message, at)]))).toThrow()
    }
    const { rail } = all.coordinator
    expect(run(() => rail.verifyOpen(all.lane, []))).toThrow(code('badDocument'))
    expect(run(() => rail.verifyOpen(all.lane, [message, message]))).toThrow(code('badDocument'))
    expect(run(() => rail.verifyOpen({ ...all.lane, capacity: usd(9) }, [message]))).toThrow(code('badDocument'))
    expect(run(() => rail.verifyOpen({ ...all.lane, sessionId: sessionIdOf(9_999_999) }, [message]))).toThrow()
  })
}
