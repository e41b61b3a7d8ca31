import type { Address, Cheque, Exit, Grant, Id, Micros } from '@orien/protocol'

/** How a wallet signs a rail's bytes: raw ECDSA over their keccak-256, or EIP-191 over the bytes. */
export interface Unsigned {
  readonly scheme: 'keccak' | 'eip191'
  readonly bytes: Uint8Array
}

/** An EVM account that signs for its owner. The key never leaves it. */
export interface Wallet {
  readonly address: Address
  /** 65-byte `r ‖ s ‖ v`, low s, v 27 or 28. */
  sign(unsigned: Unsigned): Promise<Uint8Array>
  /** The same over a 32-byte EIP-712 digest. */
  signDigest(digest: Uint8Array): Promise<Uint8Array>
}

/** The channel of one session: everything that verifiers rebuild its messages from. */
export interface Lane {
  /** The rail's own id of the channel (app session). */
  readonly id: string
  readonly sessionId: Id
  /** The channel version that the newest cheques are drawn on. */
  readonly base: number
  /** The allowance: what the channel holds, always fully allocated. */
  readonly capacity: Micros
  readonly definition: string
  readonly chequeTsMs: number
  readonly asset: string
  readonly agentWallet: Address
  readonly coordinatorWallet: Address
  readonly providerWallet: Address
}

/** Who shares in a channel. */
export interface LaneParties {
  readonly agentWallet: Address
  readonly coordinatorWallet: Address
  readonly providerWallet: Address
}

/** Amounts of one channel state. In what we draft and verify they sum to the lane's capacity; in a reading they are what stands. */
export interface Allocations {
  readonly agentMicros: Micros
  readonly coordinatorMicros: Micros
  readonly providerMicros: Micros
}

/** What the node says of a channel. Anybody's moves show here: compare the sum with the lane's capacity before relying on it. */
export interface Reading {
  readonly status: 'absent' | 'open' | 'closed'
  /** The version that stands; 0 when absent. A debit is drafted at version + 1. */
  readonly version: number
  /** True when the definition it holds is the lane's. */
  readonly definitionMatches: boolean
  /** What stands (open), or what left the channel to each wallet (closed). Rounded down to whole micro-USDC; zeros when absent. */
  readonly allocations: Allocations
  /** The rail's words that a Statement quotes as evidence of a close, at most 1 024 bytes. */
  readonly evidence: string
}

/** A wallet's state that an opening is drafted on; v0 has none. */
export interface WalletState {
  readonly version: number
}

/** One movement of a wallet's money in the rail's ledger. */
export interface Movement {
  /** Unique in the rail's ledger. */
  readonly id: string
  /** Positive in, negative out, micro-USDC, rounded towards zero: dust of less shows as 0. */
  readonly micros: bigint
  /** The other account, a wallet or a channel. */
  readonly account: string
  readonly kind: string
  readonly atMs: number
}

export interface Holdings {
  readonly balanceMicros: Micros
  /** Newest first. */
  readonly movements: readonly Movement[]
}

/** What this generation of a rail can and cannot do. Logic asks this, never the rail's name. */
export interface ChannelCapabilities {
  /** The rail's name in a Grant: `yellow-v0`, `memory`. */
  readonly rail: string
  /** True when every operate voids the cheques before it, so that the next cheque must be drawn on base + 1. */
  readonly debitMovesBase: boolean
  /** How long after its timestamp, by the node's clock, a message can still land: open messages and debits. A caller adds CLOCK_SKEW_MS. */
  readonly landingMs: number
}

/**
 * The pure half of a rail: drafts and verifies, offline. Verifiers rebuild every message from the lane and their own
 * numbers, so that nothing signed can hold anything else. They throw `badCheque` (a cheque or exit whose fields do not
 * fit the lane), `badDocument` (open messages, debits) or `badSignature` (another signer, or other bytes were signed),
 * and never return false silently.
 */
