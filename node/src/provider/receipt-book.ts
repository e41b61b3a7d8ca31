import {
  claimOf,
  documentId,
  draftDocument,
  encodeOutput,
  isOrienError,
  numerator,
  OrienError,
  Receipt,
  signBatch,
  type Crypto,
  type Draft,
  type FileEntry,
  type Scope,
  type Signed,
  type Signer,
} from '@orien/protocol'
import type { Store, StoreOp } from '../store/port.ts'
import type { Call, CallResult } from './call.ts'
import { encodeDone, encodeLogs, keys, putJson } from './records.ts'
import { claim, isBehind, type Session } from './session.ts'

/** A call whose receipt is to be written. */
interface Finished {
  readonly session: Session
  readonly call: Call
  readonly result: CallResult
  readonly resolve: (written: WrittenReceipt) => void
  readonly reject: (error: unknown) => void
}

/** A durable receipt, ready to be sent. */
export interface WrittenReceipt {
  readonly receipt: Signed<Receipt>
  readonly output: Uint8Array
}

export interface ReceiptBookParts {
  readonly scope: Scope
  readonly signer: Signer
  readonly store: Store
}

/** Writes receipts: one signature and one flush for everything that finished meanwhile, over all sessions. */
export interface ReceiptBook {
  /** Resolves when the receipt is durable; receipts of a session resolve in order. */
  write(session: Session, call: Call, result: CallResult): Promise<WrittenReceipt>
}

/** Documents signed together at most: proofs stay ≤ 6 steps, and both ends work at the same time. */
const MAX_GROUP = 64
const QUIET_HOPS = 32
/** Receipts of a session kept in memory for its outbox; a coordinator that is away longer is served from the store. */
const MAX_RECENT = 128

export function receiptBook(parts: ReceiptBookParts): ReceiptBook {
  let waiting: Finished[] = []
  let busy = false
  const run = async (): Promise<void> => {
    // Calls that end in one turn end some microtasks apart.
    for (let hop = 0; hop < QUIET_HOPS; hop++) await Promise.resolve()
    while (waiting.length > 0) {
      const group = waiting.slice(0, MAX_GROUP)
      waiting = waiting.slice(MAX_GROUP)
      await writeGroup(parts, group)
    }
    busy = false
  }
  return {
    write(session, call, result) {
      if (isBehind(session))
        return Promise.reject(new OrienError('storeCorrupt', { message: 'the book has lost receipts of this session' }))
      return new Promise((resolve, reject) => {
        waiting.push({ session, call, result, resolve, reject })
        if (busy) return
        busy = true
        void run()
      })
    },
  }
}

async function writeGroup(parts: ReceiptBookParts, group: readonly Finished[]): Promise<void> {
  try {
    const drafted = group.map((one) => draftReceipt(parts.scope, one))
    const signed = signBatch(
      parts.scope,
      parts.signer,
      drafted.map(({ draft }) => draft),
    ) as Signed<Receipt>[]
    const ops: StoreOp[] = []
    const written = drafted.map((one, at): WrittenReceipt => {
      const receipt = signed[at]
      if (receipt === undefined) throw new OrienError('internal', { message: 'a signature is missing' })
      ops.push(...receiptOps(one, receipt))
      return { receipt, output: one.output }
    })
    await parts.store.commit(ops)
    group.forEach((one, at) => {
      const done = written[at]
      if (done === undefined) return
      remember(one, done.receipt)
      one.resolve(done)
    })
  } catch (error) {
    for (const one of group) one.reject(error)
  }
}

/** It is on disk: it may be sent. */
function remember({ session, call }: Finished, receipt: Signed<Receipt>): void {
  const { receiptSeq } = receipt.value
  session.durableSeq = receiptSeq
  const recent = session.recent.length < 2 * MAX_RECENT ? session.recent : session.recent.slice(-MAX_RECENT)
  const tickAck = call.lastTick === undefined ? {} : { tickAck: call.lastTick.bytes }
  recent.push({ receiptSeq, collected: { authorisation: call.auth.bytes, receipt: receipt.bytes, ...tickAck } })
  session.recent = recent
}

interface Drafted {
  readonly session: Session
  readonly call: Call
  readonly result: CallResult
  readonly value: Receipt
  readonly draft: Draft
  readonly output: Uint8Array
}

/** Takes the next place in the session's chain: the id of a receipt does not depend on its signature. */
function draftReceipt(scope: Scope, { session, call, result }: Finished): Drafted {
  const output = outputOf(scope.crypto, result.stdout, result.files)
  const terms = { priceMicrosPerMin: call.term.priceMicrosPerMin, capMicros: call.auth.value.capMicros }
  const free = result.outcome === 'providerError' || result.outcome === 'notStarted'
  const value: Receipt = {
    sessionId: session.id,
    authId: call.auth.id,
    callSeq: call.auth.value.callSeq,
    receiptSeq: session.head.seq + 1,
    prevId: session.head.id,
    outcome: result.outcome,
    ...(result.exitCode === undefined ? {} : { exitCode: result.exitCode }),
    startedAtMs: result.startedAtMs,
    queuedMs: result.queuedMs,
    effectiveMs: result.effectiveMs,
    cpuMs: result.cpuMs,
    throttledMs: result.throttledMs,
    maxRssBytes: result.maxRssBytes,
    outputHash: scope.crypto.sha256(output),
    logHash: scope.crypto.sha256(result.stderr),
    ...(result.lastTick === undefined ? {} : { lastTick: result.lastTick }),
    numerator: free ? numerator(0n) : claimOf(terms, result.billedMs ?? result.effectiveMs),
  }
  const draft = draftDocument(Receipt, value)
  const id = documentId(scope, Receipt, draft.payload)
  session.head = { seq: value.receiptSeq, id }
  session.claimed += value.numerator
  claim(session, {
    receiptSeq: value.receiptSeq,
    callSeq: value.callSeq,
    id,
    numerator: value.numerator,
    lastTick: value.lastTick ?? 0,
    price: call.term.priceMicrosPerMin,
  })
  return { session, call, result, value, draft, output }
}

/** A tool may run the agent's code: files whose list does not fit a manifest are left out, and the call stays billed. */
function outputOf(crypto: Crypto, stdout: Uint8Array, files: readonly FileEntry[]): Uint8Array {
  const printed = { stdoutHash: crypto.sha256(stdout), stdoutBytes: stdout.length }
  try {
    return encodeOutput({ ...printed, files })
  } catch (error) {
    if (!isOrienError(error)) throw error
    return encodeOutput({ ...printed, files: [] })
  }
}

/** One batch: the receipt, the call's place, what it printed. The outbox is every receipt above the Notice's collectedThrough. */
function receiptOps({ session, call, result, value, output }: Drafted, receipt: Signed<Receipt>): StoreOp[] {
  const { key } = session
  const logs: StoreOp[] =
    result.stdout.length + result.stderr.length === 0
      ? []
      : [{ type: 'put', key: keys.log(key, value.receiptSeq), value: encodeLogs(result.stdout, result.stderr) }]
  return [
    { type: 'del', key: keys.open(key, value.callSeq) },
    putJson(keys.seen(key, value.callSeq), value.receiptSeq),
    {
      type: 'put',
      key: keys.done(key, value.receiptSeq),
      value: encodeDone({
        authorisation: call.auth.bytes,
        receipt: receipt.bytes,
        output,
        ...(call.lastTick === undefined ? {} : { tickAck: call.lastTick.bytes }),
      }),
    },
    ...logs,
  ]
}
