import type { Address } from '@orien/protocol'
import type { Core } from '../core.ts'
import type { Live } from '../sessions/live.ts'
import type { Registry } from '../sessions/registry.ts'
import type { Outcome } from '../sessions/runner.ts'
import type { Holdings } from './holdings.ts'

/** Refunds, one in flight for each recipient: two equal transfers could not be told apart in the ledger. */
export interface Refunds {
  /** Takes the recipients of transfers that were drafted before a crash. Called once, before anything runs. */
  load(): void
  perform(live: Live): Promise<Outcome>
}

export function createRefunds(core: Core, registry: Registry, holdings: Holdings): Refunds {
  const owners = new Map<Address, string>()

  const draft = async (live: Live): Promise<void> => {
    const amount = live.session.refund?.micros
    if (amount === undefined) return
    const bytes = await core.channel.draftPayout(live.grant.agentWallet, amount, core.clock.wallMs())
    await registry.feed(live, { type: 'refundDrafted', nowMs: core.clock.wallMs(), bytes })
  }

  return {
    load() {
      for (const live of registry.all()) {
        if (live.session.refund?.bytes !== undefined) owners.set(live.grant.agentWallet, live.sid)
      }
    },
    /** `refund`: drafts the transfer, makes its bytes durable, pays. Paying again only reads, so a crash anywhere pays once. */
    async perform(live) {
      const wallet = live.grant.agentWallet
      const owner = owners.get(wallet)
      // One that owes nothing any more, because its refund was found or a later close came, has let go.
      const isTaken = owner !== undefined && owner !== live.sid && registry.get(owner)?.session.refund !== undefined
      if (isTaken) return 'retry'
      // A book that was restored may owe what it has paid: that shows in what moved.
      if (holdings.unread) return 'retry'
      // Taken before anything is waited for: the other session's refund begins in the same turn.
      owners.set(wallet, live.sid)
      if (await holdings.settleRefund(live)) return 'done'
      if (live.session.refund?.bytes === undefined) await draft(live)
      const { refund } = live.session
      // Found meanwhile in what moved; or not drafted, for the book is read-only.
      if (refund === undefined) return 'done'
      if (refund.bytes === undefined) return 'retry'
      const answer = await core.channel.pay(refund.bytes)
      if (answer === 'unknown') return 'retry'
      const nowMs = core.clock.wallMs()
      await registry.feed(live, { type: answer === 'paid' ? 'refundPaid' : 'refundDead', nowMs })
      if (owners.get(wallet) === live.sid) owners.delete(wallet)
      if (answer === 'dead') return 'retry'
      core.metrics.add('refunded_micros_total', refund.micros)
      return 'done'
    },
  }
}
