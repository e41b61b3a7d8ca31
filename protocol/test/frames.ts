import {
  blobAnswers,
  blobRequests,
  cosignAnswers,
  cosignRequests,
  receiptsAnswers,
  receiptsRequests,
  sessionAnswers,
  sessionRequests,
  statementAnswers,
  statementRequests,
  workAnswers,
  workRequests,
  type FrameCodec,
} from '../src/index.ts'
import { hash } from './samples.ts'

const hello = { documents: ['/orien/ack/1'], clockMs: 1_800_000_000_000 }
const collected = { authorisation: hash(1), receipt: hash(2) }
/** A good frame of each kind, or a few. */
export const FRAMES: readonly [string, FrameCodec<never>, object][] = (
  [
    ['session request', sessionRequests, { hello, open: hash(3) }],
    ['session answer', sessionAnswers, { hello, grant: hash(4), notice: hash(5) }],
    ['session answer, pending', sessionAnswers, { pending: hash(6) }],
    ['work request', workRequests, { hello, attach: { grant: hash(7), lastReceiptSeq: 0 } }],
    [
      'work call',
      workRequests,
      { call: { authorisation: hash(1), args: hash(2), inputs: hash(3), stdoutFrom: 0, stderrFrom: 9 } },
    ],
    ['work cancel', workRequests, { cancel: 0 }],
    ['work answer', workAnswers, { log: { callSeq: 1, stderr: true, offset: 5, bytes: hash(8) } }],
    ['work done', workAnswers, { done: { receipt: hash(9), output: hash(1) } }],
    ['receipts request', receiptsRequests, { batch: 1, cheques: [hash(1)], receipts: [collected], acks: [], ends: [] }],
    ['receipts answer', receiptsAnswers, { batch: 1, notice: hash(2) }],
    ['cosign request', cosignRequests, { debit: { sessionId: hash(1), version: 2, totalMicros: 3n, tsMs: 4 } }],
    ['cosign answer', cosignAnswers, { signatures: [hash(1)], cheque: hash(2) }],
    ['statement request', statementRequests, { hello, sessionId: hash(1) }],
    ['statement answer', statementAnswers, { statements: [hash(1)], payouts: [] }],
    ['blob request', blobRequests, { get: hash(1), bytes: 5, offset: 0 }],
    ['blob answer', blobAnswers, { size: 0, done: true }],
  ] as [string, FrameCodec<unknown>, object][]
).map(([name, codec, value]) => [name, codec as FrameCodec<never>, value])
