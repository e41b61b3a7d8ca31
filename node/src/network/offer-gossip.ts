import {
  isOrienError,
  Offer,
  openDocument,
  peekDocument,
  type Clock,
  type PeerText,
  type Scope,
  type Signed,
} from '@orien/protocol'
import type { Verdict } from './port.ts'

export interface OfferGossipOptions {
  readonly scope: Scope
  readonly clock: Clock
  /** An offer newer than any heard of its provider, well signed and not run out. */
  readonly onOffer?: (offer: Signed<Offer>) => void
}

/** Providers whose newest sequence is remembered; the oldest make room. */
const KNOWN_MAX = 4_096

/**
 * The validator of the offers' topic: only the newest well-signed offer of each provider is passed on, so that old ones and copies die at
 * the first hop. Everybody who relays offers subscribes with it.
 *
 * @example
 * network.subscribe(OFFERS_TOPIC, offerGossip({ scope, clock }))
 */
export function offerGossip({ scope, clock, onOffer }: OfferGossipOptions): (message: Uint8Array) => Verdict {
  const newest = new Map<PeerText, number>()
  return (message) => {
    try {
      const { provider, seq } = peekDocument(scope, Offer, message).value
      if (seq <= (newest.get(provider) ?? 0)) return 'ignore'
      const offer = openDocument(scope, Offer, message, provider)
      if (offer.value.expiresAtMs < clock.wallMs()) return 'ignore'
      remember(newest, provider, seq)
      onOffer?.(offer)
      return 'accept'
    } catch (error) {
      if (isOrienError(error)) return 'reject'
      throw error
    }
  }
}

function remember(newest: Map<PeerText, number>, provider: PeerText, seq: number): void {
  newest.delete(provider)
  const [oldest] = newest.size >= KNOWN_MAX ? newest.keys() : []
  if (oldest !== undefined) newest.delete(oldest)
  newest.set(provider, seq)
}
