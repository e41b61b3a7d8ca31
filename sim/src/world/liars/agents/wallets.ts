import { micros, type Micros } from '@orien/protocol'
import { RAIL, RAIL_URL } from '../../parties/settings.ts'
import { CLOSED_BEHIND, MAX_UNPAID, UNOPENED } from '../patches.ts'
import type { Strategy } from '../strategy.ts'

const SHORT = { callCapMicros: 20_000n as Micros }

export const WALLET_LIES: readonly Strategy[] = [
  {
    name: 'wallet-hijacked',
    party: 'agent',
    story:
      'takes its wallet out of every channel when much is owed (a session key that voids its signatures); what is unpaid is capped',
    settings: SHORT,
    maxUnpaidWindows: 1n,
    workMs: (rng) => rng.between(12_000, 19_000),
    concedes: ({ maxUnpaidMicros }) => ({ providerMicros: maxUnpaidMicros }),
    without: MAX_UNPAID,
    play: ({ ground, me }) => ({
      start: () => void ground.time.after(150_000, () => ground.ledger.hijack(me.wallet.address, true)),
    }),
  },
  {
    name: 'wallet-emptied',
    party: 'agent',
    story: 'sends its money away before the channel opens; nobody takes a channel that the ledger does not show',
    without: UNOPENED,
    play: ({ ground, me }) => ({
      start: () => {
        const send = async (): Promise<void> => {
          const rail = await ground.railsOf(me).use(RAIL, RAIL_URL)
          const all = ground.ledger.balance(me.wallet.address)
          await rail.pay(await rail.draftPayout(ground.cast.reserve.wallet.address, all, 1_800_000_000_000))
        }
        send().catch((error: unknown) => ground.trace.add(me.name, `kept its money: ${String(error)}`))
      },
    }),
  },
  {
    name: 'closed-behind',
    party: 'agent and provider',
    story:
      'the two who have the quorum close their channels with nothing for the coordinator; it pays nobody what it did not get',
    without: CLOSED_BEHIND,
    play: ({ ground, me }) => ({
      start: () => {
        const [anvil] = ground.cast.providers
        const close = (): void => {
          for (const [id, { status, participants, capacity }] of ground.channels()) {
            if (status !== 'open' || participants[0] !== me.wallet.address) continue
            if (participants[2] !== anvil?.wallet.address) continue
            const none = micros(0n)
            ground.witness.foreign.add(id)
            ground.ledger.closeByOthers(id, {
              agentMicros: micros(capacity),
              coordinatorMicros: none,
              providerMicros: none,
            })
          }
          ground.time.after(70_000, close)
        }
        ground.time.after(100_000, close)
      },
    }),
  },
]
