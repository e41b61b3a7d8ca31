import {
  acceptedOf,
  Ack,
  agentBoundMs,
  capMs,
  equalBytes,
  floorMicros,
  hex,
  micros,
  numerator,
  openDocument,
  OrienError,
  Receipt,
  TIMES,
  withinTerms,
  type AckException,
  type Authorisation,
  type Signed,
  type TurnSigner,
} from '@orien/protocol'
import type { StoreOp } from '../store/port.ts'
import type { AgentParts } from './ports.ts'
import type { AgentSession } from './session.ts'
import { agentKeys, type SpendBook } from './spend-book.ts'

/** What the agent knows of the call a receipt is for. */
export interface CallFacts {
  readonly auth: Signed<Authorisation>
  /** Monotonic ms when the Authorisation was sent; absent when that was before a crash of ours. */
  readonly sentMono?: number
  readonly lastTickMs: number
}

/** A receipt that was checked, and what of it is accepted. */
export interface CheckedReceipt {
  readonly receipt: Signed<Receipt>
  readonly exception: AckException | undefined
  readonly acceptedNumerator: bigint
}

export interface CountersignerParts {
  readonly parts: AgentParts
  readonly book: SpendBook
  readonly turn: TurnSigner
}

/** Checks receipts against the agent's own clock and caps, and countersigns them: one Ack for all of one turn. */
export class Countersigner {
  readonly #of: CountersignerParts
  readonly #session: AgentSession
  readonly #send: (ack: Signed<Ack>) => void
  #waiting: { readonly checked: CheckedReceipt; readonly auth: Uint8Array }[] = []
  #flushing: Promise<void> = Promise.resolve()
  #scheduled = false

  constructor(of: CountersignerParts, session: AgentSession, send: (ack: Signed<Ack>) => void) {
    this.#of = of
    this.#session = session
    this.#send = send
  }

  /** Resolves when every Ack made so far is durable and sent: what relies on it goes after. */
  get flushed(): Promise<void> {
    return this.#flushing
  }

  /**
   * PROTOCOL's checks of an agent on a Receipt, in order. What is wrong in time, price or cap is accepted in part; what is no
   * receipt of ours throws `badReceipt`, `badSignature`, `outOfOrder`.
   */
  check(bytes: Uint8Array, arrivalMono: number, factsOf: (receipt: Receipt) => CallFacts | undefined): CheckedReceipt {
    const session = this.#session
    const receipt = openDocument(this.#of.parts.scope, Receipt, bytes, session.grant.provider)
    const { value } = receipt
    if (!equalBytes(value.sessionId, session.id))
      throw new OrienError('badReceipt', { message: 'the receipt is for another session' })
    if (value.receiptSeq !== session.head.seq + 1 || !equalBytes(value.prevId, session.head.id)) {
      throw new OrienError('outOfOrder', {
        message: 'the receipt does not follow',
        details: { expected: session.head.seq + 1 },
      })
    }
    const facts = factsOf(value)
    const exception = facts === undefined ? unknownCall(value) : exceptionOf(session, value, facts, arrivalMono)
    const price = facts === undefined ? undefined : session.terms.get(facts.auth.value.toolId)?.priceMicrosPerMin
    const accepted = price === undefined ? 0n : acceptedOf(value, exception, price)
    session.head = { seq: value.receiptSeq, id: receipt.id }
    session.accepted += accepted
    return { receipt, exception, acceptedNumerator: accepted }
  }

  /** Countersigns on the next microtask, with everything else that was checked in this turn. */
  countersign(checked: CheckedReceipt, auth: Uint8Array): void {
    this.#waiting.push({ checked, auth })
    if (this.#scheduled) return
    this.#scheduled = true
    const before = this.#flushing
    this.#flushing = Promise.resolve().then(async () => {
      await before
      this.#scheduled = false
      await this.#flush()
    })
    // Whoever waits for `flushed` gets the error; nobody waiting must not end the process.
    this.#flushing.catch((error: unknown) =>
      this.#of.parts.log('ackFailed', { session: this.#session.key, why: String(error) }),
    )
  }

  async #flush(): Promise<void> {
    const group = this.#waiting
    this.#waiting = []
    const first = group[0]?.checked.receipt.value
    const last = group.at(-1)?.checked.receipt
    if (first === undefined || last === undefined) return
    const session = this.#session
    const ack = await this.#of.turn.sign(Ack, {
      sessionId: session.id,
      fromSeq: first.receiptSeq,
      throughSeq: last.value.receiptSeq,
      headId: last.id,
      exceptions: group.map((one) => one.checked.exception).filter((one) => one !== undefined),
      acceptedNumerator: numerator(acceptedThrough(session, group)),
    })
    await this.#of.book.saveAck(
      session,
      ack,
      group.flatMap(({ checked, auth }) => evidenceOps(session, checked, auth)),
    )
    this.#send(ack)
    this.#of.parts.log('countersigned', {
      session: session.key,
      throughSeq: ack.value.throughSeq,
      ack: hex(ack.id),
      exceptions: ack.value.exceptions.length,
      acceptedMicros: String(floorMicros(ack.value.acceptedNumerator)),
    })
  }
}

