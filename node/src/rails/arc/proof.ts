import { hex, type Address } from '@orien/protocol'
import { decodeAbiParameters } from 'viem/utils'
import type { LegFailure, SignedLeg } from '../chain.ts'
import { TOPICS } from './abi.ts'
import { fieldOf, hexOf, type Hex } from './rpc.ts'

/** A log of a receipt, as much of it as a proof reads. */
interface TokenLog {
  readonly topics: readonly Hex[]
  readonly data: Hex
}

/** What a payout is proved against. */
export interface Payer {
  readonly treasury: Address
  readonly token: Address
}

/**
 * True when a receipt's logs show that a leg was paid: the token's AuthorizationUsed for it, and the token's next log a
 * Transfer of exactly its amount from the treasury to its recipient. AuthorizationUsed alone names neither. Logs of other
 * addresses are left out: Arc's native Transfer has the same first topic.
 */
export function isPaid(receipt: unknown, { treasury, token }: Payer, leg: SignedLeg): boolean {
  const logs = tokenLogs(receipt, token)
  const used = [TOPICS.used, wordOf(treasury), `0x${hex(leg.nonce)}`]
  const at = logs.findIndex(({ topics }) => same(topics, used))
  const next = at < 0 ? undefined : logs[at + 1]
  const wanted = [TOPICS.transfer, wordOf(treasury), wordOf(leg.recipient)]
  return next !== undefined && same(next.topics, wanted) && BigInt(next.data) === leg.micros
}

function tokenLogs(receipt: unknown, token: Address): readonly TokenLog[] {
  const logs = fieldOf(receipt, 'logs')
  if (fieldOf(receipt, 'status') !== '0x1' || !Array.isArray(logs)) return []
  return logs
    .filter((log) => hexOf(fieldOf(log, 'address')).toLowerCase() === token.toLowerCase())
    .map((log) => ({ topics: topicsOf(log), data: hexOf(fieldOf(log, 'data')) }))
}

function topicsOf(log: unknown): readonly Hex[] {
  const topics = fieldOf(log, 'topics')
  return Array.isArray(topics) ? topics.map(hexOf) : []
}

function same(topics: readonly string[], wanted: readonly string[]): boolean {
  return (
    topics.length === wanted.length && topics.every((topic, at) => topic.toLowerCase() === wanted[at]?.toLowerCase())
  )
}

/** An address as a 32-byte word. */
export function wordOf(address: Address): Hex {
  return `0x${address.slice(2).toLowerCase().padStart(64, '0')}`
}

/** The token's own words, on Arc and on chains with the plain token. */
const REASONS: readonly (readonly [RegExp, LegFailure])[] = [
  [/^Blocked address$|account is blacklisted$/, 'blocked'],
  [/^Pausable: paused$/, 'paused'],
  [/authorization is expired$/, 'expired'],
  [/authorization is used or canceled$/, 'used'],
  [/transfer amount exceeds balance$|^Cannot clear balance of empty account$/, 'balance'],
  [/invalid signature|^ECRecover/, 'signature'],
]

/** Why the token refuses a leg, of its revert data. */
export function reasonOf(data: Hex | undefined): LegFailure {
  const text = revertText(data)
  return REASONS.find(([pattern]) => pattern.test(text))?.[1] ?? 'other'
}

const ERROR_STRING = '0x08c379a0'

function revertText(data: Hex | undefined): string {
  if (data === undefined || !data.startsWith(ERROR_STRING)) return ''
  try {
    return decodeAbiParameters([{ type: 'string' }], `0x${data.slice(ERROR_STRING.length)}`)[0]
  } catch {
    // Not a well-formed text: the reason is for people only, and unknown.
    return ''
  }
}
