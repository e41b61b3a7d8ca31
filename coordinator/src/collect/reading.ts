import {
  Ack,
  Authorisation,
  equalBytes,
  isOrienError,
  readDocument,
  Receipt,
  verifyDocuments,
  type DocumentType,
  type Id,
  type OrienError,
  type PeerText,
  type ReadDocument,
  type Scope,
  type Verifier,
} from '@orien/protocol'

/** A document as far as it can be read; a refusal is kept until its place in the order of checks. */
export type Reading<T> = ReadDocument<T> | OrienError

/** A receipt of a batch with what came along. */
export interface ReadReceipt {
  readonly receipt: Reading<Receipt>
  readonly authorisation: Reading<Authorisation>
  /** The last TickAck: proves the receipt's lastTick. */
  readonly tickAck?: Uint8Array
}

/** The documents of a batch, read, with the verdict on every signature that its decision will most likely ask for. */
export interface ReadBatch {
  readonly receipts: readonly ReadReceipt[]
  readonly acks: readonly Reading<Ack>[]
}

/** The papers of a batch that come by the thousand. */
export interface Papers {
  readonly receipts: readonly {
    readonly authorisation: Uint8Array
    readonly receipt: Uint8Array
    readonly tickAck?: Uint8Array
  }[]
  readonly acks: readonly Uint8Array[]
}

interface Parties {
  readonly agent: PeerText
  readonly provider: PeerText
}

/**
 * Reads the receipts and Acks of a batch and has their signatures verified, all at once and off this thread where there are others. It decides nothing:
 * what is refused, and in which order, is for the decision, which verifies whatever has no verdict yet.
 */
export async function readBatch(
  { scope, verifier }: { readonly scope: Scope; readonly verifier: Verifier },
  { agent, provider }: Parties,
  papers: Papers,
): Promise<ReadBatch> {
  const acks = papers.acks.map((bytes) => read(scope, Ack, bytes))
  const receipts = papers.receipts.map(({ authorisation, receipt, tickAck }): ReadReceipt => ({
    receipt: read(scope, Receipt, receipt),
    authorisation: read(scope, Authorisation, authorisation),
    ...(tickAck === undefined ? {} : { tickAck }),
  }))
  const vouched = vouchedFor(receipts.map(({ receipt }) => receipt).filter(isRead), acks.filter(isRead))
  const wanted: { read: ReadDocument<unknown>; peer: PeerText }[] = []
  const ask = (one: Reading<unknown>, peer: PeerText): void => {
    if (isRead(one)) wanted.push({ read: one, peer })
  }
  for (const { receipt } of receipts) ask(receipt, provider)
  for (const ack of acks) ask(ack, agent)
  for (const { receipt, authorisation } of receipts)
    if (isRead(receipt) && !vouched.has(receipt.value.receiptSeq)) ask(authorisation, agent)
  await verifyDocuments(scope, verifier, wanted)
  return { receipts, acks }
}

/** The document itself. Throws why it cannot be read. */
export function readOrThrow<T>(reading: Reading<T>): ReadDocument<T> {
  if (!isRead(reading)) throw reading
  return reading
}

function read<T>(scope: Scope, type: DocumentType<T>, bytes: Uint8Array): Reading<T> {
  try {
    return readDocument(scope, type, bytes)
  } catch (error) {
    if (isOrienError(error)) return error
    throw error
  }
}

function isRead<T>(reading: Reading<T>): reading is ReadDocument<T> {
  return !isOrienError(reading)
}

interface Known<T> {
  readonly value: T
  readonly id: Id
}

/**
 * The receipts of a batch that Acks vouch for: an agent that signs the head of a chain has accepted every receipt of it in its
 * range, so their Authorisations need no second verification. Only an unbroken chain within the batch counts.
 */
export function vouchedFor(receipts: readonly Known<Receipt>[], acks: Iterable<Known<Ack>>): ReadonlyMap<number, Ack> {
  const vouched = new Map<number, Ack>()
  for (const { value: ack } of acks) {
    let at = receipts.findIndex((one) => one.value.receiptSeq === ack.throughSeq && equalBytes(one.id, ack.headId))
    for (; at >= 0; at--) {
      const one = receipts[at]
      if (one === undefined || one.value.receiptSeq < ack.fromSeq) break
      vouched.set(one.value.receiptSeq, ack)
      const before = receipts[at - 1]
      const linked =
        before !== undefined &&
        before.value.receiptSeq + 1 === one.value.receiptSeq &&
        equalBytes(one.value.prevId, before.id)
      if (!linked) break
    }
  }
  return vouched
}
