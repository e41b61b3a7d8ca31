import {
  decodeExit,
  encodeExit,
  equalBytes,
  floorMicros,
  isOrienError,
  micros,
  numerator,
  OrienError,
  type CancelTimer,
  type Exit,
} from '@orien/protocol'
import {
  EXIT_AHEAD_MS,
  mayLeave,
  paidByExit,
  saysClosed,
  standingOf,
  type Standing,
} from '../coordinator-client/leaving.ts'
import { exitDueMs, isGone } from '../coordinator-client/silence.ts'
import type { Allocations, ChannelRail, Lane, Reading } from '../rails/channel.ts'
import { exitAllocations, sameAllocations } from '../rails/single-paper.ts'
import { signAll } from './cheques.ts'
import type { Coordinators } from './coordinators.ts'
import type { AgentParts } from './ports.ts'
import { laneNow, type AgentSession } from './session.ts'
import type { SpendBook } from './spend-book.ts'

/** A session past its time is looked at this often. */
const LOOK_MS = 60_000

export interface AgentExitsParts {
  readonly parts: AgentParts
  readonly book: SpendBook
  readonly coordinators: Coordinators
}

/**
 * Closes the channel of one session with its provider when the coordinator is gone for good: the provider gets what was countersigned, the
 * rest comes back. The agent signs; only the provider brings an Exit to the ledger.
 */
export class AgentExits {
  readonly #of: AgentExitsParts
  readonly #session: AgentSession
  readonly #hooks: { readonly send: (exit: Uint8Array) => void; readonly onClosed: () => Promise<void> }
  #cancel: CancelTimer | undefined
  /** Since when the channel is read open although its coordinator says that it is closed. */
  #openSince: number | undefined
  #stopped = false

  constructor(
    of: AgentExitsParts,
    session: AgentSession,
    hooks: { readonly send: (exit: Uint8Array) => void; readonly onClosed: () => Promise<void> },
  ) {
    this.#of = of
    this.#session = session
    this.#hooks = hooks
  }

