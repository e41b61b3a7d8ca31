import type { Address, Micros } from '@orien/protocol'

/** One leg of a payout as an EIP-3009 authorisation by the treasury. */
export interface PayoutLegDraft {
  readonly recipient: Address
  readonly micros: Micros
  /** 32 bytes; PROTOCOL, Payout on Arc. */
  readonly nonce: Uint8Array
  /** Unix seconds of chain time. */
  readonly validBeforeS: number
}

/** A leg with the treasury's signature. */
export interface SignedLeg extends PayoutLegDraft {
  readonly signature: Uint8Array
}

/** A signed transaction, stored before it is sent; the same bytes are sent until mined. */
export interface RawTransaction {
  readonly raw: Uint8Array
  /** 0x and 64 lower-case hex digits. */
  readonly hash: string
  readonly accountNonce: number
  readonly maxFeePerGasWei: bigint
}

/** `gas`: it would go through now, so it ran out of gas. `used`: somebody else submitted or cancelled it. */
export type LegFailure = 'blocked' | 'paused' | 'balance' | 'expired' | 'used' | 'gas' | 'signature' | 'other'

/** How a mined batch treated one leg. */
export interface LegProof {
  readonly nonce: Uint8Array
  /** `paid`: AuthorizationUsed and the token's next Transfer, exact, in this receipt. `failed`: not in it. */
  readonly outcome: 'paid' | 'failed'
  /** Why it failed, as the token says when asked again now; for a person to read, never to decide by. */
  readonly reason?: LegFailure
}

export interface MinedBatch {
  readonly blockNumber: bigint
  readonly legs: readonly LegProof[]
  readonly gasWei: bigint
}

/** What the chain says of one authorisation, from one eth_call. */
export interface AuthorizationReading {
  /** Used or cancelled. A new attempt is safe only when this is false and chainTimeS ≥ validBeforeS, or after a mined cancel. */
  readonly used: boolean
  /** True when a cancellation was mined: it can never pay any more. */
  readonly cancelled?: boolean
  /** Transaction that paid it exactly, when one is found in the logs: somebody else may have submitted it. */
  readonly paidBy?: string
  readonly chainTimeS: number
}

export interface ChainBalances {
  readonly treasuryMicros: Micros
  readonly gasWei: bigint
}

/** The settlement chain as payouts need it (PROTOCOL, Payout on Arc). Treasury and gas keys live behind it and differ. */
export interface ChainRail {
  readonly chainId: number
  readonly treasury: Address
  /** Addresses no payout may go to: zero, token, treasury, gas key, Multicall3, system address. */
  readonly forbidden: readonly Address[]
  /** False for these and for the ranges the chain keeps for itself. Asked when a binding is made, and again when a leg is signed. */
  mayReceive(recipient: Address): boolean
  /** Chain id, code at the token, its DOMAIN_SEPARATOR, no code at the treasury. Throws `chainMismatch`, `unreachable`. */
  check(): Promise<void>
  chainTimeS(): Promise<number>
  /** Throws `policy` for a recipient that may not receive, `badDocument` for no amount or a nonce that is not 32 bytes. */
  signLegs(legs: readonly PayoutLegDraft[]): Promise<readonly SignedLeg[]>
  /** The gas key's next account nonce, pending ones of ours not counted. */
  nextAccountNonce(): Promise<number>
  /** Current fee: what one maxFeePerGas should be, ≥ the chain's floor; to replace a transaction, enough above its fee `above`. */
  feeWei(above?: bigint): Promise<bigint>
  /** Gas by rule (100k + 100k a leg), never estimated. */
  gasLimit(legs: number): bigint
  /** One Multicall3.aggregate3 with allowFailure, 1 … 100 legs, signed by the gas key. Asks nothing. Throws `badDocument`, `policy`. */
  draftBatch(legs: readonly SignedLeg[], accountNonce: number, maxFeePerGasWei: bigint): Promise<RawTransaction>
  /**
   * `sent` also when the node has it already; the same bytes may be sent again until mined, which brings back one the
   * node dropped. `superseded`: the account nonce is used up: look for the receipt. `refused`: nothing of it stays.
   */
  send(transaction: RawTransaction): Promise<'sent' | 'superseded' | 'refused' | 'unknown'>
  /** The mined batch, proved by its logs at its block; undefined while it is not mined. Throws `unreachable`. */
  find(hash: string, legs: readonly SignedLeg[]): Promise<MinedBatch | undefined>
  authorization(leg: SignedLeg): Promise<AuthorizationReading>
  balances(): Promise<ChainBalances>
  stop(): Promise<void>
}
