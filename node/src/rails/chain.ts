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

/** How a mined batch treated one leg. */
export interface LegProof {
  readonly nonce: Uint8Array
  /** `paid`: AuthorizationUsed and the token's next Transfer, exact, in this receipt. `failed`: not in it. */
  readonly outcome: 'paid' | 'failed'
}

export interface MinedBatch {
  readonly blockNumber: bigint
  readonly legs: readonly LegProof[]
  readonly gasWei: bigint
}

/** What the chain says of one authorisation, from one eth_call. */
export interface AuthorizationReading {
  /** Used or cancelled. */
  readonly used: boolean
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
  /** Addresses no payout may go to: zero, token, treasury, Multicall3, system addresses. */
  readonly forbidden: readonly Address[]
  /** Chain id, code at the token, its DOMAIN_SEPARATOR, no code at the treasury. Throws `chainMismatch`, `unreachable`. */
  check(): Promise<void>
  chainTimeS(): Promise<number>
  signLegs(legs: readonly PayoutLegDraft[]): Promise<readonly SignedLeg[]>
  /** The gas key's next account nonce, pending ones of ours not counted. */
  nextAccountNonce(): Promise<number>
  /** Current fee: what one maxFeePerGas should be, ≥ the chain's floor. */
  feeWei(): Promise<bigint>
  /** Gas by rule (100k + 100k a leg), never estimated. */
  gasLimit(legs: number): bigint
  /** One Multicall3.aggregate3 with allowFailure, ≤ 100 legs, signed by the gas key. */
  draftBatch(legs: readonly SignedLeg[], accountNonce: number, maxFeePerGasWei: bigint): Promise<RawTransaction>
  /** `sent` also when the node has it already. `superseded`: the account nonce is used up: look for the receipt. */
  send(transaction: RawTransaction): Promise<'sent' | 'superseded' | 'refused' | 'unknown'>
  /** The mined batch, proved by its logs at its block; undefined while it is not mined. */
  find(hash: string, legs: readonly SignedLeg[]): Promise<MinedBatch | undefined>
  authorization(leg: SignedLeg): Promise<AuthorizationReading>
  balances(): Promise<ChainBalances>
  stop(): Promise<void>
}
