import {
  concatBytes,
  fromHex,
  keccak,
  micros,
  type Address,
  type Id,
  type Micros,
  type PayoutLeg,
  type Split,
} from '@orien/protocol'
import { refused } from '../core.ts'
import type { PayoutLegRecord, PayoutStatement } from './record.ts'

/** Who the shares of a Statement go to. */
export interface Recipients {
  readonly platform: Address
  readonly reserve: Address
}

/** The legs of one Statement; shares of 0 have none. */
export function legsOf(split: Split, payoutWallet: Address, { platform, reserve }: Recipients): readonly PayoutLeg[] {
  const all: readonly PayoutLeg[] = [
    { recipient: payoutWallet, micros: split.providerMicros },
    { recipient: platform, micros: split.platformMicros },
    { recipient: reserve, micros: split.reserveMicros },
  ]
  return all.filter(({ micros: amount }) => amount > 0n)
}

export interface SetLimits {
  readonly maxLegs: number
  readonly maxStatements: number
  /** What the treasury can pay now. */
  readonly availableMicros: bigint
}

/** Statements that are paid together, and what each recipient gets. */
export interface PayoutSet {
  readonly statements: readonly PayoutStatement[]
  readonly legs: readonly PayoutLeg[]
  /** True when the treasury could not pay the next one. */
  readonly short: boolean
}

/**
 * The oldest-first prefix of the Statements that one transaction can carry and the treasury can pay, recipients merged. Empty when not
 * even the first fits.
 */
export function formSet(candidates: readonly PayoutStatement[], recipients: Recipients, limits: SetLimits): PayoutSet {
  const byRecipient = new Map<Address, bigint>()
  const statements: PayoutStatement[] = []
  let total = 0n
  let short = false
  for (const candidate of candidates) {
    if (statements.length >= limits.maxStatements) break
    const legs = legsOf(candidate.split, candidate.payoutWallet, recipients)
    const more = legs.reduce((sum, leg) => sum + leg.micros, 0n)
    const added = new Set(legs.map(({ recipient }) => recipient).filter((recipient) => !byRecipient.has(recipient)))
    if (byRecipient.size + added.size > limits.maxLegs) break
    short = total + more > limits.availableMicros
    if (short) break
    for (const { recipient, micros: amount } of legs)
      byRecipient.set(recipient, (byRecipient.get(recipient) ?? 0n) + amount)
    statements.push(candidate)
    total += more
  }
  const legs = [...byRecipient].map(([recipient, amount]) => ({ recipient, micros: micros(amount) }))
  return { statements, legs, short }
}

/** True when a payout is due: enough is owed, or the oldest Statement waited long enough. */
export function isDue(
  candidates: readonly (PayoutStatement & { readonly atMs: number })[],
  nowMs: number,
  thresholdMicros: Micros,
  maxAgeMs: number,
): boolean {
  const [oldest] = candidates
  if (oldest === undefined) return false
  if (nowMs - oldest.atMs >= maxAgeMs) return true
  let sum = 0n
  for (const { split } of candidates) sum += split.providerMicros + split.platformMicros + split.reserveMicros
  return sum >= thresholdMicros
}

export interface NonceParts {
  readonly chainId: number
  readonly token: Address
  readonly treasury: Address
  readonly payoutId: Id
  readonly recipient: Address
  readonly attempt: number
}

/**
 * keccak-256 of chainId, token, treasury, payoutId, recipient and attempt, each as one 32-byte word (as `abi.encode` writes them): the
 * same leg has the same nonce whoever computes it, so the token itself refuses to pay it twice.
 */
export function legNonce({ chainId, token, treasury, payoutId, recipient, attempt }: NonceParts): Uint8Array {
  return keccak(
    concatBytes(
      word(BigInt(chainId)),
      addressWord(token),
      addressWord(treasury),
      payoutId,
      addressWord(recipient),
      word(BigInt(attempt)),
    ),
  )
}

/** True when every leg that a Statement has a share in is paid. */
export function isStatementPaid(
  statement: PayoutStatement,
  legs: readonly PayoutLegRecord[],
  recipients: Recipients,
): boolean {
  const paid = new Set(legs.filter(({ state }) => state === 'paid').map(({ recipient }) => recipient))
  return legsOf(statement.split, statement.payoutWallet, recipients).every(({ recipient }) => paid.has(recipient))
}

function word(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32)
  new DataView(bytes.buffer).setBigUint64(24, value)
  return bytes
}

function addressWord(address: Address): Uint8Array {
  const bytes = fromHex(address)
  if (bytes?.length !== 20) throw refused('internal', 'an address is not 20 bytes')
  return concatBytes(new Uint8Array(12), bytes)
}
