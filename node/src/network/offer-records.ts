import { isOrienError, Offer, openRead, readDocument, type Scope } from '@orien/protocol'
import type { RecordValidator } from './port.ts'
import { recordKeyOf } from './protocols.ts'

/** The DHT's rule for `/orien/<peer>` records: an Offer signed by that peer; the higher sequence wins. */
export function offerRecords(scope: Scope): RecordValidator {
  return (key, value) => {
    try {
      const read = readDocument(scope, Offer, value)
      const { provider } = read.value
      if (key !== recordKeyOf(provider)) return undefined
      return { seq: openRead(scope, read, provider).value.seq }
    } catch (error) {
      if (isOrienError(error)) return undefined
      throw error
    }
  }
}
