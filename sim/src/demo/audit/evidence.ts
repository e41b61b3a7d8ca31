import { verifyEvidence, type EvidenceBundle, type EvidenceStep } from '@orien/node'
import { channelPaper, type ChannelPaper, type Lane } from '@orien/node/rails'
import {
  decodeCheque,
  equalBytes,
  formatUsdc,
  hex,
  isOrienError,
  withinTerms,
  type Cheque,
  type Scope,
} from '@orien/protocol'
import type { BookEvidence } from './documents.ts'
import { placeOf, type Findings } from './findings.ts'
import { booksOf, bundleOf, type AuditedSession } from './sessions.ts'
import type { Audited, AuditedParty } from './types.ts'

export interface EvidenceParts {
  readonly scope: Scope
  readonly chainId: number
  readonly parties: readonly AuditedParty[]
  readonly findings: Findings
}

/** All checks of one session's documents. Resolves to the highest ceiling of a good cheque; undefined when there is none. */
export async function checkEvidence(parts: EvidenceParts, session: AuditedSession): Promise<bigint | undefined> {
  checkWallets(parts, session)
  checkTerms(parts, session)
  checkCopies(parts, session)
  checkBooks(parts, session)
  checkChains(parts, session)
  return checkCheques(parts, session)
}

/** A grant speaks of the wallets and payout account of the parties it is between. */
function checkWallets({ parties, findings }: EvidenceParts, session: AuditedSession): void {
  const { agentWallet, coordinatorWallet, providerWallet, payoutWallet } = session.grant
  const wallets = [
    ['agent', agentWallet],
    ['coordinator', coordinatorWallet],
    ['provider', providerWallet],
  ] as const
  for (const book of booksOf(session)) {
    const place = placeOf(book.book, 'grant', session.sid)
    for (const [role, wallet] of wallets) {
      const owner = parties.find((one) => one.role === role && one.channelWallet === wallet)
      if (owner === undefined) findings.add('foreignWallet', 'grant', place, `its ${role} wallet ${wallet} is nobody's`)
      else if (owner.role === book.role && owner.name !== book.book)
        findings.add('foreignWallet', 'grant', place, `it is a session of ${owner.name}`)
    }
    const provider = parties.find((one) => one.channelWallet === providerWallet)
    if (provider !== undefined && !provider.chainAccounts.some(({ address }) => address === payoutWallet))
      findings.add('foreignWallet', 'grant', place, `it pays ${payoutWallet}, no account of ${provider.name}`)
  }
}

/** Invariant 1, receipt by receipt. */
function checkTerms({ findings }: EvidenceParts, session: AuditedSession): void {
  for (const book of booksOf(session)) {
    for (const [seq, { authorisation, receipt }] of book.calls) {
      const { toolId, capMicros } = authorisation.value
      const term = session.grant.terms.find((one) => one.toolId === toolId)
      if (term !== undefined && withinTerms(receipt.value, { ...term, capMicros })) continue
      const { numerator, effectiveMs } = receipt.value
      const detail = `${numerator} for ${effectiveMs} ms of ${toolId} is more than its price and cap allow`
      findings.add('overTerms', 'receipt', placeOf(book.book, 'receipt', session.sid, seq), detail)
    }
  }
}

/** What both sides hold is the same, byte for byte. */
function checkCopies({ findings }: EvidenceParts, { agentBook, providerBook, sid }: AuditedSession): void {
  if (agentBook === undefined || providerBook === undefined) return
  const compare = (what: Audited, mine: Uint8Array, theirs: Uint8Array | undefined, seq?: number): void => {
    if (theirs === undefined || equalBytes(mine, theirs)) return
    const place = placeOf(providerBook.book, what, sid, seq)
    findings.add('copiesDiffer', what, place, `${agentBook.book} holds another one`)
  }
  compare('grant', agentBook.grant.bytes, providerBook.grant.bytes)
  for (const [seq, { authorisation, receipt }] of agentBook.calls) {
    const theirs = providerBook.calls.get(seq)
    compare('authorisation', authorisation.bytes, theirs?.authorisation.bytes, seq)
    compare('receipt', receipt.bytes, theirs?.receipt.bytes, seq)
  }
  for (const [seq, ack] of agentBook.acks) compare('ack', ack.bytes, providerBook.acks.get(seq)?.bytes, seq)
  for (const [seq, one] of agentBook.statements)
    compare('statement', one.bytes, providerBook.statements.get(seq)?.bytes, seq)
}

