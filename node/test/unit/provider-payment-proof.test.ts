import type { Payout, Signed, Statement } from '@orien/protocol'
import { expect, test } from 'vitest'
import { provedMicros } from '../../src/provider/payment-proof.ts'

const WALLET = '0x0000000000000000000000000000000000000001'
const OTHER = '0x0000000000000000000000000000000000000002'
const id = new Uint8Array(32).fill(1)
type Proved = Parameters<typeof provedMicros>

const session = { grant: { payoutWallet: WALLET } } as unknown as Proved[0]
const value = { split: { providerMicros: 9_000n, platformMicros: 700n, reserveMicros: 300n } }
const statements = [{ id, value } as unknown as Signed<Statement>]

function paying(recipient: string, micros: bigint, statementId = id): Proved[1] {
  const payout = { statementIds: [statementId], legs: [{ recipient, micros }] }
  return { statements, payouts: [{ value: payout } as unknown as Signed<Payout>] }
}

test('behavior: a Payout that names the Statement and pays the wallet proves its share', () => {
  expect(provedMicros(session, paying(WALLET, 9_000n))).toBe(9_000n)
  expect(provedMicros(session, paying(WALLET, 50_000n))).toBe(9_000n)
})

test('error: the word of a coordinator without its documents proves nothing', () => {
  expect(provedMicros(session, { statements: [], payouts: [] })).toBe(0n)
  expect(provedMicros(session, { statements, payouts: [] })).toBe(0n)
  expect(provedMicros(session, paying(OTHER, 9_000n))).toBe(0n)
  expect(provedMicros(session, paying(WALLET, 8_999n))).toBe(0n)
  expect(provedMicros(session, paying(WALLET, 9_000n, new Uint8Array(32)))).toBe(0n)
})
