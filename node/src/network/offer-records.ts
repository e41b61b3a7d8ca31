import { isOrienError, Offer, openDocument, peekDocument, type Scope } from '@orien/protocol'
import type { RecordValidator } from './port.ts'
import { recordKeyOf } from './protocols.ts'

/** The DHT's rule for `/orien/<peer>` records: an Offer signed by that peer; the higher sequence wins. */
export function offerRecords(scope: Scope): RecordValidator {
  return (key, value) => {
    try {
      const { provider } = peekDocument(scope, Offer, value).value
      if (key !== recordKeyOf(provider)) return undefined
      return { seq: openDocument(scope, Offer, value, provider).value.seq }
    } catch (error) {
      if (isOrienError(error)) return undefined
      throw error
    }
  }
}
