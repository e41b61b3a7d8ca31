import type { Cheque } from '@orien/protocol'
import { expect, test } from 'vitest'
import { usd, signAll, sessionIdOf, trio, opened, chequeOf, shares, flipped, code, run } from './trio.ts'
import type { ChannelAttacks, ChannelWorld } from './world.ts'

/** Papers that close a channel without the agent. */
export function chequeTests(get: () => ChannelWorld, { hijack }: ChannelAttacks): void {
  test('behavior: a cheque verifies offline and probes alive', async () => {
    const all = await opened(get())
    const cheque = await chequeOf(all, all.lane, 1, usd(2))
    for (const { rail } of [all.agent, all.coordinator, all.provider])
      expect(rail.verify(all.lane, cheque)).toBeUndefined()
    expect(await all.coordinator.rail.probe(all.lane, cheque)).toBe('alive')
    expect(await all.coordinator.rail.read(all.lane)).toMatchObject({ status: 'open', allocations: shares(10, 0, 0) })
  })

  test('error: a cheque with any field or signature byte changed is refused', async () => {
    const all = await trio(get())
    const { lane } = all
    const { rail } = all.coordinator
    const cheque = await chequeOf(all, lane, 4, usd(2))
    const [signature] = cheque.signatures
    if (signature === undefined) throw new Error('no signature')
    const stranger = await get().party()
    const others = await signAll(stranger.wallet, rail.draft(lane, 4, usd(2)))
    const refused: readonly [Cheque, string][] = [
      [{ ...cheque, ceilingMicros: usd(3) }, 'badSignature'],
      [{ ...cheque, chequeSeq: 5 }, 'badSignature'],
      [{ ...cheque, chequeSeq: 0 }, 'badCheque'],
      [{ ...cheque, base: -1 }, 'badCheque'],
      [{ ...cheque, sessionId: sessionIdOf(9_999_999) }, 'badCheque'],
      [{ ...cheque, ceilingMicros: usd(11) }, 'badCheque'],
      [{ ...cheque, signatures: [] }, 'badSignature'],
      [{ ...cheque, signatures: [...cheque.signatures, signature] }, 'badSignature'],
      [{ ...cheque, signatures: others }, 'badSignature'],
    ]
    for (const [bad, expected] of refused) expect(run(() => rail.verify(lane, bad))).toThrow(code(expected))
    for (let at = 0; at < signature.length; at += 4) {
      const signatures = [flipped(signature, at), ...cheque.signatures.slice(1)]
      expect(run(() => rail.verify(lane, { ...cheque, signatures }))).toThrow(code('badSignature'))
    }
    expect(run(() => rail.draft(lane, 1, usd(11)))).toThrow(code('badCheque'))
  })

  test('behavior: a cheque of a closed channel probes dead', async () => {
    const all = await opened(get())
    const cheque = await chequeOf(all, all.lane, 1, usd(2))
    expect(await all.provider.rail.cash(all.lane, cheque)).toBe('settled')
    expect(await all.coordinator.rail.probe(all.lane, cheque)).toBe('dead')
  })

  if (!hijack) return
  test("behavior: a hijacked agent's cheque probes dead, is refused, and lives again", async () => {
    const all = await opened(get())
    const cheque = await chequeOf(all, all.lane, 1, usd(2))
    const undo = await get().hijack(all.agent.wallet)
    expect(await all.coordinator.rail.probe(all.lane, cheque)).toBe('dead')
    expect(await all.coordinator.rail.cash(all.lane, cheque)).toBe('refused')
    await undo()
    expect(await all.coordinator.rail.probe(all.lane, cheque)).toBe('alive')
    expect(await all.coordinator.rail.cash(all.lane, cheque)).toBe('settled')
  })
}
