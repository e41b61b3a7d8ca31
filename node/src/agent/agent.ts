import {
  Ack,
  Authorisation,
  encodeInputs,
  End,
  Final,
  Grant,
  hex,
  isOrienError,
  least,
  LIMITS,
  micros,
  Notice,
  NUMERATOR_PER_MICRO,
  OrienError,
  parseUsdc,
  peekDocument,
  Receipt,
  Refusal,
  Statement,
  TickAck,
  TIMES,
  turnSigner,
  utf8,
  type Hello,
  type Micros,
  type Numerator,
  type Outcome,
  type PeerText,
  type Signed,
} from '@orien/protocol'
import { PROTOCOLS } from '../network/protocols.ts'
import type { Settlement } from '../coordinator-client/statements.ts'
import { serveCosign } from './cosigner.ts'
import { prepareInputs, type InputFiles } from './files.ts'
import { Finder, type FindOptions, type Found } from './finder.ts'
import { LiveSession, type LiveParts } from './live-session.ts'
import { openSession } from './opener.ts'
import { windowFor } from './policy.ts'
import type { AgentConfig, AgentParts } from './ports.ts'
import { cheapestFirst, type Rank } from './rank.ts'
import { SpendBook } from './spend-book.ts'
import type { CallOutcome } from './work-client.ts'

const DOCUMENTS = [Grant, Notice, Authorisation, Refusal, TickAck, Receipt, Ack, End, Final, Statement].map(
  (one) => one.type,
)

export interface RunOptions {
  /** Workspace path → bytes, a stream, or a local path. */
  readonly files?: InputFiles
  /** Decimal USDC; the policy's own cap when absent. */
  readonly maxCost?: string
  /** Only this provider. */
  readonly provider?: PeerText
  /** Cancels: what ran until then is billed. */
  readonly signal?: AbortSignal
  /** Decimal USDC to hold in a new session; enough for several calls when absent. */
  readonly allowance?: string
  readonly onLog?: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void
  readonly onTick?: (ms: number) => void
}

/** What a call gave and cost. */
export interface RunResult {
  /** Standard output, whole and checked against the receipt. */
  readonly output: Uint8Array
  /** Standard error. */
  readonly logs: Uint8Array
  /** Files the tool left, by workspace path, checked against the receipt. */
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly outcome: Outcome
  readonly exitCode: number | undefined
  readonly effectiveMs: number
  /** Accepted cost as a numerator: 60 000 are 1 µUSDC. */
  readonly costNumerator: Numerator
  readonly provider: PeerText
  readonly session: string
  readonly receipt: Signed<Receipt>
}

/** An agent: finds tools, opens sessions, runs calls, never overspends. */
export interface Agent {
  readonly peer: PeerText
  /** Providers of a tool, best first. */
  find(toolId: string, options?: FindOptions): Promise<readonly Found[]>
  /** Runs one call, in an open session when there is one. */
  run(toolId: string, args: unknown, options?: RunOptions): Promise<RunResult>
  /** Sessions that are live now. */
  sessions(): readonly LiveSession[]
  /** Ends every session and waits until their channels are closed. */
  settle(): Promise<readonly Settlement[]>
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
  readonly #sessions = new Map<string, LiveSession>()
  readonly #opening = new Map<string, Promise<LiveSession>>()

  constructor(config: AgentConfig, parts: AgentParts, rank: Rank) {
    this.#config = config
    this.#parts = parts
    this.#rank = rank
    this.#finder = new Finder(config, parts)
    const hello = (): Hello => ({ documents: DOCUMENTS, clockMs: parts.clock.wallMs() })
    this.#live = { config, parts, book: new SpendBook(parts), turn: turnSigner(parts.scope, parts.signer), hello }
  }

  get peer(): PeerText {
    return this.#parts.network.peer
  }

