import type { RawTransaction } from '@orien/node/rails'
import { hex } from '@orien/protocol'
import { refused, type Core } from '../core.ts'
import { gasSpent } from '../ledger/postings.ts'
import { applyMined, dropFlight, isFinished } from './legs.ts'
import type { PayoutLedger } from './ledger.ts'
import type { Flight, PayoutLegRecord, PayoutRecord } from './record.ts'
import { flightRow, type FlightFacts } from './steps.ts'

/** What a flight needs to be followed. */
export interface Following {
  readonly core: Core
  readonly ledger: PayoutLedger
  /** Told of payouts in which legs were paid. */
  readonly onPaid: (record: PayoutRecord) => Promise<void>
  /** Turns that found the nonce used up. Starting over after a restart only waits longer. */
  lostTurns: number
}

/**
 * Follows the one transaction in flight: looks for it by every hash it had; sends the same bytes again while it is not mined; raises its fee on the same
 * nonce when that takes long.
 */
export async function followFlight(following: Following): Promise<void> {
  const { core, ledger } = following
  const { flight } = ledger.lane()
  if (flight === undefined) return
  const record = recordOf(ledger, flight)
  const legs = flownLegs(record, flight)
  for (const { hash } of flight.transactions.toReversed()) {
    const mined = await core.chain.find(hash, legs)
    if (mined === undefined) continue
    const nowMs = core.clock.wallMs()
    const change = applyMined(record, flight, mined, hash, nowMs, core.config.payout)
    const paidLegs = change.record.legs.filter(
      ({ paidBy, recipient }) => paidBy === hash && flight.recipients.includes(recipient),
    )
    following.lostTurns = 0
    core.metrics.took([flightRow({ ...UNMINED, mined: true }), ...change.rows])
    await ledger.save({
      record: change.record,
      finished: isFinished(change.record),
      lane: { nextNonce: ledger.lane().nextNonce },
      postings: [...change.postings, gasSpent(hex(record.payoutId), mined.gasWei)],
      paidBy: hash,
    })
    countPaid(core, paidLegs)
    await following.onPaid(change.record)
    return
  }
  await sendAgain(following, flight, record)
}

async function sendAgain(following: Following, flight: Flight, record: PayoutRecord): Promise<void> {
  const { core } = following
  const newest = flight.transactions.at(-1)
  if (newest === undefined) throw refused('internal', 'a flight without a transaction')
  const readOnly = core.book.doubts.any
  const answer = readOnly ? await looksSuperseded(core, newest) : await core.chain.send(newest)
  following.lostTurns = answer === 'superseded' ? following.lostTurns + 1 : 0
  const ageMs = core.clock.wallMs() - flight.madeMs
  const { feeBumpMs } = core.config.payout
  const facts = { ...UNMINED, lostTurns: following.lostTurns, superseded: answer === 'superseded', ageMs, feeBumpMs }
  const chainNonce = ageMs < feeBumpMs || facts.superseded ? undefined : await core.chain.nextAccountNonce()
  const row = flightRow({ ...facts, gap: chainNonce !== undefined && chainNonce < newest.accountNonce })
  if (readOnly && row.effect !== 'drop') return
  core.metrics.took([row])
  switch (row.effect) {
    case 'drop':
      return drop(following, flight, record)
    case 'redraft':
      return redraft(following, flight, record, chainNonce ?? newest.accountNonce)
    case 'raise':
      return raiseFee(following, flight, record, newest)
    case 'wait':
    case 'book':
      return undefined
  }
}

/** What sending it again would answer, by looking: a book that is read-only sends nothing. */
async function looksSuperseded({ chain }: Core, { accountNonce }: RawTransaction): Promise<'superseded' | 'unknown'> {
  return (await chain.nextAccountNonce()) > accountNonce ? 'superseded' : 'unknown'
}

const UNMINED: FlightFacts = { mined: false, lostTurns: 0, superseded: false, ageMs: 0, feeBumpMs: 0, gap: false }

/**
 * Another transaction of the gas key took the nonce: ours can never be mined. Each leg is read before anything is sent. What else the key did
 * is for the reconciler to see.
 */
async function drop(following: Following, flight: Flight, record: PayoutRecord): Promise<void> {
  const { core, ledger } = following
  const { nextNonce } = ledger.lane()
  const { record: dropped, postings, rows } = dropFlight(record, flight, core.clock.wallMs())
  following.lostTurns = 0
  core.metrics.took(rows)
  core.log('payoutNonceTaken', { payout: hex(record.payoutId), nonce: nextNonce - 1 })
  await ledger.save({ record: dropped, finished: false, lane: { nextNonce }, postings })
}

/**
 * The transaction waits behind account nonces that nobody will use: a node told a wrong one. The same authorisations go out under the
 * chain's next nonce; should both be mined, the token pays each only once.
 */
async function redraft(
  { core, ledger }: Following,
  flight: Flight,
  record: PayoutRecord,
  accountNonce: number,
): Promise<void> {
  const legs = flownLegs(record, flight)
  const transaction = await core.chain.draftBatch(legs, accountNonce, await core.chain.feeWei())
  const moved: Flight = {
    ...flight,
    transactions: [...flight.transactions, transaction],
    madeMs: core.clock.wallMs(),
  }
  core.log('payoutNonceGap', { payout: hex(record.payoutId), nonce: accountNonce })
  await ledger.save({ record, finished: false, lane: { nextNonce: accountNonce + 1, flight: moved }, postings: [] })
  core.metrics.add('payout_transactions_total')
  await core.chain.send(transaction)
}

async function raiseFee(
  { core, ledger }: Following,
  flight: Flight,
  record: PayoutRecord,
  newest: RawTransaction,
): Promise<void> {
  const fee = await core.chain.feeWei(newest.maxFeePerGasWei)
  const legs = flownLegs(record, flight)
  const { gasWei } = await core.chain.balances()
  if (gasWei < core.chain.gasLimit(legs.length) * fee) {
    core.log('payoutGasLow', { payout: hex(record.payoutId) })
    return
  }
  const transaction = await core.chain.draftBatch(legs, newest.accountNonce, fee)
  const raisedFlight: Flight = {
    ...flight,
    transactions: [...flight.transactions, transaction],
    madeMs: core.clock.wallMs(),
  }
  await ledger.save({ record, finished: false, lane: { ...ledger.lane(), flight: raisedFlight }, postings: [] })
  core.metrics.add('payout_transactions_total')
  await core.chain.send(transaction)
}

function recordOf(ledger: PayoutLedger, flight: Flight): PayoutRecord {
  const record = ledger.records.get(hex(flight.payoutId))
  if (record === undefined) throw refused('storeCorrupt', 'a transaction is in flight for a payout that is not there')
  return record
}

function flownLegs(record: PayoutRecord, flight: Flight): readonly PayoutLegRecord[] {
  return flight.recipients.map((recipient) => {
    const leg = record.legs.find((one) => one.recipient === recipient)
    if (leg === undefined) throw refused('storeCorrupt', 'a transaction pays a leg that is not there')
    return leg
  })
}

/** Counts what was proved paid. */
export function countPaid(core: Core, legs: readonly PayoutLegRecord[]): void {
  for (const { micros } of legs) core.metrics.add('paid_micros_total', micros)
}
