import { hex, keccak, micros, utf8, type Address, type Clock, type Micros } from '@orien/protocol'
import { feeToOffer } from '../batch-rules.ts'
import type { LegFailure, MinedBatch, RawTransaction, SignedLeg } from '../chain.ts'
import { cheapSigner } from './cheap-wallet.ts'
import { ecdsaSigner } from './ledger.ts'

export interface MemoryChainOptions {
  /** Its wall time is the chain's time. */
  readonly clock: Clock
  /** Default 31337. */
  readonly chainId?: number
  /** As the treasury's wallet signs; default `ecdsa`. */
  readonly signatures?: 'ecdsa' | 'cheap'
}

/** A transaction as the chain keeps it. */
export interface MemoryTransaction extends RawTransaction {
  readonly treasury: Address
  readonly legs: readonly SignedLeg[]
  readonly gasLimit: bigint
}

/** What a nonce of an authorisation has come to. */
interface Spent {
  readonly how: 'paid' | 'cancelled'
  readonly leg: SignedLeg
  readonly transaction: string
}

/** The settlement chain and its faults, in memory; token semantics as on Arc. */
export interface MemoryChain {
  readonly options: MemoryChainOptions
  fund(account: Address, amount: Micros): void
  fundGas(account: Address, wei: bigint): void
  balance(account: Address): Micros
  /** Blocklist: a leg to (or a treasury) on it fails; its authorisation stays good. */
  block(account: Address, on: boolean): void
  pause(on: boolean): void
  /** Somebody else submits a leg. True when it paid. */
  submitElsewhere(treasury: Address, leg: SignedLeg): boolean
  /** Another transaction of an account is mined: its next nonce is used up. */
  useNonce(account: Address): void
  /** A cancellation by the treasury, mined at once. */
  cancel(leg: SignedLeg): void
  /** While on, transactions wait in the pool. */
  holdMining(on: boolean): void
  mine(): void
  /** The pool is lost, as when a node restarts. */
  dropPending(): void
  /** In the next mined batch every leg from this index on runs out of gas. */
  shortOfGasFrom(index: number): void
  /** The next send is lost on its way, or its answer is. */
  loseNext(what: 'request' | 'answer'): void
  setDown(down: boolean): void
  /** What one unit of gas costs now, in units of the lowest fee there is; transactions that offer less wait. */
  setFee(times: bigint): void
  /** The chain is another than configured. */
  setWrong(wrong: boolean): void
  readonly state: ChainState
}

/** What a rail reads of the chain. */
export interface ChainState {
  readonly down: boolean
  readonly wrong: boolean
  /** A transaction must offer so many times the lowest fee to be mined. */
  readonly feeTimes: bigint
  chainTimeS(): number
  gasWei(account: Address): bigint
  nextNonce(account: Address): number
  spent(nonce: Uint8Array): Spent | undefined
  /** Legs of transactions that wait in the pool, for everybody to see. */
  pending(): readonly SignedLeg[]
  mined(hash: string): MinedBatch | undefined
  /** What the token would say of a leg now; undefined: it would pay. */
  failure(treasury: Address, leg: SignedLeg): LegFailure | undefined
  accept(sender: Address, transaction: MemoryTransaction): 'sent' | 'superseded' | 'refused' | 'unknown'
}

const LEG_GAS = 70_000n

/** The bytes a treasury signs for a leg on this chain. */
export function legBytes(chainId: number, treasury: Address, leg: Omit<SignedLeg, 'signature'>): Uint8Array {
  const { recipient, micros: amount, nonce, validBeforeS } = leg
  return utf8(JSON.stringify([chainId, treasury, recipient, amount.toString(), hex(nonce), validBeforeS]))
}

/** A settlement chain in memory. Blocks are mined at once unless `holdMining`. */
export function memoryChain(options: MemoryChainOptions): MemoryChain {
  const chain = new Chain(options)
  return {
    options,
    state: chain,
    fund: (account, amount) => chain.add(account, amount),
    fundGas: (account, wei) => void chain.gas.set(account, chain.gasWei(account) + wei),
    balance: (account) => micros(chain.balances.get(account) ?? 0n),
    block: (account, on) => void (on ? chain.blocked.add(account) : chain.blocked.delete(account)),
    pause: (on) => {
      chain.paused = on
    },
    submitElsewhere: (treasury, leg) => chain.run(treasury, leg, `0x${hex(keccak(leg.signature))}`) === undefined,
    useNonce: (account) => {
      chain.useNonce(account)
      if (!chain.held) chain.mine()
    },
    cancel: (leg) => chain.cancel(leg),
    holdMining: (on) => {
      chain.held = on
      if (!on) chain.mine()
    },
    mine: () => chain.mine(),
    dropPending: () => chain.pool.clear(),
    shortOfGasFrom: (index) => {
      chain.gasEndsAt = index
    },
    loseNext: (what) => {
      chain.losing = what
    },
    setDown: (down) => {
      chain.down = down
    },
    setFee: (times) => {
      chain.feeTimes = times
      if (!chain.held) chain.mine()
    },
    setWrong: (wrong) => {
      chain.wrong = wrong
    },
  }
}

