import {
  hex,
  Offer,
  signDocument,
  utf8,
  utf8Text,
  encodeOfferAnswer,
  decodeOfferRequest,
  type CancelTimer,
  type Signed,
} from '@orien/protocol'
import type { FrameStream } from '../network/port.ts'
import { capabilityOf, OFFERS_TOPIC, PROTOCOLS, recordKeyOf } from '../network/protocols.ts'
import type { ProviderConfig, ProviderParts } from './ports.ts'
import { keys } from './records.ts'
import type { Standings } from './standings.ts'

/** An offer is renewed when this share of its life has passed. */
const RENEW_AFTER = 0.5
/** The DHT is asked to keep us for this long at most before it is told again. */
const DIAL_MS = 10_000

/** Signs the offer, gossips it, puts it in the DHT, registers its capabilities and serves it to whoever asks. */
export class Announcer {
  readonly #config: ProviderConfig
  readonly #parts: ProviderParts
  readonly #standings: Standings
  #offer: Signed<Offer> | undefined
  #cancel: CancelTimer | undefined
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

  async start(): Promise<void> {
    await this.#parts.network.handle(PROTOCOLS.offer, (stream) => this.#serve(stream))
    await this.announce()
  }

  /** Signs and spreads a new offer: at start, when the catalogue changed, and before the old one runs out. */
  async announce(): Promise<void> {
    this.#cancel?.()
    const offer = await this.#sign()
    this.#offer = offer
    await this.#spread(offer)
    if (this.#stopped) return
    this.#cancel = this.#parts.timers.after(this.#config.offerMs * RENEW_AFTER, () => void this.announce())
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel?.()
    await this.#parts.network.unhandle(PROTOCOLS.offer)
  }

  async #sign(): Promise<Signed<Offer>> {
    const config = this.#config
    const { store, clock, scope, signer, network, tools } = this.#parts
    const kept = await store.get(keys.offerSeq)
    const seq = (kept === undefined ? 0 : Number(utf8Text(kept))) + 1
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

  /** Every way is tried; a network that is not up yet is told again at the next renewal, and answers direct asks anyway. */
  async #spread(offer: Signed<Offer>): Promise<void> {
    const { network, log } = this.#parts
    const ways: [string, Promise<unknown>][] = [
      ['gossip', network.publish(OFFERS_TOPIC, offer.bytes)],
      ['record', network.put(recordKeyOf(network.peer), offer.bytes, { timeoutMs: DIAL_MS })],
      ...offer.value.tools.map((tool): [string, Promise<unknown>] => [
        'capability',
        network.provide(capabilityOf(tool.toolId), { timeoutMs: DIAL_MS }),
      ]),
    ]
    const results = await Promise.allSettled(ways.map(([, way]) => way))
    const failed = results.filter((result) => result.status === 'rejected').length
    log('announced', { seq: offer.value.seq, tools: offer.value.tools.length, id: hex(offer.id), failed })
  }

  async #serve(stream: FrameStream): Promise<void> {
    for await (const frame of stream.frames) {
      decodeOfferRequest(frame)
      if (this.#offer === undefined) break
      stream.send(encodeOfferAnswer({ offer: this.#offer.bytes, windows: this.#standings.windowsOf(stream.peer) }))
      break
    }
    await stream.close()
  }
}
