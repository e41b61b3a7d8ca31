import {
  equalBytes,
  isAddress,
  keccak,
  LIMITS,
  micros,
  OrienError,
  recoverAddress,
  utf8,
  utf8Text,
  type Address,
  type Cheque,
  type ErrorCode,
  type Exit,
  type Grant,
  type Id,
  type Micros,
} from '@orien/protocol'
import type {
  Allocations,
  ChannelCapabilities,
  ChannelPaper,
  Lane,
  LaneParties,
  SignedDebit,
  Unsigned,
} from './channel.ts'

/** What a close says. `seq` is the cheque's, or 0 for an exit. */
export interface Close {
  readonly base: number
  readonly seq: number
  readonly allocations: Allocations
  readonly tsMs: number
}

/** What an operate says. */
export interface Operate {
  readonly version: number
  readonly allocations: Allocations
  readonly tsMs: number
}

/** The words of a rail whose every message is one text, signed raw over its keccak-256. */
export interface PaperWords {
  readonly capabilities: ChannelCapabilities
  readonly asset: string
  define(parties: LaneParties, nonce: Uint8Array): { readonly definition: string; readonly id: string }
  /** The 8 bytes of the nonce a definition shows; undefined when it shows none. */
  nonceOf(definition: string): Uint8Array | undefined
  open(lane: Lane, tsMs: number): string
  close(lane: Lane, close: Close): string
  operate(lane: Lane, operate: Operate): string
  /** A message as it travels: the text and its signatures. */
  wrap(text: string, signatures: readonly Uint8Array[]): Uint8Array
  /** Timestamp and only signature of open bytes; undefined when they show none. */
  unwrapOpen(bytes: Uint8Array): { readonly tsMs: number; readonly signature: Uint8Array } | undefined
  /** Who signed; undefined for anything malformed. Default: ECDSA recovery. */
  signerOf?(bytes: Uint8Array, signature: Uint8Array): Address | undefined
}

/** The base of every lane before its first debit: the version of an opened channel where debits move it, else 0. */
export function firstBase(capabilities: ChannelCapabilities): number {
  return capabilities.debitMovesBase ? 1 : 0
}

/** What a cheque at `ceiling` pays. */
export function chequeAllocations(lane: Lane, ceiling: Micros): Allocations {
  return { agentMicros: micros(lane.capacity - ceiling), coordinatorMicros: ceiling, providerMicros: micros(0n) }
}

/** What an exit at `total` pays. */
export function exitAllocations(lane: Lane, total: Micros): Allocations {
  return { agentMicros: micros(lane.capacity - total), coordinatorMicros: micros(0n), providerMicros: total }
}

export function sameAllocations(a: Allocations, b: Allocations): boolean {
  return (
    a.agentMicros === b.agentMicros &&
    a.coordinatorMicros === b.coordinatorMicros &&
    a.providerMicros === b.providerMicros
  )
}

export function sumOf(allocations: Allocations): bigint {
  return allocations.agentMicros + allocations.coordinatorMicros + allocations.providerMicros
}

/** True for an Exit, which has no ceiling. */
export function isExit(paper: Cheque | Exit): paper is Exit {
  return 'totalMicros' in paper
}

/** What cashing a paper pays. */
export function paperAllocations(lane: Lane, paper: Cheque | Exit): Allocations {
  return isExit(paper) ? exitAllocations(lane, paper.totalMicros) : chequeAllocations(lane, paper.ceilingMicros)
}

/** What cashing a paper closes with. */
export function closeOf(lane: Lane, paper: Cheque | Exit): Close {
  const allocations = paperAllocations(lane, paper)
  return isExit(paper)
    ? { base: paper.base, seq: 0, allocations, tsMs: paper.tsMs }
    : { base: paper.base, seq: paper.chequeSeq, allocations, tsMs: lane.chequeTsMs }
}

