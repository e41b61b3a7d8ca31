import { PROTOCOLS, type FrameStream, type Network } from '@orien/node/network'
import type { ChannelRail, Lane } from '@orien/node/rails'
import {
  Ack,
  Authorisation,
  cosignAnswers,
  cosignRequests,
  documentId,
  encodeCheque,
  End,
  Fund,
  Grant,
  least,
  micros,
  Notice,
  numerator,
  Open,
  openDocument,
  peekDocument,
  Quote,
  Receipt,
  sessionAnswers,
  sessionRequests,
  signDocument,
  TickAck,
  utf8,
  type AckException,
  type CosignAnswer,
  type CosignRequest,
  type Id,
  type Micros,
  type Outgoing,
  type PeerText,
  type SessionAnswer,
  type SessionRequest,
  type Signed,
} from '@orien/protocol'
import { HELLO, openLink, type ReceiptsLink } from './link.ts'
import { scope, type Party } from './parties.ts'

export interface OpenWish {
  readonly allowanceMicros?: bigint
  readonly windowMicros?: bigint
  readonly windowCalls?: number
  readonly durationMs?: number
}

/** How the agent answers co-signature requests. */
export type CosignMode = 'sign' | 'refuse' | 'silent'

/** One session as the scripted agent sees it. */
export interface AgentSession {
  readonly sessionId: Id
  readonly grant: Grant
  readonly lane: Lane
  readonly quote: Uint8Array
  readonly fund: Uint8Array
  readonly cheque: Uint8Array
  base: number
  chequeSeq: number
  ceiling: bigint
  callSeq: number
  acked: number
  accepted: bigint
  readonly receipts: Signed<Receipt>[]
  readonly acks: Uint8Array[]
}

/** An agent that does exactly what a test tells it to, with real documents. */
export class ScriptedAgent {
  readonly party: Party
  readonly network: Network
  readonly rail: ChannelRail
  readonly coordinator: PeerText
  readonly nowMs: () => number
  readonly asked: CosignRequest[] = []
  readonly notices: Notice[] = []
  cosign: CosignMode = 'sign'
  /** Answers a contest with an Ack of everything it is told of. */
  acksContests = true
  readonly sessions: AgentSession[] = []
  #nonce = 0
  #link: ReceiptsLink | undefined

  constructor(party: Party, network: Network, rail: ChannelRail, coordinator: PeerText, nowMs: () => number) {
    this.party = party
    this.network = network
    this.rail = rail
    this.coordinator = coordinator
    this.nowMs = nowMs
  }

