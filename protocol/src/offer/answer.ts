import { bytesOf, present, sequence } from '../wire/checks.ts'
import { decodeCanonical, encodeChecked, withShape } from '../wire/document.ts'
import { LIMITS } from '../limits.ts'
import { OfferAnswer as AnswerWire, OfferRequest as RequestWire } from './offer.wire.ts'
import { OFFER_ANSWER, OFFER_REQUEST } from './shapes.ts'
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

const MAX_REQUEST_BYTES = 64

function checkRequest(request: OfferRequest): void {
  if (request.knownSeq !== undefined) sequence(request.knownSeq, 'knownSeq')
}

function checkAnswer(answer: OfferAnswer): void {
  bytesOf(answer.offer, 'offer', 1, LIMITS.maxEnvelopeBytes)
  present(answer.windows, 'windows')
  checkWindow(answer.windows, 'windows')
}

const REQUEST_CODEC = withShape(RequestWire, OFFER_REQUEST)
const ANSWER_CODEC = withShape(AnswerWire, OFFER_ANSWER)

/** Encoded request. Throws `badDocument`. */
export function encodeOfferRequest(request: OfferRequest): Uint8Array {
  return encodeChecked('offer request', RequestWire, checkRequest, MAX_REQUEST_BYTES, request)
}

/** Throws `badDocument`, `tooLarge`. */
export function decodeOfferRequest(bytes: Uint8Array): OfferRequest {
  return decodeCanonical('offer request', REQUEST_CODEC, checkRequest, MAX_REQUEST_BYTES, bytes)
}

/** Encoded answer. Throws `badDocument`, `tooLarge`. */
export function encodeOfferAnswer(answer: OfferAnswer): Uint8Array {
  return encodeChecked('offer answer', AnswerWire, checkAnswer, LIMITS.maxEnvelopeBytes, answer)
}

/** Throws `badDocument`, `tooLarge`. */
export function decodeOfferAnswer(bytes: Uint8Array): OfferAnswer {
  return decodeCanonical('offer answer', ANSWER_CODEC, checkAnswer, LIMITS.maxEnvelopeBytes, bytes)
}