  async start(): Promise<void> {
    const { book, hello } = this.#live
    await book.load()
    await this.#parts.network.handle(PROTOCOLS.cosign, (stream) =>
      serveCosign(
        {
          parts: this.#parts,
          book,
          hello,
          onNotice: async (session, bytes) => this.#sessions.get(session.key)?.takeNotice(bytes),
          onContest: async (session, contest) => {
            const live = this.#sessions.get(session.key)
            if (live === undefined) throw new OrienError('unknownSession', { message: 'the session is not live' })
            return live.contested(contest, peekDocument(this.#parts.scope, Receipt, contest.receipt).value.receiptSeq)
          },
        },
        stream,
      ),
    )
    for (const session of book.all()) {
      if (session.phase === 'paid' || session.phase === 'closed') continue
      const live = new LiveSession(this.#live, session)
      this.#sessions.set(session.key, live)
      // A session of an earlier run: taken up when its parties answer, else it ends by its own times.
      live
        .start()
        .catch((error: unknown) => this.#parts.log('resumeFailed', { session: session.key, code: codeOf(error) }))
    }
  }

  async find(toolId: string, options: FindOptions = {}): Promise<readonly Found[]> {
    return this.#rank(await this.#finder.find(toolId, options))
  }

  sessions(): readonly LiveSession[] {
    return [...this.#sessions.values()]
  }

  async run(toolId: string, args: unknown, options: RunOptions = {}): Promise<RunResult> {
    options.signal?.throwIfAborted()
    const argBytes = utf8(JSON.stringify(args ?? {}))
    if (argBytes.length > LIMITS.maxArgsBytes)
      throw new OrienError('badArguments', { message: 'the arguments are too long' })
    const wanted = options.maxCost === undefined ? this.#config.policy.maxCallMicros : parseUsdc(options.maxCost)
    const prepared = await prepareInputs(this.#parts, options.files ?? {})
    const live = await this.#sessionFor(toolId, wanted, options)
    const capMicros = least(wanted, live.session.grant.windowMicros)
    await live.files.upload(prepared)
    let callSeq: number | undefined
    const onAbort = (): void => {
      if (callSeq !== undefined) live.cancel(callSeq)
    }
    options.signal?.addEventListener('abort', onAbort)
    try {
      const outcome = await live.call(
        {
          toolId,
          args: argBytes,
          inputs: encodeInputs(prepared.inputs),
          capMicros,
          startByMs: this.#parts.clock.wallMs() + TIMES.startByMs,
          ...(options.onLog === undefined ? {} : { onLog: options.onLog }),
          ...(options.onTick === undefined ? {} : { onTick: options.onTick }),
        },
        (seq) => {
          callSeq = seq
          if (options.signal?.aborted === true) onAbort()
        },
      )
      return await this.#resultOf(live, outcome, options)
    } finally {
      options.signal?.removeEventListener('abort', onAbort)
    }
  }

  async settle(): Promise<readonly Settlement[]> {
    const all = [...this.#sessions.values()]
    await Promise.all(all.map((live) => live.end()))
    return Promise.all(all.map((live) => live.settled()))
  }

  async stop(): Promise<void> {
    this.#finder.stop()
    await this.#parts.network.unhandle(PROTOCOLS.cosign)
    await Promise.all([...this.#sessions.values()].map((live) => live.stop()))
  }

  async #resultOf(live: LiveSession, outcome: CallOutcome, options: RunOptions): Promise<RunResult> {
    const { receipt, checked, output, stdout, stderr } = outcome
    const owed = micros(checked.acceptedNumerator / NUMERATOR_PER_MICRO)
    const money = { where: 'owed', minMicros: owed, maxMicros: owed, delivered: true } as const
    const { value } = receipt
    if (value.outcome === 'providerError')
      throw new OrienError('providerError', {
        message: 'the provider failed; the call costs nothing',
        details: { receipt: hex(receipt.id) },
      })
    if (value.outcome === 'notStarted')
      throw new OrienError(options.signal?.aborted === true ? 'cancelled' : 'late', {
        message: 'the call did not start',
      })
    if (options.signal?.aborted === true)
      throw new OrienError('cancelled', { message: 'the call was cancelled', money })
    const files = await live.files.download(output.files, this.#config.policy.maxOutputBytes)
    return {
      output: stdout,
      logs: stderr,
      files,
      outcome: value.outcome,
      exitCode: value.exitCode,
      effectiveMs: value.effectiveMs,
      costNumerator: checked.acceptedNumerator as Numerator,
      provider: live.session.grant.provider,
      session: live.session.key,
      receipt,
    }
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
    const { policy } = this.#config
    this.#checkBudget(capMicros)
    const findOptions = {
      ...(options.provider === undefined ? {} : { provider: options.provider }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    }
    const candidates = await this.find(toolId, findOptions)
    let refused: OrienError | undefined
    for (const found of candidates) {
      const windowCalls = Math.min(policy.windowCalls, found.windows.windowCalls)
      const windowMicros = windowFor(capMicros, windowCalls, found.windows.windowMicros)
      const wish = options.allowance === undefined ? micros(windowMicros * 4n) : parseUsdc(options.allowance)
      const allowanceMicros = least(wish, policy.sessionMicros)
      try {
        const session = await openSession(
          { ...this.#live },
          { found, allowanceMicros, windows: { windowMicros: least(windowMicros, allowanceMicros), windowCalls } },
        )
        const live = new LiveSession(this.#live, session)
        await live.start()
        this.#sessions.set(session.key, live)
        return live
      } catch (error) {
        // Money problems are ours; another provider would not help.
        if (!isOrienError(error) || error.code === 'insufficientBalance' || error.money.where === 'unknown') throw error
        this.#parts.log('openFailed', { provider: found.offer.value.provider, code: error.code })
        refused = error
      }
    }
    throw refused ?? new OrienError('notFound', { message: `nobody offers ${toolId} now` })
  }

  /** The spend cap over everything this agent ever opened and did not get back. */
  #checkBudget(capMicros: Micros): void {
    let held = 0n
    for (const session of this.#live.book.all()) {
      const over = session.phase === 'closed' || session.phase === 'paid'
      held += over ? session.accepted / NUMERATOR_PER_MICRO : session.grant.allowanceMicros
    }
    const { totalMicros } = this.#config.policy
    if (held + capMicros > totalMicros) {
      throw new OrienError('policy', {
        message: 'the spend cap is reached',
        details: { heldMicros: held, totalMicros },
      })
    }
  }
}

function codeOf(error: unknown): string {
  return isOrienError(error) ? error.code : 'internal'
}
