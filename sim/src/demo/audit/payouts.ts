import { hex, type Address, type Id, type Payout, type Signed, type Statement } from '@orien/protocol'
import { legNonce, same, type ChainPayment } from './chain.ts'
import { usdc } from './channels.ts'
import { short, type Findings } from './findings.ts'
import { increase } from './ledger.ts'
import { hasId, type AuditedSession } from './sessions.ts'
import type { AuditInput } from './types.ts'

/** Attempts of one leg that are looked for; a coordinator makes a new one only after a day. */
const MAX_ATTEMPTS = 16

export interface PayoutParts {
  readonly input: Pick<AuditInput, 'chainId' | 'addresses' | 'devnet'>
  readonly sessions: readonly AuditedSession[]
  /** Every Payout document, each once. */
  readonly payouts: readonly Signed<Payout>[]
  readonly payments: readonly ChainPayment[]
  readonly findings: Findings
}

/**
 * Statements, Payouts and the chain against each other: who is owed is paid once, by exactly what its Statements say, and nobody else.
 * Returns the payments that legs prove.
 */
export function checkPayouts(parts: PayoutParts): readonly ChainPayment[] {
  checkStatements(parts)
  for (const set of setsOf(parts.payouts)) checkSet(parts, set)
  return checkPayments(parts)
}

/** Payout documents of one set of Statements. */
function setsOf(payouts: readonly Signed<Payout>[]): readonly (readonly Payout[])[] {
  const sets = new Map<string, Payout[]>()
  for (const { value } of payouts) sets.set(hex(value.payoutId), [...(sets.get(hex(value.payoutId)) ?? []), value])
  return [...sets.values()]
}

/** Every Statement that owes something is in one set. */
function checkStatements({ sessions, payouts, findings }: PayoutParts): void {
  for (const { statements, name } of sessions) {
    for (const { id, value } of statements) {
      if (paidBy(value) === 0n) continue
      const sets = payouts.filter((one) => hasId(one.value.statementIds, id)).map((one) => hex(one.value.payoutId))
      const place = `session statement/${name}/${value.statementSeq}`
      if (sets.length === 0)
        findings.add('statementUnpaid', 'statement', place, `no Payout pays its ${usdc(paidBy(value))} USDC`)
      if (new Set(sets).size > 1)
        findings.add('statementPaidTwice', 'statement', place, `it is in payouts ${sets.map(short).join(' and ')}`)
    }
  }
}

function paidBy({ split }: Statement): bigint {
  return split.providerMicros + split.platformMicros + split.reserveMicros
}

/** A set's legs are the merged shares of its Statements, recipient by recipient. */
function checkSet({ input, sessions, findings }: PayoutParts, set: readonly Payout[]): void {
  const [first] = set
  if (first === undefined) return
  const place = `payout/${short(hex(first.payoutId))}`
  const owed = new Map<Address, bigint>()
  for (const id of first.statementIds) {
    const found = statementOf(sessions, id)
    if (found === undefined) {
      findings.add('payoutStatementUnknown', 'payout', place, `it pays statement ${short(hex(id))}, which no book has`)
      continue
    }
    const { statement, payoutWallet } = found
    increase(owed, payoutWallet, statement.split.providerMicros)
    increase(owed, input.addresses.platform, statement.split.platformMicros)
    increase(owed, input.addresses.reserve, statement.split.reserveMicros)
  }
  const legs = new Map<Address, bigint>()
  for (const { recipient, micros } of set.flatMap((one) => one.legs)) increase(legs, recipient, micros)
  for (const recipient of new Set([...owed.keys(), ...legs.keys()])) {
    const [says, owes] = [legs.get(recipient) ?? 0n, owed.get(recipient) ?? 0n]
    if (says === owes) continue
    const detail = `its leg to ${recipient} is ${usdc(says)} USDC, its Statements owe ${usdc(owes)}`
    findings.add('legAmount', 'payout', `${place} ${short(recipient)}`, detail)
  }
}

function statementOf(
  sessions: readonly AuditedSession[],
  id: Id,
): { readonly statement: Statement; readonly payoutWallet: Address } | undefined {
  for (const { statements, grant } of sessions) {
    const found = statements.find((one) => hasId([one.id], id))
    if (found !== undefined) return { statement: found.value, payoutWallet: grant.payoutWallet }
  }
  return undefined
}

/** Each leg is one payment of the chain, exactly; each payment is one leg's. */
function checkPayments({ input, payouts, payments, findings }: PayoutParts): readonly ChainPayment[] {
  const { chainId, addresses, devnet } = input
  const proved: ChainPayment[] = []
  const claimed = new Set<ChainPayment>()
  for (const { value } of payouts) {
    for (const { recipient, micros } of value.legs) {
      const nonces = Array.from({ length: MAX_ATTEMPTS }, (_, at) =>
        legNonce({
          chainId,
          token: devnet.arc.token,
          treasury: addresses.treasury,
          payoutId: value.payoutId,
          recipient,
          attempt: at + 1,
        }),
      )
      const used = payments.filter((one) => nonces.includes(one.nonce))
      const exact = used.find(
        (one) =>
          !claimed.has(one) &&
          one.transaction === value.transaction &&
          same(one.to, recipient) &&
          one.micros === micros,
      )
      for (const one of used) claimed.add(one)
      const place = `payout/${short(hex(value.payoutId))} ${short(recipient)}`
      if (exact !== undefined) proved.push(exact)
      else {
        const detail = `no authorised transfer of ${usdc(micros)} USDC to ${recipient} is in ${value.transaction}`
        findings.add('legUnproved', 'payout', place, detail)
      }
      if (used.length > 1)
        findings.add(
          'paidTwice',
          'payout',
          place,
          `${recipient} was paid it in ${used.map(transactionOf).join(' and ')}`,
        )
    }
  }
  for (const one of payments.filter((payment) => !claimed.has(payment))) {
    const detail = `${usdc(one.micros)} USDC went to ${one.to}, which no Payout names`
    findings.add('paidUnowed', 'chain', `chain ${one.transaction} ${short(one.to)}`, detail)
  }
  return proved
}

function transactionOf({ transaction }: ChainPayment): string {
  return short(transaction)
}