/** One Payout of a set and transaction, whoever holds it. */
export function checkPayoutCopies(evidence: readonly BookEvidence[], findings: Findings): void {
  const first = new Map<string, { readonly book: string; readonly bytes: Uint8Array }>()
  for (const { book, payouts } of evidence) {
    for (const [key, { bytes, value }] of payouts) {
      const known = first.get(key)
      if (known === undefined) first.set(key, { book, bytes })
      else if (!equalBytes(known.bytes, bytes)) {
        const place = placeOf(book, 'payout', hex(value.payoutId))
        findings.add('copiesDiffer', 'payout', place, `${known.book} holds another one`)
      }
    }
  }
}

/** Whoever was called holds the session: an agent may vanish with its book, its provider's evidence stands. */
function checkBooks({ findings }: EvidenceParts, { providerBook, calls, provider, sid, name }: AuditedSession): void {
  if (providerBook !== undefined || calls.size === 0) return
  findings.add('bookMissing', 'book', placeOf(provider, 'grant', sid), `no book of the provider has session ${name}`)
}

/**
 * Walks the evidence chain of both books together, and of each that is whole and holds anything else. A book that ends before the
 * other, as a vanished agent's does, is not held against Statements that settle what it has not seen.
 */
function checkChains({ scope, chainId, findings }: EvidenceParts, session: AuditedSession): void {
  const books = booksOf(session)
  const joined = bundleOf(books)
  const bad = new Set<string>()
  const report = (place: (link: Audited) => string, steps: readonly EvidenceStep[]): void => {
    const found = steps.filter(({ link, verdict }) => verdict === 'bad' && !bad.has(link))
    for (const { link, detail } of found) findings.add('brokenChain', link, place(link), detail)
    for (const { link } of found) bad.add(link)
  }
  const steps = joinedSteps(scope, chainId, session, joined)
  report((link) => `session ${link}/${session.name}`, steps)
  for (const book of books.filter(({ whole }) => whole)) {
    const own = bundleOf([book])
    if (holdsSame(own, joined)) continue
    const ends = own.calls.length < joined.calls.length || own.acks.length < joined.acks.length
    const ownSteps = verifyEvidence(scope, chainId, ends ? { ...own, statements: [], payouts: [] } : own)
    report((link) => placeOf(book.book, link, session.sid), ownSteps)
  }
  checkPresence(findings, session, steps)
}

/** True when a book's session documents are those of both books. Offers lie with agents alone, and Payouts are compared apart. */
function holdsSame(own: EvidenceBundle, joined: EvidenceBundle): boolean {
  const flat = ({ grant, calls, acks, statements }: EvidenceBundle): readonly Uint8Array[] => [
    grant,
    ...calls.flatMap(({ authorisation, receipt }) => [authorisation, receipt]),
    ...acks,
    ...statements,
  ]
  const [mine, all] = [flat(own), flat(joined)]
  return mine.length === all.length && mine.every((bytes, at) => equalBytes(bytes, all[at] ?? new Uint8Array()))
}

