import {
  floorMicros,
  formatUsdc,
  hex,
  isOrienError,
  NUMERATOR_PER_MICRO,
  numerator,
  splitTotal,
  type CancelTimer,
  type Hello,
} from '@orien/protocol'
import { fetchSettlement, type Settlement } from '../coordinator-client/statements.ts'
import type { StoreOp } from '../store/port.ts'
import type { Exits } from './exits.ts'
import type { ProviderParts } from './ports.ts'
import { provedMicros } from './payment-proof.ts'
import { keys } from './records.ts'
import type { SessionBook } from './session-book.ts'
import type { Session } from './session.ts'
import type { Standings } from './standings.ts'

const RETRY_MS = 5_000
/** One that is said to be paid while its channel stands open is asked after this often. */
const OPEN_RETRY_MS = 60_000

export interface FollowerParts {
  readonly parts: ProviderParts
  readonly book: SessionBook
  readonly standings: Standings
  readonly exits: Pick<Exits, 'standsOpen'>
  readonly hello: () => Hello
  readonly end: (session: Session, reason: string) => Promise<void>
  readonly freeze: (session: Session) => Promise<void>
}

/** Moves sessions along with what their coordinator says. What it does can be done again: after a crash it is. */
export class Follower {
  readonly #of: FollowerParts
  readonly #fetching = new Set<string>()
  readonly #retries = new Map<string, CancelTimer>()
  #stopped = false

  constructor(of: FollowerParts) {
    this.#of = of
  }

  /** Acts on the newest Notice of a session. Throws as the store does; a coordinator that is not there is asked again. */
  async follow(session: Session): Promise<void> {
    const { book, end, freeze, parts } = this.#of
    switch (session.notice?.value.state) {
      case 'FROZEN':
        await freeze(session)
        break
      case 'ENDING':
      case 'SETTLING':
      case 'CLOSING':
        await end(session, 'ended')
        break
      case 'CLOSED':
      case 'PAID':
        await end(session, 'ended')
        if (await book.move(session, 'closed')) await parts.files.remove(session.key)
        this.#fetchLater(session, 0)
        break
      case 'VOID':
      case 'FUNDING':
      case 'OPEN':
      case undefined:
        break
    }
  }

  /** Nothing can happen to it any more. */
  forget({ key }: Session): void {
    this.#retries.get(key)?.()
    if (this.#retries.delete(key)) this.#fetching.delete(key)
  }

  stop(): void {
    this.#stopped = true
    for (const cancel of this.#retries.values()) cancel()
  }

  #fetchLater(session: Session, delayMs: number): void {
    const state = session.notice?.value.state
    if (this.#stopped || this.#fetching.has(session.key)) return
    if ((state !== 'CLOSED' && state !== 'PAID') || session.settledAt === state) return
    this.#fetching.add(session.key)
    const fetch = async (): Promise<void> => {
      let againMs = Math.min(OPEN_RETRY_MS, Math.max(RETRY_MS, 2 * delayMs))
      this.#retries.delete(session.key)
      try {
        if (!(await this.#fetch(session, state))) againMs = OPEN_RETRY_MS
      } catch (error) {
        const { log } = this.#of.parts
        log('settlementNotThere', { session: session.key, code: isOrienError(error) ? error.code : 'internal' })
      }
      this.#fetching.delete(session.key)
      // One that was closed with the agent meanwhile is forgotten.
      if (session.phase !== 'paid') this.#fetchLater(session, againMs)
    }
    if (delayMs === 0) void fetch()
    else
      this.#retries.set(
        session.key,
        this.#of.parts.timers.after(delayMs, () => void fetch()),
      )
  }

  /**
   * Statements say what is owed, Payouts prove what was paid; both are kept. False when it cannot be paid yet: a session is forgotten then, and its
   * channel stands open.
   */
  async #fetch(session: Session, state: 'CLOSED' | 'PAID'): Promise<boolean> {
    const { parts, book, hello } = this.#of
    const standsOpen = state === 'PAID' && (await this.#of.exits.standsOpen(session))
    const settlement = await fetchSettlement({ ...parts, hello }, session.grant.coordinator, session.id)
    const { statements, payouts } = settlement
    const ops: StoreOp[] = [
      ...statements.map(({ value, bytes }) => put(keys.statement(session.key, value.statementSeq), bytes)),
      ...payouts.map(({ value, bytes }) => put(keys.payout(hex(value.payoutId), value.transaction), bytes)),
    ]
    // Meanwhile it was closed with the agent, and paid by that: what came is kept, and counts for nothing.
    if (standsOpen || session.phase === 'paid') {
      await book.saveSettlement(session, ops)
      if (standsOpen) parts.log('paidButOpen', { session: session.key })
      return !standsOpen
    }
    await this.#settle(session, state, settlement, ops)
    return true
  }

  async #settle(session: Session, state: 'CLOSED' | 'PAID', settlement: Settlement, ops: StoreOp[]): Promise<void> {
    const { parts, book, standings } = this.#of
    const { coordinator, agent } = session.grant
    const { statements } = settlement
    const last = statements.at(-1)?.value
    const statedMicros = last?.split.providerMicros ?? 0n
    const paidMicros = state === 'PAID' ? provedMicros(session, settlement) : statedMicros
    session.settledAt = state
    if (state === 'PAID') {
      if (paidMicros > 0n) ops.push(standings.paid(agent))
      const owedMicros = splitTotal(floorMicros(numerator(session.accepted)), session.grant.splitBps).providerMicros
      if (owedMicros > paidMicros) {
        ops.push(book.lose(coordinator, NUMERATOR_PER_MICRO * (owedMicros - paidMicros)))
        parts.log('sessionShort', { session: session.key, shortMicros: String(owedMicros - paidMicros) })
      }
    }
    if (state === 'PAID') await book.move(session, 'paid', undefined, ops)
    else await book.saveSettlement(session, ops)
    parts.log(state === 'PAID' ? 'sessionPaid' : 'sessionClosed', {
      session: session.key,
      totalMicros: String(last?.totalMicros ?? 0n),
      paidMicros: String(paidMicros),
      claimedUsdc: formatUsdc(floorMicros(numerator(session.claimed))),
    })
    if (state === 'PAID') book.forget(session)
  }
}

function put(key: string, value: Uint8Array): StoreOp {
  return { type: 'put', key, value }
}