/** The paper of such a rail: everything is built from the lane, by the signer and by each verifier alike. */
export function singlePaper(words: PaperWords): ChannelPaper {
  return {
    capabilities: words.capabilities,
    define: (parties, nonce) => words.define(parties, nonce),
    lane: (grant, sessionId) => laneOf(words, grant, sessionId),
    ...draftsOf(words),
    ...verifiersOf(words),
  }
}

function draftsOf(
  words: PaperWords,
): Pick<ChannelPaper, 'draftOpen' | 'assembleOpen' | 'draft' | 'draftDebit' | 'draftExit'> {
  const unsigned = (text: string): readonly Unsigned[] => [{ scheme: 'keccak', bytes: utf8(text) }]
  return {
    draftOpen: (lane, _state, tsMs) => unsigned(words.open(lane, checkTime(tsMs))),
    assembleOpen(_lane, drafts, signatures) {
      const [draft, ...more] = drafts
      if (draft === undefined || more.length > 0 || signatures.length !== 1) {
        throw bad('badDocument', 'an opening is one message and one signature')
      }
      return [words.wrap(utf8Text(draft.bytes), signatures)]
    },
    draft(lane, chequeSeq, ceiling) {
      checkAmount(lane, ceiling, 'badCheque')
      checkSequence(chequeSeq)
      const allocations = chequeAllocations(lane, ceiling)
      return unsigned(words.close(lane, { base: lane.base, seq: chequeSeq, allocations, tsMs: lane.chequeTsMs }))
    },
    draftDebit: (lane, version, total, tsMs) =>
      unsigned(words.operate(lane, operateOf(lane, { version, totalMicros: total, tsMs }))),
    draftExit(lane, total, tsMs) {
      checkAmount(lane, total, 'badCheque')
      const allocations = exitAllocations(lane, total)
      return unsigned(words.close(lane, { base: lane.base, seq: 0, allocations, tsMs: checkTime(tsMs) }))
    },
  }
}

function verifiersOf(words: PaperWords): Pick<ChannelPaper, 'verifyOpen' | 'verify' | 'verifyDebit' | 'verifyExit'> {
  const requireSigner = signerCheck(words)
  return {
    verifyOpen(lane, messages) {
      const [message, ...more] = messages
      const shown = message === undefined || more.length > 0 ? undefined : words.unwrapOpen(message)
      if (message === undefined || shown === undefined) throw bad('badDocument', 'the open messages cannot be read')
      const text = words.open(lane, checkTime(shown.tsMs))
      if (!equalBytes(words.wrap(text, [shown.signature]), message)) {
        throw bad('badDocument', 'the open messages are not those of this grant')
      }
      requireSigner(text, [shown.signature], lane.agentWallet, 'the opening')
      return { tsMs: shown.tsMs }
    },
    verify(lane, cheque) {
      requireSession(lane, cheque.sessionId)
      requireBase(words.capabilities, cheque.base)
      checkSequence(cheque.chequeSeq)
      checkAmount(lane, cheque.ceilingMicros, 'badCheque')
      requireSigner(words.close(lane, closeOf(lane, cheque)), cheque.signatures, lane.agentWallet, 'the cheque')
    },
    verifyDebit(lane, debit) {
      const text = words.operate(lane, operateOf(lane, debit))
      requireSigner(text, debit.signatures, lane.agentWallet, 'the debit')
    },
    verifyExit(lane, exit, by) {
      requireSession(lane, exit.sessionId)
      requireBase(words.capabilities, exit.base)
      checkAmount(lane, exit.totalMicros, 'badCheque')
      checkTime(exit.tsMs)
      const text = words.close(lane, closeOf(lane, exit))
      if (by !== 'provider') requireSigner(text, exit.agentSignatures, lane.agentWallet, "the exit's agent side")
      if (by !== 'agent') requireSigner(text, exit.providerSignatures, lane.providerWallet, "the exit's provider side")
    },
  }
}