/** Both books together. An Ack that only the agent holds may never have been collected: the Statement may stand without it. */
function joinedSteps(
  scope: Scope,
  chainId: number,
  { providerBook }: AuditedSession,
  joined: EvidenceBundle,
): readonly EvidenceStep[] {
  const steps = verifyEvidence(scope, chainId, joined)
  const settled = steps.some(({ link, verdict }) => link === 'statement' && verdict !== 'bad')
  if (settled || providerBook === undefined || providerBook.acks.size >= joined.acks.length) return steps
  const collected = verifyEvidence(scope, chainId, { ...joined, acks: bundleOf([providerBook]).acks })
  return collected.some(({ verdict }) => verdict === 'bad') ? steps : collected
}

/** After settlement no link may be missing. An Ack may: receipts also settle uncontested. Payouts are checked by their sums. */
function checkPresence(findings: Findings, session: AuditedSession, steps: readonly EvidenceStep[]): void {
  const called = session.calls.size > 0 || (session.statement?.receipts ?? 0) > 0
  const needed: readonly string[] = [
    ...(session.agentBook === undefined ? [] : ['offer']),
    ...(called ? ['authorisation', 'receipt'] : []),
    'close',
    'statement',
  ]
  for (const { link, verdict } of steps) {
    if (verdict === 'missing' && needed.includes(link))
      findings.add('evidenceMissing', link, `session ${link}/${session.name}`, 'no book has it')
  }
}

async function checkCheques({ findings }: EvidenceParts, session: AuditedSession): Promise<bigint | undefined> {
  const { rail } = session.grant.channel
  const paper = await channelPaper(rail, session.grant.asset)
  const lane = laneOf(paper, session, findings)
  if (lane === undefined) return undefined
  const good: { readonly book: BookEvidence; readonly cheque: Cheque }[] = []
  for (const book of booksOf(session)) {
    const place = placeOf(book.book, 'cheque', session.sid)
    if (book.cheque === undefined) {
      if (book.role === 'agent' || book.calls.size > 0)
        findings.add('chequeMissing', 'cheque', place, 'calls ran, or the channel was funded, without a cheque')
      continue
    }
    const cheque = goodCheque(paper, lane, book.cheque, place, findings)
    if (cheque !== undefined) good.push({ book, cheque })
  }
  const [first, second] = good
  const same = first?.cheque.chequeSeq === second?.cheque.chequeSeq && first?.cheque.base === second?.cheque.base
  if (first?.book.cheque !== undefined && second?.book.cheque !== undefined && same) {
    if (!equalBytes(first.book.cheque, second.book.cheque)) {
      const place = placeOf(second.book.book, 'cheque', session.sid)
      findings.add('copiesDiffer', 'cheque', place, `${first.book.book} holds another one of the same number`)
    }
  }
  return good.reduce<bigint | undefined>(
    (most, { cheque }) => (most === undefined || cheque.ceilingMicros > most ? cheque.ceilingMicros : most),
    undefined,
  )
}

function laneOf(paper: ChannelPaper, session: AuditedSession, findings: Findings): Lane | undefined {
  try {
    return paper.lane(session.grant, session.id)
  } catch (error) {
    if (!isOrienError(error)) throw error
    findings.add('brokenChain', 'grant', `session grant/${session.name}`, error.message)
    return undefined
  }
}

/** The cheque, when its signature is the agent's wallet's over this channel's close at its ceiling. */
function goodCheque(
  paper: ChannelPaper,
  lane: Lane,
  bytes: Uint8Array,
  place: string,
  findings: Findings,
): Cheque | undefined {
  try {
    const cheque = decodeCheque(bytes)
    if (cheque.ceilingMicros > lane.capacity) {
      const detail = `its ceiling is ${formatUsdc(cheque.ceilingMicros)} USDC, the allowance ${formatUsdc(lane.capacity)}`
      findings.add('chequeOverAllowance', 'cheque', place, detail)
      return undefined
    }
    paper.verify(lane, cheque)
    return cheque
  } catch (error) {
    if (!isOrienError(error)) throw error
    findings.add('badCheque', 'cheque', place, error.message)
    return undefined
  }
}
