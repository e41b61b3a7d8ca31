import {
  equalBytes,
  hex,
  isOrienError,
  numerator,
  openDocument,
  openRead,
  TickAck,
  type Authorisation,
  type ReadDocument,
  type Receipt,
  withinTerms,
  type Ack,
  type Numerator,
  type Signed,
} from '@orien/protocol'
import { encodeRecord } from '../codec.ts'
import { refused } from '../core.ts'
import { keys } from '../keys.ts'
import { COORDINATOR_LIMITS } from '../limits.ts'
import type { Live } from '../sessions/live.ts'
import { briefOf, type StoredReceipt, type StoredRuling } from '../sessions/load.ts'
import { collects } from '../sessions/session.ts'
import { happen, keepEvidence, settle, type Draft } from './draft.ts'
import type { Range } from './ranges.ts'
import { readOrThrow, type Reading } from './reading.ts'
import { settlementOf } from './settlements.ts'

/** A receipt of a batch whose envelope was opened. */
export interface OpenedReceipt {
  readonly receipt: Signed<Receipt>
  readonly authorisation: Reading<Authorisation>
  /** The last TickAck: proves the receipt's lastTick. */
  readonly tickAck?: Uint8Array
}

/** What was stored before under the receiptSeqs of a batch. */
export type Earlier = ReadonlyMap<number, StoredReceipt>

/**
 * PROTOCOL's checks on one (Authorisation, Receipt), in order, and its place in the session's chain. A receipt known by its id is fine.
 * Throws `badDocument`, `badReceipt`, `badSignature`, `equivocation` (the session is frozen, the documents are kept), `outOfOrder` with what is expected,
 * `sessionClosed`, `unknownTool`, `windowFull`.
 */
export function takeReceipt(
  draft: Draft,
  one: OpenedReceipt,
  vouched: ReadonlyMap<number, Ack>,
  earlier: Earlier,
): void {
  const { live, session } = draft
  const { value: receipt, id } = one.receipt
  if (!equalBytes(receipt.sessionId, session.sessionId))
    throw refused('badDocument', 'the receipt is of another session')
  const before = earlier.get(receipt.receiptSeq)
  if (before !== undefined && equalBytes(before.id, id)) return
  // An agent has none of its own to bring; but it may show that its provider gave it another one.
  if (draft.from !== session.provider && before === undefined)
    throw refused('badDocument', 'only the provider brings receipts')
  const checked = checkAuthorisation(draft, one, vouched.get(receipt.receiptSeq))
  if (before !== undefined || live.calls.has(receipt.callSeq)) throw equivocated(draft, one, checked)
  if (receipt.receiptSeq <= session.collectedThrough) {
    // Taken earlier in this very batch: the same one again, or another one in its place.
    if (equalBytes(live.unacked.get(receipt.receiptSeq)?.id ?? id, id)) return
    throw equivocated(draft, one, checked)
  }
  if (receipt.receiptSeq !== session.collectedThrough + 1 || !equalBytes(receipt.prevId, session.headId)) {
    throw refused('outOfOrder', 'the receipt does not follow the last one', {
      details: { expected: session.collectedThrough + 1 },
    })
  }
  if (!collects(session.state) || session.final) throw refused('sessionClosed', 'collection is over')
  const price = checkTerms(draft, receipt, checked.value)
  const claimedNumerator = checkBounds(draft, receipt)
  const ack = vouched.get(receipt.receiptSeq)
  const lastTick = provenTick(draft, one, ack)
  const { tickAck } = one
  const stored: StoredReceipt = {
    id,
    receiptSeq: receipt.receiptSeq,
    callSeq: receipt.callSeq,
    priceMicrosPerMin: price,
    numerator: receipt.numerator,
    ...(lastTick === undefined ? {} : { lastTick }),
    firstSeenMs: draft.nowMs,
    authorised: checked.authorised,
    authorisation: checked.bytes,
    receipt: one.receipt.bytes,
    ...(ack !== undefined || lastTick === undefined || tickAck === undefined ? {} : { tickAck }),
  }
  draft.ops.push({ type: 'put', key: keys.receipt(live.sid, stored.receiptSeq), value: encodeRecord(stored) })
  live.unacked.set(stored.receiptSeq, briefOf(stored))
  live.calls.add(stored.callSeq)
  draft.session = {
    ...session,
    collectedThrough: stored.receiptSeq,
    headId: id,
    usedCalls: usedBy(live),
    claimedNumerator,
    unsettled: session.unsettled + 1,
  }
}

function usedBy({ calls }: Live): readonly Range[] {
  const ranges = calls.list()
  return ranges.length > COORDINATOR_LIMITS.maxUsedRanges ? [] : ranges.map(([from, to]) => [from, to])
}

