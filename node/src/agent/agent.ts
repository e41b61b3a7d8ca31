import {
  Ack,
  Authorisation,
  End,
  Final,
  Grant,
  isOrienError,
  least,
  micros,
  Notice,
  OrienError,
  parseUsdc,
  Payout,
  peekDocument,
  Quote,
  Receipt,
  Refusal,
  Statement,
  TickAck,
  type Hello,
  type Micros,
  type MoneyState,
  type PeerText,
  type WindowLimits,
} from '@orien/protocol'
import type { Settlement } from '../coordinator-client/statements.ts'
import { PROTOCOLS } from '../network/protocols.ts'
import { health, reportingStore, type Health } from '../store/health.ts'
import { Budget } from './budget.ts'
import { cancelled } from './call-errors.ts'
import { Coordinators } from './coordinators.ts'
import { serveCosign } from './cosigner.ts'
import { Finder, type FindOptions, type Found } from './finder.ts'
import { LiveSession, type LiveParts } from './live-session.ts'
import { openSession } from './opener.ts'
import { windowFor } from './policy.ts'
import type { AgentConfig, AgentParts } from './ports.ts'
import { quietSigner } from './quiet-signer.ts'
import { cheapestFirst, type Rank } from './rank.ts'
import { Recoveries } from './recoveries.ts'
import { prepareRun, runIn, type RunOptions, type RunResult } from './runs.ts'
import type { AgentSession } from './session.ts'
import { SpendBook } from './spend-book.ts'

export type { RunOptions, RunResult }

const DOCUMENTS = [
  Grant,
  Quote,
  Notice,
  Authorisation,
  Refusal,
  TickAck,
  Receipt,
  Ack,
  End,
  Final,
  Statement,
  Payout,
].map((one) => one.type)
/** A new session holds enough for so many windows. */
const WINDOWS_HELD = 4n

export interface SettleOptions {
  /** As long as it takes when absent. */
  readonly timeoutMs?: number
}

/** An agent: finds tools, opens sessions, runs calls, never overspends. */
export interface Agent {
  readonly peer: PeerText
  /**
   * Resolves when the book cannot be written any more: nothing new is run and nothing is signed; calls in flight end, unpaid until the agent
   * is started again on a good disk.
   */
  readonly failed: Promise<OrienError>
  /** Providers of a tool, best first. */
  find(toolId: string, options?: FindOptions): Promise<readonly Found[]>
  /** Runs one call, in an open session when there is one. */
  run(toolId: string, args: unknown, options?: RunOptions): Promise<RunResult>
  /** Sessions that are live now. */
  sessions(): readonly LiveSession[]
  /**
   * Ends every session and waits until their channels are closed, those of Funds whose outcome was not known too, at most `timeoutMs`: then it throws `timedOut`, and they close without
   * us, by their own times.
   */
  settle(options?: SettleOptions): Promise<readonly Settlement[]>
  /** Stops at once; open sessions stay open and are taken up at the next start. */
  stop(): Promise<void>
}

/** Builds an agent on its parts; `createAgent` brings real ones. */
export async function composeAgent(config: AgentConfig, parts: AgentParts, rank: Rank = cheapestFirst): Promise<Agent> {
  const agent = new ComposedAgent(config, parts, rank)
  await agent.start()
  return agent
}

class ComposedAgent implements Agent {
  readonly #config: AgentConfig
  readonly #parts: AgentParts
  readonly #rank: Rank
  readonly #finder: Finder
  readonly #live: LiveParts
  readonly #budget: Budget
  readonly #health: Health
  readonly #sessions = new Map<string, LiveSession>()
  readonly #opening = new Map<string, Promise<LiveSession>>()
  readonly #recoveries: Recoveries

