import {
  Ack,
  Authorisation,
  End,
  Final,
  Fund,
  Grant,
  inlineVerifier,
  Notice,
  Offer,
  Open,
  OrienError,
  peerOfKey,
  Quote,
  Receipt,
  scopeOf,
  Statement,
  turnSigner,
  Payout,
  Refusal,
  TickAck,
  WalletBinding,
  type ErrorCode,
  type Hello,
  type MoneyState,
  type Outgoing,
  type PeerText,
  type Scope,
  type TurnSigner,
  type Verifier,
} from '@orien/protocol'
import type { Book } from './ledger/book.ts'
import type { Metrics } from './metrics.ts'
import type { CoordinatorParts } from './ports.ts'

/** Payload types this coordinator speaks. */
export const DOCUMENTS: readonly string[] = [
  WalletBinding,
  Offer,
  Open,
  Quote,
  Fund,
  Grant,
  Notice,
  Authorisation,
  Refusal,
  TickAck,
  Receipt,
  Ack,
  End,
  Final,
  Statement,
  Payout,
].map(({ type }) => type)

/** What stops new grants beside the float. */
export interface Gate {
  /** Due payouts wait for the treasury to be refilled. */
  treasuryLow: boolean
}

/** What every part of the coordinator shares. */
export interface Core extends CoordinatorParts {
  readonly me: PeerText
  readonly scope: Scope
  readonly verifier: Verifier
  readonly book: Book
  readonly turn: TurnSigner
  readonly metrics: Metrics
  readonly gate: Gate
  /** True once stop() was called: effects end, nothing new is begun. */
  stopped(): boolean
}

export function createCore(parts: CoordinatorParts, book: Book, metrics: Metrics, stopped: () => boolean): Core {
  const scope = scopeOf(parts.config.chainId, parts.crypto)
  return {
    ...parts,
    me: peerOfKey(parts.signer.publicKey),
    scope,
    verifier: parts.verifier ?? inlineVerifier(parts.crypto),
    book,
    turn: turnSigner(scope, parts.signer),
    metrics,
    gate: { treasuryLow: false },
    stopped,
  }
}

/** The hello of this side. */
export function helloOf(core: Core): Outgoing<Hello> {
  return { documents: DOCUMENTS, clockMs: core.clock.wallMs() }
}

/** Payload types both sides speak. Throws `wrongType` when the hello is missing or nothing is common. */
export function negotiate(hello: Hello | undefined): readonly string[] {
  const theirs = new Set(hello?.documents)
  const common = DOCUMENTS.filter((type) => theirs.has(type))
  if (common.length === 0) throw refused('wrongType', 'the first frame carries no hello with document types of ours')
  return common
}

export function refused(
  code: ErrorCode,
  message: string,
  more: { readonly money?: MoneyState; readonly details?: OrienError['details']; readonly cause?: unknown } = {},
): OrienError {
  return new OrienError(code, { message, ...more })
}
