import { ERROR_HINTS, isOrienError, OrienError, type ErrorCode } from '@orien/protocol'

/** What to do next, in the words of this command line. */
const HINTS: Readonly<Partial<Record<ErrorCode, string>>> = {
  unsafe: 'Where the provider may see all that you send, say --min-tier D; otherwise use another provider.',
  insufficientBalance:
    'Fund the wallet that `orien init` shows in the channel ledger, or take a smaller --max-cost or --allowance.',
  unreachable: 'See that the coordinator and the provider run and that the profile names them rightly; try again.',
  badArguments: 'Correct --args; `orien find <tool> --json` shows the schema.',
  badInputs: 'Correct --file: first the path in the workspace, then the file on this machine.',
  capTooSmall: 'Raise --max-cost: it does not pay for one millisecond.',
  overAllowance: 'Take a smaller --max-cost or a larger --allowance.',
}

/** The same error with a hint that names flags, where it had only its code's own. */
export function withFlags(error: unknown): unknown {
  if (!isOrienError(error) || error.hint !== ERROR_HINTS[error.code]) return error
  const { code, message, details, money } = error
  const hint = HINTS[code]
  return hint === undefined ? error : new OrienError(code, { message, hint, details, money, cause: error })
}
