import {
  Authorisation,
  decodeOfferRequest,
  documentId,
  encodeOfferAnswer,
  encodeOutput,
  Grant,
  micros,
  NO_RECEIPT,
  numerator,
  Offer,
  openDocument,
  Receipt,
  Refusal,
  signDocument,
  workAnswers,
  workRequests,
  type Call,
  type ErrorCode,
  type Id,
  type Outgoing,
  type Signed,
  type WorkAnswer,
  type WorkRequest,
} from '@orien/protocol'
import type { FrameStream, Network } from '../../src/network/port.ts'
import { capabilityOf, PROTOCOLS } from '../../src/network/protocols.ts'
import { scope } from './parties.ts'
import { providerConfig, toolNamed } from './rig-parts.ts'
import type { TimedRig } from './timed.ts'

/** A receipt still to be signed. */
export type ReceiptDraft = Partial<Receipt>

/** What a test makes of each request; true when it was dealt with. */
export type OnRequest = (request: WorkRequest, provider: RawProvider) => boolean | Promise<boolean>

/** A provider made by hand: it answers calls at once, and lies as its test says. */
export class RawProvider {
  readonly rig: TimedRig
  readonly network: Network
  /** Everything the agent sent, oldest first. */
  readonly seen: WorkRequest[] = []
  sessionId: Id = NO_RECEIPT
  onRequest: OnRequest = () => false
  stream: FrameStream | undefined
  #head: { readonly seq: number; readonly id: Id } = { seq: 0, id: NO_RECEIPT }

  private constructor(rig: TimedRig, network: Network) {
    this.rig = rig
    this.network = network
  }

  /** The rig must run without its own provider. */
  static async start(rig: TimedRig): Promise<RawProvider> {
    const network = rig.network(rig.providerParty)
    const provider = new RawProvider(rig, network)
    const offer = await provider.#offer()
    await network.handle(PROTOCOLS.offer, async (stream) => {
      for await (const frame of stream.frames) {
        decodeOfferRequest(frame)
        const windows = { windowMicros: micros(1_000_000n), windowCalls: 64 }
        stream.send(encodeOfferAnswer({ offer, windows }))
      }
      await stream.close()
    })
    await network.handle(PROTOCOLS.work, (stream) => provider.#serve(stream))
    await network.provide(capabilityOf('echo'))
    return provider
  }

  send(answer: Partial<Outgoing<WorkAnswer>>): void {
    this.stream?.send(workAnswers.encode(answer))
  }

  authOf(call: Call): Signed<Authorisation> {
    return openDocument(scope, Authorisation, call.authorisation, this.rig.agentParty.peer)
  }

  /** A receipt of a call that printed nothing, at the next place of the chain unless it says otherwise. */
  receipt(
    auth: Signed<Authorisation>,
    more: ReceiptDraft = {},
    signer = this.rig.providerParty.signer,
  ): Signed<Receipt> {
    const { crypto } = scope
    const effectiveMs = more.effectiveMs ?? 0
    const value: Receipt = {
      sessionId: this.sessionId,
      authId: auth.id,
      callSeq: auth.value.callSeq,
      receiptSeq: this.#head.seq + 1,
      prevId: this.#head.id,
      outcome: 'ok',
      exitCode: 0,
      startedAtMs: this.rig.clock.wallMs(),
      queuedMs: 0,
      effectiveMs,
      cpuMs: 0,
      throttledMs: 0,
      maxRssBytes: 0,
      outputHash: crypto.sha256(noOutput()),
      logHash: crypto.sha256(new Uint8Array()),
      numerator: numerator(BigInt(effectiveMs) * 60_000n),
      ...more,
    }
    return signDocument(scope, signer, Receipt, value)
  }

  /** Signs, sends, and takes the place in the chain. */
  done(auth: Signed<Authorisation>, more: ReceiptDraft = {}): Signed<Receipt> {
    const receipt = this.receipt(auth, more)
    this.#head = { seq: receipt.value.receiptSeq, id: receipt.id }
    this.send({ done: { receipt: receipt.bytes, output: noOutput() } })
    return receipt
  }

  refuse(auth: Signed<Authorisation>, code: ErrorCode, last?: number): void {
    const { signer } = this.rig.providerParty
    const refusal = { authId: auth.id, code, ...(last === undefined ? {} : { last }) }
    this.send({ refusal: signDocument(scope, signer, Refusal, refusal).bytes })
  }

  async #serve(stream: FrameStream): Promise<void> {
    this.stream = stream
    for await (const frame of stream.frames) {
      const request = workRequests.decode(frame)
      this.seen.push(request)
      if (await this.onRequest(request, this)) continue
      if (request.attach !== undefined) this.attach(request)
      if (request.call !== undefined) {
        const auth = this.authOf(request.call)
        this.send({ accepted: { callSeq: auth.value.callSeq } })
        this.done(auth)
      }
    }
    await stream.close()
  }

  attach({ attach }: WorkRequest): void {
    if (attach === undefined) return
    const grant = openDocument(scope, Grant, attach.grant, this.rig.coordinatorParty.peer)
    this.sessionId = documentId(scope, Grant, Grant.encode(grant.value))
    const hello = { documents: [Grant.type], clockMs: this.rig.clock.wallMs() }
    this.send({ hello, attached: { lastCallSeq: 0, lastReceiptSeq: this.#head.seq } })
  }

  async #offer(): Promise<Uint8Array> {
    const { providerParty, coordinatorParty, clock } = this.rig
    const config = await providerConfig(providerParty, coordinatorParty.peer)
    return signDocument(scope, providerParty.signer, Offer, {
      seq: 1,
      issuedAtMs: clock.wallMs(),
      expiresAtMs: clock.wallMs() + 3_600_000,
      provider: providerParty.peer,
      bindings: config.bindings,
      name: config.name,
      description: '',
      tier: 'D',
      capacity: 1,
      coordinators: config.coordinators,
      maxWindow: config.maxWindow,
      tools: [toolNamed('echo')],
    }).bytes
  }
}

/** The Output of a call that printed nothing. */
export function noOutput(): Uint8Array {
  return encodeOutput({ stdoutHash: scope.crypto.sha256(new Uint8Array()), stdoutBytes: 0, files: [] })
}
