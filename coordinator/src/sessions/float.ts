import { micros, type Micros, type PeerText } from '@orien/protocol'
import { refused, type Core } from '../core.ts'
import type { Book } from '../ledger/book.ts'
import type { Registry } from './registry.ts'

/** What of the float is in use. */
export interface Exposure {
  /** Allowances of all sessions that are not closed. */
  readonly holdsMicros: Micros
  /** Settled shares and refunds that are not paid yet. */
  readonly unpaidMicros: Micros
}

export function exposureOf(book: Book): Exposure {
  const owed = ['payable', 'platform', 'reserve', 'payout', 'blocked', 'refund', 'refunding']
  return {
    holdsMicros: micros(book.sum('channel') + book.sum('standing')),
    unpaidMicros: micros(-owed.reduce((sum, kind) => sum + book.sum(kind), 0n)),
  }
}

/** Throws `noFloat` while the book is read-only, `treasuryLow` while due payouts wait for money; `noFloat` unless float ≥ unpaid + Σ holds + allowance, or when the agent has too many sessions. */
export function requireFloat(core: Core, registry: Registry, agent: PeerText, allowance: Micros): void {
  const [doubt] = core.book.doubts.all()
  if (doubt !== undefined)
    throw refused('noFloat', 'the coordinator takes no new sessions until its book is explained', {
      details: { why: doubt.kind },
    })
  if (core.gate.treasuryLow)
    throw refused('treasuryLow', 'the coordinator waits for its treasury to be refilled; nothing moved')
  const { holdsMicros, unpaidMicros } = exposureOf(core.book)
  const { floatMicros, maxSessionsPerAgent } = core.config
  if (unpaidMicros + holdsMicros + allowance > floatMicros) {
    throw refused('noFloat', 'the float does not cover one more session', { details: { floatMicros } })
  }
  // Others may open sessions that name this peer as their provider: those are not its own.
  const own = registry.ofPeer(agent).filter(({ session }) => session.agent === agent)
  if (own.length >= maxSessionsPerAgent) throw refused('noFloat', 'the agent has too many sessions')
}
