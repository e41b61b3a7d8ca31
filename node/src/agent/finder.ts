import {
  decodeOfferAnswer,
  encodeOfferRequest,
  isOrienError,
  Offer,
  openNamed,
  openDocument,
  OrienError,
  type PeerText,
  type Signed,
  type Tool,
  type WindowLimits,
} from '@orien/protocol'
import type { Verdict } from '../network/port.ts'
import { capabilityOf, OFFERS_TOPIC, PROTOCOLS } from '../network/protocols.ts'
import { tierAtLeast } from './policy.ts'
import type { AgentConfig, AgentParts } from './ports.ts'

/** A provider that was asked and answered: alive, with the offer it signs now and the windows it gives us. */
export interface Found {
  readonly offer: Signed<Offer>
  readonly tool: Tool
  readonly windows: WindowLimits
  /** How long it took to answer, ms. */
  readonly answerMs: number
}

export interface FindOptions {
  /** Only this provider. */
  readonly provider?: PeerText
  readonly signal?: AbortSignal
  /** How long the network is searched; whoever answered by then is ranked. */
  readonly timeoutMs?: number
}

const FIND_MS = 3_000
/** Offers remembered from gossip; the oldest make room. */
const KNOWN_MAX = 4_096

/** Offers heard by gossip and found in the DHT, merged; every candidate is asked directly before it is used. */
export class Finder {
  readonly #config: AgentConfig
  readonly #parts: AgentParts
  readonly #known = new Map<PeerText, Signed<Offer>>()
  readonly #unsubscribe: () => void

  constructor(config: AgentConfig, parts: AgentParts) {
    this.#config = config
    this.#parts = parts
    this.#unsubscribe = parts.network.subscribe(OFFERS_TOPIC, (message) => this.#hear(message))
  }

  stop(): void {
    this.#unsubscribe()
  }

  /**
   * Providers of a tool that answer now and suit the policy. Throws `notFound` when there is none, `unsafe` when there are some but all
   * are below the wanted tier.
   */
  async find(toolId: string, options: FindOptions = {}): Promise<readonly Found[]> {
    const timeoutMs = options.timeoutMs ?? FIND_MS
    const candidates = new Set<PeerText>(options.provider === undefined ? this.#heardOf(toolId) : [options.provider])
    const asked = new Map<PeerText, Promise<Found | undefined>>()
    const ask = (peer: PeerText): void => {
      if (!asked.has(peer)) asked.set(peer, this.#ask(peer, toolId, timeoutMs))
    }
    for (const peer of candidates) ask(peer)
    if (options.provider === undefined) await this.#searchDht(toolId, timeoutMs, options.signal, ask)
    const found = (await Promise.all(asked.values())).filter((one) => one !== undefined)
    const suitable = found.filter((one) => this.#suits(one.offer.value))
    if (suitable.length > 0) return suitable
    const weak = found.find((one) => !tierAtLeast(one.offer.value.tier, this.#config.policy.minTier))
    if (weak !== undefined) {
      throw new OrienError('unsafe', {
        message: `${toolId} is offered at tier ${weak.offer.value.tier} only`,
        details: { toolId, tier: weak.offer.value.tier },
      })
    }
    throw new OrienError('notFound', { message: `nobody offers ${toolId} now`, details: { toolId } })
  }

  /** Asks one provider for its offer. Throws as Network.dial, `badSignature`, `badDocument`. */
  async fetch(
    peer: PeerText,
    timeoutMs = FIND_MS,
  ): Promise<{ readonly offer: Signed<Offer>; readonly windows: WindowLimits }> {
    const stream = await this.#parts.network.dial({ peer }, PROTOCOLS.offer, { timeoutMs })
    try {
      stream.send(encodeOfferRequest({}))
      for await (const frame of stream.frames) {
        const answer = decodeOfferAnswer(frame)
        const offer = openDocument(this.#parts.scope, Offer, answer.offer, peer)
        if (offer.value.provider !== peer)
          throw new OrienError('badDocument', { message: 'the offer names another provider' })
        this.#remember(offer)
        return { offer, windows: answer.windows }
      }
    } finally {
      await stream.close()
    }
    throw new OrienError('unreachable', { message: 'the provider has no offer' })
  }

  async #searchDht(
    toolId: string,
    timeoutMs: number,
    signal: AbortSignal | undefined,
    ask: (peer: PeerText) => void,
  ): Promise<void> {
    const { network, log } = this.#parts
    try {
      const options = { timeoutMs, ...(signal === undefined ? {} : { signal }) }
      for await (const peer of network.find(capabilityOf(toolId), options)) if (peer !== network.peer) ask(peer)
    } catch (error) {
      // One way of finding is down; gossip may know somebody.
      log('findFailed', { toolId, code: isOrienError(error) ? error.code : 'internal' })
    }
  }

  /** Asks one candidate, for so long: a listed peer that stays silent must not hold up the others. */
  #ask(peer: PeerText, toolId: string, timeoutMs: number): Promise<Found | undefined> {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const cancel = this.#parts.timers.after(timeoutMs, () => resolve(undefined))
    return Promise.race([this.#askOnce(peer, toolId, timeoutMs), promise]).finally(cancel)
  }

  async #askOnce(peer: PeerText, toolId: string, timeoutMs: number): Promise<Found | undefined> {
    const { clock, log } = this.#parts
    const from = clock.monoMs()
    try {
      const { offer, windows } = await this.fetch(peer, timeoutMs)
      const tool = offer.value.tools.find((one) => one.toolId === toolId)
      if (tool === undefined || offer.value.expiresAtMs < clock.wallMs()) return undefined
      return { offer, tool, windows, answerMs: clock.monoMs() - from }
    } catch (error) {
      // Stopped providers stay listed for hours: not worth more than a line.
      log('providerSilent', { peer, code: isOrienError(error) ? error.code : 'internal' })
      return undefined
    }
  }

  #suits(offer: Offer): boolean {
    const { policy, coordinators } = this.#config
    const common = coordinators.length === 0 || offer.coordinators.some((one) => coordinators.includes(one))
    return common && tierAtLeast(offer.tier, policy.minTier)
  }

  #heardOf(toolId: string): PeerText[] {
    const now = this.#parts.clock.wallMs()
    return [...this.#known.values()]
      .filter(({ value }) => value.expiresAtMs >= now && value.tools.some((tool) => tool.toolId === toolId))
      .map(({ value }) => value.provider)
  }

  /** Validates before it is passed on: only the newest well-signed offer of each provider travels. */
  #hear(message: Uint8Array): Verdict {
    const { scope, clock } = this.#parts
    try {
      const offer = openNamed(scope, Offer, message, ({ provider }) => provider)
      const { provider } = offer.value
      if (offer.value.expiresAtMs < clock.wallMs()) return 'ignore'
      const known = this.#known.get(provider)
      if (known !== undefined && known.value.seq >= offer.value.seq) return 'ignore'
      this.#remember(offer)
      return 'accept'
    } catch (error) {
      return isOrienError(error) ? 'reject' : 'ignore'
    }
  }

  #remember(offer: Signed<Offer>): void {
    const { provider, seq } = offer.value
    const known = this.#known.get(provider)
    if (known !== undefined && known.value.seq > seq) return
    if (known === undefined && this.#known.size >= KNOWN_MAX) {
      const [oldest] = this.#known.keys()
      if (oldest !== undefined) this.#known.delete(oldest)
    }
    this.#known.set(provider, offer)
  }
}