  async serve(): Promise<void> {
    await this.network.handle(PROTOCOLS.cosign, (stream) => this.#serveCosign(stream))
  }

  async link(): Promise<ReceiptsLink> {
    this.#link ??= await openLink(this.network, this.coordinator)
    return this.#link
  }

  unlink(): void {
    this.#link = undefined
  }

  /** One exchange on a session stream of its own: the frames that answered, until `count` came or the stream ended. */
  async talk(request: Partial<Outgoing<SessionRequest>>, count = 1): Promise<SessionAnswer[]> {
    const stream = await this.network.dial({ peer: this.coordinator }, PROTOCOLS.session)
    stream.send(sessionRequests.encode({ hello: HELLO, ...request }))
    const answers: SessionAnswer[] = []
    for await (const frame of stream.frames) {
      answers.push(sessionAnswers.decode(frame))
      const only = answers[0]
      if (answers.length >= count || only?.grant === undefined) break
    }
    await stream.close()
    return answers
  }

  async openDocument(offer: Uint8Array, wish: OpenWish = {}): Promise<Uint8Array> {
    return signDocument(scope, this.party.signer, Open, {
      nonce16: new Uint8Array(16).fill(++this.#nonce),
      coordinator: this.coordinator,
      offer,
      bindings: [await this.party.binding('spend')],
      allowanceMicros: micros(wish.allowanceMicros ?? 1_000_000n),
      durationMs: wish.durationMs ?? 600_000,
      windowMicros: micros(wish.windowMicros ?? 100_000n),
      windowCalls: wish.windowCalls ?? 64,
    }).bytes
  }

  /** Open → Quote. */
  async quote(offer: Uint8Array, wish: OpenWish = {}): Promise<SessionAnswer> {
    const [answer] = await this.talk({ open: await this.openDocument(offer, wish) })
    return answer!
  }

  /** What a Fund on a Quote carries. */
  async prepare(quote: Uint8Array, attempt = 1): Promise<AgentSession> {
    const { grant: payload } = openDocument(scope, Quote, quote, this.coordinator).value
    const grant = Grant.decode(payload)
    const sessionId = documentId(scope, Grant, payload)
    const lane = this.rail.lane(grant, sessionId)
    const drafts = this.rail.draftOpen(lane, { version: 0 }, this.nowMs())
    const openMessages = this.rail.assembleOpen(lane, drafts, await this.#sign(drafts))
    const ceiling = least(grant.windowMicros, grant.allowanceMicros)
    const cheque = await this.drawCheque(lane, 1, ceiling)
    const fund = signDocument(scope, this.party.signer, Fund, { quote, attempt, openMessages, cheque }).bytes
    const base = {
      base: lane.base,
      chequeSeq: 1,
      ceiling: ceiling as bigint,
      callSeq: 0,
      acked: 0,
      accepted: 0n,
      receipts: [],
      acks: [],
    }
    const session: AgentSession = { sessionId, grant, lane, quote, fund, cheque, ...base }
    this.sessions.push(session)
    return session
  }

  /** The whole opening. Throws unless the session is granted. */
  async open(offer: Uint8Array, wish: OpenWish = {}): Promise<AgentSession> {
    const { quote, failure } = await this.quote(offer, wish)
    if (quote === undefined) throw new Error(`no quote: ${failure?.code}`)
    const session = await this.prepare(quote)
    const [granted, noticed] = await this.talk({ fund: session.fund }, 2)
    if (granted?.grant === undefined || noticed?.notice === undefined)
      throw new Error(`no grant: ${granted?.failure?.code}`)
    openDocument(scope, Grant, granted.grant, this.coordinator)
    openDocument(scope, Notice, noticed.notice, this.coordinator)
    return session
  }

  authorise(session: AgentSession, capMicros = 50_000n, more: Partial<Authorisation> = {}): Signed<Authorisation> {
    session.callSeq += 1
    return signDocument(scope, this.party.signer, Authorisation, {
      sessionId: session.sessionId,
      callSeq: session.callSeq,
      toolId: 'echo',
      argsHash: scope.crypto.sha256(utf8('args')),
      inputsHash: scope.crypto.sha256(utf8('inputs')),
      capMicros: micros(capMicros),
      startByMs: this.nowMs() + 60_000,
      ...more,
    })
  }

  /** Signs for a running call's meter, for `provider.receipt`'s `lastTick`. */
  tickAck(authorisation: Signed<Authorisation>, ms: number): Uint8Array {
    return signDocument(scope, this.party.signer, TickAck, { authId: authorisation.id, ms }).bytes
  }

  /** Acknowledges the session's next receipts, all that were seen or `count`. */
  ack(session: AgentSession, exceptions: readonly AckException[] = [], count?: number): Uint8Array {
    const fresh = session.receipts.slice(session.acked, count === undefined ? undefined : session.acked + count)
    const head = fresh.at(-1)!
    for (const { value } of fresh) {
      const exception = exceptions.find(({ receiptSeq }) => receiptSeq === value.receiptSeq)
      const accepted = exception === undefined ? value.numerator : ((60_000n * BigInt(exception.acceptedMs)) as never)
      session.accepted += accepted < value.numerator ? accepted : value.numerator
    }
    const fromSeq = session.acked + 1
    session.acked = head.value.receiptSeq
    return this.signAck(session, {
      fromSeq,
      throughSeq: session.acked,
      headId: head.id,
      exceptions,
      acceptedNumerator: session.accepted,
    })
  }

  /** Every Ack it gave for a session. */
  acksAgain(session: AgentSession): readonly Uint8Array[] {
    return [...session.acks]
  }

  signAck(
    session: AgentSession,
    ack: Omit<Ack, 'sessionId' | 'acceptedNumerator'> & { acceptedNumerator: bigint },
  ): Uint8Array {
    const value = { ...ack, sessionId: session.sessionId, acceptedNumerator: numerator(ack.acceptedNumerator) }
    const { bytes } = signDocument(scope, this.party.signer, Ack, value)
    session.acks.push(bytes)
    return bytes
  }

  /** The next cheque at a ceiling. */
  async cheque(session: AgentSession, ceiling: bigint): Promise<Uint8Array> {
    session.chequeSeq += 1
    session.ceiling = ceiling
    return this.drawCheque({ ...session.lane, base: session.base }, session.chequeSeq, micros(ceiling))
  }

  end(session: AgentSession, reason = 'done'): Uint8Array {
    return signDocument(scope, this.party.signer, End, { sessionId: session.sessionId, reason }).bytes
  }

  async drawCheque(lane: Lane, chequeSeq: number, ceilingMicros: Micros): Promise<Uint8Array> {
    const signatures = await this.#sign(this.rail.draft(lane, chequeSeq, ceilingMicros))
    return encodeCheque({ sessionId: lane.sessionId, chequeSeq, base: lane.base, ceilingMicros, signatures })
  }

  async #sign(drafts: ReturnType<ChannelRail['draft']>): Promise<Uint8Array[]> {
    return Promise.all(drafts.map((draft) => this.party.wallet.sign(draft)))
  }

  async #serveCosign(stream: FrameStream): Promise<void> {
    for await (const frame of stream.frames) {
      const request = cosignRequests.decode(frame)
      if (request.notice !== undefined) {
        this.notices.push(openDocument(scope, Notice, request.notice, this.coordinator).value)
        continue
      }
      this.asked.push(request)
      if (this.cosign === 'silent') continue
      const answer = this.cosign === 'refuse' ? REFUSED : await this.#answer(request)
      if (answer !== undefined) stream.send(cosignAnswers.encode({ hello: HELLO, ...answer }))
    }
    await stream.close()
  }

  async #answer({ debit, close, contest }: CosignRequest): Promise<Partial<Outgoing<CosignAnswer>> | undefined> {
    if (debit !== undefined) {
      const session = this.#sessionOf(debit.sessionId)
      const lane = { ...session.lane, base: session.base }
      const signatures = await this.#sign(
        this.rail.draftDebit(lane, debit.version, micros(debit.totalMicros), debit.tsMs),
      )
      if (this.rail.capabilities.debitMovesBase) session.base = debit.version
      const allowed = debit.totalMicros + session.grant.windowMicros
      const ceiling = allowed > session.ceiling ? allowed : session.ceiling
      return {
        signatures,
        cheque: await this.cheque(
          session,
          ceiling < session.grant.allowanceMicros ? ceiling : session.grant.allowanceMicros,
        ),
      }
    }
    if (close !== undefined) {
      const session = this.#sessionOf(close.sessionId)
      session.chequeSeq += 1
      return {
        cheque: await this.drawCheque(
          { ...session.lane, base: close.base },
          session.chequeSeq,
          micros(close.totalMicros),
        ),
      }
    }
    if (contest === undefined || !this.acksContests) return REFUSED
    const receipt = peekDocument(scope, Receipt, contest.receipt)
    const session = this.#sessionOf(receipt.value.sessionId)
    if (!session.receipts.some(({ value }) => value.receiptSeq === receipt.value.receiptSeq))
      session.receipts.push(receipt)
    return { ack: this.ack(session, [], 1) }
  }

  #sessionOf(sessionId: Uint8Array): AgentSession {
    const session = this.sessions.find((one) => Buffer.from(one.sessionId).equals(sessionId))
    if (session === undefined) throw new Error('no such session')
    return session
  }
}

const REFUSED = {
  failure: { code: 'policy', money: { where: 'wallet', minMicros: 0n, maxMicros: 0n, delivered: false } },
}
