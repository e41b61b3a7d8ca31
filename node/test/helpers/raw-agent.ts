import {
  Ack,
  Authorisation,
  encodeCheque,
  encodeExit,
  encodeInputs,
  End,
  Fund,
  Grant,
  hex,
  micros,
  Offer,
  Open,
  openDocument,
  OrienError,
  peekDocument,
  Quote,
  Receipt,
  sessionAnswers,
  sessionRequests,
  signDocument,
  TickAck,
  utf8,
  workAnswers,
  workRequests,
  type Attach,
  type Call,
  type Failure,
  type Outgoing,
  type Signed,
  type WorkAnswer,
  type WorkRequest,
} from '@orien/protocol'
import { EXIT_AHEAD_MS } from '../../src/coordinator-client/leaving.ts'
import { signAll } from '../../src/agent/cheques.ts'
import type { FrameStream, Network } from '../../src/network/port.ts'
import { PROTOCOLS } from '../../src/network/protocols.ts'
import { scope } from './parties.ts'
import type { SeenSession } from './scripted-types.ts'
import type { TimedRig } from './timed.ts'

/** An agent made by hand, frame by frame: it can do what a real one never would. */
export class RawAgent {
  readonly rig: TimedRig
  readonly network: Network
  readonly session: SeenSession
  #callSeq = 0

  private constructor(rig: TimedRig, network: Network, session: SeenSession) {
    this.rig = rig
    this.network = network
    this.session = session
  }

  /** Opens a session at the scripted coordinator. The rig must run without its own agent. */
  static async open(rig: TimedRig, more: Partial<Open> = {}): Promise<RawAgent> {
    const network = rig.network(rig.agentParty, false)
    const stream = await network.dial({ peer: rig.coordinatorParty.peer }, PROTOCOLS.session)
    const frames = stream.frames[Symbol.asyncIterator]()
    const ask = async (request: Parameters<typeof sessionRequests.encode>[0]) => {
      stream.send(sessionRequests.encode({ hello: helloOf(rig), ...request }))
      const next = await frames.next()
      if (next.done === true) throw new Error('the coordinator closed')
      return sessionAnswers.decode(next.value)
    }
    const { quote } = await ask({ open: await openOf(rig, more) })
    const { fund, key } = await fundOf(rig, quote ?? new Uint8Array())
    await ask({ fund })
    await stream.close()
    const session = rig.coordinator.sessions.get(key)
    if (session === undefined) throw new Error('the session did not open')
    return new RawAgent(rig, network, session)
  }

  /** A work stream that has said nothing yet. */
  async dial(): Promise<RawStream> {
    return new RawStream(await this.network.dial({ peer: this.rig.providerParty.peer }, PROTOCOLS.work))
  }

  /** A work stream with the session attached. */
  async attach(more: Partial<Outgoing<Attach>> = {}): Promise<RawStream> {
    const stream = await this.dial()
    stream.send({ hello: helloOf(this.rig), attach: this.attachRequest(more) })
    return stream
  }

  attachRequest(more: Partial<Outgoing<Attach>> = {}): Outgoing<Attach> {
    const cheque = this.session.cheques[0]
    return {
      grant: this.session.grantBytes,
      lastReceiptSeq: 0,
      notice: this.rig.coordinator.noticeOf(this.session),
      ...(cheque === undefined ? {} : { cheque: encodeCheque(cheque) }),
      ...more,
    }
  }

  authorise(more: Partial<Authorisation> = {}, signer = this.rig.agentParty.signer): Signed<Authorisation> {
    const { crypto } = scope
    return signDocument(scope, signer, Authorisation, {
      sessionId: this.session.id,
      callSeq: ++this.#callSeq,
      toolId: 'echo',
      argsHash: crypto.sha256(utf8('{}')),
      inputsHash: crypto.sha256(encodeInputs({ files: [] })),
      capMicros: micros(1_000n),
      startByMs: this.rig.clock.wallMs() + 60_000,
      ...more,
    })
  }

  ack(receipts: readonly Signed<Receipt>[], more: Partial<Ack> = {}, signer = this.rig.agentParty.signer): Signed<Ack> {
    const [first, last] = [receipts[0]?.value, receipts.at(-1)]
    if (first === undefined || last === undefined) throw new Error('no receipt')
    const sum = receipts.reduce((all, one) => all + one.value.numerator, 0n)
    return signDocument(scope, signer, Ack, {
      sessionId: this.session.id,
      fromSeq: first.receiptSeq,
      throughSeq: last.value.receiptSeq,
      headId: last.id,
      exceptions: [],
      acceptedNumerator: sum as Ack['acceptedNumerator'],
      ...more,
    })
  }

  tickAck(auth: Signed<Authorisation>, ms: number, signer = this.rig.agentParty.signer): Uint8Array {
    return signDocument(scope, signer, TickAck, { authId: auth.id, ms }).bytes
  }

  end(more: Partial<End> = {}, signer = this.rig.agentParty.signer): Uint8Array {
    return signDocument(scope, signer, End, { sessionId: this.session.id, reason: 'done', ...more }).bytes
  }

