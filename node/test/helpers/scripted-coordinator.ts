import {
  Ack,
  Authorisation,
  decodeCheque,
  DEFAULT_SPLIT,
  documentId,
  End,
  Fund,
  Grant,
  hex,
  micros,
  Notice,
  Offer,
  Open,
  openDocument,
  peekDocument,
  Quote,
  Receipt,
  receiptsAnswers,
  receiptsRequests,
  sessionAnswers,
  sessionRequests,
  signDocument,
  TIMES,
  WalletBinding,
  type Address,
  type Hello,
  type Id,
  type PeerText,
  type Scope,
  type SessionState,
  type Signer,
} from '@orien/protocol'
import type { FrameStream, Network } from '../../src/network/port.ts'
import { PROTOCOLS } from '../../src/network/protocols.ts'
import type { ChannelRail, Lane } from '../../src/rails/channel.ts'

/** What the scripted coordinator saw of one session. */
export interface SeenSession {
  readonly grant: Grant
  readonly id: Id
  readonly lane: Lane
  state: SessionState
  ceiling: bigint
  noticeSeq: number
  readonly receipts: Receipt[]
  readonly acks: Ack[]
  readonly ends: string[]
  final: boolean
}

export interface ScriptedParts {
  readonly network: Network
  readonly scope: Scope
  readonly signer: Signer
  readonly rail: ChannelRail
  readonly wallet: Address
  readonly bindings: readonly Uint8Array[]
  readonly nowMs: () => number
  readonly nonce: () => Uint8Array
  readonly railName: string
  readonly url: string
  readonly asset: string
}

/**
 * The coordinator's half of the wire for tests of agents and providers: signs real documents, opens real channels, keeps
 * everything in memory, judges nothing. The real one lives in the coordinator package, which node may not import.
 */
export class ScriptedCoordinator {
  readonly sessions = new Map<string, SeenSession>()
  readonly #parts: ScriptedParts
  readonly #streams = new Set<FrameStream>()

