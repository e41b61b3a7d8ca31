import type { EvidenceBundle } from '@orien/node'
import {
  acceptedOf,
  exceptionFor,
  hex,
  least,
  type Address,
  type Grant,
  type Id,
  type Payout,
  type Signed,
  type Statement,
} from '@orien/protocol'
import type { BookEvidence, CallCopy } from './documents.ts'
import { short } from './findings.ts'
import type { AuditedParty } from './types.ts'

/** One session by both books together. */
export interface AuditedSession {
  readonly sid: string
  readonly id: Id
  readonly grant: Grant
  readonly agent: string
  readonly provider: string
  readonly agentBook: BookEvidence | undefined
  readonly providerBook: BookEvidence | undefined
  /** By receiptSeq, from either book. */
  readonly calls: ReadonlyMap<number, CallCopy>
  /** In order of statementSeq. */
  readonly statements: readonly Signed<Statement>[]
  /** The last Statement; undefined when neither book has one. */
  readonly statement: Statement | undefined
  /** What its channel and documents are called in findings: the session's id, shortened. */
  readonly name: string
}

/** Every session that a book speaks of, in the order of their first calls. */
export function joinSessions(
  evidence: readonly BookEvidence[],
  parties: readonly AuditedParty[],
): readonly AuditedSession[] {
  const bySid = new Map<string, BookEvidence[]>()
  for (const one of evidence) bySid.set(one.sid, [...(bySid.get(one.sid) ?? []), one])
  const sessions = [...bySid].map(([sid, copies]) => joined(sid, copies, parties))
  return sessions.toSorted((a, b) => startMs(a) - startMs(b) || (a.sid < b.sid ? -1 : 1))
}

/** When the first call started; without one, when the session would have ended. */
function startMs({ calls, grant }: AuditedSession): number {
  const [first] = calls.values()
  return first?.receipt.value.startedAtMs ?? grant.expiresAtMs
}

function joined(sid: string, found: readonly BookEvidence[], parties: readonly AuditedParty[]): AuditedSession {
  const agentBook = found.find(({ role }) => role === 'agent')
  const providerBook = found.find(({ role }) => role === 'provider')
  // Where the two differ, which is reported, the agent's is followed: its money it is.
  const copies = [agentBook, providerBook].filter((book) => book !== undefined)
  const [first] = copies
  if (first === undefined) throw new RangeError('a session stands in some book')
  const { value: grant, id } = first.grant
  const statements = ordered(union(copies.map((copy) => copy.statements)))
  return {
    sid,
    id,
    grant,
    agent: nameOf(parties, 'agent', grant.agentWallet),
    provider: nameOf(parties, 'provider', grant.providerWallet),
    agentBook,
    providerBook,
    calls: new Map([...union(copies.map((copy) => copy.calls))].toSorted(([a], [b]) => a - b)),
    statements,
    statement: statements.at(-1)?.value,
    name: short(sid),
  }
}

function nameOf(parties: readonly AuditedParty[], role: AuditedParty['role'], wallet: Address): string {
  return parties.find((party) => party.role === role && party.channelWallet === wallet)?.name ?? short(wallet)
}

/** The first copy of each. */
function union<K, V>(maps: readonly ReadonlyMap<K, V>[]): ReadonlyMap<K, V> {
  const all = new Map<K, V>()
  for (const map of maps) for (const [key, value] of map) if (!all.has(key)) all.set(key, value)
  return all
}

function ordered<V>(map: ReadonlyMap<number, V>): readonly V[] {
  return [...map].toSorted(([a], [b]) => a - b).map(([, value]) => value)
}

/** The evidence of a session by all books that have some. */
export function bundleOf(books: readonly BookEvidence[]): EvidenceBundle {
  const [first] = books
  if (first === undefined) throw new RangeError('no book')
  const offer = books.find((book) => book.offer !== undefined)?.offer
  const bytes = (one: { readonly bytes: Uint8Array }): Uint8Array => one.bytes
  const calls = ordered(union(books.map((book) => book.calls)))
  return {
    ...(offer === undefined ? {} : { offer: offer.bytes }),
    grant: first.grant.bytes,
    calls: calls.map(({ authorisation, receipt }) => ({ authorisation: authorisation.bytes, receipt: receipt.bytes })),
    acks: ordered(union(books.map((book) => book.acks))).map(bytes),
    statements: ordered(union(books.map((book) => book.statements))).map(bytes),
    payouts: [...union(books.map((book) => book.payouts)).values()].map(bytes),
  }
}

/** The books that have a session. */
export function booksOf({ agentBook, providerBook }: AuditedSession): readonly BookEvidence[] {
  return [agentBook, providerBook].filter((book) => book !== undefined)
}

/** Every Payout document of any book, each once. */
export function payoutsOf(evidence: readonly BookEvidence[]): readonly Signed<Payout>[] {
  return [...union(evidence.map((one) => one.payouts)).values()]
}

/** What a session's last Statement says is paid for. */
export function settledMicros({ statement }: AuditedSession): bigint {
  return statement === undefined ? 0n : least(statement.totalMicros, statement.receivedMicros)
}

/** What the agent countersigned of a receipt; undefined when no Ack covers it. */
export function acceptedNumerator(session: AuditedSession, seq: number): bigint | undefined {
  const call = session.calls.get(seq)
  if (call === undefined) return undefined
  const { toolId } = call.authorisation.value
  const price = session.grant.terms.find((term) => term.toolId === toolId)?.priceMicrosPerMin
  for (const book of booksOf(session)) {
    for (const { value: ack } of book.acks.values()) {
      if (seq < ack.fromSeq || seq > ack.throughSeq) continue
      return price === undefined ? 0n : acceptedOf(call.receipt.value, exceptionFor(ack, seq), price)
    }
  }
  return undefined
}

/** True for the same document id. */
export function hasId(ids: readonly Id[], id: Id): boolean {
  const text = hex(id)
  return ids.some((one) => hex(one) === text)
}
