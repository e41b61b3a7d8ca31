import { hex, isOrienError, type CancelTimer, type Hello, type OrienError } from '@orien/protocol'
import { fetchSettlement, type Settlement } from '../coordinator-client/statements.ts'
import type { StoreOp } from '../store/port.ts'
import type { AgentParts } from './ports.ts'
import type { AgentSession } from './session.ts'
import { agentKeys } from './records.ts'
import type { SpendBook } from './spend-book.ts'

const RETRY_MS = 1_000
const RETRY_MAX_MS = 30_000
/** One that is said to be closed while its channel stands open is asked after this often. */
const OPEN_RETRY_MS = 60_000

const PHASES = { CLOSED: 'closed', PAID: 'paid' } as const

export interface SettlingParts {
  readonly parts: AgentParts
  readonly book: SpendBook
  readonly hello: () => Hello
  /** The session went on to `closed` or `paid`, with its documents. */
  readonly onMoved: () => void
  /** True while the ledger shows the channel open. Throws as ChannelRail.read. */
  readonly standsOpen: () => Promise<boolean>
}

/**
 * The end of one session: fetches its Statements and Payouts when the coordinator says that they are there. The session is `closed` or `paid` with
 * them, in one batch, once the ledger shows its channel closed: one that is paid is not loaded again, so what it rests on must be on disk by then.
 */
export class Settling {
  readonly #of: SettlingParts
  readonly #session: AgentSession
  readonly #settled = Promise.withResolvers<Settlement>()
  readonly #paid = Promise.withResolvers<Settlement>()
  #fetching: 'CLOSED' | 'PAID' | undefined
  #fetched: 'CLOSED' | 'PAID' | undefined
  #stopped = false
  #cancel: CancelTimer | undefined

  constructor(of: SettlingParts, session: AgentSession) {
    this.#of = of
    this.#session = session
    // Nobody has to wait for them.
    this.#settled.promise.catch(() => undefined)
    this.#paid.promise.catch(() => undefined)
  }

  get settled(): Promise<Settlement> {
    return this.#settled.promise
  }

  get paid(): Promise<Settlement> {
    return this.#paid.promise
  }

  /** The coordinator's Notice says so. */
  reached(state: 'CLOSED' | 'PAID'): void {
    if (this.#fetched === state || this.#fetched === 'PAID') return
    const busy = this.#fetching !== undefined
    this.#fetching = state
    if (!busy) void this.#fetch(RETRY_MS)
  }

  /** Closed with the provider: there is no Statement, the ledger's entry is the proof. */
  exited(): void {
    this.#stopped = true
    this.#cancel?.()
    const nothing: Settlement = { notice: undefined, statements: [], payouts: [] }
    this.#settled.resolve(nothing)
    this.#paid.resolve(nothing)
  }

  stop(error: OrienError): void {
    this.#stopped = true
    this.#cancel?.()
    this.#settled.reject(error)
    this.#paid.reject(error)
  }

  async #fetch(retryMs: number): Promise<void> {
    const state = this.#fetching
    if (this.#stopped || state === undefined) return
    const { parts, hello, book } = this.#of
    const { id, key, grant } = this.#session
    let againMs = retryMs
    try {
      const settlement = await fetchSettlement({ ...parts, hello }, grant.coordinator, id)
      const isOver = !(await this.#of.standsOpen())
      if (this.#stopped) return
      await book.settle(this.#session, isOver ? PHASES[state] : undefined, [
        ...settlement.statements.map(({ value, bytes }) => put(agentKeys.statement(key, value.statementSeq), bytes)),
        ...settlement.payouts.map(({ value, bytes }) =>
          put(agentKeys.payout(hex(value.payoutId), value.transaction), bytes),
        ),
      ])
      if (isOver) return this.#done(state, settlement)
      // Its money is still in there, whatever the coordinator says.
      parts.log('closedButOpen', { session: key, state })
      againMs = OPEN_RETRY_MS
    } catch (error) {
      if (this.#stopped) return
      parts.log('settlementNotThere', { session: key, code: isOrienError(error) ? error.code : 'internal' })
    }
    this.#cancel = parts.timers.after(againMs, () => void this.#fetch(Math.min(RETRY_MAX_MS, retryMs * 2)))
  }

  #done(state: 'CLOSED' | 'PAID', settlement: Settlement): void {
    this.#fetched = state
    this.#of.onMoved()
    this.#settled.resolve(settlement)
    if (state === 'PAID') this.#paid.resolve(settlement)
    const next = this.#fetching
    this.#fetching = undefined
    if (next !== undefined && next !== state) this.reached(next)
  }
}

function put(key: string, value: Uint8Array): StoreOp {
  return { type: 'put', key, value }
}