  constructor(parts: ScriptedParts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    const { network } = this.#parts
    await network.handle(PROTOCOLS.session, (stream) => this.#session(stream))
    await network.handle(PROTOCOLS.receipts, (stream) => this.#receipts(stream))
  }

  /** Moves a session to a state and tells everybody. */
  tell(key: string, state: SessionState): void {
    const session = this.#need(key)
    session.state = state
    const notice = this.#notice(session)
    for (const stream of this.#streams) stream.send(receiptsAnswers.encode({ notice }))
  }

  #hello(): Hello {
    return { documents: [], clockMs: this.#parts.nowMs() }
  }

  async #session(stream: FrameStream): Promise<void> {
    let hello: Hello | undefined = this.#hello()
    for await (const frame of stream.frames) {
      const request = sessionRequests.decode(frame)
      const greeting = hello === undefined ? {} : { hello }
      hello = undefined
      if (request.open !== undefined)
        stream.send(sessionAnswers.encode({ ...greeting, quote: this.#quote(stream.peer, request.open) }))
      if (request.fund !== undefined) {
        const { grant, notice } = await this.#fund(stream.peer, request.fund)
        stream.send(sessionAnswers.encode({ grant }))
        stream.send(sessionAnswers.encode({ notice }))
      }
    }
    await stream.close()
  }

  #quote(agent: PeerText, bytes: Uint8Array): Uint8Array {
    const { scope, signer, rail, network, nowMs } = this.#parts
    const open = openDocument(scope, Open, bytes, agent)
    const { provider } = peekDocument(scope, Offer, open.value.offer).value
    const offer = openDocument(scope, Offer, open.value.offer, provider).value
    const walletOf = (list: readonly Uint8Array[], role: string): Address => {
      const found = list.map((one) => peekDocument(scope, WalletBinding, one).value).find((one) => one.role === role)
      if (found === undefined) throw new Error(`no ${role} binding`)
      return found.wallet
    }
    const agentWallet = walletOf(open.value.bindings, 'spend')
    const providerWallet = walletOf(offer.bindings, 'spend')
    const parties = { agentWallet, coordinatorWallet: this.#parts.wallet, providerWallet }
    const { definition, id } = rail.define(parties, this.#parts.nonce())
    const expiresAtMs = nowMs() + open.value.durationMs
    const grant: Grant = {
      openId: open.id,
      documents: [],
      agent,
      provider,
      coordinator: network.peer,
      bindings: [...open.value.bindings, ...this.#parts.bindings],
      ...parties,
      payoutWallet: walletOf(offer.bindings, 'payout'),
      asset: this.#parts.asset,
      channel: { rail: this.#parts.railName, url: this.#parts.url, appSessionId: id, definition },
      allowanceMicros: open.value.allowanceMicros,
      terms: offer.tools.map(({ toolId, priceMicrosPerMin, maxMs }) => ({ toolId, priceMicrosPerMin, maxMs })),
      splitBps: DEFAULT_SPLIT,
      windowMicros: open.value.windowMicros,
      windowCalls: open.value.windowCalls,
      expiresAtMs,
      collectMs: TIMES.collectMs,
      contestMs: TIMES.contestMs,
      chequeTsMs: expiresAtMs + TIMES.chequeMs,
      payoutMs: TIMES.payoutMs,
    }
    const quote = signDocument(scope, signer, Quote, {
      validUntilMs: nowMs() + TIMES.quoteMs,
      grant: Grant.encode(grant),
    })
    return quote.bytes
  }

  async #fund(
    agent: PeerText,
    bytes: Uint8Array,
  ): Promise<{ readonly grant: Uint8Array; readonly notice: Uint8Array }> {
    const { scope, signer, rail, network } = this.#parts
    const fund = openDocument(scope, Fund, bytes, agent).value
    const quote = openDocument(scope, Quote, fund.quote, network.peer).value
    const grant = Grant.decode(quote.grant)
    const id = documentId(scope, Grant, quote.grant)
    const lane = rail.lane(grant, id)
    rail.verifyOpen(lane, fund.openMessages)
    const cheque = decodeCheque(fund.cheque)
    rail.verify(lane, cheque)
    const opened = await rail.open(lane, fund.openMessages)
    if (opened !== 'open') throw new Error(`the channel is ${opened}`)
    const session: SeenSession = {
      grant,
      id,
      lane,
      state: 'OPEN',
      ceiling: cheque.ceilingMicros,
      noticeSeq: 0,
      receipts: [],
      acks: [],
      ends: [],
      final: false,
    }
    this.sessions.set(hex(id), session)
    return { grant: signDocument(scope, signer, Grant, grant).bytes, notice: this.#notice(session) }
  }

  async #receipts(stream: FrameStream): Promise<void> {
    this.#streams.add(stream)
    let hello: Hello | undefined = this.#hello()
    for await (const frame of stream.frames) {
      const request = receiptsRequests.decode(frame)
      if (request.heartbeat !== undefined || request.sessionId === undefined) continue
      const { scope } = this.#parts
      const session = this.#need(hex(request.sessionId))
      for (const bytes of request.cheques) {
        const cheque = decodeCheque(bytes)
        this.#parts.rail.verify(session.lane, cheque)
        if (cheque.ceilingMicros > session.ceiling) session.ceiling = cheque.ceilingMicros
      }
      for (const { authorisation, receipt } of request.receipts) {
        openDocument(scope, Authorisation, authorisation, session.grant.agent)
        const { value } = openDocument(scope, Receipt, receipt, session.grant.provider)
        if (value.receiptSeq === session.receipts.length + 1) session.receipts.push(value)
      }
      for (const bytes of request.acks) session.acks.push(openDocument(scope, Ack, bytes, session.grant.agent).value)
      if (request.final !== undefined) session.final = true
      for (const bytes of request.ends) session.ends.push(peekDocument(scope, End, bytes).value.reason)
      if (request.ends.length > 0) session.state = 'ENDING'
      stream.send(
        receiptsAnswers.encode({
          ...(hello === undefined ? {} : { hello }),
          ...(request.batch === undefined ? {} : { batch: request.batch }),
          notice: this.#notice(session),
        }),
      )
      hello = undefined
    }
    this.#streams.delete(stream)
    await stream.close()
  }

  #notice(session: SeenSession): Uint8Array {
    const { scope, signer } = this.#parts
    session.noticeSeq++
    return signDocument(scope, signer, Notice, {
      sessionId: session.id,
      noticeSeq: session.noticeSeq,
      state: session.state,
      base: session.lane.base,
      debitedMicros: micros(0n),
      ceilingHeldMicros: micros(session.ceiling),
      collectedThrough: session.receipts.length,
    }).bytes
  }

  #need(key: string): SeenSession {
    const session = this.sessions.get(key)
    if (session === undefined) throw new Error(`no session ${key}`)
    return session
  }
}