/** Receipts checked later in the same turn are not in this Ack's sum. */
function acceptedThrough(session: AgentSession, group: readonly { readonly checked: CheckedReceipt }[]): bigint {
  const last = group.at(-1)?.checked.receipt.value.receiptSeq
  if (last === session.head.seq) return session.accepted
  throw new OrienError('internal', { message: 'a receipt was checked outside its turn' })
}

function evidenceOps(session: AgentSession, { receipt }: CheckedReceipt, auth: Uint8Array): StoreOp[] {
  const { receiptSeq } = receipt.value
  return [
    { type: 'put', key: agentKeys.receipt(session.key, receiptSeq), value: receipt.bytes },
    { type: 'put', key: agentKeys.auth(session.key, receiptSeq), value: auth },
  ]
}

function unknownCall(receipt: Receipt): AckException {
  return { receiptSeq: receipt.receiptSeq, acceptedMs: 0, code: 'unknown' }
}

/** What of a receipt is not accepted, by the agent's own records; undefined when it is accepted whole. */
export function exceptionOf(
  session: AgentSession,
  receipt: Receipt,
  facts: CallFacts,
  arrivalMono: number,
): AckException | undefined {
  const { receiptSeq, effectiveMs, queuedMs } = receipt
  const term = session.terms.get(facts.auth.value.toolId)
  if (!equalBytes(receipt.authId, facts.auth.id) || term === undefined) return unknownCall(receipt)
  // After a crash of ours the sending time is lost: the last tick we signed bounds what can be owed.
  const boundMs =
    facts.sentMono === undefined
      ? (receipt.lastTick ?? 0) + TIMES.tickAckMs
      : Math.max(agentBoundMs(arrivalMono - facts.sentMono, queuedMs), facts.lastTickMs)
  const claimedMs = Number((receipt.numerator + term.priceMicrosPerMin - 1n) / term.priceMicrosPerMin)
  if (receipt.numerator > 0n && Math.min(effectiveMs, claimedMs) > boundMs)
    return { receiptSeq, acceptedMs: boundMs, code: 'time' }
  const terms = { priceMicrosPerMin: term.priceMicrosPerMin, capMicros: facts.auth.value.capMicros }
  if (withinTerms(receipt, terms)) return undefined
  const paidMs = capMs(micros(terms.capMicros), terms.priceMicrosPerMin)
  if (effectiveMs <= paidMs) return { receiptSeq, acceptedMs: Math.min(effectiveMs, boundMs), code: 'price' }
  return { receiptSeq, acceptedMs: Math.min(paidMs, boundMs), code: 'cap' }
}
