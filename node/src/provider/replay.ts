import { OrienError, peekDocument, Receipt, type Scope } from '@orien/protocol'
import type { Store } from '../store/port.ts'
import type { Call } from './call.ts'
import { decodeDone, decodeLogs, keys, range, seqOfKey, type KeptDone } from './records.ts'
import type { Session } from './session.ts'
import { LOG_BYTES, type WorkStream } from './work-stream.ts'

interface ReplayParts {
  readonly scope: Scope
  readonly store: Store
}

/**
 * Sends every durable receipt the agent lacks, in order, each behind what its call printed; then the stream is live. Receipts written
 * meanwhile are found in the store, never sent past one that is older.
 */
export async function catchUp({ scope, store }: ReplayParts, session: Session, work: WorkStream): Promise<void> {
  work.live = false
  while (work.receiptsThrough < session.durableSeq && !work.over) {
    const before = work.receiptsThrough
    const gte = keys.done(session.key, before + 1)
    for await (const [key, bytes] of store.scan({ gte, lt: range(`done/${session.key}/`).lt })) {
      const receiptSeq = seqOfKey(key)
      if (receiptSeq > session.durableSeq || work.over) break
      await sendDone({ scope, store }, session, receiptSeq, decodeDone(key, bytes), work)
      work.receiptsThrough = receiptSeq
    }
    if (work.receiptsThrough === before && !work.over)
      throw new OrienError('storeCorrupt', { message: `receipt ${before + 1} of ${session.key} is missing` })
  }
  work.live = true
}

/** One receipt that was sent before: its call was shown again. */
export async function sendAgain(
  parts: ReplayParts,
  session: Session,
  receiptSeq: number,
  work: WorkStream,
): Promise<void> {
  const key = keys.done(session.key, receiptSeq)
  const bytes = await parts.store.get(key)
  if (bytes !== undefined) await sendDone(parts, session, receiptSeq, decodeDone(key, bytes), work)
}

/**
 * Sends what a call printed after the given offsets, until nothing is left; from then on the stream listens to it. The stream is not live
 * meanwhile, so that no receipt overtakes the output: call catchUp afterwards.
 */
export async function resumeOutput(
  call: Call,
  from: { readonly stdoutFrom: number; readonly stderrFrom: number },
  work: WorkStream,
): Promise<void> {
  work.live = false
  const sent = { stdout: from.stdoutFrom, stderr: from.stderrFrom }
  for (;;) {
    const stream = sent.stdout < call.stdout.length ? 'stdout' : 'stderr'
    const at = sent[stream]
    const chunk = call[stream].whole().subarray(at, at + LOG_BYTES)
    if (chunk.length === 0 || work.over) break
    const room = work.log(call.auth.value.callSeq, stream, at, chunk)
    sent[stream] += chunk.length
    if (!room) await work.stream.drained()
  }
  call.listener = work
  call.job?.resumeOutput()
}

async function sendDone(
  { scope, store }: ReplayParts,
  session: Session,
  receiptSeq: number,
  done: KeptDone,
  work: WorkStream,
): Promise<void> {
  const { callSeq } = peekDocument(scope, Receipt, done.receipt).value
  const logs = await store.get(keys.log(session.key, receiptSeq))
  if (logs !== undefined) await sendLogs(work, callSeq, decodeLogs(logs))
  if (!work.send({ done })) await work.stream.drained()
}

async function sendLogs(
  work: WorkStream,
  callSeq: number,
  logs: { readonly stdout: Uint8Array; readonly stderr: Uint8Array },
): Promise<void> {
  for (const stream of ['stdout', 'stderr'] as const) {
    for (let at = 0; at < logs[stream].length; at += LOG_BYTES) {
      const room = work.log(callSeq, stream, at, logs[stream].subarray(at, at + LOG_BYTES))
      if (!room) await work.stream.drained()
    }
  }
}
