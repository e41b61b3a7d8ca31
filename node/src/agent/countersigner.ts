import {
  acceptedOf,
  Ack,
  agentBoundMs,
  capMs,
  capNumerator,
  equalBytes,
  floorMicros,
  hex,
  numerator,
  openDocument,
  OrienError,
  Receipt,
  TIMES,
  type AckException,
  type Authorisation,
  type Signed,
  type TurnSigner,
} from '@orien/protocol'
import type { StoreOp } from '../store/port.ts'
import type { AgentParts } from './ports.ts'
import type { AgentSession } from './session.ts'
import { agentKeys } from './records.ts'
import type { SpendBook } from './spend-book.ts'

/** What the agent knows of the call a receipt is for. */
export interface CallFacts {
  readonly auth: Signed<Authorisation>
  /** Monotonic ms when the Authorisation was sent; absent when that was before a crash of ours. */
  readonly sentMono?: number
  /** The most that a TickAck of ours says. */
  readonly lastTickMs: number
}

/** Tells the call of a receipt: `forged` when it names an Authorisation that we never signed. Throws `badReceipt` when it names none. */
export type FactsOf = (receipt: Receipt) => CallFacts | 'forged'

/** A receipt that was checked, and what of it is accepted. */
export interface CheckedReceipt {
  readonly receipt: Signed<Receipt>
  readonly exception: AckException | undefined
  readonly acceptedNumerator: bigint
  /** By the agent's own clock, from sending the Authorisation to the receipt; unknown after a crash of ours. */
  readonly observedMs: number | undefined
}

interface Waiting {
  readonly checked: CheckedReceipt
  readonly auth: Uint8Array
}

/** Microtasks in which further receipts of a turn arrive. */
const QUIET_HOPS = 32

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
  #waiting: Waiting[] = []
  #flushing: Promise<void> = Promise.resolve()
  #scheduled = false

  constructor(of: CountersignerParts, session: AgentSession, send: (ack: Signed<Ack>) => void) {
    this.#of = of
    this.#session = session
    this.#send = send
  }

  /** Resolves when everything checked so far is countersigned, durable and sent: what relies on it goes after. */
  get flushed(): Promise<void> {
    this.#now()
    return this.#flushing
  }

  /** A receipt that the provider signed for this session. Throws as openDocument, `badReceipt`. */
  open(bytes: Uint8Array): Signed<Receipt> {
    const receipt = openDocument(this.#of.parts.scope, Receipt, bytes, this.#session.grant.provider)
    if (!equalBytes(receipt.value.sessionId, this.#session.id))
      throw new OrienError('badReceipt', { message: 'the receipt is for another session' })
    return receipt
  }

  /**
   * PROTOCOL's checks of an agent on a Receipt that was opened, in order. What is wrong in time, price or cap is accepted in part; what is
   * no receipt of ours throws `badReceipt`, `equivocation`, `outOfOrder`.
   */
  check(receipt: Signed<Receipt>, arrivalMono: number, factsOf: FactsOf): CheckedReceipt {
    const session = this.#session
    const { value } = receipt
    const facts = factsOf(value)
    if (facts !== 'forged' && session.answered.has(value.callSeq))
      throw new OrienError('equivocation', { message: 'the call has a receipt already' })
    if (value.receiptSeq !== session.head.seq + 1 || !equalBytes(value.prevId, session.head.id)) {
      throw new OrienError('outOfOrder', {
        message: 'the receipt does not follow',
        details: { expected: session.head.seq + 1 },
      })
    }
    const exception = facts === 'forged' ? forgedCall(value) : exceptionOf(session, value, facts, arrivalMono)
    const price = facts === 'forged' ? undefined : session.terms.get(facts.auth.value.toolId)?.priceMicrosPerMin
    const accepted = price === undefined ? 0n : acceptedOf(value, exception, price)
    if (facts !== 'forged') session.answered.add(value.callSeq)
    session.head = { seq: value.receiptSeq, id: receipt.id }
    session.accepted += accepted
    const sentMono = facts === 'forged' ? undefined : facts.sentMono
    const observedMs = sentMono === undefined ? undefined : Math.ceil(arrivalMono - sentMono)
    return { receipt, exception, acceptedNumerator: accepted, observedMs }
  }

  /** Countersigns with everything else that is checked in this turn; the next Authorisations share the signature. */
  countersign(checked: CheckedReceipt, auth: Uint8Array): void {
    const { unsent } = this.#session
    const claimed = unsent.claimed + checked.receipt.value.numerator
    this.#session.unsent = { receipts: unsent.receipts + 1, claimed }
    this.#waiting.push({ checked, auth })
    if (this.#scheduled) return
    this.#scheduled = true
    void quietly().then(() => this.#now())
  }

  #now(): void {
    if (this.#waiting.length === 0) return
    this.#scheduled = false
    const group = this.#waiting
    this.#waiting = []
    const signing = this.#sign(group)
    const before = this.#flushing
    this.#flushing = Promise.all([signing, before]).then(([ack]) => this.#save(ack, group))
    // Whoever waits for `flushed` gets the error; nobody waiting must not end the process.
    this.#flushing.catch((error: unknown) =>
      this.#of.parts.log('ackFailed', { session: this.#session.key, why: String(error) }),
    )
  }

  async #sign(group: readonly Waiting[]): Promise<Signed<Ack>> {
    const session = this.#session
    const [first, last] = [group[0]?.checked.receipt.value, group.at(-1)?.checked.receipt]
    if (first === undefined || last?.value.receiptSeq !== session.head.seq)
      throw new OrienError('internal', { message: 'a receipt was checked outside its turn' })
    return this.#of.turn.sign(Ack, {
      sessionId: session.id,
      fromSeq: first.receiptSeq,
      throughSeq: last.value.receiptSeq,
      headId: last.id,
      exceptions: group.map((one) => one.checked.exception).filter((one) => one !== undefined),
      acceptedNumerator: numerator(session.accepted),
    })
  }

  /** Durable, then sent. */
  async #save(ack: Signed<Ack>, group: readonly Waiting[]): Promise<void> {
    const session = this.#session
    await this.#of.book.saveAck(
      session,
      ack,
      group.flatMap(({ checked, auth }) => evidenceOps(session, checked, auth)),
    )
    const { receipts, claimed } = session.unsent
    const sum = group.reduce((all, { checked }) => all + checked.receipt.value.numerator, 0n)
    session.unsent = { receipts: receipts - group.length, claimed: claimed - sum }
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

