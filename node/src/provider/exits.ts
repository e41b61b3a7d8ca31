import {
  decodeExit,
  encodeExit,
  equalBytes,
  floorMicros,
  isOrienError,
  numerator,
  OrienError,
  type CancelTimer,
  type Exit,
} from '@orien/protocol'
import {
  closesWhatStands,
  EXIT_AHEAD_MS,
  mayLeave,
  paidByExit,
  saysClosed,
  type Standing,
  standingOf,
} from '../coordinator-client/leaving.ts'
import { exitDueMs } from '../coordinator-client/silence.ts'
import type { ChannelRail, Reading } from '../rails/channel.ts'
import type { ProviderParts } from './ports.ts'
import { keys } from './records.ts'
import type { SessionBook } from './session-book.ts'
import { baseOf, type Session } from './session.ts'

/** A session past its time is looked at this often. */
const LOOK_MS = 60_000
/** An agent that is here countersigns in milliseconds; one that has not by then will not. */
const COUNTERSIGN_MS = 2 * LOOK_MS

type CashOutcome = Awaited<ReturnType<ChannelRail['cash']>>

export interface ExitsParts {
  readonly parts: ProviderParts
  readonly book: SessionBook
  /** Asks the coordinator once more; true when it answered. */
  readonly heard: (session: Session) => Promise<boolean>
  readonly isAttached: (session: Session) => boolean
  /** Sends a frame to the agent, when it is attached. */
  readonly send: (session: Session, exit: Uint8Array) => void
}

/**
 * Closes channels with the agent when the coordinator is gone for good: at what was countersigned, signed by both. Only the provider
 * brings an Exit to the ledger: two parties that close at once could be paid twice there.
 */
export class Exits {
  readonly #of: ExitsParts
  readonly #timers = new Map<string, CancelTimer>()
  /** Since when the agent of a session, here, could countersign its receipts through `seq`. */
  readonly #since = new Map<string, { readonly seq: number; readonly ms: number }>()
  /** Since when a channel is read open that its coordinator says is closed. */
  readonly #openSince = new Map<string, number>()
  #stopped = false

  constructor(of: ExitsParts) {
    this.#of = of
  }

  /** Looks at a session when its coordinator has had all the time it has. */
  watch(session: Session): void {
    if (session.phase === 'paid') return
    this.#lookIn(session, exitDueMs(session.grant) - this.#of.parts.clock.wallMs())
  }

  /** The agent of a session went away: when it is back it has all its time again. */
  left(session: Session): void {
    this.#since.delete(session.key)
  }

