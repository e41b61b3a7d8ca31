/** What a row needs of the node it runs against; the stand-in and a real ClearNode are walked alike. */
export interface RowContext {
  readonly url: string
  /** Puts money (asset `usdc`) into a wallet's unified balance. */
  readonly fund: (wallet: string, amount: string) => Promise<void>
  /** The node's wall clock, Unix ms. */
  readonly nowMs: () => number
  /** kill -9 and start again on the same ledger and address. */
  readonly restart?: () => Promise<void>
  /** Lets the node's clock move on (a real node: by waiting). */
  readonly advance?: (ms: number) => Promise<void>
  /** How often each race is run, and in how many of these the outcome must show: all on the stand-in. */
  readonly races: { readonly rounds: number; readonly atLeast: number }
}

/** Sections of the note on the real node, and one for what was learnt after it. */
export type Section =
  | 'Our channel on it'
  | 'Reading'
  | 'Probe'
  | 'Session keys'
  | 'What the real node gets wrong'
  | 'Other refusals'
  | 'Beyond the note'
export interface ClearnodeRow {
  readonly name: string
  readonly source: Section
  readonly needs?: 'restart' | 'advance'
  /** Blocks log-ins for minutes, so it runs after all others. */
  readonly last?: true
  readonly run: (context: RowContext) => Promise<void>
}
