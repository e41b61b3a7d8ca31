import {
  agentBoundMs,
  Authorisation,
  cosignAnswers,
  cosignRequests,
  documentId,
  Grant,
  hex,
  isOrienError,
  Open,
  peekDocument,
  Quote,
  Receipt,
  sessionAnswers,
  sessionRequests,
  TickAck,
  workAnswers,
  workRequests,
  type Micros,
  type Scope,
} from '@orien/protocol'
import type { Ground } from '../world.ts'
import type { FrameBends } from './bend.ts'

/** A call as an honest agent asked for it, by the world's clock. */
export interface SeenCall {
  readonly session: string
  readonly toolId: string
  readonly capMicros: Micros
  readonly sentMs: number
  /** When a receipt for it reached the agent first. */
  arrivedMs: number | undefined
  /** The most that the agent signed for while it ran. */
  tickMs: number
}

/** A session as an honest agent asked for it. */
export interface SeenSession {
  readonly agent: string
  readonly channelId: string
  /** Asked for, whatever was quoted. */
  readonly windowMicros: Micros
  readonly allowanceMicros: Micros
}

/** A debit that an honest agent signed. */
export interface SeenDebit {
  readonly session: string
  readonly version: number
  readonly totalMicros: bigint
  /** The version that stood then. */
  readonly standing: number
}

/** What passes honest agents, seen between them and the network: nothing is changed. */
export interface Observer {
  readonly calls: ReadonlyMap<string, SeenCall>
  readonly sessions: ReadonlyMap<string, SeenSession>
  /** Sessions that were attached to at a provider. */
  readonly attached: ReadonlySet<string>
  readonly debits: readonly SeenDebit[]
  watch(agent: string): FrameBends
}

/** What was seen so far. */
interface Seen {
  readonly calls: Map<string, SeenCall>
  readonly sessions: Map<string, SeenSession>
  readonly attached: Set<string>
  readonly debits: SeenDebit[]
}

export function createObserver(ground: Ground): Observer {
  const seen: Seen = { calls: new Map(), sessions: new Map(), attached: new Set(), debits: [] }
  return { ...seen, watch: (agent) => new AgentWatch(ground, seen, agent).bends }
}

/** Everything that passes one life of an agent. */
class AgentWatch {
  readonly #ground: Ground
  readonly #seen: Seen
  readonly #agent: string
  /** What was asked for, by the Open's id: several may be under way. */
  readonly #asked = new Map<string, Open>()
  #debit: SeenDebit | undefined

  constructor(ground: Ground, seen: Seen, agent: string) {
    this.#ground = ground
    this.#seen = seen
    this.#agent = agent
  }

  readonly bends: FrameBends = {
    out: (frame, { protocol }) => {
      quietly(() => this.#out(frame, protocol))
      return frame
    },
    in: (frame, { protocol }) => {
      quietly(() => this.#in(frame, protocol))
      return frame
    },
  }

  #out(frame: Uint8Array, protocol: string): void {
    if (protocol === 'work') {
      const { call, tickAck, attach } = workRequests.decode(frame)
      if (call !== undefined) this.#onCall(call.authorisation)
      if (tickAck !== undefined) this.#onTickAck(tickAck)
      if (attach !== undefined) this.#seen.attached.add(hex(peekDocument(this.#scope, Grant, attach.grant).id))
    } else if (protocol === 'session') {
      const { open } = sessionRequests.decode(frame)
      if (open !== undefined) this.#onOpen(open)
    } else if (protocol === 'cosign' && this.#debit !== undefined) {
      if (cosignAnswers.decode(frame).signatures.length > 0) this.#seen.debits.push(this.#debit)
      this.#debit = undefined
    }
  }

  #in(frame: Uint8Array, protocol: string): void {
    if (protocol === 'work') {
      const { done } = workAnswers.decode(frame)
      if (done !== undefined) this.#onReceipt(done.receipt)
    } else if (protocol === 'session') {
      const { quote } = sessionAnswers.decode(frame)
      if (quote !== undefined) this.#onQuote(quote)
    } else if (protocol === 'cosign') {
      const { contest, debit } = cosignRequests.decode(frame)
      if (contest !== undefined) this.#onReceipt(contest.receipt)
      if (debit !== undefined) this.#onDebit(hex(debit.sessionId), debit)
    }
  }

  get #scope(): Scope {
    return this.#ground.cast.scope
  }

  #onCall(bytes: Uint8Array): void {
    const { id, value } = peekDocument(this.#scope, Authorisation, bytes)
    if (this.#seen.calls.has(hex(id))) return
    const { toolId, capMicros } = value
    const times = { sentMs: this.#ground.time.nowMs, arrivedMs: undefined, tickMs: 0 }
    this.#seen.calls.set(hex(id), { session: hex(value.sessionId), toolId, capMicros, ...times })
  }

  #onReceipt(bytes: Uint8Array): void {
    const call = this.#seen.calls.get(hex(peekDocument(this.#scope, Receipt, bytes).value.authId))
    if (call !== undefined) call.arrivedMs ??= this.#ground.time.nowMs
  }

  #onTickAck(bytes: Uint8Array): void {
    const { authId, ms } = peekDocument(this.#scope, TickAck, bytes).value
    const call = this.#seen.calls.get(hex(authId))
    if (call === undefined) return
    // What it signed beyond its own clock justifies nothing.
    const clockMs = agentBoundMs(this.#ground.time.nowMs - call.sentMs, 0)
    call.tickMs = Math.max(call.tickMs, Math.min(ms, clockMs))
  }

  #onOpen(bytes: Uint8Array): void {
    const { id, value } = peekDocument(this.#scope, Open, bytes)
    this.#asked.set(hex(id), value)
  }

  #onQuote(bytes: Uint8Array): void {
    const { grant } = peekDocument(this.#scope, Quote, bytes).value
    const quoted = Grant.decode(grant)
    const { windowMicros, allowanceMicros } = this.#asked.get(hex(quoted.openId)) ?? quoted
    const channelId = quoted.channel.appSessionId
    const session = hex(documentId(this.#scope, Grant, grant))
    this.#seen.sessions.set(session, { agent: this.#agent, channelId, windowMicros, allowanceMicros })
  }

  #onDebit(session: string, { version, totalMicros }: Pick<SeenDebit, 'version' | 'totalMicros'>): void {
    const channelId = this.#seen.sessions.get(session)?.channelId ?? ''
    const standing = this.#ground.ledger.ledger.channels.get(channelId)?.version ?? 0
    this.#debit = { session, version, totalMicros, standing }
  }
}

/** Liars send what cannot be read: there is nothing to see in it. */
function quietly(look: () => void): void {
  try {
    look()
  } catch (error) {
    if (!isOrienError(error)) throw error
  }
}
