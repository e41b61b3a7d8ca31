import { stripVTControlCharacters, styleText } from 'node:util'
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
  readonly right?: true
  /** Names may be cut so that a row fits; amounts and ids never are. */
  readonly name?: true
}

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
  { head: 'agent', name: true },
  { head: 'tool', name: true },
  { head: 'provider', name: true },
  { head: 'outcome', name: true },
  { head: 'ms', right: true },
  { head: 'cost µUSDC', right: true },
  { head: 'accepted', right: true },
  { head: 'receipt' },
]

function callCells(row: CallRow): readonly string[] {
  const { agent, tool, provider, outcome, effectiveMs, costText: cost, acceptedNumerator, receiptId } = row
  const accepted = acceptedNumerator === undefined ? '–' : costText(acceptedNumerator)
  const less = acceptedNumerator !== undefined && acceptedNumerator < row.numerator
  const marked = less ? styleText('yellow', accepted) : accepted
  return [agent, tool, provider, outcome, String(effectiveMs), cost, marked, receiptId.slice(0, ID)]
}

const SESSION_COLUMNS: readonly Column[] = [
  { head: 'session' },
  { head: 'agent', name: true },
  { head: 'provider', name: true },
  { head: 'allowance', right: true },
  { head: 'received', right: true },
  { head: 'spent', right: true },
  { head: 'refunded', right: true },
  { head: 'closed' },
]

function sessionCells(row: SessionRow): readonly string[] {
  const { id, agent, provider, allowanceMicros, receivedMicros, spentMicros, refundedMicros, closedBy } = row
  const amounts = [allowanceMicros, receivedMicros, spentMicros, refundedMicros].map(money)
  return [id.slice(0, ID), agent, provider, ...amounts, closedBy]
}

const PAYOUT_COLUMNS: readonly Column[] = [
  { head: 'transaction' },
  { head: 'provider', right: true },
  { head: 'platform', right: true },
  { head: 'reserve', right: true },
  { head: 'to', name: true },
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
  { head: 'party', name: true },
  { head: 'account', name: true },
  { head: 'before', right: true },
  { head: 'after', right: true },
  { head: 'difference', right: true },
]

function partyCells({ name, account, beforeMicros, afterMicros, differenceMicros }: PartyRow): readonly string[] {
  const difference = `${differenceMicros > 0n ? '+' : ''}${money(differenceMicros)}`
  const colour = differenceMicros > 0n ? 'green' : differenceMicros < 0n ? 'red' : 'dim'
  return [name, account, money(beforeMicros), money(afterMicros), styleText(colour, difference)]
}

function section(title: string, columns: readonly Column[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return []
  const widths = fittingWidths(columns, rows)
  const table = new Table({
    head: columns.map(({ head }) => styleText('bold', head)),
    colAligns: columns.map(({ right }) => (right === true ? 'right' : 'left')),
    // The library's own colours would show in a pipe too.
    style: { head: [], border: [], compact: true },
  })
  for (const row of rows) table.push(row.map((cell, at) => cut(cell, widths[at] ?? 0)))
  return [styleText('bold', title), table.toString(), '']
}

/** A border and a space on each side of a cell, one more border at the end. */
const AROUND_CELL = 3

/** The widest text of each column; where a row would not fit, the widest names lose characters first. */
function fittingWidths(columns: readonly Column[], rows: readonly (readonly string[])[]): readonly number[] {
  const widths = columns.map(({ head }, at) => Math.max(head.length, ...rows.map((row) => lengthOf(row[at] ?? ''))))
  const room = COLUMNS - 1 - AROUND_CELL * columns.length
  for (let over = widths.reduce((sum, width) => sum + width, 0) - room; over > 0; over--) {
    const widest = Math.max(...widths.filter((_, at) => columns[at]?.name === true))
    const at = widths.findIndex((width, place) => columns[place]?.name === true && width === widest)
    if (at < 0 || widest <= 1) break
    widths[at] = widest - 1
  }
  return widths
}

/** Characters that show. */
function lengthOf(text: string): number {
  return stripVTControlCharacters(text).length
}

/** Six digits after the point, so that amounts stand under each other. */
function money(micros: bigint): string {
  const [whole = '0', fraction = ''] = usdc(micros).split('.')
  return `${whole}.${fraction.padEnd(6, '0')}`
}

/** Only names are ever longer than their column, and they carry no style. */
function cut(text: string, width: number): string {
  return lengthOf(text) <= width ? text : `${text.slice(0, width - 1)}…`
}

function totalLines({ totals }: AuditReport): readonly string[] {
  const { calls, receipts, countersigned, debitedMicros, refundedMicros, paidMicros, payoutTxs } = totals
  const { provider, platform, reserve } = paidMicros
  return [
    `${counted(calls, 'call')}, ${counted(receipts, 'receipt')}, ${countersigned} countersigned`,
    `debited ${money(debitedMicros)} · returned to agents ${money(refundedMicros)} USDC`,
    `paid ${money(provider + platform + reserve)} USDC = provider ${money(provider)} + platform ${money(platform)} + reserve ${money(reserve)}, in ${counted(payoutTxs.length, 'transaction')}`,
    '',
  ].flatMap((line) => wrapped(line, '  '))
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}

function violationLines(violations: readonly Violation[]): readonly string[] {
  if (violations.length === 0) return [styleText('green', 'Audit: no violation')]
  const lines = violations.flatMap(({ code, what, id, detail }) => [
    ...wrapped(`✗ ${what} · ${code} · ${id}`, '  ').map((line) => styleText('red', line)),
    ...wrapped(`  ${detail}`, '  '),
  ])
  return [styleText('red', `Audit: ${counted(violations.length, 'violation')}`), ...lines]
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
