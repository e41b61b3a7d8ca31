import {
  Ack,
  Authorisation,
  cosignAnswers,
  cosignRequests,
  decodeCheque,
  documentId,
  End,
  failureOf,
  Fund,
  Grant,
  hex,
  micros,
  Notice,
  openDocument,
  OrienError,
  peekDocument,
  Quote,
  Receipt,
  receiptsAnswers,
  receiptsRequests,
  sessionAnswers,
  sessionRequests,
  signDocument,
  statementAnswers,
  statementRequests,
  type CosignAnswer,
  type CosignRequest,
  type ErrorCode,
  type Hello,
  type Outgoing,
  type PeerText,
  type ReceiptsRequest,
  type SessionAnswer,
  type SessionState,
} from '@orien/protocol'
import type { FrameStream } from '../../src/network/port.ts'
import { PROTOCOLS } from '../../src/network/protocols.ts'
import { quoteOf } from './scripted-quote.ts'
import { settleSession } from './scripted-statement.ts'
import type { Script, ScriptedParts, SeenSession, Settled } from './scripted-types.ts'

/**
 * The coordinator's half of the wire for tests of agents and providers: signs real documents, opens real channels, keeps
 * everything in memory, judges nothing. The real one lives in the coordinator package, which node may not import.
 */
export class ScriptedCoordinator {
  readonly sessions = new Map<string, SeenSession>()
  readonly script: Script = {}
  readonly parts: ScriptedParts
  readonly #streams = new Set<FrameStream>()
  #funds = 0

  constructor(parts: ScriptedParts) {
    this.parts = parts
  }

