import { utf8 } from '@orien/protocol'
import { isCount, readJsonEntry } from '../store/entry.ts'
import type { StoreOp } from '../store/port.ts'
import type { AgentPhase, AgentSession } from './session.ts'

/** Where an agent keeps what. Sequence numbers are padded so that a scan gives them in order. */
export const agentKeys = {
  run: 'run',
  fund: (sid: string) => `fund/${sid}`,
  session: (sid: string) => `session/${sid}`,
  offer: (sid: string) => `offer/${sid}`,
  meta: (sid: string) => `meta/${sid}`,
  notice: (sid: string) => `notice/${sid}`,
  cheque: (sid: string) => `cheque/${sid}`,
  ack: (sid: string, throughSeq: number) => `ack/${sid}/${pad(throughSeq)}`,
  receipt: (sid: string, seq: number) => `receipt/${sid}/${pad(seq)}`,
  auth: (sid: string, seq: number) => `auth/${sid}/${pad(seq)}`,
  statement: (sid: string, seq: number) => `statement/${sid}/${pad(seq)}`,
  /** A set is paid in several transactions when a leg was blocked. Books from before that have `payout/<payoutId>`: read both by the prefix. */
  payout: (payoutId: string, transaction: string) => `payout/${payoutId}/${transaction}`,
  /** A close without the coordinator, as we signed it. */
  exit: (sid: string) => `exit/${sid}`,
  /** Documents that prove a breach, by what it was and their id. */
  evidence: (sid: string, what: string) => `evidence/${sid}/${what}`,
} as const

/** A key after every key that starts with a prefix, when appended to it. */
const AFTER = '\uffff'

/** Entries whose key starts with `prefix`. */
export function range(prefix: string): { readonly gte: string; readonly lt: string } {
  return { gte: prefix, lt: prefix + AFTER }
}

/** What of a session is not in a document. */
export interface AgentMeta {
  readonly phase: AgentPhase
  readonly run?: number
  readonly endReason?: string
  readonly blockEnd: number
  readonly chequeSeq: number
  readonly cosigned: { readonly version: number; readonly totalMicros: string }
}

/** From a start to the stop in order; a crash does not end it. */
export interface Run {
  readonly number: number
  readonly over: boolean
}

const PHASES: readonly unknown[] = ['open', 'frozen', 'ending', 'closed', 'paid'] satisfies readonly AgentPhase[]

/** Throws `storeCorrupt`. */
export function readMeta(key: string, bytes: Uint8Array): AgentMeta {
  return readJsonEntry<AgentMeta>(key, bytes, (meta) => {
    const { phase, run, endReason, blockEnd, chequeSeq, cosigned } = meta
    return (
      PHASES.includes(phase) &&
      (run === undefined || isCount(run)) &&
      (endReason === undefined || typeof endReason === 'string') &&
      isCount(blockEnd) &&
      isCount(chequeSeq) &&
      isCount(cosigned?.version) &&
      /^\d{1,20}$/.test(cosigned?.totalMicros ?? '')
    )
  })
}

export function metaOp(session: AgentSession): StoreOp {
  const { phase, run, endReason, blockEnd, chequeSeq, cosigned } = session
  const meta: AgentMeta = {
    phase,
    run,
    ...(endReason === undefined ? {} : { endReason }),
    blockEnd,
    chequeSeq,
    cosigned: { version: cosigned.version, totalMicros: cosigned.totalMicros.toString() },
  }
  return { type: 'put', key: agentKeys.meta(session.key), value: utf8(JSON.stringify(meta)) }
}

/** Throws `storeCorrupt`. */
export function readRun(bytes: Uint8Array): Run {
  return readJsonEntry<Run>(agentKeys.run, bytes, ({ number, over }) => isCount(number) && typeof over === 'boolean')
}

export function runOp(run: Run): StoreOp {
  return { type: 'put', key: agentKeys.run, value: utf8(JSON.stringify(run)) }
}

function pad(seq: number): string {
  return seq.toString().padStart(16, '0')
}
