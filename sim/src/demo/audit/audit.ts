import { nodeCrypto } from '@orien/node/crypto'
import { hex, scopeOf, type Payout, type Scope, type Signed } from '@orien/protocol'
import type { TokenLog } from '../../devnet/arc.ts'
import { checkBalances, checkPaid, type BalanceParts } from './balances.ts'
import { readBooks } from './books.ts'
import { paymentsOf } from './chain.ts'
import { checkChannel, checkRefunds, checkStrangers, type ChannelMoney } from './channels.ts'
import { openSession, type BookEvidence } from './documents.ts'
import { checkEvidence, checkPayoutCopies } from './evidence.ts'
import { createFindings, type Findings } from './findings.ts'
import { checkEntries } from './ledger-entries.ts'
import { factsOf, readLines, type LedgerFacts } from './ledger.ts'
import { checkPayouts } from './payouts.ts'
import { callRows, payoutRow, sessionRow } from './rows.ts'
import { acceptedNumerator, joinSessions, payoutsOf, settledMicros, type AuditedSession } from './sessions.ts'
import type { AuditInput, AuditReport, AuditTotals, SessionRow } from './types.ts'

/** A session and what the ledger says of its channel. */
interface Judged {
  readonly session: AuditedSession
  readonly money: ChannelMoney
}

/**
 * Judges a run from the outside, when its daemons are stopped: reads the chain's logs, the ClearNode's ledger and the parties' signed
 * documents, and nothing of the coordinator's. What is wrong is a violation in the report, never an exception. Throws `locked` while a
 * daemon still has its book open, `unreachable` when the chain does not answer.
 *
 * @example
 * const before = await readBalances({ devnet, clearnodeHome, parties })
 * // … the run; every daemon is stopped
 * const after = await readBalances({ devnet, clearnodeHome, parties })
 * const report = await audit({ chainId, home, devnet, clearnodeHome, parties, addresses, before, after })
 * process.stdout.write(tables(report))
 */
export async function audit(input: AuditInput): Promise<AuditReport> {
  const findings = createFindings()
  const scope = scopeOf(input.chainId, nodeCrypto)
  const evidence = await openBooks(scope, input, findings)
  checkPayoutCopies(evidence, findings)
  const sessions = joinSessions(evidence, input.parties)
  const lines = await readLines(input.clearnodeHome, findings)
  const facts = lines === undefined ? undefined : factsOf(lines, checkEntries(lines, findings))
  const judged = await judge({ scope, input, findings }, sessions, facts)
  const logs = await input.devnet.arc.transfers()
  const payouts = inChainOrder(payoutsOf(evidence), logs)
  const payments = paymentsOf(logs, input.addresses.treasury, findings)
  const proved = checkPayouts({ input, sessions, payouts, payments, findings })
  const legs = payouts.flatMap(({ value }) => value.legs)
  const balances: BalanceParts = { input, sessions: judged, lines: lines ?? [], logs, legs, proved, findings }
  const parties = checkBalances(balances)
  const paidMicros = checkPaid(balances)
  const rows = judged.map(({ session, money }) => sessionRow(session, money))
  return {
    violations: findings.all(),
    calls: callRows(sessions),
    sessions: rows,
    payouts: payouts.map((payout) => payoutRow(payout, input.addresses, input.parties)),
    parties,
    totals: { ...countsOf(sessions), ...sumsOf(sessions, rows), paidMicros, payoutTxs: transactionsOf(payouts) },
  }
}

async function openBooks(
  scope: Scope,
  { home, parties }: AuditInput,
  findings: Findings,
): Promise<readonly BookEvidence[]> {
  const books = await readBooks(scope, home, parties, findings)
  return books.flatMap((book) => book.sessions.map((session) => openSession(scope, book, session, findings)))
}

interface Judging {
  readonly scope: Scope
  readonly input: AuditInput
  readonly findings: Findings
}

/** Documents and channel of every session. Without a readable ledger the documents alone. */
async function judge(
  { scope, input, findings }: Judging,
  sessions: readonly AuditedSession[],
  facts: LedgerFacts | undefined,
): Promise<readonly Judged[]> {
  const { chainId, parties } = input
  const judged: Judged[] = []
  for (const session of sessions) {
    const ceiling = await checkEvidence({ scope, chainId, parties, findings }, session)
    const money =
      facts === undefined
        ? { closed: false, toAgent: 0n, toCoordinator: 0n, toProvider: 0n }
        : checkChannel(facts, session, ceiling, findings)
    judged.push({ session, money })
  }
  if (facts !== undefined) {
    checkStrangers(facts, sessions, findings)
    checkRefunds(facts, sessions, findings)
  }
  return judged
}

function countsOf(sessions: readonly AuditedSession[]): Pick<AuditTotals, 'calls' | 'receipts' | 'countersigned'> {
  const receipts = new Set<string>()
  const calls = new Set<string>()
  let countersigned = 0
  for (const session of sessions) {
    for (const [seq, { authorisation, receipt }] of session.calls) {
      calls.add(hex(authorisation.id))
      receipts.add(hex(receipt.id))
      if (acceptedNumerator(session, seq) !== undefined) countersigned += 1
    }
  }
  return { calls: calls.size, receipts: receipts.size, countersigned }
}

function sumsOf(
  sessions: readonly AuditedSession[],
  rows: readonly SessionRow[],
): Pick<AuditTotals, 'debitedMicros' | 'refundedMicros'> {
  return {
    debitedMicros: sessions.reduce((sum, session) => sum + settledMicros(session), 0n),
    refundedMicros: rows.reduce((sum, { refundedMicros }) => sum + refundedMicros, 0n),
  }
}

/** As their transactions were mined; those the chain does not know come last. */
function inChainOrder(payouts: readonly Signed<Payout>[], logs: readonly TokenLog[]): readonly Signed<Payout>[] {
  const place = ({ value }: Signed<Payout>): number => {
    const at = logs.findIndex(({ transaction }) => transaction === value.transaction)
    return at < 0 ? logs.length : at
  }
  return payouts.toSorted((a, b) => place(a) - place(b))
}

function transactionsOf(payouts: readonly Signed<Payout>[]): readonly string[] {
  return [...new Set(payouts.map(({ value }) => value.transaction))]
}
