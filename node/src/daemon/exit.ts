import { formatUsdc, isOrienError, type ErrorCode, type MoneyState, type MoneyWhere } from '@orien/protocol'

/** Exit codes of every ORIEN program. Signals end with 128 + their number: 129, 130, 143. */
export const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 3, paymentRefused: 4 } as const

const CODES: Readonly<Partial<Record<ErrorCode, number>>> = {
  badConfig: EXIT.usage,
  badMoney: EXIT.usage,
  unreachable: EXIT.unreachable,
  timedOut: EXIT.unreachable,
  streamClosed: EXIT.unreachable,
  insufficientBalance: EXIT.paymentRefused,
  noFloat: EXIT.paymentRefused,
  capTooSmall: EXIT.paymentRefused,
  overAllowance: EXIT.paymentRefused,
  chequeNeeded: EXIT.paymentRefused,
  badCheque: EXIT.paymentRefused,
  exposureFull: EXIT.paymentRefused,
  overspend: EXIT.paymentRefused,
  railRefused: EXIT.paymentRefused,
}

/** The exit code an error ends a program with; 1 for anything not named. */
export function exitCodeOf(error: unknown): number {
  return isOrienError(error) ? (CODES[error.code] ?? EXIT.failed) : EXIT.failed
}

const WHERE: Readonly<Record<MoneyWhere, string>> = {
  wallet: 'in the wallet',
  reserved: 'reserved for the session, not spent',
  running: 'being spent by a running call',
  owed: 'owed for work that was delivered',
  contested: 'contested; both sides’ documents are kept',
  debited: 'debited in the channel, not settled',
  settled: 'settled, to be paid out',
  refunding: 'on its way back to the agent',
  payoutSent: 'in a payout that is not yet proved',
  paid: 'paid',
  blocked: 'blocked by the token; it stays owed',
  inTransit: 'between two chains',
  unknown: 'not known yet; it will be read, not guessed',
}

/** One line that says where the money is. */
export function moneyText({ where, minMicros, maxMicros, delivered }: MoneyState): string {
  const amount =
    minMicros === maxMicros ? formatUsdc(minMicros) : `${formatUsdc(minMicros)} to ${formatUsdc(maxMicros)}`
  const what = where === 'wallet' && maxMicros === 0n ? 'nothing moved' : `${amount} USDC ${WHERE[where]}`
  return `${what}; ${delivered ? 'the work was delivered' : 'no work was delivered'}`
}

/**
 * What people read of an error: what happened, its code, where the money is, what to do next. A stack trace only for what is not an
 * OrienError, because that is a defect of ours.
 */
export function errorText(error: unknown): string {
  if (isOrienError(error)) {
    const lines = [
      `error: ${error.message}`,
      `  code   ${error.code}`,
      `  money  ${moneyText(error.money)}`,
      `  next   ${error.hint}`,
    ]
    return `${lines.map(printable).join('\n')}\n`
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return `error: ${text.split('\n').map(printable).join('\n')}\n  code   internal\n  next   This is a defect: please report it.\n`
}

/** Writes errorText to stderr. */
export function printError(error: unknown): void {
  process.stderr.write(errorText(error))
}

/** Text without the characters that steer a terminal: C0, C1, DEL and bidirectional marks become `\u{…}`. */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu,
    (mark) => `\\u{${(mark.codePointAt(0) ?? 0).toString(16)}}`,
  )
}
