import { styleText } from 'node:util'
import Table from 'cli-table3'
import { usdc } from './channels.ts'
import { short } from './findings.ts'
import { costText } from './rows.ts'
import type { AuditReport, CallRow, PartyRow, PayoutRow, SessionRow, Violation } from './types.ts'

/** Nothing is wider, whatever it shows. */
const COLUMNS = 120

/** Characters of an id that tell it from others on one screen. */
const ID = 9

interface Column {
  readonly head: string
  /** The widest content; longer text is cut, so that a row of all columns fits. */
  readonly width: number
  readonly right?: true
}

const NAME: Column = { head: 'agent', width: 10 }
const MONEY: Pick<Column, 'width' | 'right'> = { width: 14, right: true }

/**
 * The report for a terminal: calls, sessions, payouts, parties, totals and what is wrong. Colour only where `util.styleText` finds a
 * terminal that wants it. Ends with a newline.
 */
export function tables(report: AuditReport): string {
  const { calls, sessions, payouts, parties } = report
  return `${[
    ...section('Calls', CALL_COLUMNS, calls.map(callCells)),
    ...section('Sessions, in USDC', SESSION_COLUMNS, sessions.map(sessionCells)),
    ...section('Payouts, in USDC', PAYOUT_COLUMNS, payouts.map(payoutCells)),
    ...section('Accounts, in USDC', PARTY_COLUMNS, parties.map(partyCells)),
    ...totalLines(report),
    ...violationLines(report.violations),
  ].join('\n')}\n`
}

const CALL_COLUMNS: readonly Column[] = [
  NAME,
  { head: 'tool', width: 16 },
  { head: 'provider', width: 16 },
  { head: 'outcome', width: 8 },
  { head: 'ms', width: 8, right: true },
  { head: 'cost µUSDC', width: 14, right: true },
  { head: 'accepted', width: 14, right: true },
  { head: 'receipt', width: ID },
]

function callCells(row: CallRow): readonly string[] {
  const { agent, tool, provider, outcome, effectiveMs, costText: cost, acceptedNumerator, receiptId } = row
  const accepted = acceptedNumerator === undefined ? '–' : costText(acceptedNumerator)
  const less = acceptedNumerator !== undefined && acceptedNumerator < row.numerator
  const marked = less ? styleText('yellow', accepted) : accepted
  return [agent, tool, provider, outcome, String(effectiveMs), cost, marked, receiptId.slice(0, ID)]
}

const SESSION_COLUMNS: readonly Column[] = [
  { head: 'session', width: ID },
  NAME,
  { head: 'provider', width: 14 },
  { head: 'allowance', ...MONEY },
  { head: 'received', ...MONEY },
  { head: 'spent', ...MONEY },
  { head: 'refunded', ...MONEY },
  { head: 'closed', width: 6 },
]

function sessionCells(row: SessionRow): readonly string[] {
  const { id, agent, provider, allowanceMicros, receivedMicros, spentMicros, refundedMicros, closedBy } = row
  const amounts = [allowanceMicros, receivedMicros, spentMicros, refundedMicros].map(money)
  return [id.slice(0, ID), agent, provider, ...amounts, closedBy]
}

const PAYOUT_COLUMNS: readonly Column[] = [
  { head: 'transaction', width: 14 },
  { head: 'provider', ...MONEY },
  { head: 'platform', ...MONEY },
  { head: 'reserve', ...MONEY },
  { head: 'to', width: 48 },
]

function payoutCells({
  transaction,
  providerMicros,
  platformMicros,
  reserveMicros,
  legs,
}: PayoutRow): readonly string[] {
  const to = legs.map(({ name }) => name).join(', ')
  return [short(transaction), money(providerMicros), money(platformMicros), money(reserveMicros), to]
}

const PARTY_COLUMNS: readonly Column[] = [
  { head: 'party', width: 20 },
  { head: 'account', width: 12 },
  { head: 'before', width: 16, right: true },
  { head: 'after', width: 16, right: true },
  { head: 'difference', width: 17, right: true },
]

function partyCells({ name, account, beforeMicros, afterMicros, differenceMicros }: PartyRow): readonly string[] {
  const difference = `${differenceMicros > 0n ? '+' : ''}${money(differenceMicros)}`
  const colour = differenceMicros > 0n ? 'green' : differenceMicros < 0n ? 'red' : 'dim'
  return [name, account, money(beforeMicros), money(afterMicros), styleText(colour, difference)]
}

function section(title: string, columns: readonly Column[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return []
  const table = new Table({
    head: columns.map(({ head }) => styleText('bold', head)),
    colAligns: columns.map(({ right }) => (right === true ? 'right' : 'left')),
    // The library's own colours would show in a pipe too.
    style: { head: [], border: [], compact: true },
  })
  for (const row of rows) table.push(row.map((cell, at) => cut(cell, columns[at]?.width ?? ID)))
  return [styleText('bold', title), table.toString(), '']
}

/** Six digits after the point, so that amounts stand under each other. */
function money(micros: bigint): string {
  const [whole = '0', fraction = ''] = usdc(micros).split('.')
  return `${whole}.${fraction.padEnd(6, '0')}`
}

/** Plain text above its width loses its end. Money and styled text are within theirs by the limits of documents. */
function cut(text: string, width: number): string {
  return text.length <= width || text.includes('\u001b') ? text : `${text.slice(0, width - 1)}…`
}

function totalLines({ totals }: AuditReport): readonly string[] {
  const { calls, receipts, countersigned, debitedMicros, refundedMicros, paidMicros, payoutTxs } = totals
  const { provider, platform, reserve } = paidMicros
  return [
    `${calls} calls, ${receipts} receipts, ${countersigned} countersigned`,
    `debited ${money(debitedMicros)} · returned to agents ${money(refundedMicros)} USDC`,
    `paid ${money(provider + platform + reserve)} USDC = provider ${money(provider)} + platform ${money(platform)} + reserve ${money(reserve)}, in ${payoutTxs.length} transactions`,
    '',
  ]
}

function violationLines(violations: readonly Violation[]): readonly string[] {
  if (violations.length === 0) return [styleText('green', 'Audit: no violation')]
  const lines = violations.flatMap(({ code, what, id, detail }) => [
    ...wrapped(`✗ ${what} · ${code} · ${id}`, '  ').map((line) => styleText('red', line)),
    ...wrapped(`  ${detail}`, '  '),
  ])
  return [styleText('red', `Audit: ${violations.length} violations`), ...lines]
}

/** Lines of at most COLUMNS characters, broken at spaces where there are some. */
function wrapped(text: string, indent: string): readonly string[] {
  const lines: string[] = []
  let rest = text.replaceAll(/[\p{Cc}]+/gu, ' ')
  while (rest.length > COLUMNS) {
    const space = rest.lastIndexOf(' ', COLUMNS)
    const at = space > indent.length ? space : COLUMNS
    lines.push(rest.slice(0, at))
    rest = indent + rest.slice(at).trimStart()
  }
  return [...lines, rest]
}
