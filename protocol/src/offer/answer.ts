import { decodeCanonical } from '../wire/document.ts'
import { LIMITS } from '../limits.ts'
import { OfferAnswer as AnswerWire, OfferRequest as RequestWire } from './offer.wire.ts'
import { checkWindow, type WindowLimits } from './offer.ts'

/** Asks a provider for its offer on `/orien/offer/1.0.0`. */
export interface OfferRequest {
  /** The sequence already known, for the provider's log only. */
  readonly knownSeq?: number
}

/** The offer, and the windows the provider grants to the peer that asks. */
export interface OfferAnswer {
  readonly offer: Uint8Array
  readonly windows: WindowLimits
}

export function encodeOfferRequest(request: OfferRequest): Uint8Array {
  return RequestWire.encode(request)
}

/** Throws `badDocument`. */
export function decodeOfferRequest(bytes: Uint8Array): OfferRequest {
  return decodeCanonical<OfferRequest>('offer request', RequestWire, () => undefined, 64, bytes)
}

export function encodeOfferAnswer(answer: OfferAnswer): Uint8Array {
  return AnswerWire.encode(answer as unknown as Partial<AnswerWire>)
}

/** Throws `badDocument`, `tooLarge`. */
export function decodeOfferAnswer(bytes: Uint8Array): OfferAnswer {
  return decodeCanonical<OfferAnswer>(
    'offer answer',
    AnswerWire,
    (answer) => checkWindow(answer.windows, 'windows'),
    LIMITS.maxEnvelopeBytes,
    bytes,
  )
}