interface CheckedAuthorisation extends Signed<Authorisation> {
  /** False when the agent did not sign it, and said so in an Ack. */
  readonly authorised: boolean
}

function checkAuthorisation(
  draft: Draft,
  { receipt, authorisation }: OpenedReceipt,
  ack: Ack | undefined,
): CheckedAuthorisation {
  const { core, live, session } = draft
  const { value } = receipt
  const unknown = ack?.exceptions.some((one) => one.receiptSeq === value.receiptSeq && one.code === 'unknown') === true
  const trusted = ack !== undefined && !unknown
  const read = readOrThrow(authorisation)
  const checked: Signed<Authorisation> =
    trusted || unknown
      ? { value: read.value, id: read.id, bytes: read.bytes }
      : openRead(core.scope, read, session.agent)
  const fits =
    equalBytes(checked.id, value.authId) &&
    checked.value.callSeq === value.callSeq &&
    equalBytes(checked.value.sessionId, live.session.sessionId)
  if (!fits) throw refused('badReceipt', 'the receipt is not for that authorisation')
  return { ...checked, authorised: !unknown || isSigned(draft, read) }
}

/**
 * A provider's lastTick counts as far as the agent signed for it: it decides what an uncontested receipt settles at, and below what
 * an exception may not go, so an unproved one would let a provider shut out the agent's word. One that an Ack accepts whole needs no proof.
 */
function provenTick(
  { core, session }: Draft,
  { receipt, tickAck }: OpenedReceipt,
  ack: Ack | undefined,
): number | undefined {
  const { lastTick, receiptSeq, authId } = receipt.value
  if (lastTick === undefined || tickAck === undefined) return undefined
  if (ack !== undefined && !ack.exceptions.some((one) => one.receiptSeq === receiptSeq)) return lastTick
  try {
    const seen = openDocument(core.scope, TickAck, tickAck, session.agent).value
    return equalBytes(seen.authId, authId) ? Math.min(seen.ms, lastTick) : undefined
  } catch (error) {
    if (isOrienError(error)) return undefined
    throw error
  }
}

function isSigned({ core, session }: Draft, authorisation: ReadDocument<Authorisation>): boolean {
  try {
    openRead(core.scope, authorisation, session.agent)
    return true
  } catch (error) {
    if (isOrienError(error, 'badSignature')) return false
    throw error
  }
}

/**
 * Both documents are kept and the session freezes: the provider gave two receipts, or the agent two authorisations. Of two receipts for one
 * place the lower claim counts, unless the agent accepted one already: it can only countersign the one that it was given.
 */
function equivocated(draft: Draft, one: OpenedReceipt, authorisation: Signed<Authorisation>): Error {
  const { live } = draft
  const { receiptSeq, numerator: other } = one.receipt.value
  const brief = live.unacked.get(receiptSeq)
  if (brief !== undefined && brief.ruled === undefined && !equalBytes(brief.id, one.receipt.id)) {
    const { row, adds: ruled } = settlementOf(brief, { type: 'twin', claim: other })
    draft.core.metrics.took([row])
    const ruling: StoredRuling = { receiptSeq, numerator: ruled, why: 'twoReceipts' }
    draft.ops.push({ type: 'put', key: keys.ruling(live.sid, receiptSeq), value: encodeRecord(ruling) })
    live.unacked.set(receiptSeq, { ...brief, ruled })
    settle(draft, ruled, 1)
  }
  keepEvidence(draft, one.receipt.id, one.receipt.bytes)
  keepEvidence(draft, authorisation.id, authorisation.bytes)
  happen(draft, { type: 'frozen', nowMs: draft.nowMs, why: 'equivocation' })
  draft.core.log('sessionEquivocation', { session: draft.live.sid, receipt: hex(one.receipt.id) })
  return refused('equivocation', 'a second receipt for one place or one call')
}

function checkTerms({ live }: Draft, receipt: Receipt, authorisation: Authorisation) {
  const term = live.grant.terms.find(({ toolId }) => toolId === authorisation.toolId)
  if (term === undefined) throw refused('unknownTool', 'the grant has no such tool')
  const { priceMicrosPerMin } = term
  if (!withinTerms(receipt, { priceMicrosPerMin, capMicros: authorisation.capMicros })) {
    throw refused('badReceipt', 'the receipt claims more than price and cap allow')
  }
  return priceMicrosPerMin
}

function checkBounds({ session }: Draft, receipt: Receipt): Numerator {
  if (session.unsettled >= COORDINATOR_LIMITS.maxUnsettled)
    throw refused('windowFull', 'too many receipts are not acknowledged')
  const claimed = session.claimedNumerator + receipt.numerator
  if (claimed > COORDINATOR_LIMITS.maxClaimedNumerator)
    throw refused('badReceipt', 'the claims are beyond any allowance')
  return numerator(claimed)
}