  constructor(config: AgentConfig, given: AgentParts, rank: Rank) {
    this.#health = health((error) => this.#breakDown(error))
    const parts = { ...given, store: reportingStore(given.store, (error) => this.#health.broke(error)) }
    this.#config = config
    this.#parts = parts
    this.#rank = rank
    this.#finder = new Finder(config, parts)
    const hello = (): Hello => ({ documents: DOCUMENTS, clockMs: parts.clock.wallMs() })
    const book = new SpendBook(parts)
    const coordinators = new Coordinators({ parts, hello })
    this.#live = { config, parts, book, coordinators, turn: quietSigner(parts.scope, parts.signer), hello }
    this.#recoveries = new Recoveries(this.#live, (session) => this.#takeUpUnused(session))
    this.#budget = new Budget(config.policy.totalMicros, book)
  }

  get peer(): PeerText {
    return this.#parts.network.peer
  }

  get failed(): Promise<OrienError> {
    return this.#health.failed
  }

  async start(): Promise<void> {
    const { book } = this.#live
    await book.load()
    await this.#serveCosign()
    // Sessions of an earlier run are taken up when their parties answer, else they end by their own times.
    for (const session of book.all()) this.#takeUp(session).resume()
    for (const [key, fund] of await book.openFunds()) this.#recoveries.add(key, fund)
  }

  async find(toolId: string, options: FindOptions = {}): Promise<readonly Found[]> {
    return this.#rank(await this.#finder.find(toolId, options))
  }

  sessions(): readonly LiveSession[] {
    return [...this.#sessions.values()]
  }

  async run(toolId: string, args: unknown, options: RunOptions = {}): Promise<RunResult> {
    this.#health.check(() => this.#held())
    const run = await prepareRun(this.#live, toolId, args, options)
    const opening = this.#sessionFor(toolId, run.capMicros, options)
    const live = options.signal === undefined ? await opening : await unlessAborted(options.signal, opening)
    return runIn(this.#live, live, run)
  }

  async settle({ timeoutMs }: SettleOptions = {}): Promise<readonly Settlement[]> {
    const settled = this.#settleAll()
    if (timeoutMs === undefined) return settled
    const { promise: late, reject } = Promise.withResolvers<never>()
    const cancel = this.#parts.timers.after(timeoutMs, () =>
      reject(notSettled(this.sessions(), this.#recoveries.count)),
    )
    try {
      return await Promise.race([settled, late])
    } finally {
      cancel()
      settled.catch(() => undefined)
    }
  }

  async stop(): Promise<void> {
    this.#finder.stop()
    this.#recoveries.stop()
    await this.#parts.network.unhandle(PROTOCOLS.cosign)
    await Promise.all([...this.#sessions.values()].map((live) => live.stop()))
    await this.#live.coordinators.stop()
    try {
      await this.#live.book.endRun()
    } catch (error) {
      // The next start goes on with this run's budget: that is the careful side.
      this.#parts.log('runNotEnded', { code: codeOf(error) })
    }
  }

  /** The book cannot be written: no call passes any more. What was sent already ends; its receipts are countersigned after a restart. */
  #breakDown(error: OrienError): void {
    this.#parts.log('bookFailed', { code: error.code, why: error.message })
    for (const live of this.#sessions.values()) live.shut(error)
  }

  /** What open sessions hold. */
  #held(): MoneyState {
    const open = this.sessions().filter(({ session }) => session.phase !== 'closed' && session.phase !== 'paid')
    const maxMicros = micros(open.reduce((sum, { session }) => sum + session.grant.allowanceMicros, 0n))
    return { where: maxMicros === 0n ? 'wallet' : 'reserved', minMicros: micros(0n), maxMicros, delivered: false }
  }

  /** Sessions that are live now, and those that a Fund of unknown outcome turns out to have opened. */
  async #settleAll(): Promise<readonly Settlement[]> {
    const settle = (live: LiveSession): Promise<Settlement> => live.end().then(() => live.settled())
    const known = this.sessions()
    const settling = Promise.all(known.map(settle))
    // Both are waited for below; one that fails while the other is waited for is no stray rejection.
    settling.catch(() => undefined)
    await this.#recoveries.heard()
    const late = this.sessions().filter((live) => !known.includes(live))
    return [...(await settling), ...(await Promise.all(late.map(settle)))]
  }

  #serveCosign(): Promise<void> {
    const { book, hello } = this.#live
    const parts = this.#parts
    return parts.network.handle(PROTOCOLS.cosign, (stream) =>
      serveCosign(
        {
          parts,
          book,
          hello,
          onNotice: async (session, bytes) => this.#sessions.get(session.key)?.takeNotice(bytes),
          onCheque: (session) => this.#sessions.get(session.key)?.showCheque(),
          onClose: async (session) => {
            await book.move(session, 'over')
          },
          onContest: async (session, contest) => {
            const live = this.#sessions.get(session.key)
            if (live === undefined) throw new OrienError('unknownSession', { message: 'the session is not live' })
            return live.contested(contest, peekDocument(parts.scope, Receipt, contest.receipt).value.receiptSeq)
          },
        },
        stream,
      ),
    )
  }

  #takeUp(session: AgentSession): LiveSession {
    const live = new LiveSession(this.#live, session)
    this.#sessions.set(session.key, live)
    // A paid session has nothing left to do.
    live.paid().then(
      () => {
        this.#sessions.delete(session.key)
        return live.retire()
      },
      () => undefined,
    )
    return live
  }

  async #recoverFund(key: string): Promise<void> {
    const fund = (await this.#live.book.openFunds()).get(key)
    if (fund !== undefined) this.#recoveries.add(key, fund)
  }

  /** A session that was granted when nobody waited for it any more is ended at once. */
  async #takeUpUnused(session: AgentSession): Promise<void> {
    const live = this.#takeUp(session)
    live.resume()
    await live.end('unused')
  }

  /** An open session that offers the tool and still covers the cap, or a new one; calls that want one at the same time share it. */
  async #sessionFor(toolId: string, capMicros: Micros, options: RunOptions): Promise<LiveSession> {
    const open = this.sessions().find(
      (live) =>
        live.open &&
        live.session.terms.has(toolId) &&
        (options.provider === undefined || live.session.grant.provider === options.provider) &&
        live.remainingMicros >= least(capMicros, live.session.grant.windowMicros),
    )
    if (open !== undefined) return open
    const key = `${toolId} ${options.provider ?? ''}`
    let opening = this.#opening.get(key)
    if (opening === undefined) {
      opening = this.#open(toolId, capMicros, options).finally(() => this.#opening.delete(key))
      this.#opening.set(key, opening)
    }
    return opening
  }

  async #open(toolId: string, capMicros: Micros, options: RunOptions): Promise<LiveSession> {
    const { provider } = options
    const candidates = await this.find(toolId, provider === undefined ? {} : { provider })
    let refused: OrienError | undefined
    for (const found of candidates) {
      const terms = this.#termsFor(found, capMicros, options)
      try {
        return await this.#openWith(found, terms)
      } catch (error) {
        if (!isOrienError(error) || isOurs(error)) throw error
        this.#parts.log('openFailed', { provider: found.offer.value.provider, code: error.code })
        refused = error
      }
    }
    throw refused ?? new OrienError('notFound', { message: `nobody offers ${toolId} now` })
  }

  /** Throws `policy` when the cap on spending is reached. */
  #termsFor(found: Found, capMicros: Micros, options: RunOptions): Terms {
    const { policy } = this.#config
    const windowCalls = Math.min(policy.windowCalls, found.windows.windowCalls)
    const windowMicros = windowFor(capMicros, windowCalls, found.windows.windowMicros)
    const wish = options.allowance === undefined ? micros(windowMicros * WINDOWS_HELD) : parseUsdc(options.allowance)
    const budget = this.#budget.take(least(wish, policy.sessionMicros), least(capMicros, windowMicros))
    return { budget, windows: { windowMicros: least(windowMicros, budget.micros), windowCalls } }
  }

  async #openWith(found: Found, { budget, windows }: Terms): Promise<LiveSession> {
    let session: AgentSession
    let funded: string | undefined
    const onFund = (key: string): void => {
      funded = key
      // From here on the book counts it.
      budget.release()
    }
    try {
      session = await openSession(this.#live, { found, allowanceMicros: budget.micros, windows, onFund })
    } catch (error) {
      budget.release()
      // Whatever the coordinator says, what it may hold counts until the channel says better; the Fund is asked after, as after a restart.
      if (funded !== undefined && this.#live.book.isFunded(funded)) await this.#recoverFund(funded)
      throw error
    }
    const live = this.#takeUp(session)
    try {
      await live.start()
    } catch (error) {
      // The channel is open all the same: it is ended, so that the allowance comes back.
      await live.end(codeOf(error))
      throw error
    }
    return live
  }
}

/** What a session is asked for. */
interface Terms {
  readonly budget: ReturnType<Budget['take']>
  readonly windows: WindowLimits
}

/** Money trouble is ours, and another provider would not help; an unknown outcome must be known before more is opened. */
function isOurs({ code, money }: OrienError): boolean {
  return code === 'insufficientBalance' || code === 'stopped' || money.where === 'unknown'
}

async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(cancelled('nothing was sent'))
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
    // The session may be wanted by others; alone, it stays open for the next call.
    work.catch(() => undefined)
    aborted.catch(() => undefined)
  }
}

function notSettled(all: readonly LiveSession[], unheard: number): OrienError {
  const waiting = all.filter(({ session }) => session.phase !== 'closed' && session.phase !== 'paid')
  const heldMicros = waiting.reduce((sum, { session }) => sum + session.grant.allowanceMicros, 0n)
  return new OrienError('timedOut', {
    message: `${waiting.length + unheard} sessions are not closed yet`,
    hint: 'They close by their own times, and what is unspent comes back; look again later.',
    money: { where: 'reserved', minMicros: micros(0n), maxMicros: micros(heldMicros), delivered: true },
    details: { sessions: waiting.map(({ session }) => session.key).join(' ') },
  })
}

function codeOf(error: unknown): string {
  return isOrienError(error) ? error.code : 'internal'
}