function signerCheck(words: PaperWords) {
  const signerOf = (bytes: Uint8Array, signature: Uint8Array): Address | undefined =>
    words.signerOf === undefined ? recoverAddress(keccak(bytes), signature) : words.signerOf(bytes, signature)
  return (text: string, signatures: readonly Uint8Array[], wallet: Address, what: string): void => {
    const [signature, ...more] = signatures
    if (signature === undefined || more.length > 0) throw bad('badSignature', `${what} does not carry one signature`)
    if (signerOf(utf8(text), signature) !== wallet) throw bad('badSignature', `${what} is not signed by ${wallet}`)
  }
}

function requireBase(capabilities: ChannelCapabilities, base: number): void {
  const first = firstBase(capabilities)
  const good = Number.isSafeInteger(base) && (capabilities.debitMovesBase ? base >= first : base === first)
  if (!good) throw bad('badCheque', 'the base is none of this channel')
}

/** What a debit operates to. Throws `badDocument` outside the lane's capacity. */
export function operateOf(lane: Lane, debit: Omit<SignedDebit, 'signatures'>): Operate {
  checkAmount(lane, debit.totalMicros, 'badDocument')
  if (!Number.isSafeInteger(debit.version) || debit.version < 1)
    throw bad('badDocument', 'the version is not a whole number from 1')
  return {
    version: debit.version,
    allocations: chequeAllocations(lane, debit.totalMicros),
    tsMs: checkTime(debit.tsMs),
  }
}

function laneOf(words: PaperWords, grant: Grant, sessionId: Id): Lane {
  const { agentWallet, coordinatorWallet, providerWallet, channel } = grant
  if (channel.rail !== words.capabilities.rail)
    throw bad('badDocument', `the grant's channel is not on ${words.capabilities.rail}`)
  if (grant.asset !== words.asset) throw bad('badDocument', 'the grant is in another asset')
  const nonce = words.nonceOf(channel.definition)
  const expected =
    nonce === undefined ? undefined : words.define({ agentWallet, coordinatorWallet, providerWallet }, nonce)
  if (expected === undefined || expected.definition !== channel.definition || expected.id !== channel.appSessionId) {
    throw bad('badDocument', 'the definition is not the channel of these three wallets')
  }
  return {
    id: expected.id,
    sessionId,
    base: firstBase(words.capabilities),
    capacity: grant.allowanceMicros,
    definition: expected.definition,
    chequeTsMs: grant.chequeTsMs,
    asset: grant.asset,
    agentWallet,
    coordinatorWallet,
    providerWallet,
  }
}

/** Three distinct wallets in EIP-55 spelling and 8 bytes that are not all zero. Throws `badDocument`. */
export function checkDefinition(
  { agentWallet, coordinatorWallet, providerWallet }: LaneParties,
  nonce: Uint8Array,
): void {
  const wallets = [agentWallet, coordinatorWallet, providerWallet]
  if (!wallets.every(isAddress)) throw bad('badDocument', 'a wallet is not an address in EIP-55 spelling')
  if (new Set<string>(wallets).size !== wallets.length) throw bad('badDocument', 'the three wallets are not distinct')
  if (nonce.length !== 8 || nonce.every((byte) => byte === 0))
    throw bad('badDocument', 'the nonce is not 8 bytes above zero')
}

function requireSession(lane: Lane, sessionId: Id): void {
  if (!equalBytes(sessionId, lane.sessionId)) throw bad('badCheque', 'it is of another session')
}

function checkAmount(lane: Lane, amount: Micros, code: ErrorCode): void {
  if (amount < 0n || amount > lane.capacity) throw bad(code, 'the amount is above what the channel holds')
}

function checkSequence(seq: number): void {
  if (!Number.isSafeInteger(seq) || seq < 1) throw bad('badCheque', 'the sequence number is not a whole number from 1')
}

function checkTime(tsMs: number): number {
  if (!Number.isSafeInteger(tsMs) || tsMs < 0 || tsMs > LIMITS.maxTimeMs)
    throw bad('badDocument', 'the time is not Unix milliseconds')
  return tsMs
}

function bad(code: ErrorCode, message: string): OrienError {
  return new OrienError(code, { message })
}
