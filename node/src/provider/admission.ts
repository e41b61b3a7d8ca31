import {
  capMs,
  encodeInputs,
  equalBytes,
  OrienError,
  peekDocument,
  Authorisation,
  type ErrorCode,
  type Inputs,
  type Signed,
} from '@orien/protocol'
import { newCall, type Call, type CallListener } from './call.ts'
import type { CallQueue } from './calls.ts'
import type { ProviderConfig, ProviderParts } from './ports.ts'
import { decodeDone, keys, readJson } from './records.ts'
import type { SessionBook } from './session-book.ts'
import { admissionRefusal, type Session } from './session.ts'

/** What admission looks at. */
export interface AdmissionContext {
  readonly config: ProviderConfig
  readonly parts: ProviderParts
  readonly book: SessionBook
  readonly calls: CallQueue
}

/**
 * PROTOCOL's checks of a provider on an Authorisation with a new number, in order. Throws an OrienError whose code goes into the
 * Refusal; nothing is kept then, and nothing is billed.
 */
export function admitCall(
  { config, parts, book, calls }: AdmissionContext,
  session: Session,
  auth: Signed<Authorisation>,
  args: Uint8Array,
  inputs: Inputs,
  listener: CallListener,
): Call {
  const { value } = auth
  need(equalBytes(value.sessionId, session.id), 'badDocument', 'the authorisation is for another session')
  need(session.phase === 'open', 'sessionClosed', 'the session takes no more calls')
  const now = parts.clock.wallMs()
  need(now <= value.startByMs, 'late', 'the call should have started before')
  need(now < session.grant.expiresAtMs, 'expired', 'the session is over')
  const term = session.terms.get(value.toolId)
  if (term === undefined) throw new OrienError('unknownTool', { message: `${value.toolId} is not in this session` })
  need(
    equalBytes(parts.scope.crypto.sha256(args), value.argsHash),
    'badArguments',
    'the arguments are not the authorised ones',
  )
  const command = parts.tools.command(value.toolId, args)
  need(
    equalBytes(parts.scope.crypto.sha256(encodeInputs(inputs)), value.inputsHash),
    'badInputs',
    'the files are not the authorised ones',
  )
  need(capMs(value.capMicros, term.priceMicrosPerMin) > 0, 'capTooSmall', 'the cap does not pay for a millisecond')
  need(value.capMicros <= session.grant.allowanceMicros, 'overAllowance', 'the cap is above the allowance')
  const elsewhere = book.exposure(session.grant.coordinator, session.key)
  const refusal = admissionRefusal(session, value.capMicros, elsewhere, config.maxUnpaidMicros)
  if (refusal !== undefined) throw new OrienError(refusal, { message: 'the call is not covered' })
  need(calls.hasRoom, 'busy', 'all places are taken')
  return newCall({ sessionKey: session.key, auth, term, command, inputs, acceptedMono: parts.clock.monoMs(), listener })
}

/** What is stored under a call number that was used: its receiptSeq, `another` when another authorisation has it, or nothing. */
export async function findEarlier(
  parts: Pick<ProviderParts, 'store' | 'scope'>,
  session: Session,
  auth: Signed<Authorisation>,
): Promise<number | 'another' | undefined> {
  const seenKey = keys.seen(session.key, auth.value.callSeq)
  const seen = await parts.store.get(seenKey)
  if (seen === undefined) return undefined
  const receiptSeq = readJson<number>(seenKey, seen)
  const doneKey = keys.done(session.key, receiptSeq)
  const done = await parts.store.get(doneKey)
  if (done === undefined) throw new OrienError('storeCorrupt', { message: `receipt ${doneKey} is missing` })
  const stored = peekDocument(parts.scope, Authorisation, decodeDone(doneKey, done).authorisation)
  return equalBytes(stored.id, auth.id) ? receiptSeq : 'another'
}

function need(holds: boolean, code: ErrorCode, message: string): void {
  if (!holds) throw new OrienError(code, { message })
}
