import type { Micros } from './money/types.ts'

/** Where the money a call or session speaks of can be (protocol/README.md, Where the money is). */
export const MONEY_WHERE = [
  'wallet',
  'reserved',
  'running',
  'owed',
  'contested',
  'debited',
  'settled',
  'refunding',
  'payoutSent',
  'paid',
  'blocked',
  'inTransit',
  'unknown',
] as const
export type MoneyWhere = (typeof MONEY_WHERE)[number]

/** Where the money is, between which amounts, and whether the work was delivered. */
export interface MoneyState {
  readonly where: MoneyWhere
  readonly minMicros: Micros
  readonly maxMicros: Micros
  readonly delivered: boolean
}

/** Nothing moved: the allowance, if any, is still in the wallet. */
export const MONEY_UNTOUCHED: MoneyState = {
  where: 'wallet',
  minMicros: 0n as Micros,
  maxMicros: 0n as Micros,
  delivered: false,
}

/**
 * Every code ORIEN answers with, and what the one who reads it can do. Codes are stable: tests and other
 * implementations look at them, never at messages.
 */
export const ERROR_HINTS = {
  // documents
  badDocument: 'The sender must correct the document; nothing was accepted.',
  badSignature: 'The document is not signed by the peer it names; ask that peer for it again.',
  wrongType: 'Both sides must speak the same document types; update the older one.',
  tooLarge: 'Send less, or split it; the limits are in protocol/src/limits.ts.',
  expired: 'Ask for a fresh document; check that this machine has the right time.',
  badBinding: 'The wallet is not bound to that peer; make a new WalletBinding.',
  equivocation:
    'The other side signed two different documents for one thing; both are kept as evidence. Use another peer.',
  outOfOrder: 'Send again from the sequence number that is expected.',
  // finding and dialling
  notFound: 'Check the tool id and the bootstrap peers; `orien find` lists what is offered.',
  unreachable: 'Check the address and that the peer is running; try again.',
  timedOut: 'The peer answered too slowly; try again or use another one.',
  streamClosed: 'The connection dropped; attach again.',
  // opening
  offerStale: 'Fetch the offer again and open with the new one.',
  wrongCoordinator: 'Choose a coordinator that the offer lists.',
  quoteMismatch: 'The coordinator quoted something else than was asked; use another coordinator.',
  quoteExpired: 'Ask for a new quote.',
  policy: 'The terms are outside your own policy; change the policy or the partner.',
  insufficientBalance: 'Fund the wallet in the channel ledger, or ask for a smaller allowance.',
  noFloat: 'The coordinator cannot take more exposure now; try again later or use another one.',
  sessionVoid: 'Nothing moved; open a new session.',
  sessionPending: 'Ask again for the state of this session.',
  unknownSession: 'Open a session first.',
  sessionClosed: 'Open a new session (`continuesSession` keeps the workspace).',
  // calls
  unknownTool: 'Choose a tool that the offer lists.',
  badArguments: 'Correct the arguments; the schema is in the offer.',
  badInputs: 'Send the files that the authorisation names, whole and unchanged.',
  tooManyFiles: 'Send fewer or smaller files.',
  seqUsed: 'Use a callSeq above the one named in `last`.',
  priceChanged: 'Fetch the offer again and open a new session at the new price.',
  capTooSmall: 'Raise the cap: it does not pay for one millisecond.',
  overAllowance: 'Ask for less, or open a session with a larger allowance.',
  chequeNeeded: 'Send a cheque whose ceiling covers this call.',
  windowFull: 'Acknowledge the receipts you hold, then call again.',
  exposureFull: 'The provider waits to be paid; use another coordinator or come back later.',
  busy: 'The provider is full; try again later or use another one.',
  late: 'The call could not start in time; authorise it anew.',
  unsafe: 'Ask for a provider with a higher tier, or allow this one explicitly.',
  cancelled: 'You cancelled the call; what ran is billed.',
  providerError: 'The provider failed; nothing is billed. Call again, or elsewhere.',
  toolMissing: 'The provider must install the program or take the tool off its catalogue.',
  badOutput: 'What arrived is not what the receipt says; nothing above your own clock was accepted.',
  badReceipt: 'The receipt does not follow from the authorisation; it was not accepted.',
  // money
  badCheque: 'Sign the cheque that the grant describes.',
  overspend: 'The coordinator asked for more than the receipts add up to; it was refused.',
  railRefused: 'The channel ledger refused; read the reason it gave.',
  railUnknown: 'The outcome is unknown: it will be read, never repeated blindly.',
  chainMismatch: 'The chain is not the one configured; correct the profile before anything is paid.',
  treasuryLow: 'Refill the treasury; payouts wait, oldest first.',
  // own machine
  badConfig: 'Correct the value named and start again.',
  badMoney: 'Write USDC as a decimal with at most six fraction digits, for example 0.05.',
  locked: 'Another daemon uses this folder; stop it or choose another home.',
  storeCorrupt: 'The book is damaged; restore it from a back-up. Nothing was paid from it.',
  storeFull: 'Free disk space and start again; acknowledged data is intact.',
  partMissing: 'Install the part that is named.',
  stopped: 'The daemon is stopping; try again when it runs.',
  internal: 'This is a defect: please report it with the log.',
} as const

export type ErrorCode = keyof typeof ERROR_HINTS

export interface OrienErrorOptions {
  /** One sentence: what happened. */
  readonly message: string
  /** What to do next; the code's own hint when absent. */
  readonly hint?: string
  /** Typed facts for programs. Never keys, never raw text from a peer. */
  readonly details?: Readonly<Record<string, string | number | bigint | boolean>>
  readonly money?: MoneyState
  readonly cause?: unknown
}

/**
 * The one error of ORIEN: a stable code, where the money is, and what to do next.
 *
 * @example
 * try {
 *   parseUsdc('0.0000001')
 * } catch (error) {
 *   if (isOrienError(error, 'badMoney')) process.stderr.write(error.hint)
 * }
 */
export class OrienError extends Error {
  readonly code: ErrorCode
  readonly hint: string
  readonly details: Readonly<Record<string, string | number | bigint | boolean>>
  readonly money: MoneyState

  constructor(code: ErrorCode, options: OrienErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'OrienError'
    this.code = code
    this.hint = options.hint ?? ERROR_HINTS[code]
    this.details = options.details ?? {}
    this.money = options.money ?? MONEY_UNTOUCHED
  }
}

/** True for an OrienError, of that code when one is given. */
export function isOrienError(error: unknown, code?: ErrorCode): error is OrienError {
  return error instanceof OrienError && (code === undefined || error.code === code)
}

/** True when `text` is one of ORIEN's codes. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_HINTS, text)
}
