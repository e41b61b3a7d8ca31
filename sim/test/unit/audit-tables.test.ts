import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { legNonce } from '../../src/demo/audit/chain.ts'
import { costText } from '../../src/demo/audit/rows.ts'
import { tables } from '../../src/demo/audit/tables.ts'
import type { AuditReport } from '../../src/demo/audit/types.ts'
import { account, CHAIN_ID } from './audit-parties.ts'
import { judge, makeRun } from './audit-run.ts'

const linesOf = (report: AuditReport): readonly string[] => stripVTControlCharacters(tables(report)).split('\n')

test('behavior: the report tells what every call, session, payout and account came to', async () => {
  const report = await judge(await makeRun())
  expect(report.totals).toMatchObject({
    calls: 4,
    receipts: 4,
    countersigned: 3,
    debitedMicros: 228_515n,
    refundedMicros: 1_671_485n,
    paidMicros: { provider: 205_664n, platform: 15_996n, reserve: 6_855n },
    payoutTxs: [`0x${'1'.repeat(64)}`, `0x${'2'.repeat(64)}`],
  })
  const bySession = report.sessions.map(({ agent, closedBy, spentMicros }) => [agent, closedBy, spentMicros])
  expect(bySession).toContainEqual(['ada', 'exact', 22_515n])
  expect(bySession).toContainEqual(['grace', 'cheque', 200_000n])
  const disputed = report.calls.find(({ agent, provider }) => agent === 'grace' && provider === 'build-barn')
  expect(disputed).toMatchObject({ numerator: 900_000_000n, costText: '15000.00', acceptedNumerator: 360_000_000n })
  expect(report.calls.filter(({ acceptedNumerator }) => acceptedNumerator === undefined)).toHaveLength(1)
  expect(report.parties.find(({ account: name }) => name === 'treasury')?.differenceMicros).toBe(-228_515n)
})

test('behavior: the tables show every row and are never wider than 120 columns', async () => {
  const report = await judge(await makeRun())
  const lines = linesOf(report)
  const text = lines.join('\n')
  for (const shown of ['compile_contract', 'count_primes', 'number-mill', '0.022515', '0.200000', 'no violation'])
    expect(text).toContain(shown)
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(120)
})

test('behavior: the longest names and the largest amounts still fit', async () => {
  const report = await judge(await makeRun())
  const name = 'a-name-of-64-characters-'.padEnd(64, 'x')
  const most = 10n ** 12n
  const wide: AuditReport = {
    ...report,
    totals: {
      ...report.totals,
      debitedMicros: most * 9n,
      paidMicros: { provider: most * 100n, platform: most * 100n, reserve: most * 100n },
    },
    violations: [
      { code: 'badSignature', what: 'receipt', id: `${name} receipt/${'f'.repeat(64)}`, detail: `${name} `.repeat(9) },
      { code: 'legUnproved', what: 'payout', id: 'x'.repeat(300), detail: 'two\u001b[31m\nlines' },
    ],
    calls: report.calls.map((row) => ({
      ...row,
      agent: name,
      tool: name,
      provider: name,
      outcome: 'providerError',
      effectiveMs: 86_400_000,
      costText: costText(most * 60_000n),
      acceptedNumerator: most * 60_000n - 1n,
    })),
    sessions: report.sessions.map((row) => ({
      ...row,
      agent: name,
      provider: name,
      allowanceMicros: most,
      receivedMicros: most,
      spentMicros: most,
      refundedMicros: most,
    })),
    payouts: report.payouts.map((row) => ({
      ...row,
      providerMicros: most,
      platformMicros: most,
      reserveMicros: most,
      legs: row.legs.map((leg) => ({ ...leg, name })),
    })),
    parties: report.parties.map((row) => ({
      ...row,
      name,
      account: name,
      beforeMicros: most * 100n,
      afterMicros: most * 100n,
      differenceMicros: -most * 100n,
    })),
  }
  const lines = linesOf(wide)
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(120)
  for (const whole of ['1000000.000000', '-100000000.000000', '1000000000000.00', '999999999999.99', '86400000'])
    expect(lines.join('\n')).toContain(whole)
  expect(lines.filter((line) => line.includes('✗'))).toHaveLength(2)
})

test('behavior: costs are cut after two digits of a micro, never rounded up', () => {
  expect([0n, 1n, 59_999n, 60_000n, 900_000_000n, 119_999n].map(costText)).toEqual([
    '0.00',
    '0.00',
    '0.99',
    '1.00',
    '15000.00',
    '1.99',
  ])
})

test('behavior: the nonce of a leg is what every implementation computes', () => {
  const payoutId = new Uint8Array(32).fill(5)
  const [treasury, recipient] = [account(11), account(14)]
  const token = '0x3600000000000000000000000000000000000000'
  const nonce = (attempt: number) => legNonce({ chainId: CHAIN_ID, token, treasury, payoutId, recipient, attempt })
  expect([nonce(1), nonce(2)]).toEqual([
    '0x1e061c5a9ea89910f918fc907dc1dbc17bf4ddd9cfbb73da4431e4cfb2bdbff7',
    '0xb8d0552e6a1ed1d86b4fb091e19d3e3085cf5ed9a5c0825e5c0e5ff56aec3d4d',
  ])
})