  async start(): Promise<void> {
    const { network } = this.parts
    await network.handle(PROTOCOLS.session, (stream) => this.#session(stream))
    await network.handle(PROTOCOLS.receipts, (stream) => this.#receipts(stream))
    await this.serveStatements()
  }

  async serveStatements(): Promise<void> {
    await this.parts.network.handle(PROTOCOLS.statement, (stream) => this.#statement(stream))
  }

  /** Goes away, as a process that was stopped. */
  async stop(): Promise<void> {
    await this.parts.network.stop()
  }

  /** The only session there is. */
  get only(): SeenSession {
    const [session, ...more] = this.sessions.values()
    if (session === undefined || more.length > 0) throw new Error(`${this.sessions.size} sessions`)
    return session
  }

  /** Moves a session to a state and tells everybody. */
  tell(key: string, state: SessionState, more: { readonly base?: number } = {}): void {
    const session = this.#need(key)
    session.state = state
    session.base = more.base ?? session.base
    const notice = this.noticeOf(session)
    for (const stream of this.#streams) stream.send(receiptsAnswers.encode({ notice }))
  }

  /** Comes back on a copy of its book from when it had so many receipts and nothing else: every stream drops. */
  forget(key: string, receipts: number): void {
    const session = this.#need(key)
    session.receipts.splice(receipts)
    session.acks.splice(0)
    session.cheques.splice(1)
    Object.assign(session, {
      ends: [],
      final: false,
      state: 'OPEN',
      noticeSeq: 0,
      ceiling: session.cheques[0]?.ceilingMicros,
    })
    this.dropStreams()
  }

  /** Every stream drops, as when it is started again. */
  dropStreams(): void {
    for (const stream of this.#streams) stream.abort('restored')
  }

  /** Signs Statement and Payout over what was collected, closes the channel with the highest cheque, and says CLOSED. */
  async close(key: string, receivedMicros?: bigint): Promise<Settled> {
    const session = this.#need(key)
    const cheque = session.cheques.toSorted((a, b) => Number(b.ceilingMicros - a.ceilingMicros))[0]
    if (cheque !== undefined) await this.parts.rail.cash(session.lane, cheque)
    session.settled = settleSession(this.parts.scope, this.parts.signer, session, receivedMicros)
    this.tell(key, 'CLOSED')
    return session.settled
  }

  /** Signs a Statement that says that so much was received, and says CLOSED or PAID, while the channel stands open. */
  giveUp(key: string, state: 'CLOSED' | 'PAID', receivedMicros: bigint): void {
    const session = this.#need(key)
    session.settled = settleSession(this.parts.scope, this.parts.signer, session, receivedMicros)
    this.tell(key, state)
  }

  /** One exchange on a cosign stream, on the connection the agent opened. */
  async cosign(agent: PeerText, request: Partial<Outgoing<CosignRequest>>): Promise<CosignAnswer> {
    const stream = await this.parts.network.dial({ peer: agent }, PROTOCOLS.cosign)
    try {
      stream.send(cosignRequests.encode({ hello: this.#hello(), ...request }))
      for await (const frame of stream.frames) return cosignAnswers.decode(frame)
      throw new Error('the agent did not answer')
    } finally {
      await stream.close()
    }
  }

  noticeOf(session: SeenSession): Uint8Array {
    const { scope, signer } = this.parts
    session.noticeSeq++
    return signDocument(scope, signer, Notice, {
      sessionId: session.id,
      noticeSeq: session.noticeSeq,
      state: session.state,
      base: session.base,
      debitedMicros: micros(0n),
      ceilingHeldMicros: micros(session.ceiling),
      collectedThrough: session.receipts.length,
    }).bytes
  }

  #hello(): Hello {
    return { documents: [Notice.type], clockMs: this.parts.nowMs() }
  }

  async #session(stream: FrameStream): Promise<void> {
    let hello: Hello | undefined = this.#hello()
    const send = (answer: Partial<Outgoing<SessionAnswer>>): void => {
      stream.send(sessionAnswers.encode({ ...(hello === undefined ? {} : { hello }), ...answer }))
      hello = undefined
    }
    for await (const frame of stream.frames) {
      const request = sessionRequests.decode(frame)
      if (request.open !== undefined) {
        if (this.script.refuseOpen !== undefined) send({ failure: failureOf(refusal(this.script.refuseOpen)) })
        else send({ quote: quoteOf(this.parts, this.script, stream.peer, request.open) })
      }
      if (request.fund === undefined && request.ask === undefined) continue
      const scripted = this.script.fund?.(++this.#funds)
      if (scripted === 'drop' || scripted === 'lose') {
        if (scripted === 'lose') await this.#position(stream.peer, request.fund, request.ask)
        stream.abort('dropped')
        return
      }
      if (scripted === 'pending') {
        await this.#position(stream.peer, request.fund, request.ask)
        send({ pending: new Uint8Array(32) })
      } else if (scripted !== undefined) send(scripted)
      else for (const answer of await this.#position(stream.peer, request.fund, request.ask)) send(answer)
    }
    await stream.close()
  }

  async #position(
    agent: PeerText,
    fund: Uint8Array | undefined,
    ask: Uint8Array | undefined,
  ): Promise<Partial<Outgoing<SessionAnswer>>[]> {
    const { scope, signer } = this.parts
    const session = fund === undefined ? this.sessions.get(hex(ask ?? new Uint8Array())) : await this.#fund(agent, fund)
    if (session === undefined)
      return [{ failure: failureOf(refusal(fund === undefined ? 'unknownSession' : 'sessionVoid')) }]
    return [{ grant: signDocument(scope, signer, Grant, session.grant).bytes }, { notice: this.noticeOf(session) }]
  }

  async #fund(agent: PeerText, bytes: Uint8Array): Promise<SeenSession | undefined> {
    const { scope, signer, rail, network } = this.parts
    const fund = openDocument(scope, Fund, bytes, agent).value
    const quote = openDocument(scope, Quote, fund.quote, network.peer).value
    const grant = Grant.decode(quote.grant)
    const id = documentId(scope, Grant, quote.grant)
    const known = this.sessions.get(hex(id))
    if (known !== undefined) return known
    const lane = rail.lane(grant, id)
    rail.verifyOpen(lane, fund.openMessages)
    const cheque = decodeCheque(fund.cheque)
    rail.verify(lane, cheque)
    if ((await rail.open(lane, fund.openMessages)) !== 'open') return undefined
    const session: SeenSession = {
      ...{ grant, grantBytes: signDocument(scope, signer, Grant, grant).bytes, id, lane, state: 'OPEN' },
      ...{ ceiling: cheque.ceilingMicros, base: lane.base, noticeSeq: 0, cheques: [cheque], receipts: [], acks: [] },
      ...{ ends: [], final: false, settled: undefined },
    }
    this.sessions.set(hex(id), session)
    return session
  }

  async #receipts(stream: FrameStream): Promise<void> {
    this.#streams.add(stream)
    let hello: Hello | undefined = this.#hello()
    for await (const frame of stream.frames) {
      const request = receiptsRequests.decode(frame)
      if (request.heartbeat !== undefined || request.sessionId === undefined || this.script.silent === true) continue
      const greeting = hello === undefined ? {} : { hello }
      hello = undefined
      const session = this.sessions.get(hex(request.sessionId))
      if (session === undefined) {
        const failure = failureOf(refusal('unknownSession'), request.sessionId)
        stream.send(receiptsAnswers.encode({ ...greeting, batch: request.batch, failure }))
        continue
      }
      this.#collect(session, request)
      stream.send(receiptsAnswers.encode({ ...greeting, batch: request.batch, notice: this.noticeOf(session) }))
    }
    this.#streams.delete(stream)
    await stream.close()
  }

  #collect(session: SeenSession, request: ReceiptsRequest): void {
    const { scope, rail } = this.parts
    for (const bytes of request.cheques) {
      const cheque = decodeCheque(bytes)
      rail.verify({ ...session.lane, base: session.base }, cheque)
      session.cheques.push(cheque)
      const held = cheque.base === session.base && this.script.holdsNothing !== true
      if (held && cheque.ceilingMicros > session.ceiling) session.ceiling = cheque.ceilingMicros
    }
    for (const { authorisation, receipt } of request.receipts) {
      const auth = openDocument(scope, Authorisation, authorisation, session.grant.agent).value
      const opened = openDocument(scope, Receipt, receipt, session.grant.provider)
      if (opened.value.receiptSeq === session.receipts.length + 1)
        session.receipts.push({ ...opened, authorisation: auth, authorisationBytes: authorisation })
    }
    for (const bytes of request.acks) this.#takeAck(session, openDocument(scope, Ack, bytes, session.grant.agent).value)
    if (request.final !== undefined) session.final = true
    for (const bytes of request.ends) session.ends.push(peekDocument(scope, End, bytes).value.reason)
    if (request.ends.length > 0 && session.state === 'OPEN') session.state = 'ENDING'
  }

  #takeAck(session: SeenSession, ack: Ack): void {
    if (!session.acks.some((one) => one.throughSeq === ack.throughSeq && one.fromSeq === ack.fromSeq))
      session.acks.push(ack)
  }

  async #statement(stream: FrameStream): Promise<void> {
    for await (const frame of stream.frames) {
      const { sessionId } = statementRequests.decode(frame)
      const session = this.#need(hex(sessionId ?? new Uint8Array()))
      const { statement, payout, later = [] } = session.settled ?? {}
      stream.send(
        statementAnswers.encode({
          hello: this.#hello(),
          notice: this.noticeOf(session),
          statements: statement === undefined ? [] : [statement.bytes],
          payouts: payout === undefined ? [] : [payout, ...later].map(({ bytes }) => bytes),
        }),
      )
    }
    await stream.close()
  }

  #need(key: string): SeenSession {
    const session = this.sessions.get(key)
    if (session === undefined) throw new Error(`no session ${key}`)
    return session
  }
}

function refusal(code: ErrorCode): OrienError {
  return new OrienError(code, { message: 'the script says so' })
}