class Chain implements ChainState {
  readonly balances = new Map<string, bigint>()
  readonly gas = new Map<string, bigint>()
  readonly blocked = new Set<string>()
  /** By sender and account nonce. */
  readonly pool = new Map<string, { sender: Address; transaction: MemoryTransaction }>()
  paused = false
  held = false
  down = false
  wrong = false
  feeTimes = 1n
  losing: 'request' | 'answer' | undefined
  gasEndsAt: number | undefined
  readonly #options: MemoryChainOptions
  readonly #nonces = new Map<string, number>()
  readonly #spent = new Map<string, Spent>()
  readonly #mined = new Map<string, MinedBatch>()
  #blockNumber = 0n

  constructor(options: MemoryChainOptions) {
    this.#options = options
  }

  chainTimeS(): number {
    return Math.floor(this.#options.clock.wallMs() / 1_000)
  }

  gasWei(account: Address): bigint {
    return this.gas.get(account) ?? 0n
  }

  nextNonce(account: Address): number {
    return this.#nonces.get(account) ?? 0
  }

  spent(nonce: Uint8Array): Spent | undefined {
    return this.#spent.get(hex(nonce))
  }

  pending(): readonly SignedLeg[] {
    return [...this.pool.values()].flatMap(({ transaction }) => transaction.legs)
  }

  useNonce(account: Address): void {
    const nonce = this.nextNonce(account)
    this.pool.delete(`${account} ${nonce}`)
    this.#nonces.set(account, nonce + 1)
  }

  mined(hash: string): MinedBatch | undefined {
    return this.#mined.get(hash)
  }

  add(account: string, amount: bigint): void {
    this.balances.set(account, (this.balances.get(account) ?? 0n) + amount)
  }

  /** Order of the checks: as the token's. */
  failure(treasury: Address, leg: SignedLeg): LegFailure | undefined {
    const { signatures = 'ecdsa', chainId = 31_337 } = this.#options
    if (this.paused) return 'paused'
    if (this.chainTimeS() >= leg.validBeforeS) return 'expired'
    if (this.spent(leg.nonce) !== undefined) return 'used'
    const signer = (signatures === 'cheap' ? cheapSigner : ecdsaSigner)(legBytes(chainId, treasury, leg), leg.signature)
    if (signer !== treasury) return 'signature'
    // One unit stays: an account that never sent a transaction cannot be emptied.
    if ((this.balances.get(treasury) ?? 0n) <= leg.micros) return 'balance'
    return this.blocked.has(treasury) || this.blocked.has(leg.recipient) ? 'blocked' : undefined
  }

  /** Runs one leg; undefined when it paid. */
  run(treasury: Address, leg: SignedLeg, transaction: string): LegFailure | undefined {
    const failure = this.failure(treasury, leg)
    if (failure !== undefined) return failure
    this.add(treasury, 0n - leg.micros)
    this.add(leg.recipient, leg.micros)
    this.#spent.set(hex(leg.nonce), { how: 'paid', leg, transaction })
    return undefined
  }

  cancel(leg: SignedLeg): void {
    if (this.spent(leg.nonce) === undefined) this.#spent.set(hex(leg.nonce), { how: 'cancelled', leg, transaction: '' })
  }

  accept(sender: Address, transaction: MemoryTransaction): 'sent' | 'superseded' | 'refused' | 'unknown' {
    const losing = this.losing
    this.losing = undefined
    if (this.down || losing === 'request') return 'unknown'
    const answer = this.#accept(sender, transaction)
    if (!this.held) this.mine()
    return losing === 'answer' ? 'unknown' : answer
  }

  #accept(sender: Address, transaction: MemoryTransaction): 'sent' | 'superseded' | 'refused' {
    const { hash, accountNonce, maxFeePerGasWei, gasLimit } = transaction
    const key = `${sender} ${accountNonce}`
    const waiting = this.pool.get(key)?.transaction
    if (waiting?.hash === hash) return 'sent'
    if (accountNonce < this.nextNonce(sender)) return 'superseded'
    if (this.gasWei(sender) < gasLimit * maxFeePerGasWei) return 'refused'
    if (waiting !== undefined && maxFeePerGasWei * 10n < waiting.maxFeePerGasWei * 11n) return 'refused'
    this.pool.set(key, { sender, transaction })
    return 'sent'
  }

  mine(): void {
    for (;;) {
      const ready = [...this.pool].find(
        ([, { sender, transaction }]) =>
          transaction.accountNonce === this.nextNonce(sender) &&
          transaction.maxFeePerGasWei >= feeToOffer(0n) * this.feeTimes,
      )
      if (ready === undefined) return
      const [key, { sender, transaction }] = ready
      this.pool.delete(key)
      this.#include(sender, transaction)
    }
  }

  #include(sender: Address, { hash, legs, treasury, accountNonce, maxFeePerGasWei }: MemoryTransaction): void {
    this.#blockNumber += 1n
    this.#nonces.set(sender, accountNonce + 1)
    const gasWei = LEG_GAS * BigInt(legs.length) * maxFeePerGasWei
    this.gas.set(sender, this.gasWei(sender) - gasWei)
    const gasEndsAt = this.gasEndsAt ?? legs.length
    this.gasEndsAt = undefined
    const proofs = legs.map((leg, at) => {
      const reason = at >= gasEndsAt ? 'gas' : this.run(treasury, leg, hash)
      return reason === undefined
        ? { nonce: leg.nonce, outcome: 'paid' as const }
        : { nonce: leg.nonce, outcome: 'failed' as const, reason }
    })
    this.#mined.set(hash, { blockNumber: this.#blockNumber, legs: proofs, gasWei })
  }
}
