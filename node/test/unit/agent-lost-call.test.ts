import { capNumerator, micros, numerator, type Authorisation, type Receipt, type Signed } from '@orien/protocol'
import { expect, test } from 'vitest'
import { exceptionOf } from '../../src/agent/countersigner.ts'
import type { AgentSession } from '../../src/agent/session.ts'

const PRICE = micros(60_000n)
const id = new Uint8Array(32)
const session = {
  terms: new Map([['echo', { toolId: 'echo', priceMicrosPerMin: PRICE, maxMs: 600_000 }]]),
} as unknown as AgentSession
const auth = {
  id,
  value: { callSeq: 1, toolId: 'echo', capMicros: micros(600_000n) },
} as Signed<Authorisation>

function claim(effectiveMs: number, lastTick: number): Receipt {
  const claimed = PRICE * BigInt(effectiveMs)
  expect(claimed).toBeLessThanOrEqual(capNumerator(auth.value.capMicros))
  return { authId: id, callSeq: 1, receiptSeq: 1, effectiveMs, lastTick, numerator: numerator(claimed) } as Receipt
}

test('behavior: of a call lost in a crash the tick rule counts from what the agent signed, not from what the provider says', () => {
  const claimed = claim(200_000, 200_000)
  expect(exceptionOf(session, claimed, { auth, lastTickMs: 0 }, 0)).toMatchObject({ acceptedMs: 30_000, code: 'time' })
  expect(exceptionOf(session, claimed, { auth, lastTickMs: 15_000 }, 0)).toMatchObject({ acceptedMs: 45_000 })
  expect(exceptionOf(session, claimed, { auth, lastTickMs: 190_000 }, 0)).toBeUndefined()
})