  /** True while the ledger shows the channel open, whatever its coordinator says. Throws as ChannelRail.read. */
  async standsOpen(session: Session): Promise<boolean> {
    return (await this.#standing(session)).reading.status === 'open'
  }

  stop(): void {
    this.#stopped = true
    for (const cancel of this.#timers.values()) cancel()
  }

  /** Nothing can happen to it any more. */
  forget({ key }: Session): void {
    this.#timers.get(key)?.()
    for (const map of [this.#timers, this.#since, this.#openSince]) map.delete(key)
  }

  /**
   * The agent's side of an Exit: a proposal, or our own one signed. Returns the Exit with both signatures when it was a proposal;
   * undefined when nothing is to be answered.
   */
  async take(session: Session, bytes: Uint8Array): Promise<Uint8Array | undefined> {
    const exit = decodeExit(bytes)
    const { parts } = this.#of
    try {
      const rail = await this.#railOf(session)
      rail.verifyExit(session.lane, exit, 'agent')
      await this.#check(session, exit)
      const standing = await this.#standing(session)
      if (standing.reading.status !== 'open' || exit.base !== standing.lane.base)
        throw refused('badCheque', 'the exit is not drawn on the channel as it stands')
      const proposal = exit.providerSignatures.length === 0
      const signed = proposal ? await this.#sign(session, standing, exit) : exit
      rail.verifyExit(standing.lane, signed)
      await this.#of.book.saveSignedExit(session, signed)
      await this.#cash(session, standing, signed)
      return proposal ? encodeExit(signed) : undefined
    } catch (error) {
      // The agent may be early, or know less: neither is a reason to drop its stream.
      if (!isOrienError(error)) throw error
      parts.log('exitRefused', { session: session.key, code: error.code })
      return undefined
    }
  }

  #lookIn(session: Session, delayMs: number): void {
    if (this.#stopped) return
    this.#timers.get(session.key)?.()
    const look = (): void => {
      this.#timers.delete(session.key)
      this.#look(session).catch((error: unknown) => {
        const code = isOrienError(error) ? error.code : 'internal'
        this.#of.parts.log('exitFailed', { session: session.key, code })
      })
    }
    this.#timers.set(session.key, this.#of.parts.timers.after(Math.max(0, delayMs), look))
  }

  async #look(session: Session): Promise<void> {
    if (session.phase === 'paid') return
    this.#lookIn(session, LOOK_MS)
    const heard = await this.#of.heard(session)
    if (heard && !saysClosed(session.notice?.value)) return
    const standing = await this.#standing(session)
    if (await this.#isOver(session, standing.reading, heard)) return
    if (!(await this.#mayLeave(session, standing, heard))) return
    await this.#of.book.acksOnDisk(session)
    if (await this.#cashSigned(session, standing)) return
    if (this.#mayCountersign(session)) return
    const totalMicros = floorMicros(numerator(session.accepted))
    // Nothing is owed to us: the agent asks when it wants its money back.
    if (totalMicros === 0n || this.#of.parts.wallet === undefined) return
    const tsMs = this.#of.parts.clock.wallMs() + EXIT_AHEAD_MS
    const draft = { sessionId: session.id, base: standing.lane.base, totalMicros, tsMs }
    const exit = await this.#sign(session, standing, { ...draft, agentSignatures: [], providerSignatures: [] })
    this.#of.parts.log('exitProposed', { session: session.key, totalMicros: String(totalMicros) })
    this.#of.send(session, encodeExit(exit))
  }

  async #check(session: Session, exit: Exit): Promise<void> {
    const now = this.#of.parts.clock.wallMs()
    if (!equalBytes(exit.sessionId, session.id)) throw refused('badDocument', 'the exit is of another session')
    if (now < exitDueMs(session.grant)) throw refused('policy', 'the coordinator still has time')
    // It takes the place of one that both signed before, and must be good for as long.
    if (exit.tsMs < now + EXIT_AHEAD_MS / 2) throw refused('badCheque', 'the exit is dated too early')
    await this.#of.book.acksOnDisk(session)
    if (exit.totalMicros < floorMicros(numerator(session.accepted)))
      throw refused('badCheque', 'the exit pays less than was countersigned')
    if (this.#mayCountersign(session)) throw refused('policy', 'receipts are still to be countersigned')
    const heard = await this.#of.heard(session)
    if (!(await this.#mayLeave(session, await this.#standing(session), heard)))
      throw refused('policy', 'the coordinator is there, or says that the channel is closed')
  }

  async #mayLeave(session: Session, { rail, reading }: Standing, heard: boolean): Promise<boolean> {
    const { book, parts } = this.#of
    const statement = await book.lastStatement(session)
    return mayLeave({
      grant: session.grant,
      notice: session.notice?.value,
      heard,
      receivedMicros: statement?.receivedMicros,
      openMs: this.#openMs(session, reading),
      nowMs: parts.clock.wallMs(),
      landingMs: rail.capabilities.landingMs,
    })
  }

  #openMs({ key, notice }: Session, { status }: Reading): number {
    if (status !== 'open' || !saysClosed(notice?.value)) {
      this.#openSince.delete(key)
      return 0
    }
    const nowMs = this.#of.parts.clock.monoMs()
    const sinceMs = this.#openSince.get(key) ?? nowMs
    this.#openSince.set(key, sinceMs)
    return nowMs - sinceMs
  }

  /** What an Exit leaves out is lost: receipts that are on their way to the agent are worth a wait. */
  #mayCountersign(session: Session): boolean {
    if (session.unacked.size === 0) return false
    if (!this.#of.isAttached(session)) return true
    const nowMs = this.#of.parts.clock.monoMs()
    const { seq } = session.head
    const since = this.#since.get(session.key)
    if (since?.seq === seq) return nowMs - since.ms < COUNTERSIGN_MS
    this.#since.set(session.key, { seq, ms: nowMs })
    return true
  }

  /** Durable before it leaves. */
  async #sign(session: Session, { rail, lane }: Standing, exit: Exit): Promise<Exit> {
    const { wallet, store } = this.#of.parts
    if (wallet === undefined) throw refused('partMissing', 'no wallet to sign an exit with')
    const providerSignatures: Uint8Array[] = []
    for (const draft of rail.draftExit(lane, exit.totalMicros, exit.tsMs))
      providerSignatures.push(await wallet.sign(draft))
    const signed = { ...exit, providerSignatures }
    await store.commit([{ type: 'put', key: keys.exit(session.key), value: encodeExit(signed) }])
    return signed
  }

  /** The Exit that both signed, when it still closes the channel and pays what is owed by now. False when it takes another one. */
  async #cashSigned(session: Session, standing: Standing): Promise<boolean> {
    const { signedExit, accepted } = session
    if (signedExit === undefined || signedExit.totalMicros < floorMicros(numerator(accepted))) return false
    if (!closesWhatStands(standing, signedExit)) return false
    return (await this.#cash(session, standing, signedExit)) !== 'refused'
  }

  async #cash(session: Session, { rail, lane }: Standing, exit: Exit): Promise<CashOutcome> {
    const outcome = await rail.cash(lane, exit)
    this.#of.parts.log('exitCashed', { session: session.key, outcome, totalMicros: String(exit.totalMicros) })
    // What is unknown is read when it is looked at next, never sent again blindly.
    if (outcome === 'settled' || outcome === 'superseded') await this.#isOver(session, await rail.read(lane), false)
    return outcome
  }

  /** True when the channel is closed: then it is not looked at any more. */
  async #isOver(session: Session, { status, allocations }: Reading, heard: boolean): Promise<boolean> {
    if (status !== 'closed') return false
    const { parts, book } = this.#of
    const isPaid = paidByExit(allocations)
    // Where it was no Exit, what a coordinator that is there says is what counts.
    if ((isPaid || !heard) && (await book.move(session, isPaid ? 'exited' : 'exitedUnpaid'))) {
      await parts.files.remove(session.key)
      parts.log('sessionExited', { session: session.key, paidMicros: String(allocations.providerMicros) })
    }
    this.forget(session)
    if (session.phase === 'paid') book.forget(session)
    return true
  }

  async #standing(session: Session): Promise<Standing> {
    return standingOf(await this.#railOf(session), { ...session.lane, base: baseOf(session) })
  }

  #railOf({ grant }: Session): Promise<ChannelRail> {
    return this.#of.parts.channels.use(grant.channel.rail, grant.channel.url)
  }
}

function refused(code: 'badDocument' | 'policy' | 'badCheque' | 'partMissing', message: string): OrienError {
  return new OrienError(code, { message })
}
