// Runs that are unusual and in order, and differences that only one of two copies shows.
import { Ack, decodeCheque, encodeCheque, hex, micros, Payout, signDocument } from '@orien/protocol'
import { expect, test } from 'vitest'
import { cast, scope } from './audit-parties.ts'
import { bookOf, judge, makeRun, refund } from './audit-run.ts'

const first = `${'0'.repeat(15)}1`

function keyOf({ payoutId, transaction }: Payout): string {
  return `payout/${hex(payoutId)}/${transaction}`
}

test('behavior: an exit without the coordinator is in order: the provider is paid in the channel', async () => {
  const run = await makeRun({
    documents: [{ script: { received: 0n } }],
    sets: [[1], [2]],
    ledger(script, [exact, vanished, disputed]) {
      for (const { wallet } of [cast.ada, cast.grace]) script.faucet(wallet.address, 2_000_000n)
      for (const one of [exact, vanished, disputed]) script.open(one)
      script.close(exact, { provider: exact.total })
      script.close(vanished)
      script.close(disputed)
      refund(script, vanished)
    },
  })
  const report = await judge(run)
  expect(report.violations).toEqual([])
  expect(report.sessions.find(({ agent }) => agent === 'ada')).toMatchObject({
    closedBy: 'exit',
    spentMicros: 22_515n,
    refundedMicros: 977_485n,
    receivedMicros: 0n,
  })
  expect(report.totals.debitedMicros).toBe(206_000n)
})

test('behavior: an Ack that never left its agent changes nothing: the Statement stands without it', async () => {
  const calls = [{ tool: 'compile_contract', effectiveMs: 31_000, capMicros: 500_000n }] as const
  const run = await makeRun({
    documents: [
      {
        script: { acked: false, calls, ceiling: 500_000n, received: 450_000n },
        // Nothing ticked: uncontested, 30 s of it settle.
        receipt: (receipt) => ({ ...receipt, lastTick: 0 }),
      },
    ],
    ledger(script, [silent, vanished, disputed]) {
      for (const { wallet } of [cast.ada, cast.grace]) script.faucet(wallet.address, 2_000_000n)
      for (const one of [silent, vanished, disputed]) {
        script.open(one)
        script.close(one)
      }
      refund(script, vanished)
    },
  })
  const [silent] = run.sessions
  const [call] = silent.calls
  if (call === undefined) throw new Error('no call')
  const ack = signDocument(scope, cast.ada.signer, Ack, {
    sessionId: silent.grant.id,
    fromSeq: 1,
    throughSeq: 1,
    headId: call.receipt.id,
    exceptions: [],
    acceptedNumerator: call.receipt.value.numerator,
  })
  const book = bookOf(run.books, 'ada/agent')
  const sid = hex(silent.grant.id)
  book.set(`auth/${sid}/${first}`, call.authorisation.bytes)
  book.set(`receipt/${sid}/${first}`, call.receipt.bytes)
  book.set(`ack/${sid}/${first}`, ack.bytes)
  const report = await judge(run)
  expect(report.violations).toEqual([])
  expect(report.calls.find(({ effectiveMs }) => effectiveMs === 31_000)?.acceptedNumerator).toBe(27_900_000_000n)
  expect(report.sessions.find(({ agent }) => agent === 'ada')?.spentMicros).toBe(450_000n)
})

test('behavior: a leg that was blocked is paid by a later transaction, with a Payout of its own', async () => {
  const run = await makeRun({ blocked: true })
  expect(run.payouts).toHaveLength(4)
  const report = await judge(run)
  expect(report.violations).toEqual([])
  expect(report.totals.payoutTxs).toHaveLength(4)
  // A book that keeps one Payout of a set loses the proof of the other's legs, unless another book has it.
  for (const book of run.books.values()) for (const { value } of run.payouts.slice(1, 2)) book.delete(keyOf(value))
  const codes = (await judge(run)).violations.map(({ code }) => code)
  expect(new Set(codes)).toEqual(new Set(['legAmount', 'paidUnowed', 'paidNotDebited', 'balanceMismatch']))
})

test('behavior: a book from before keeps a Payout under its set alone, and beside the other form', async () => {
  const run = await makeRun()
  for (const [name, book] of run.books)
    for (const { value, bytes } of run.payouts) {
      if (!book.has(keyOf(value))) continue
      book.set(`payout/${hex(value.payoutId)}`, bytes)
      if (name.endsWith('/agent')) book.delete(keyOf(value))
    }
  expect((await judge(run)).violations).toEqual([])
})

test('error: two Payouts for one set and transaction are told apart', async () => {
  const run = await makeRun()
  const [paid] = run.payouts
  if (paid === undefined) throw new Error('no payout')
  const legs = paid.value.legs.map((leg) => ({ ...leg, micros: micros(leg.micros + 1n) }))
  const other = signDocument(scope, cast.coordinator.signer, Payout, { ...paid.value, legs })
  bookOf(run.books, 'ada/agent').set(keyOf(paid.value), other.bytes)
  const { violations } = await judge(run)
  const found = violations.filter(({ code }) => code === 'copiesDiffer').map(({ what, id }) => `${what} ${id}`)
  expect(found).toEqual([expect.stringMatching(/^payout (ada|number-mill) payout\/[0-9a-f]{12}$/)])
})

test('error: two cheques of one number are told apart', async () => {
  const run = await makeRun({ documents: [{}] })
  const [exact] = run.sessions
  const cheque = decodeCheque(exact.cheque)
  const other = await makeRun({ documents: [{ ceiling: 150_000n }] })
  const lower = decodeCheque(other.sessions[0].cheque)
  expect([lower.chequeSeq, lower.ceilingMicros]).toEqual([cheque.chequeSeq, 150_000n])
  bookOf(run.books, 'build-barn/provider').set(`cheque/${hex(exact.grant.id)}`, encodeCheque(lower))
  const { violations } = await judge(run)
  expect(violations.map(({ code, what, id }) => `${code} ${what} ${id.slice(0, 17)}`)).toEqual([
    'copiesDiffer cheque build-barn cheque',
  ])
})
