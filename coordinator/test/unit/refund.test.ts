import type { ChannelRail } from '@orien/node/rails'
import { hex, OrienError } from '@orien/protocol'
import { expect, test } from 'vitest'
import { worlds } from '../helpers/suite.ts'
import { AGENT_FUNDS } from '../helpers/world.ts'

const make = worlds()

/** A rail that knows its transfers again by recipient and amount alone, as a ledger that gives them ids of its own. */
function forgetful(
  real: ChannelRail,
  wallet: string,
  way: { down: boolean; readonly lost: number; sends: number },
): ChannelRail {
  const sent = new Set<string>()
  const drafts = new Map<string, { readonly to: string; readonly micros: bigint; readonly after: number }>()
  const rows = async () =>
    (await real.holdings(wallet as Parameters<ChannelRail['holdings']>[0])).movements.toReversed()
  return {
    ...real,
    async draftPayout(to, micros, tsMs) {
      if (way.down) throw new OrienError('unreachable', { message: 'the node is away' })
      const bytes = await real.draftPayout(to, micros, tsMs)
      drafts.set(hex(bytes), { to, micros, after: (await rows()).length })
      return bytes
    },
    async pay(bytes) {
      const draft = drafts.get(hex(bytes))
      if (draft === undefined) throw new TypeError('not drafted here')
      if (!sent.has(hex(bytes))) {
        sent.add(hex(bytes))
        if (++way.sends !== way.lost) return real.pay(bytes)
      }
      const known = (await rows()).slice(draft.after)
      return known.some((one) => one.account === draft.to && one.micros === -draft.micros) ? 'paid' : 'dead'
    },
  }
}

test('behavior: two refunds of one sum to one agent go one after the other, so that neither is taken for the other', async () => {
  const w = make()
  const way = { down: true, lost: 2, sends: 0 }
  const railOf = w.railOf.bind(w)
  w.railOf = (party) =>
    party === w.coordinatorParty ? forgetful(railOf(party), party.wallet.address, way) : railOf(party)
  const first = await w.begin()
  const second = await w.agent.open((await w.offer()).bytes)
  w.agent.cosign = 'silent'
  for (const session of [first, second]) {
    await w.provider.send(session, { ends: [w.agent.end(session)] })
    await w.provider.send(session, { final: w.provider.final(session) })
  }
  await w.time.advance(60_000)
  for (const session of [first, second]) expect(await w.stateOf(session)).toBe('CLOSED')
  way.down = false
  await w.restart()
  await w.time.advance(120_000)
  for (const session of [first, second]) expect(await w.stateOf(session)).toBe('PAID')
  expect(way.sends).toBe(3)
  expect(w.ledger.balance(w.agent.party.wallet.address)).toBe(AGENT_FUNDS)
})
