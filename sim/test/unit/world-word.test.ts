import {
  Ack,
  Authorisation,
  micros,
  Notice,
  NO_RECEIPT,
  numerator,
  Payout,
  Receipt,
  receiptsAnswers,
  receiptsRequests,
  signDocument,
  statementAnswers,
  workAnswers,
  workRequests,
  type Address,
} from '@orien/protocol'
import { expect, test } from 'vitest'
import { watchWord } from '../../src/world/audit/word.ts'
import { castOf } from '../../src/world/parties/cast.ts'
import type { Violation } from '../../src/world/run/stage.ts'

const cast = await castOf('cheap')
const { scope, coordinator } = cast
const sessionId = new Uint8Array(32).fill(7)

interface Listener {
  readonly violations: readonly Violation[]
  readonly hear: (protocol: string, frame: Uint8Array, dialled?: boolean) => void
}

function listener(): Listener {
  const violations: Violation[] = []
  const witness = { onFrame: () => undefined } as Parameters<typeof watchWord>[0]['witness']
  watchWord({ witness, cast }, violations)
  return {
    violations,
    hear: (protocol, frame, dialled = false) =>
      witness.onFrame({ from: 'somebody', to: 'another', protocol, dialled, frame }),
  }
}

function notice(noticeSeq: number, collectedThrough: number): Uint8Array {
  const more = { state: 'OPEN', base: 1, debitedMicros: micros(0n), ceilingHeldMicros: micros(0n) } as const
  return signDocument(scope, coordinator.signer, Notice, { sessionId, noticeSeq, collectedThrough, ...more }).bytes
}

function authorisation(): Uint8Array {
  return signDocument(scope, cast.agents[0]!.signer, Authorisation, {
    ...{ sessionId, callSeq: 1, toolId: 'echo', argsHash: sessionId, inputsHash: sessionId },
    ...{ capMicros: micros(10n), startByMs: 1 },
  }).bytes
}

test('behavior: a Notice may come again, late, and by another way', () => {
  const { violations, hear } = listener()
  hear('receipts', receiptsAnswers.encode({ notice: notice(4, 2) }))
  hear('receipts', receiptsAnswers.encode({ notice: notice(3, 2) }))
  hear('statement', statementAnswers.encode({ notice: notice(4, 2), statements: [], payouts: [] }))
  hear('work', workRequests.encode({ notice: notice(5, 9) }), true)
  expect(violations).toEqual([])
})

test('error: two Notices of one number, and a later one that knows less', () => {
  const twice = listener()
  twice.hear('receipts', receiptsAnswers.encode({ notice: notice(4, 2) }))
  twice.hear('work', workRequests.encode({ notice: notice(4, 3) }), true)
  expect(twice.violations.map(({ invariant }) => invariant)).toEqual(['oneWord'])
  const less = listener()
  less.hear('receipts', receiptsAnswers.encode({ notice: notice(4, 2) }))
  less.hear('receipts', receiptsAnswers.encode({ notice: notice(5, 1) }))
  expect(less.violations).toMatchObject([{ invariant: 'oneWord', detail: expect.stringContaining('went down') }])
})

test('error: two receipts of one number, on whichever stream', () => {
  const { violations, hear } = listener()
  const receipt = (effectiveMs: number): Uint8Array =>
    signDocument(scope, cast.providers[0]!.signer, Receipt, {
      ...{ sessionId, authId: NO_RECEIPT, callSeq: 1, receiptSeq: 1, prevId: NO_RECEIPT, outcome: 'ok', exitCode: 0 },
      ...{ startedAtMs: 1, queuedMs: 0, effectiveMs, cpuMs: 0, throttledMs: 0, maxRssBytes: 0 },
      ...{ outputHash: NO_RECEIPT, logHash: NO_RECEIPT, numerator: numerator(BigInt(effectiveMs)) },
    }).bytes
  hear('work', workAnswers.encode({ done: { receipt: receipt(5), output: new Uint8Array() } }))
  hear(
    'receipts',
    receiptsRequests.encode({ batch: 1, receipts: [{ authorisation: authorisation(), receipt: receipt(6) }] }),
    true,
  )
  expect(violations.map(({ detail }) => detail.slice(0, 38))).toEqual([
    'two different documents are receipt 1 ',
    'two different documents are receipt of',
  ])
})

test('error: two Acks of one length that accept different sums', () => {
  const { violations, hear } = listener()
  const ack = (fromSeq: number, sum: bigint): Uint8Array =>
    signDocument(scope, cast.agents[0]!.signer, Ack, {
      ...{ sessionId, fromSeq, throughSeq: 3, headId: sessionId, exceptions: [], acceptedNumerator: numerator(sum) },
    }).bytes
  hear('work', workRequests.encode({ ack: ack(1, 50n) }), true)
  hear('receipts', receiptsRequests.encode({ batch: 1, acks: [ack(3, 50n)] }), true)
  expect(violations).toEqual([])
  hear('receipts', receiptsRequests.encode({ batch: 2, acks: [ack(3, 49n)] }), true)
  expect(violations).toHaveLength(1)
})

test('behavior: of one transaction a Payout may prove more legs later, never others', () => {
  const { violations, hear } = listener()
  const payout = (...amounts: readonly bigint[]): Uint8Array =>
    signDocument(scope, coordinator.signer, Payout, {
      payoutId: sessionId,
      statementIds: [sessionId],
      legs: amounts.map((amount, at) => ({ recipient: WALLETS[at]!, micros: micros(amount) })),
      transaction: `0x${'1'.repeat(64)}`,
    }).bytes
  const tell = (bytes: Uint8Array): void =>
    hear('statement', statementAnswers.encode({ statements: [], payouts: [bytes] }))
  tell(payout(5n))
  tell(payout(5n, 8n))
  tell(payout(5n))
  expect(violations).toEqual([])
  tell(payout(6n, 8n))
  expect(violations).toHaveLength(1)
})

const WALLETS: readonly Address[] = cast.providers.map(({ wallet }) => wallet.address)