/** Lets everything else of this turn happen first: what a caller does with a result takes some microtasks. */
async function quietly(): Promise<void> {
  for (let hop = 0; hop < QUIET_HOPS; hop++) await Promise.resolve()
}

function evidenceOps(session: AgentSession, { receipt }: CheckedReceipt, auth: Uint8Array): StoreOp[] {
  const { receiptSeq } = receipt.value
  return [
    { type: 'put', key: agentKeys.receipt(session.key, receiptSeq), value: receipt.bytes },
    { type: 'put', key: agentKeys.auth(session.key, receiptSeq), value: auth },
  ]
}

function forgedCall(receipt: Receipt): AckException {
  return { receiptSeq: receipt.receiptSeq, acceptedMs: 0, code: 'unknown' }
}

/**
 * What of a receipt is not accepted, by the agent's own records; undefined when it is accepted whole. Throws `badReceipt` when it is not for
 * the Authorisation it stands behind.
 */
export function exceptionOf(
  session: AgentSession,
  receipt: Receipt,
  facts: CallFacts,
  arrivalMono: number,
): AckException | undefined {
  const { receiptSeq, effectiveMs } = receipt
  const { auth } = facts
  const term = session.terms.get(auth.value.toolId)
  const fits = equalBytes(receipt.authId, auth.id) && receipt.callSeq === auth.value.callSeq
  if (!fits || term === undefined)
    throw new OrienError('badReceipt', { message: 'the receipt is not for that authorisation' })
  if (receipt.numerator === 0n) return undefined
  const price = term.priceMicrosPerMin
  const overPrice = receipt.numerator > price * BigInt(effectiveMs)
  const overCap = receipt.numerator > capNumerator(auth.value.capMicros)
  const boundMs = boundOf(receipt, facts, arrivalMono)
  if (!overPrice && !overCap && effectiveMs <= boundMs) return undefined
  const ranMs = Math.min(effectiveMs, boundMs)
  const acceptedMs = overCap ? Math.min(ranMs, capMs(auth.value.capMicros, price)) : ranMs
  return { receiptSeq, acceptedMs, code: overPrice ? 'price' : overCap ? 'cap' : 'time' }
}

/**
 * The longest time our own clock supports. After a crash the sending time is lost: what our TickAck proves was seen running, and the tick rule, bound
 * it. A lastTick without our signature is the provider's word alone.
 */
function boundOf(receipt: Receipt, { sentMono, lastTickMs }: CallFacts, arrivalMono: number): number {
  if (sentMono === undefined) return lastTickMs + TIMES.tickAckMs
  return Math.max(agentBoundMs(arrivalMono - sentMono, receipt.queuedMs), lastTickMs)
}
