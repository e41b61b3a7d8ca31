import {
  hex,
  isOrienError,
  Offer,
  OrienError,
  signDocument,
  utf8,
  encodeOfferAnswer,
  decodeOfferRequest,
  type CancelTimer,
  type Signed,
} from '@orien/protocol'
import type { FrameStream } from '../network/port.ts'
import { capabilityOf, OFFERS_TOPIC, PROTOCOLS, recordKeyOf } from '../network/protocols.ts'
import type { ProviderConfig, ProviderParts } from './ports.ts'
import { keys, readCount } from './records.ts'
import type { Standings } from './standings.ts'

/** An offer is renewed when this share of its life has passed. */
const RENEW_AFTER = 0.5
/** One attempt to spread it; whoever starts waits for it no longer than STARTING_MS. */
const SPREAD_MS = 10_000
const STARTING_MS = 1_000
/** Until somebody took it, it is spread again after this, doubled each time. */
const AGAIN_MS = 250
/** A coordinator that is back is told again after this: by then both sides know what the other serves. */
const BACK_MS = 500
const AGAIN_MAX_MS = 60_000
/** Once more so long after the start: servers that were not connected in its first moments have nothing of it. */
const LATE_MS = 10_000

/** Signs the offer, gossips it, puts it in the DHT, registers its capabilities and serves it to whoever asks. */
export class Announcer {
  readonly #config: ProviderConfig
  readonly #parts: ProviderParts
  readonly #standings: Standings
  #offer: Signed<Offer> | undefined
  #seq = 0
  #cancelRenewal: CancelTimer | undefined
  #cancelAgain: CancelTimer | undefined
  #cancelLate: CancelTimer | undefined
  #stopListening: (() => void) | undefined
  #stopped = false

  constructor(config: ProviderConfig, parts: ProviderParts, standings: Standings) {
    this.#config = config
    this.#parts = parts
    this.#standings = standings
  }

  /** The offer as it stands. */
  get offer(): Signed<Offer> | undefined {
    return this.#offer
  }

  /** Reads the last number used. Throws `storeCorrupt`. */
  async load(): Promise<void> {
    const kept = await this.#parts.store.get(keys.offerSeq)
    if (kept !== undefined) this.#seq = readCount(keys.offerSeq, kept)
  }

  async start(): Promise<void> {
    const { network } = this.#parts
    await network.handle(PROTOCOLS.offer, (stream) => this.#serve(stream))
    await this.announce()
    if (!this.#stopped) this.#cancelLate = this.#parts.timers.after(LATE_MS, () => this.#tellLate())
    this.#stopListening = network.onConnect((peer) => {
      if (this.#config.coordinators.includes(peer)) this.#tellBack()
    })
  }

  /**
   * Signs and spreads a new offer: at start, when the catalogue changed, and before the old one runs out. A network that is not up yet does
   * not hold up the caller: it is told again until somebody took the offer.
   */
  async announce(): Promise<void> {
    const offer = await this.#sign()
    this.#offer = offer
    if (this.#stopped) return
    this.#cancelRenewal?.()
    this.#cancelRenewal = this.#parts.timers.after(this.#config.offerMs * RENEW_AFTER, () => this.#renew())
    const { promise: longEnough, resolve } = Promise.withResolvers<void>()
    const cancel = this.#parts.timers.after(STARTING_MS, resolve)
    void this.#spread(offer, AGAIN_MS, resolve)
    await longEnough
    cancel()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelRenewal?.()
    this.#cancelAgain?.()
    this.#cancelLate?.()
    this.#stopListening?.()
    await this.#parts.network.unhandle(PROTOCOLS.offer)
  }

  #renew(): void {
    this.announce().catch((error: unknown) => {
      this.#parts.log('announceFailed', { code: isOrienError(error) ? error.code : 'internal' })
    })
  }

  async #sign(): Promise<Signed<Offer>> {
    const config = this.#config
    const { store, clock, scope, signer, network, tools } = this.#parts
    const seq = ++this.#seq
    // Durable before it is shown: a lower number signed twice would be ignored, or be equivocation.
    await store.commit([{ type: 'put', key: keys.offerSeq, value: utf8(String(seq)) }])
    const issuedAtMs = clock.wallMs()
    return signDocument(scope, signer, Offer, {
      seq,
      issuedAtMs,
      expiresAtMs: issuedAtMs + config.offerMs,
      provider: network.peer,
      bindings: config.bindings,
      name: config.name,
      description: config.description,
      ...(config.ensName === undefined ? {} : { ensName: config.ensName }),
      ...(config.region === undefined ? {} : { region: config.region }),
      tier: config.tier,
      ...(config.selfTestDigest === undefined ? {} : { selfTestDigest: config.selfTestDigest }),
      capacity: config.capacity,
      coordinators: config.coordinators,
      maxWindow: config.maxWindow,
      tools: tools.tools(),
    })
  }

  /** A coordinator is a DHT server too, and one that was started again has forgotten who offers what; so has one that was not there before. */
  #tellBack(): void {
    const offer = this.#offer
    if (offer === undefined || this.#stopped) return
    this.#cancelAgain?.()
    this.#cancelAgain = this.#parts.timers.after(BACK_MS, () => {
      this.#cancelAgain = undefined
      void this.#spread(offer, AGAIN_MS)
    })
  }

  #tellLate(): void {
    this.#cancelLate = undefined
    this.#tellBack()
  }

  /** Every way is tried, until all of them went well once. Direct asks are answered whatever comes of it. */
  async #spread(offer: Signed<Offer>, againMs: number, onTaken?: () => void): Promise<void> {
    const { network, log, timers } = this.#parts
    const timeoutMs = SPREAD_MS
    const record = async (): Promise<void> => {
      const took = await network.put(recordKeyOf(network.peer), offer.bytes, { timeoutMs })
      if (took === 0) throw new OrienError('unreachable', { message: 'no server took the record' })
    }
    // A network that is stopped says so at once: that is a way that failed, too.
    const ways = [
      async () => network.publish(OFFERS_TOPIC, offer.bytes),
      record,
      ...offer.value.tools.map((tool) => async () => network.provide(capabilityOf(tool.toolId), { timeoutMs })),
    ]
    const results = await Promise.allSettled(ways.map((way) => way()))
    const failed = results.filter((result) => result.status === 'rejected').length
    log('announced', { seq: offer.value.seq, tools: offer.value.tools.length, id: hex(offer.id), failed })
    if (failed === 0) onTaken?.()
    if (failed === 0 || this.#stopped || this.#offer !== offer) return
    const next = Math.min(AGAIN_MAX_MS, againMs * 2)
    this.#cancelAgain?.()
    this.#cancelAgain = timers.after(againMs, () => void this.#spread(offer, next, onTaken))
  }

  /** One question, one answer. This protocol has no word for a failure: what cannot be read is answered by closing. */
  async #serve(stream: FrameStream): Promise<void> {
    try {
      for await (const frame of stream.frames) {
        decodeOfferRequest(frame)
        if (this.#offer === undefined) break
        stream.send(encodeOfferAnswer({ offer: this.#offer.bytes, windows: this.#standings.windowsOf(stream.peer) }))
        break
      }
    } catch (error) {
      if (!isOrienError(error)) throw error
      this.#parts.log('offerRequestRefused', { peer: stream.peer, code: error.code })
    }
    await stream.close()
  }
}
