import type { SignedLeg } from '@orien/node/rails'
import { hex, payoutIdOf, type PayoutLeg } from '@orien/protocol'
import type { Core } from '../core.ts'
import { payoutTaken } from '../ledger/postings.ts'
import { COORDINATOR_LIMITS } from '../limits.ts'
import { outstandingOf } from './legs.ts'
import type { Candidate, PayoutLedger } from './ledger.ts'
import type { Flight, PayoutLegRecord, PayoutRecord, PayoutStatement } from './record.ts'
import { formSet, isDue, legNonce } from './set.ts'
import { LAUNCH_ROWS } from './steps.ts'

/** Why no payout is made although some are due. */
export type PayoutTrouble = 'chainMismatch' | 'unreachable' | 'treasuryLow' | 'gasLow' | 'readOnly'

/** What making payouts needs. */
export interface Making {
  readonly core: Core
  readonly ledger: PayoutLedger
  readonly onPaid: (record: PayoutRecord) => Promise<void>
  readonly blame: (why: PayoutTrouble) => void
}

/** Makes and sends the next payout if one is due. True when a transaction is in flight. */
export async function makePayout(making: Making): Promise<boolean> {
  const { core, ledger } = making
  const { payout, platform, reserve } = core.config
  const nowMs = core.clock.wallMs()
  const candidates = await ledger.candidates(nowMs, COORDINATOR_LIMITS.maxPayoutStatements)
  const due = isDue(candidates, nowMs, payout.thresholdMicros, payout.maxAgeMs)
  if (!due && !core.gate.treasuryLow) return false
  const means = await meansOf(making)
  if (means === undefined) return false
  const set = formSet(
    candidates,
    { platform, reserve },
    {
      maxLegs: means.maxLegs,
      maxStatements: COORDINATOR_LIMITS.maxPayoutStatements,
      availableMicros: means.availableMicros,
    },
  )
  lowTreasury(making, set.short, candidates.length - set.statements.length)
  // Each Statement has three legs at most, and no fewer are allowed: it is the gas that does not do.
  if (due && set.statements.length === 0 && !set.short) tooLittleGas(making)
  if (!due || set.statements.length === 0) return false
  const payoutId = payoutIdOf(
    core.crypto,
    set.statements.map(({ statementId }) => statementId),
  )
  const signed = await signAttempts(
    core,
    payoutId,
    set.legs.map((leg) => ({ ...leg, attempt: 1 })),
  )
  const record: PayoutRecord = { payoutId, createdMs: nowMs, statements: set.statements.map(plain), legs: signed }
  await launch(making, record, signed, means.feeWei, candidates.slice(0, set.statements.length))
  return true
}

export interface Means {
  readonly availableMicros: bigint
  readonly maxLegs: number
  readonly feeWei: bigint
}

/** While what waits is more than the treasury has, no new session is granted: its provider would wait too. */
function lowTreasury({ core, blame }: Making, short: boolean, waiting: number): void {
  if (short) blame('treasuryLow')
  if (short !== core.gate.treasuryLow) core.log(short ? 'payoutTreasuryLow' : 'payoutTreasuryRefilled', { waiting })
  core.gate.treasuryLow = short
}

/** What can be paid now: the treasury less one unit and what signed legs may still take, and the legs that the gas key affords. */
export async function meansOf(making: Making): Promise<Means | undefined> {
  const { core, ledger } = making
  const { treasuryMicros, gasWei } = await core.chain.balances()
  const feeWei = await core.chain.feeWei()
  let maxLegs = Math.min(core.config.payout.maxLegs, COORDINATOR_LIMITS.maxPayoutLegs)
  while (maxLegs > 0 && gasWei < core.chain.gasLimit(maxLegs) * feeWei) maxLegs -= 1
  if (maxLegs === 0) {
    tooLittleGas(making)
    return undefined
  }
  return { availableMicros: treasuryMicros - 1n - outstandingOf(ledger.records.values()), maxLegs, feeWei }
}

function tooLittleGas({ core, blame }: Making): void {
  blame('gasLow')
  core.log('payoutGasLow', {})
}

/** Signs legs for an attempt each, good until chain time + validMs. */
export async function signAttempts(
  core: Core,
  payoutId: Uint8Array,
  legs: readonly (PayoutLeg & { readonly attempt: number })[],
): Promise<readonly PayoutLegRecord[]> {
  const { chainId, token, payout } = core.config
  const { treasury } = core.chain
  const validBeforeS = (await core.chain.chainTimeS()) + Math.ceil(payout.validMs / 1_000)
  const drafts = legs.map(({ recipient, micros, attempt }) => ({
    recipient,
    micros,
    nonce: legNonce({ chainId, token, treasury, payoutId, recipient, attempt }),
    validBeforeS,
  }))
  const signed = await core.chain.signLegs(drafts)
  return signed.map((leg, at) => ({
    ...leg,
    attempt: legs[at]?.attempt ?? 1,
    state: 'sent',
    failures: 0,
    retryAtMs: 0,
  }))
}

/** Makes the transaction, makes it durable with everything it pays, and only then sends it. */
export async function launch(
  { core, ledger }: Making,
  record: PayoutRecord,
  legs: readonly SignedLeg[],
  feeWei: bigint,
  taken: readonly Candidate[] = [],
): Promise<void> {
  const accountNonce = Math.max(ledger.lane().nextNonce, await core.chain.nextAccountNonce())
  const transaction = await core.chain.draftBatch(legs, accountNonce, feeWei)
  const flight: Flight = {
    payoutId: record.payoutId,
    recipients: legs.map(({ recipient }) => recipient),
    transactions: [transaction],
    madeMs: core.clock.wallMs(),
  }
  const id = hex(record.payoutId)
  const moves = taken.flatMap(({ split, payoutWallet }) => payoutTaken(id, split, payoutWallet))
  await ledger.save({
    record,
    finished: false,
    lane: { nextNonce: accountNonce + 1, flight },
    postings: moves.length === 0 ? [] : [{ kind: 'payout', ref: id, moves }],
    taken,
  })
  core.metrics.took([taken.length > 0 ? LAUNCH_ROWS.launched : LAUNCH_ROWS.relaunched])
  core.metrics.add('payout_transactions_total')
  core.log('payoutSent', { payout: id, transaction: transaction.hash, legs: legs.length })
  await core.chain.send(transaction)
}

export function plain({ statementId, sessionId, split, payoutWallet }: PayoutStatement): PayoutStatement {
  return { statementId, sessionId, split, payoutWallet }
}
