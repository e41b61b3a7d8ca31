import { styleText } from 'node:util'

/** What a row is held to: its ratio to the baseline, or its value. */
export interface Goal {
  readonly of: 'ratio' | 'value'
  readonly op: '≤' | '≥'
  readonly limit: number
}

/** One measured row. */
export interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** In the same unit, from the same run; absent where the goal is a plain value. */
  readonly baseline?: number
  readonly goal: Goal
  /** Where the time goes, for a row that misses its goal. */
  readonly why?: string
}

/** What a group found: rows, rows that could not be measured with the reason, and lines for people. */
export interface Findings {
  readonly rows: readonly Row[]
  readonly skipped: readonly { readonly name: string; readonly why: string }[]
  readonly notes: readonly string[]
  /** What must not be: the benchmark then exits with 1. */
  readonly faults: readonly string[]
}

/** Findings under construction. */
export interface Draft extends Findings {
  readonly rows: Row[]
  readonly skipped: { readonly name: string; readonly why: string }[]
  readonly notes: string[]
  readonly faults: string[]
}

export function noFindings(): Draft {
  return { rows: [], skipped: [], notes: [], faults: [] }
}

/** The baseline over which a ratio is taken; undefined without one. */
export function ratioOf({ value, baseline }: Row): number | undefined {
  return baseline === undefined ? undefined : value / baseline
}

export function isMet(row: Row): boolean {
  const measured = row.goal.of === 'ratio' ? (ratioOf(row) ?? Number.NaN) : row.value
  return row.goal.op === '≤' ? measured <= row.goal.limit : measured >= row.goal.limit
}

export function ratioGoal(op: Goal['op'], limit: number): Goal {
  return { of: 'ratio', op, limit }
}

export function valueGoal(op: Goal['op'], limit: number): Goal {
  return { of: 'value', op, limit }
}

/** The row every latency has beside it: its tail stays near its middle. */
export function tailRow(name: string, p50: number, p99: number, unit = 'ms', why?: string): Row {
  return {
    name: `${name}: p99 over p50`,
    value: p99,
    unit,
    baseline: p50,
    goal: ratioGoal('≤', 3),
    ...(why === undefined ? {} : { why }),
  }
}

/** The rows as JSON, one line. */
export function jsonOf(rows: readonly Row[]): string {
  return JSON.stringify(
    rows.map((row) => ({
      name: row.name,
      value: rounded(row.value),
      unit: row.unit,
      baseline: row.baseline === undefined ? null : rounded(row.baseline),
      ratio: rounded(ratioOf(row) ?? null),
      goal: goalText(row),
      met: isMet(row),
    })),
  )
}

/** The rows as a table for people; below it, for each missed goal, where the time goes. */
export function tableOf({ rows, skipped, notes, faults }: Findings): string {
  const head = ['row', 'value', 'unit', 'baseline', 'ratio', 'goal', 'met']
  const cells = rows.map((row) => [
    row.name,
    short(row.value),
    row.unit,
    row.baseline === undefined ? '–' : short(row.baseline),
    short(ratioOf(row)),
    goalText(row),
    isMet(row) ? 'yes' : 'no',
  ])
  const widths = head.map((title, at) => Math.max(title.length, ...cells.map((line) => line[at]?.length ?? 0)))
  const lineOf = (line: readonly string[]): string =>
    line
      .map((cell, at) => (at === 0 || at === 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
  const lines = [styleText('bold', lineOf(head))]
  rows.forEach((row, at) => {
    const text = lineOf(cells[at] ?? [])
    lines.push(isMet(row) ? text : styleText('yellow', text))
    if (!isMet(row) && row.why !== undefined) lines.push(`    ↳ ${row.why}`)
  })
  for (const { name, why } of skipped) lines.push(`${name}: not measured: ${why}`)
  lines.push(...notes.map((note) => `· ${note}`), ...faults.map((fault) => styleText('red', `FAULT ${fault}`)))
  return lines.join('\n')
}

function goalText({ goal, unit }: Row): string {
  return goal.of === 'ratio' ? `${goal.op} ${goal.limit}×` : `${goal.op} ${goal.limit} ${unit}`
}

function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4))
}

function short(value: number | undefined): string {
  if (value === undefined) return '–'
  if (value !== 0 && Math.abs(value) < 10) return value.toFixed(3)
  return value < 100 ? value.toFixed(1) : Math.round(value).toString()
}