export interface ChannelPaper {
  readonly capabilities: ChannelCapabilities
  /** Definition and id of the channel that `nonce` (8 random bytes; a rail may use fewer of their bits) gives. Throws `badDocument`. */
  define(parties: LaneParties, nonce: Uint8Array): { readonly definition: string; readonly id: string }
  /**
   * The lane of a Grant. Throws `badDocument` unless rail and asset are this one's and the definition is exactly
   * `[agent 2, coordinator 1, provider 1]`, quorum 3, three distinct wallets, and gives the id.
   */
  lane(grant: Grant, sessionId: Id): Lane
  draftOpen(lane: Lane, state: WalletState, tsMs: number): readonly Unsigned[]
  /** The exact messages of a Fund, of what draftOpen gave and its signatures. Throws `badDocument` when their numbers differ. */
  assembleOpen(lane: Lane, drafts: readonly Unsigned[], signatures: readonly Uint8Array[]): readonly Uint8Array[]
  /** Checks the agent's open messages and returns their timestamp. */
  verifyOpen(lane: Lane, messages: readonly Uint8Array[]): { readonly tsMs: number }
  /** The close (or pair) a cheque signs, on the lane's base. For the cheque after a debit pass `{ ...lane, base: lane.base + 1 }` when debitMovesBase. */
  draft(lane: Lane, chequeSeq: number, ceiling: Micros): readonly Unsigned[]
  /** Checks the agent wallet's signatures of a cheque drawn on `cheque.base`. */
  verify(lane: Lane, cheque: Cheque): void
  draftDebit(lane: Lane, version: number, total: Micros, tsMs: number): readonly Unsigned[]
  verifyDebit(lane: Lane, debit: SignedDebit): void
  draftExit(lane: Lane, total: Micros, tsMs: number): readonly Unsigned[]
  /** Checks both sides' signatures, or only one's when `by` is given. */
  verifyExit(lane: Lane, exit: Exit, by?: 'agent' | 'provider'): void
}

/**
 * A payment channel rail (DESIGN §10): the paper, and the half that touches the rail's node for one wallet. That half is
 * resumable and goes through the wallet's one queue. `unknown` means: the request may have landed or may yet land; read,
 * never repeat blindly. What a rail can tell for sure after a lost answer it tells at once.
 */
export interface ChannelRail extends ChannelPaper {
  /** Throws `unreachable`. */
  walletState(wallet: Address): Promise<WalletState>
  /** `void`: refused, and the channel does not stand open and full with the agent. Its sender may still submit it itself until it is past landing. */
  open(lane: Lane, messages: readonly Uint8Array[]): Promise<'open' | 'void' | 'unknown'>
  /** Throws `unreachable`. Reads twice where a reading can be torn. */
  read(lane: Lane): Promise<Reading>
  /** Changes nothing. `dead`: this cheque would be refused now; `unknown`: ask again. */
  probe(lane: Lane, cheque: Cheque): Promise<'alive' | 'dead' | 'unknown'>
  /** Submits a debit the agent co-signed. `nextCheque` is valid after it. Returns the lane as it stands then, also when it had landed before. */
  checkpoint(lane: Lane, debit: SignedDebit, nextCheque: Cheque): Promise<Lane | 'refused' | 'unknown'>
  /**
   * Closes the channel with a cheque (own signature added: coordinator or provider) or a fully signed exit.
   * `settled`: closed, and paid exactly as the paper says. `superseded`: closed otherwise, or moved so that this paper is
   * void. `refused`: not now (hijacked wallet, out of date); nothing moved.
   */
  cash(lane: Lane, paper: Cheque | Exit): Promise<'settled' | 'superseded' | 'refused' | 'unknown'>
  /** Balance and movements, newest first, down to (not including) the movement `sinceId`, else all. Throws `unreachable`. */
  holdings(wallet: Address, sinceId?: string): Promise<Holdings>
  /**
   * Bytes of a transfer from the own wallet, stored before `pay`. One payout in flight per recipient: draft the next to
   * the same one only when the last is paid or dead. Throws `unreachable`.
   */
  draftPayout(to: Address, amount: Micros, tsMs: number): Promise<Uint8Array>
  /** Sends at most once, ever; called again it reads. `dead`: refused, or past landing and not in the ledger: draft anew. */
  pay(bytes: Uint8Array): Promise<'paid' | 'dead' | 'unknown'>
  /** v1: newest state on chain, challenges answered. v0: nothing. */
  secure(wallet: Address): Promise<void>
  stop(): Promise<void>
}

/** A debit (operate) at a total, with the agent wallet's signatures. */
export interface SignedDebit {
  readonly version: number
  readonly totalMicros: Micros
  readonly tsMs: number
  readonly signatures: readonly Uint8Array[]
}

/** Opens a rail when it is first needed: a provider loads one at its first Grant. */
export interface ChannelRails {
  /** The rail of that name and address, for the own wallet. Throws `policy` when the own configuration does not list it, `unreachable`. */
  use(rail: string, url: string): Promise<ChannelRail>
  stop(): Promise<void>
}
