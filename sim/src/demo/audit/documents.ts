import type { BookSession } from '@orien/node'
import {
  Ack,
  Authorisation,
  Grant,
  hex,
  isOrienError,
  Offer,
  openDocument,
  Payout,
  peekDocument,
  Receipt,
  Statement,
  type DocumentType,
  type PeerText,
  type Scope,
  type Signed,
} from '@orien/protocol'
import type { Book, BookRole } from './books.ts'
import { placeOf, type Findings } from './findings.ts'
import type { Audited } from './types.ts'

/** A call as one book holds it; both envelopes good. */
export interface CallCopy {
  readonly authorisation: Signed<Authorisation>
  readonly receipt: Signed<Receipt>
}

/** A session's documents in one book, each opened by its own signer. What did not open is reported and left out. */
export interface BookEvidence {
  readonly book: string
  readonly role: BookRole
  /** hex of the session's id. */
  readonly sid: string
  readonly grant: Signed<Grant>
  readonly offer: Signed<Offer> | undefined
  /** By receiptSeq, from 1. */
  readonly calls: ReadonlyMap<number, CallCopy>
  /** By throughSeq. */
  readonly acks: ReadonlyMap<number, Signed<Ack>>
  /** By statementSeq. */
  readonly statements: ReadonlyMap<number, Signed<Statement>>
  /** By payout id and transaction. */
  readonly payouts: ReadonlyMap<string, Signed<Payout>>
  readonly cheque: Uint8Array | undefined
  /** False when a document did not open: the chain of the rest proves nothing. */
  readonly whole: boolean
}

/** Opens every document of a session in a book. */
export function openSession(scope: Scope, book: Book, session: BookSession, findings: Findings): BookEvidence {
  const { bundle, session: sid, cheque } = session
  let whole = true
  const grant = peekDocument(scope, Grant, bundle.grant)
  const { agent, provider, coordinator } = grant.value
  const open = <T>(type: DocumentType<T>, bytes: Uint8Array, signer: PeerText, what: Audited, seq?: number) => {
    const opened = tryOpen(scope, type, bytes, signer)
    if ('value' in opened) return opened
    whole = false
    const id = what === 'payout' ? payoutIdIn(scope, bytes) : sid
    findings.add(opened.code, what, placeOf(book.name, what, id, seq), opened.why)
    return undefined
  }
  open(Grant, bundle.grant, coordinator, 'grant')
  const calls = new Map<number, CallCopy>()
  bundle.calls.forEach((call, at) => {
    const authorisation = open(Authorisation, call.authorisation, agent, 'authorisation', at + 1)
    const receipt = open(Receipt, call.receipt, provider, 'receipt', at + 1)
    if (authorisation !== undefined && receipt !== undefined) calls.set(at + 1, { authorisation, receipt })
  })
  const offer = bundle.offer === undefined ? undefined : open(Offer, bundle.offer, provider, 'offer')
  const opened = {
    acks: keyed(
      bundle.acks,
      (bytes, at) => open(Ack, bytes, agent, 'ack', at),
      ({ throughSeq }) => throughSeq,
    ),
    statements: keyed(
      bundle.statements,
      (bytes, at) => open(Statement, bytes, coordinator, 'statement', at),
      ({ statementSeq }) => statementSeq,
    ),
    payouts: keyed(bundle.payouts, (bytes) => open(Payout, bytes, coordinator, 'payout'), payoutKey),
  }
  return { book: book.name, role: book.role, sid, grant, offer, calls, ...opened, cheque, whole }
}

/** A Payout document is of one transaction; a set whose leg was blocked has several. */
export function payoutKey({ payoutId, transaction }: Payout): string {
  return `${hex(payoutId)} ${transaction}`
}

function keyed<T, K>(
  all: readonly Uint8Array[],
  open: (bytes: Uint8Array, seq: number) => Signed<T> | undefined,
  keyOf: (value: T) => K,
): Map<K, Signed<T>> {
  const found = new Map<K, Signed<T>>()
  all.forEach((bytes, at) => {
    const one = open(bytes, at + 1)
    if (one !== undefined) found.set(keyOf(one.value), one)
  })
  return found
}

interface NotOpened {
  readonly code: 'badSignature' | 'bookUnreadable'
  readonly why: string
}

function tryOpen<T>(scope: Scope, type: DocumentType<T>, bytes: Uint8Array, signer: PeerText): Signed<T> | NotOpened {
  try {
    return openDocument(scope, type, bytes, signer)
  } catch (error) {
    if (!isOrienError(error)) throw error
    return { code: error.code === 'badSignature' ? 'badSignature' : 'bookUnreadable', why: error.message }
  }
}

/** The id a payout that did not open says it has. */
function payoutIdIn(scope: Scope, bytes: Uint8Array): string {
  try {
    return hex(peekDocument(scope, Payout, bytes).value.payoutId)
  } catch (error) {
    if (isOrienError(error)) return 'unreadable'
    throw error
  }
}
