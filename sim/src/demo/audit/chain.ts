import { concatBytes, fromHex, hex, keccak, type Address, type Id } from '@orien/protocol'
import type { TokenLog } from '../../devnet/arc.ts'
import type { Findings } from './findings.ts'

/** One authorisation of the treasury that the chain shows as used, with the token's Transfer that followed it. */
export interface ChainPayment {
  readonly transaction: string
  /** 0x and 64 lower-case hex digits. */
  readonly nonce: string
  readonly to: string
  readonly micros: bigint
}

/**
 * Everything that left the treasury, by PROTOCOL's proof of payment: AuthorizationUsed names neither recipient nor amount, so it is
 * paired with the token's next Transfer in the same transaction. Money that left in another way is reported.
 */
export function paymentsOf(logs: readonly TokenLog[], treasury: Address, findings: Findings): readonly ChainPayment[] {
  const payments: ChainPayment[] = []
  const paired = new Set<TokenLog>()
  logs.forEach((log, at) => {
    if (log.event !== 'AuthorizationUsed' || !same(log.authorizer, treasury)) return
    const next = logs[at + 1]
    const { transaction, nonce } = log
    if (next?.event !== 'Transfer' || next.transaction !== transaction || !same(next.from, treasury)) {
      findings.add('legUnproved', 'chain', `chain ${transaction}`, `the authorisation ${nonce} moved nothing`)
      return
    }
    paired.add(next)
    payments.push({ transaction, nonce: nonce.toLowerCase(), to: next.to, micros: next.micros })
  })
  for (const log of logs) {
    if (log.event !== 'Transfer' || !same(log.from, treasury) || paired.has(log)) continue
    const detail = `${log.micros} µUSDC went to ${log.to} without an authorisation`
    findings.add('paidUnowed', 'chain', `chain ${log.transaction}`, detail)
  }
  return payments
}

export interface LegNonce {
  readonly chainId: number
  readonly token: string
  readonly treasury: Address
  readonly payoutId: Id
  readonly recipient: Address
  readonly attempt: number
}

/** keccak-256 over chain id, token, treasury, payout id, recipient and attempt, one 32-byte word each (PROTOCOL, Payout on Arc). */
export function legNonce({ chainId, token, treasury, payoutId, recipient, attempt }: LegNonce): string {
  const words = [numberWord(chainId), addressWord(token), addressWord(treasury), payoutId, addressWord(recipient)]
  return `0x${hex(keccak(concatBytes(...words, numberWord(attempt))))}`
}

function numberWord(value: number): Uint8Array {
  const bytes = new Uint8Array(32)
  new DataView(bytes.buffer).setBigUint64(24, BigInt(value))
  return bytes
}

function addressWord(address: string): Uint8Array {
  const bytes = new Uint8Array(32)
  bytes.set(fromHex(address) ?? new Uint8Array(20), 12)
  return bytes
}

const ZERO = `0x${'0'.repeat(40)}`

/** What was minted to an account in `logs`: the devnet's faucet. */
export function mintedTo(logs: readonly TokenLog[], account: Address): bigint {
  let sum = 0n
  for (const log of logs) if (log.event === 'Transfer' && log.from === ZERO && same(log.to, account)) sum += log.micros
  return sum
}

export function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