  /** Looks at the session when its coordinator has had all the time it has. */
  watch(): void {
    if (this.#session.phase !== 'paid') this.#lookIn(exitDueMs(this.#session.grant) - this.#of.parts.clock.wallMs())
  }

  /** True while the ledger shows the channel open, whatever its coordinator says. Throws as ChannelRail.read. */
  async standsOpen(): Promise<boolean> {
    return (await this.#standing()).reading.status === 'open'
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  /** The provider's side of an Exit: a proposal is signed and sent back; what both signed was brought to the ledger. */
  async take(bytes: Uint8Array): Promise<void> {
    const { parts } = this.#of
    const exit = decodeExit(bytes)
    if (this.#session.phase === 'paid') return
    try {
      const rail = await this.#rail()
      rail.verifyExit(this.#session.lane, exit, 'provider')
      const proposal = exit.agentSignatures.length === 0
      if (proposal) await this.#check(exit)
      const standing = await this.#standing()
      if (await this.#isClosed(standing, true)) return
      if (!proposal) return
      if (exit.base !== standing.lane.base)
        throw refused('badCheque', 'the exit is not drawn on the channel as it stands')
      this.#hooks.send(encodeExit(await this.#sign(standing, exit)))
    } catch (error) {
      // The provider may be early, or claim more than we countersigned: neither ends its stream.
      if (!isOrienError(error)) throw error
      parts.log('exitRefused', { session: this.#session.key, code: error.code })
    }
  }

  #lookIn(delayMs: number): void {
    this.#cancel?.()
    if (this.#stopped) return
    const look = (): void => {
      this.#look().catch((error: unknown) => {
        const code = isOrienError(error) ? error.code : 'internal'
        this.#of.parts.log('exitFailed', { session: this.#session.key, code })
      })
    }
    this.#cancel = this.#of.parts.timers.after(Math.max(0, delayMs), look)
  }

  async #look(): Promise<void> {
    const session = this.#session
    if (session.phase === 'paid') return
    this.#lookIn(LOOK_MS)
    const heard = await this.#heard()
    if (heard && !saysClosed(session.notice?.value)) return
    const standing = await this.#standing()
    if (await this.#isClosed(standing, heard)) return
    if (!(await this.#mayLeave(standing, heard))) return
    const totalMicros = floorMicros(numerator(session.acked))
    const tsMs = this.#of.parts.clock.wallMs() + EXIT_AHEAD_MS
    const draft = { sessionId: session.id, base: standing.lane.base, totalMicros, tsMs }
    const exit = await this.#sign(standing, { ...draft, agentSignatures: [], providerSignatures: [] })
    this.#of.parts.log('exitProposed', { session: session.key, totalMicros: String(totalMicros) })
    this.#hooks.send(encodeExit(exit))
  }

  async #check(exit: Exit): Promise<void> {
    const session = this.#session
    if (!equalBytes(exit.sessionId, session.id)) throw refused('badDocument', 'the exit is of another session')
    if (this.#of.parts.clock.wallMs() < exitDueMs(session.grant))
      throw refused('policy', 'the coordinator still has time')
    if (exit.totalMicros > floorMicros(numerator(session.acked)))
      throw refused('overspend', 'the exit pays more than was countersigned')
    const heard = await this.#heard()
    if (!(await this.#mayLeave(await this.#standing(), heard)))
      throw refused('policy', 'the coordinator is there, or says that the channel is closed')
  }

  async #mayLeave({ rail, reading }: Standing, heard: boolean): Promise<boolean> {
    const { book, parts } = this.#of
    const { grant, notice } = this.#session
    const statement = await book.lastStatement(this.#session)
    return mayLeave({
      grant,
      notice: notice?.value,
      heard,
      receivedMicros: statement?.receivedMicros,
      openMs: this.#openMs(reading),
      nowMs: parts.clock.wallMs(),
      landingMs: rail.capabilities.landingMs,
    })
  }

  #openMs({ status }: Reading): number {
    const isDoubted = status === 'open' && saysClosed(this.#session.notice?.value)
    const nowMs = this.#of.parts.clock.monoMs()
    this.#openSince = isDoubted ? (this.#openSince ?? nowMs) : undefined
    return this.#openSince === undefined ? 0 : nowMs - this.#openSince
  }

  /** Durable before it leaves. */
  async #sign({ rail, lane }: Standing, exit: Exit): Promise<Exit> {
    const agentSignatures = await signAll(this.#of.parts.wallet, rail.draftExit(lane, exit.totalMicros, exit.tsMs))
    const signed = { ...exit, agentSignatures }
    await this.#of.book.saveExit(this.#session, encodeExit(signed))
    return signed
  }

  /** True when the channel is closed. By an Exit the session is over; by anything else its Statement is still to come. */
  async #isClosed({ lane, reading: { status, allocations } }: Standing, heard: boolean): Promise<boolean> {
    if (status !== 'closed') return false
    const { coordinatorMicros, providerMicros } = allocations
    this.#session.paidAway = micros(coordinatorMicros + providerMicros)
    // A coordinator that is gone and took no more than was countersigned owes nothing that would be worth the wait.
    const owes = heard || coordinatorMicros > floorMicros(numerator(this.#session.acked))
    const hasStatement = this.#session.phase === 'closed'
    if ((owes || hasStatement) && !(await this.#isExit(lane, allocations))) {
      // Nothing can come of an Exit any more.
      if (hasStatement) this.#cancel?.()
      return true
    }
    this.#of.parts.log('sessionExited', {
      session: this.#session.key,
      paidMicros: String(allocations.providerMicros),
      returnedMicros: String(micros(allocations.agentMicros)),
    })
    await this.#hooks.onClosed()
    return true
  }

  /** Nobody but an Exit pays a provider in the channel; one at nothing is known by what we signed. */
  async #isExit(lane: Lane, allocations: Allocations): Promise<boolean> {
    if (paidByExit(allocations)) return true
    const ours = await this.#of.book.exitOf(this.#session)
    return ours !== undefined && sameAllocations(allocations, exitAllocations(lane, ours.totalMicros))
  }

  async #heard(): Promise<boolean> {
    const { grant, id } = this.#session
    try {
      await this.#of.coordinators.exchange(grant.coordinator, { sessionId: id })
      return true
    } catch (error) {
      return !isGone(error)
    }
  }

  async #standing(): Promise<Standing> {
    return standingOf(await this.#rail(), laneNow(this.#session))
  }

  #rail(): Promise<ChannelRail> {
    const { rail, url } = this.#session.grant.channel
    return this.#of.parts.channels.use(rail, url)
  }
}

function refused(code: 'badDocument' | 'policy' | 'badCheque' | 'overspend', message: string): OrienError {
  return new OrienError(code, { message })
}
