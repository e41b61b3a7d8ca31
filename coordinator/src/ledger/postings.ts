import { micros, type Address, type Micros, type Split } from '@orien/protocol'
import { accounts } from './accounts.ts'

/** A change of one account, micro-USDC. */
export interface Move {
  readonly account: string
  readonly micros: bigint
}

/** One journal entry to be: its moves sum to 0. */
export interface Posting {
  readonly kind: string
  /** What it is about: a session or payout id in hex. */
  readonly ref: string
  readonly moves: readonly Move[]
}

/** A Fund was taken: the allowance is reserved. */
export function hold(sid: string, allowance: Micros): Posting {
  return transfer('hold', sid, accounts.agent(sid), accounts.channel(sid), allowance)
}

/** The channel never opened: nothing moved. */
export function release(sid: string, allowance: Micros): Posting {
  return transfer('release', sid, accounts.channel(sid), accounts.agent(sid), allowance)
}

/** The session's total grew by `amount`: receipts settled. */
export function earn(sid: string, amount: Micros): Posting {
  return transfer('earn', sid, accounts.earned(sid), accounts.agent(sid), amount)
}

/** A debit landed: `amount` more of the channel stands in our share. */
export function debit(sid: string, amount: Micros): Posting {
  return transfer('debit', sid, accounts.channel(sid), accounts.standing(sid), amount)
}

/** What a session's close is booked from. */
export interface CloseFigures {
  readonly sid: string
  readonly allowance: Micros
  readonly debited: Micros
  readonly total: Micros
  /** What the close paid our wallet, and the provider in the channel (an Exit). */
  readonly received: Micros
  readonly inChannel: Micros
  /** Of min(total, received). */
  readonly split: Split
  readonly payoutWallet: Address
}

/** What a close left over, either way. */
export interface CloseResult {
  readonly over: Micros
  readonly short: Micros
  readonly posting: Posting
}

/**
 * The channel closed. The shares become payable, what was received above the total is owed back, and settled work that
 * nobody paid stays as a claim on the agent and a debt to the provider.
 */
export function close(figures: CloseFigures): CloseResult {
  const { sid, allowance, debited, total, received, inChannel, split, payoutWallet } = figures
  const paid = total < received ? total : received
  const over = micros(received - paid)
  const missing = total - paid
  const short = micros(missing > inChannel ? missing - inChannel : 0n)
  const moves: Move[] = [
    { account: accounts.channel(sid), micros: 0n - (allowance - debited) },
    { account: accounts.standing(sid), micros: 0n - debited },
    { account: accounts.rail, micros: received },
    { account: accounts.agent(sid), micros: allowance - total + short },
    { account: accounts.earned(sid), micros: total },
    { account: accounts.shortfall(sid), micros: 0n - short },
    { account: accounts.refund(sid), micros: 0n - over },
    ...shares(split, payoutWallet),
  ]
  return { over, short, posting: { kind: 'close', ref: sid, moves } }
}

/** A channel given up with nothing received closed after all. */
export function lateClose(figures: CloseFigures): CloseResult {
  const { sid, total, received, inChannel, split, payoutWallet } = figures
  const paid = total < received ? total : received
  const over = micros(received - paid)
  const missing = total - paid
  const short = micros(missing > inChannel ? missing - inChannel : 0n)
  const moves: Move[] = [
    { account: accounts.rail, micros: received },
    { account: accounts.agent(sid), micros: short - total },
    { account: accounts.shortfall(sid), micros: total - short },
    { account: accounts.refund(sid), micros: 0n - over },
    ...shares(split, payoutWallet),
  ]
  return { over, short, posting: { kind: 'lateClose', ref: sid, moves } }
}

export function refundSigned(sid: string, wallet: Address, amount: Micros): Posting {
  const { kind, ref, moves } = transfer('refundSigned', sid, accounts.refunding(sid), accounts.refund(sid), amount)
  return { kind, ref, moves: [...moves, ...sent(wallet, amount)] }
}

/** The transfer is dead: the money is owed as before. */
export function refundDead(sid: string, wallet: Address, amount: Micros): Posting {
  const { kind, ref, moves } = transfer('refundDead', sid, accounts.refund(sid), accounts.refunding(sid), amount)
  return { kind, ref, moves: [...moves, ...sent(wallet, 0n - amount)] }
}

export function refundPaid(sid: string, amount: Micros): Posting {
  return transfer('refundPaid', sid, accounts.rail, accounts.refunding(sid), amount)
}

/** A transfer that this book did not know paid the refund. */
export function refundFound(sid: string, wallet: Address, amount: Micros): Posting {
  const { kind, ref, moves } = transfer('refundFound', sid, accounts.rail, accounts.refund(sid), amount)
  return { kind, ref, moves: [...moves, ...sent(wallet, amount)] }
}

/** Money came into our wallet that nobody asked for: kept apart, owed to whoever shows that it is theirs. */
export function movedIn(id: string, account: string, amount: Micros): Posting {
  return transfer('unclaimed', id, accounts.unclaimed(account), accounts.rail, amount)
}

/** The ledger shows a transfer of ours. A memorandum: what it paid is booked where it was signed. */
export function movedOut(id: string, wallet: string, amount: Micros): Posting {
  return transfer('seen', id, accounts.seenTotal, accounts.seen(wallet), amount)
}

function sent(wallet: Address, amount: bigint): readonly Move[] {
  return [
    { account: accounts.sent(wallet), micros: amount },
    { account: accounts.sentTotal, micros: 0n - amount },
  ]
}

/** Shares of one Statement enter a payout. */
export function payoutTaken(payoutId: string, split: Split, payoutWallet: Address): readonly Move[] {
  const { providerMicros, platformMicros, reserveMicros } = split
  return [
    { account: accounts.payable(payoutWallet), micros: providerMicros },
    { account: accounts.platform, micros: platformMicros },
    { account: accounts.reserve, micros: reserveMicros },
    { account: accounts.payout(payoutId), micros: 0n - (providerMicros + platformMicros + reserveMicros) },
  ]
}

/** A leg failed in a mined transaction: it waits apart, so that it is seen. */
export function legBlocked(payoutId: string, recipient: Address, amount: Micros): Posting {
  return transfer('legBlocked', payoutId, accounts.blocked(recipient), accounts.payout(payoutId), amount)
}

/** A leg is proved paid. */
export function legPaid(payoutId: string, recipient: Address, amount: Micros, wasBlocked: boolean): Posting {
  const from = wasBlocked ? accounts.blocked(recipient) : accounts.payout(payoutId)
  return transfer('legPaid', payoutId, accounts.treasury, from, amount)
}

/** Gas of a mined transaction, in micro-USDC rounded up: the gas key pays in USDC of 18 decimals. */
export function gasSpent(payoutId: string, gasWei: bigint): Posting {
  const amount = micros((gasWei + WEI_PER_MICRO - 1n) / WEI_PER_MICRO)
  return transfer('gas', payoutId, accounts.gasKey, accounts.gas, amount)
}

const WEI_PER_MICRO = 1_000_000_000_000n

function shares(split: Split, payoutWallet: Address): readonly Move[] {
  return [
    { account: accounts.payable(payoutWallet), micros: 0n - split.providerMicros },
    { account: accounts.platform, micros: 0n - split.platformMicros },
    { account: accounts.reserve, micros: 0n - split.reserveMicros },
  ]
}

function transfer(kind: string, ref: string, from: string, to: string, amount: bigint): Posting {
  return {
    kind,
    ref,
    moves: [
      { account: from, micros: 0n - amount },
      { account: to, micros: amount },
    ],
  }
}