  async cheque(ceilingMicros: bigint, chequeSeq = 2, wallet = this.rig.agentParty.wallet): Promise<Uint8Array> {
    const rail = await this.rig.railsOf(wallet).use('memory', 'memory:')
    const { lane } = this.session
    const ceiling = micros(ceilingMicros)
    const signatures: Uint8Array[] = []
    for (const draft of rail.draft(lane, chequeSeq, ceiling)) signatures.push(await wallet.sign(draft))
    return encodeCheque({ sessionId: lane.sessionId, chequeSeq, base: lane.base, ceilingMicros: ceiling, signatures })
  }

  /** A proposal of an Exit at that total. */
  async exit(total: bigint, wallet = this.rig.agentParty.wallet, aheadMs = EXIT_AHEAD_MS): Promise<Uint8Array> {
    const rail = await this.rig.railsOf(wallet).use('memory', 'memory:')
    const { lane } = this.session
    const [totalMicros, tsMs] = [micros(total), this.rig.clock.wallMs() + aheadMs]
    const agentSignatures = await signAll(wallet, rail.draftExit(lane, totalMicros, tsMs))
    return encodeExit({
      ...{ sessionId: lane.sessionId, base: lane.base, totalMicros, tsMs },
      ...{ agentSignatures, providerSignatures: [] },
    })
  }
}

/** The agent's end of a work stream, frame by frame. */
export class RawStream {
  readonly stream: FrameStream
  readonly #frames: AsyncIterator<Uint8Array>

  constructor(stream: FrameStream) {
    this.stream = stream
    this.#frames = stream.frames[Symbol.asyncIterator]()
  }

  send(request: Partial<Outgoing<WorkRequest>>): void {
    this.stream.send(workRequests.encode(request))
  }

  call(auth: Signed<Authorisation>, more: Partial<Outgoing<Call>> = {}): void {
    const none = { args: utf8('{}'), inputs: encodeInputs({ files: [] }), stdoutFrom: 0, stderrFrom: 0 }
    this.send({ call: { authorisation: auth.bytes, ...none, ...more } })
  }

  /** The next answer of that kind; others before it are skipped. */
  async next<K extends keyof WorkAnswer>(kind: K): Promise<NonNullable<WorkAnswer[K]>> {
    for (;;) {
      const frame = await this.#frames.next()
      if (frame.done === true) throw new OrienError('streamClosed', { message: `no ${kind} came` })
      const answer = workAnswers.decode(frame.value)
      const found = answer[kind]
      if (found !== undefined) return found
    }
  }

  /** The failure the stream ends with. */
  async failure(): Promise<Failure> {
    const failure = await this.next('failure')
    const rest = await this.#frames.next()
    if (rest.done !== true) throw new Error('the stream goes on after a failure')
    return failure
  }

  async receipt(): Promise<Signed<Receipt>> {
    return peekDocument(scope, Receipt, (await this.next('done')).receipt)
  }
}

export function helloOf(rig: TimedRig) {
  return { documents: [Grant.type, Authorisation.type, Receipt.type], clockMs: rig.clock.wallMs() }
}

async function openOf(rig: TimedRig, more: Partial<Open>): Promise<Uint8Array> {
  const { offer } = rig.provider
  if (offer === undefined) throw new Error('no offer')
  return signDocument(scope, rig.agentParty.signer, Open, {
    nonce16: new Uint8Array(16).fill(rig.coordinator.sessions.size + 1),
    coordinator: rig.coordinatorParty.peer,
    offer: openDocument(scope, Offer, offer.bytes, rig.providerParty.peer).bytes,
    bindings: [await rig.agentParty.binding('spend')],
    allowanceMicros: micros(1_000_000n),
    durationMs: 3_600_000,
    windowMicros: micros(100_000n),
    windowCalls: 8,
    ...more,
  }).bytes
}

async function fundOf(rig: TimedRig, quote: Uint8Array): Promise<{ readonly fund: Uint8Array; readonly key: string }> {
  const { wallet, signer } = rig.agentParty
  const rail = await rig.railsOf(wallet).use('memory', 'memory:')
  const payload = peekDocument(scope, Quote, quote).value.grant
  const grant = Grant.decode(payload)
  const { id: sessionId } = signDocument(scope, signer, Grant, grant)
  const lane = rail.lane(grant, sessionId)
  const open = rail.draftOpen(lane, { version: 0 }, rig.clock.wallMs())
  const openMessages = rail.assembleOpen(lane, open, [await wallet.sign(open[0]!)])
  const [draft] = rail.draft(lane, 1, grant.windowMicros)
  const cheque = encodeCheque({
    sessionId,
    chequeSeq: 1,
    base: lane.base,
    ceilingMicros: grant.windowMicros,
    signatures: [await wallet.sign(draft!)],
  })
  const fund = signDocument(scope, signer, Fund, { quote, attempt: 1, openMessages, cheque })
  return { fund: fund.bytes, key: hex(sessionId) }
}
