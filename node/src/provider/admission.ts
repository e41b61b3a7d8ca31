import {
  capMs,
  decodeInputs,
  equalBytes,
  OrienError,
  peekDocument,
  Authorisation,
  type Call as CallFrame,
  type ErrorCode,
  type Inputs,
  type Signed,
  type Term,
  type Tool,
} from '@orien/protocol'
import type { Health } from '../store/health.ts'
import { compileGlobs, type Globs } from '../tools/glob.ts'
import type { ToolCommand } from '../tools/tool-box.ts'
import type { CallQueue } from './calls.ts'
import type { ProviderConfig, ProviderParts } from './ports.ts'
import { decodeDone, keys, readCount } from './records.ts'
import type { SessionBook } from './session-book.ts'
import { admissionRefusal, awaitsAcks, isBehind, type Session } from './session.ts'

/** What admission looks at. */
export interface AdmissionContext {
  readonly config: ProviderConfig
  readonly parts: ProviderParts
  readonly book: SessionBook
  readonly calls: CallQueue
  readonly health: Health
}

/** Waited for before a call is admitted. */
export interface Waits {
  /** It has no cover without Acks that are not on disk yet. */
  readonly acks: boolean
  /** Its number is above every reserved block that is on disk. */
  readonly numbers: boolean
}

const NO_FILES: Inputs = { files: [] }

/** A call that may be admitted. */
export interface Admissible {
  readonly term: Term
  readonly command: ToolCommand
  readonly inputs: Inputs
}

/**
 * PROTOCOL's checks of a provider on an Authorisation with a new number, in order, up to its cover. Throws an OrienError whose code goes into the
 * Refusal; nothing is kept then, and nothing is billed.
 */
export function checkCall(
  context: AdmissionContext,
  session: Session,
  auth: Signed<Authorisation>,
  { args, inputs }: Pick<CallFrame, 'args' | 'inputs'>,
): Admissible {
  const { parts } = context
  const { value } = auth
  checkOpen(context, session)
  const now = parts.clock.wallMs()
  need(now <= value.startByMs, 'late', 'the call should have started before')
  need(now < session.grant.expiresAtMs, 'expired', 'the session is over')
  const term = session.terms.get(value.toolId)
  if (term === undefined) throw new OrienError('unknownTool', { message: `${value.toolId} is not in this session` })
  const { crypto } = parts.scope
  need(equalBytes(crypto.sha256(args), value.argsHash), 'badArguments', 'the arguments are not the authorised ones')
  const command = parts.tools.command(value.toolId, args)
  need(equalBytes(crypto.sha256(inputs), value.inputsHash), 'badInputs', 'the files are not the authorised ones')
  // No files at all is the empty encoding, and the most usual one.
  const files = inputs.length === 0 ? NO_FILES : decodeInputs(inputs)
  checkPaths(parts.tools.tools(), value.toolId, files)
  need(capMs(value.capMicros, term.priceMicrosPerMin) > 0, 'capTooSmall', 'the cap does not pay for a millisecond')
  need(value.capMicros <= session.grant.allowanceMicros, 'overAllowance', 'the cap is above the allowance')
  return { term, command, inputs: files }
}

/** Invariant 2 and room in the queue: looked at again when something was waited for. */
export function checkCover(context: AdmissionContext, session: Session, auth: Signed<Authorisation>): void {
  checkOpen(context, session)
  const refusal = uncovered(context, session, auth)
  if (refusal !== undefined) throw new OrienError(refusal, { message: 'the call is not covered' })
  need(context.calls.hasRoom, 'busy', 'all places are taken')
}

/** What has to be on disk before this call may be admitted. */
export function waitsFor(context: AdmissionContext, session: Session, auth: Signed<Authorisation>): Waits {
  return {
    acks: awaitsAcks(session) && uncovered(context, session, auth) !== undefined,
    numbers: auth.value.callSeq > session.durableEnd,
  }
}

function uncovered(
  { config, book }: AdmissionContext,
  session: Session,
  { value }: Signed<Authorisation>,
): ErrorCode | undefined {
  const elsewhere = book.exposure(session.grant.coordinator, session.key)
  return admissionRefusal(session, value.capMicros, elsewhere, config.maxUnpaidMicros)
}

function checkOpen({ health }: AdmissionContext, session: Session): void {
  health.check()
  need(session.phase === 'open', 'sessionClosed', 'the session takes no more calls')
  need(!isBehind(session), 'storeCorrupt', 'the book has lost receipts of this session')
}

/** What is stored under a call number that was used: its receiptSeq, another authorisation that has it, or nothing. */
export async function findEarlier(
  parts: Pick<ProviderParts, 'store' | 'scope'>,
  session: Session,
  auth: Signed<Authorisation>,
): Promise<number | Signed<Authorisation> | undefined> {
  const seenKey = keys.seen(session.key, auth.value.callSeq)
  const seen = await parts.store.get(seenKey)
  if (seen === undefined) return undefined
  const receiptSeq = readCount(seenKey, seen)
  const doneKey = keys.done(session.key, receiptSeq)
  const done = await parts.store.get(doneKey)
  if (done === undefined) throw new OrienError('storeCorrupt', { message: `receipt ${doneKey} is missing` })
  const stored = peekDocument(parts.scope, Authorisation, decodeDone(doneKey, done).authorisation)
  return equalBytes(stored.id, auth.id) ? receiptSeq : stored
}

function need(holds: boolean, code: ErrorCode, message: string): void {
  if (!holds) throw new OrienError(code, { message })
}

/** A tool reads the files its offer names and no others: an unasked-for configuration file can change what it does. */
function checkPaths(tools: readonly Tool[], toolId: string, { files }: Inputs): void {
  if (files.length === 0) return
  const taken = inputsOf(tools, toolId)
  for (const { path } of files) need(taken.matches(path), 'badInputs', `${toolId} takes no file named like that`)
}

const globs = new WeakMap<Tool, Globs>()

/** What files a tool takes, by its own offer; compiled once. */
function inputsOf(tools: readonly Tool[], toolId: string): Globs {
  const tool = tools.find((one) => one.toolId === toolId)
  if (tool === undefined) throw new OrienError('unknownTool', { message: `${toolId} is not offered` })
  let taken = globs.get(tool)
  if (taken === undefined) globs.set(tool, (taken = compileGlobs(tool.fileInputs)))
  return taken
}
