import { concatBytes, type Call as CallFrame } from '@orien/protocol'
import type { Store } from '../store/port.ts'
import type { Call } from './call.ts'
import { decodeDone, decodeLogs, keys, seqOfKey } from './records.ts'
import { range } from './session-book.ts'
import type { Session } from './session.ts'
import type { WorkStream } from './work-stream.ts'

/** Log frames carry this much at most, so that frames of several calls take turns. */
const CHUNK_BYTES = 64 * 1024

/** Sends the receipts after `afterSeq` (through `throughSeq`) again, each behind what its call printed. */
export async function replay(
  store: Store,
  session: Session,
  afterSeq: number,
  work: WorkStream,
  throughSeq: number = Number.MAX_SAFE_INTEGER,
  from?: Pick<CallFrame, 'stdoutFrom' | 'stderrFrom'>,
): Promise<void> {
  const start = keys.done(session.key, afterSeq + 1)
  for await (const [key, bytes] of store.scan({ gte: start, lt: range(`done/${session.key}/`).lt })) {
    const receiptSeq = seqOfKey(key)
    if (receiptSeq > throughSeq || work.over) return
    const done = decodeDone(key, bytes)
    const logs = await store.get(keys.log(session.key, receiptSeq))
    const callSeq = await callSeqOf(store, session, receiptSeq)
    if (logs !== undefined && callSeq !== undefined) {
      const { stdout, stderr } = decodeLogs(logs)
      sendBytes(work, callSeq, stdout, stderr, from?.stdoutFrom ?? 0, from?.stderrFrom ?? 0)
    }
    if (!work.send({ done })) await work.stream.drained()
  }
}

/** Sends what a running call printed after the given offsets; what it prints next follows by itself. */
export function sendOutput(call: Call, stdoutFrom: number, stderrFrom: number, work: WorkStream): void {
  sendBytes(
    work,
    call.auth.value.callSeq,
    concatBytes(...call.stdout),
    concatBytes(...call.stderr),
    stdoutFrom,
    stderrFrom,
  )
}

function sendBytes(
  work: WorkStream,
  callSeq: number,
  stdout: Uint8Array,
  stderr: Uint8Array,
  stdoutFrom: number,
  stderrFrom: number,
): void {
  for (let at = stdoutFrom; at < stdout.length; at += CHUNK_BYTES)
    work.log(callSeq, 'stdout', at, stdout.subarray(at, at + CHUNK_BYTES))
  for (let at = stderrFrom; at < stderr.length; at += CHUNK_BYTES)
    work.log(callSeq, 'stderr', at, stderr.subarray(at, at + CHUNK_BYTES))
}

/** Only receipts still to be countersigned keep their logs, so the list is short. */
async function callSeqOf(store: Store, session: Session, receiptSeq: number): Promise<number | undefined> {
  const unacked = session.unacked.get(receiptSeq)
  if (unacked !== undefined) return unacked.callSeq
  for await (const [key, bytes] of store.scan(range(`seen/${session.key}/`))) {
    if (Number(new TextDecoder().decode(bytes)) === receiptSeq) return seqOfKey(key)
  }
  return undefined
}
