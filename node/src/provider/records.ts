import { utf8, utf8Text, workAnswers } from '@orien/protocol'
import { damaged, isCount, readEntry, readJsonEntry } from '../store/entry.ts'
import type { StoreOp } from '../store/port.ts'
import type { SessionPhase } from './session.ts'

/**
 * Where a provider keeps what, in its store. Documents are kept as the envelopes they came in; numbers are padded so
 * that a scan gives them in order.
 */
export const keys = {
  session: (sid: string) => `session/${sid}`,
  meta: (sid: string) => `meta/${sid}`,
  notice: (sid: string) => `notice/${sid}`,
  /** The highest cheque of the newest Notice's base, and the one of the base after it. */
  cheque: (sid: string) => `cheque/${sid}`,
  nextCheque: (sid: string) => `nextcheque/${sid}`,
  /** The last cheque of a base that a debit left behind. */
  pastCheque: (sid: string, base: number) => `pastcheque/${sid}/${padded(base)}`,
  /** An admitted call without receipt. */
  open: (sid: string, callSeq: number) => `open/${sid}/${padded(callSeq)}`,
  /** callSeq → receiptSeq of a finished call. */
  seen: (sid: string, callSeq: number) => `seen/${sid}/${padded(callSeq)}`,
  done: (sid: string, receiptSeq: number) => `done/${sid}/${padded(receiptSeq)}`,
  log: (sid: string, receiptSeq: number) => `log/${sid}/${padded(receiptSeq)}`,
  /** Acks by the last receipt they cover. */
  ack: (sid: string, throughSeq: number) => `ack/${sid}/${padded(throughSeq)}`,
  statement: (sid: string, seq: number) => `statement/${sid}/${padded(seq)}`,
  /** A set is paid in several transactions when a leg was blocked. Books from before that have `payout/<payoutId>`: read both by the prefix. */
  payout: (payoutId: string, transaction: string) => `payout/${payoutId}/${transaction}`,
  /** What a coordinator said is all there is, and was less than was countersigned: numerators. */
  lost: (coordinator: string) => `lost/${coordinator}`,
  /** A close without the coordinator, as we signed it. */
  exit: (sid: string) => `exit/${sid}`,
  /** The newest one that both signed: it needs nobody any more. */
  signedExit: (sid: string) => `signedexit/${sid}`,
  /** Documents that prove a breach, by what it was and their id. */
  evidence: (sid: string, what: string) => `evidence/${sid}/${what}`,
  offerSeq: 'offer/seq',
  standing: (agent: string) => `standing/${agent}`,
} as const

/** A key after every key that starts with a prefix, when appended to it. */
const AFTER = '\uffff'

/** Entries whose key starts with `prefix`. */
export function range(prefix: string): { readonly gte: string; readonly lt: string } {
  return { gte: prefix, lt: prefix + AFTER }
}

function padded(seq: number): string {
  return seq.toString().padStart(16, '0')
}

/** What of a session is not in a document. */
export interface SessionMeta {
  readonly phase: SessionPhase
  readonly blockEnd: number
  readonly acksSentThrough: number
  readonly endReason?: string
  readonly finalSent: boolean
  readonly settledAt?: 'CLOSED' | 'PAID'
}

export function putJson(key: string, value: unknown): StoreOp {
  return { type: 'put', key, value: utf8(JSON.stringify(value)) }
}

const PHASES: readonly unknown[] = ['open', 'frozen', 'ending', 'closed', 'paid'] satisfies readonly SessionPhase[]

/** Throws `storeCorrupt`. */
export function readMeta(key: string, bytes: Uint8Array): SessionMeta {
  return readJsonEntry<SessionMeta>(key, bytes, (meta) => {
    const { phase, blockEnd, acksSentThrough, endReason, finalSent, settledAt } = meta
    return (
      PHASES.includes(phase) &&
      isCount(blockEnd) &&
      isCount(acksSentThrough) &&
      typeof finalSent === 'boolean' &&
      (endReason === undefined || typeof endReason === 'string') &&
      (settledAt === undefined || settledAt === 'CLOSED' || settledAt === 'PAID')
    )
  })
}

/** A number by itself. Throws `storeCorrupt`. */
export function readCount(key: string, bytes: Uint8Array): number {
  const value = readEntry(key, () => JSON.parse(utf8Text(bytes)) as unknown)
  if (!isCount(value)) throw damaged(key)
  return value
}

/** A finished call as it is kept: the same frame that is sent again on re-attach. */
export function encodeDone(done: KeptDone): Uint8Array {
  return workAnswers.encode({ done })
}

/** A finished call in the store: its documents, and the last TickAck as evidence of what the agent saw. */
export interface KeptDone {
  readonly authorisation: Uint8Array
  readonly receipt: Uint8Array
  readonly output: Uint8Array
  readonly tickAck?: Uint8Array
}

/** Throws `storeCorrupt`. */
export function decodeDone(key: string, bytes: Uint8Array): KeptDone {
  const { done } = readEntry(key, () => workAnswers.decode(bytes))
  if (done?.authorisation === undefined) throw damaged(key)
  return { ...done, authorisation: done.authorisation }
}

/** The callSeq at the end of a key. */
export function seqOfKey(key: string): number {
  return Number(key.slice(key.lastIndexOf('/') + 1))
}

/** What a call printed, kept until its receipt is countersigned. */
export function encodeLogs(stdout: Uint8Array, stderr: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + stdout.length + stderr.length)
  new DataView(bytes.buffer).setUint32(0, stdout.length)
  bytes.set(stdout, 4)
  bytes.set(stderr, 4 + stdout.length)
  return bytes
}

export function decodeLogs(bytes: Uint8Array): { readonly stdout: Uint8Array; readonly stderr: Uint8Array } {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  return { stdout: bytes.subarray(4, 4 + length), stderr: bytes.subarray(4 + length) }
}
