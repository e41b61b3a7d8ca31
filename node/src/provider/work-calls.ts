import {
  Authorisation,
  equalBytes,
  openDocument,
  OrienError,
  Refusal,
  type Call as CallFrame,
  type Signed,
} from '@orien/protocol'
import { checkCall, checkCover, findEarlier, waitsFor, type Admissible, type Waits } from './admission.ts'
import { newCall, type Call } from './call.ts'
import { catchUp, resumeOutput, sendAgain } from './replay.ts'
import type { Session } from './session.ts'
import type { Serving } from './work-context.ts'
import { asOrienError } from './work-stream.ts'

/** An Authorisation with its arguments. Answers Accepted, a Refusal, or what is known of the call. */
export function onCall(serving: Serving, session: Session, frame: CallFrame): Promise<void> | void {
  const { context } = serving
  const auth = openDocument(context.parts.scope, Authorisation, frame.authorisation, session.grant.agent)
  if (!equalBytes(auth.value.sessionId, session.id)) {
    return refuse(serving, auth, new OrienError('badDocument', { message: 'it is for another session' }))
  }
  const { callSeq } = auth.value
  // One admission of a session at a time: on another stream, the same call may be waiting for its folder.
  const underWay = context.admissions.get(session.key)
  if (underWay !== undefined) return underWay.then(() => onCall(serving, session, frame))
  // A number that was taken is answered first, whatever became of the session: its receipt stands.
  if (callSeq <= session.lastCallSeq) return onEarlier(serving, session, frame, auth)
  return admit(serving, session, frame, auth)
}

export function onCancel({ context }: Serving, session: Session, callSeq: number): void {
  const call = context.calls.find(session.key, callSeq)
  if (call !== undefined) context.calls.stop(call, 'cancelled')
}

function admit(
  serving: Serving,
  session: Session,
  frame: CallFrame,
  auth: Signed<Authorisation>,
): Promise<void> | void {
  // From here on the number is taken, whatever the answer is.
  session.lastCallSeq = auth.value.callSeq
  try {
    const admissible = checkCall(serving.context, session, auth, frame)
    const waits = waitsFor(serving.context, session, auth)
    if (waits.acks || waits.numbers || admissible.inputs.files.length > 0) {
      const { admissions } = serving.context
      const done = admitLater(serving, session, auth, admissible, waits).finally(() => admissions.delete(session.key))
      // Whoever waits for its turn does not mind how this one ended; our own stream does.
      admissions.set(
        session.key,
        done.catch(() => undefined),
      )
      return done
    }
    checkCover(serving.context, session, auth)
    accept(serving, session, auth, admissible, undefined)
  } catch (error) {
    return refuseNew(serving, session, auth, error)
  }
}

/** One that needs Acks or a new block of numbers on disk, or files in its folder, before it is accepted. The stream's next frame waits. */
async function admitLater(
  serving: Serving,
  session: Session,
  auth: Signed<Authorisation>,
  admissible: Admissible,
  waits: Waits,
): Promise<void> {
  const { context } = serving
  const { files } = context.parts
  const { callSeq } = auth.value
  const { inputs } = admissible
  try {
    if (waits.acks) await context.book.acksOnDisk(session)
    checkCover(context, session, auth)
    await context.book.reserveThrough(session, callSeq)
    const cwd = inputs.files.length === 0 ? undefined : await files.prepare(session.key, callSeq, inputs)
    try {
      checkCover(context, session, auth)
    } catch (error) {
      if (cwd !== undefined) await files.collect(session.key, callSeq, [])
      throw error
    }
    accept(serving, session, auth, admissible, cwd)
  } catch (error) {
    await refuseNew(serving, session, auth, error)
  }
}

/** A refused number is used up: shown again it is `seqUsed`, for nothing is stored of it. */
function refuseNew(serving: Serving, session: Session, auth: Signed<Authorisation>, error: unknown): Promise<void> {
  serving.context.book.useUp(session, auth.value.callSeq)
  return refuse(serving, auth, asOrienError(error))
}

function accept(
  { context, work }: Serving,
  session: Session,
  auth: Signed<Authorisation>,
  { term, command, inputs }: Admissible,
  cwd: string | undefined,
): void {
  const acceptedMono = context.parts.clock.monoMs()
  const sessionKey = session.key
  const call = newCall({ sessionKey, auth, term, command, inputs, acceptedMono, cwd, listener: work })
  context.book.admit(session, auth)
  work.send({ accepted: { callSeq: auth.value.callSeq } })
  context.calls.add(session, call)
}

/** A number at or below the last: what is known of that call, or that the number is used. */
async function onEarlier(
  serving: Serving,
  session: Session,
  frame: CallFrame,
  auth: Signed<Authorisation>,
): Promise<void> {
  const { context, work } = serving
  const { callSeq } = auth.value
  const running = context.calls.find(session.key, callSeq)
  if (running !== undefined && equalBytes(running.auth.id, auth.id)) return resume(serving, session, frame, running)
  const earlier = running?.auth ?? (await findEarlier(context.parts, session, auth))
  if (earlier === undefined) {
    const code = session.phase === 'open' ? 'seqUsed' : 'sessionClosed'
    const details = { last: session.lastCallSeq }
    return refuse(serving, auth, new OrienError(code, { message: 'the number is used', details }))
  }
  if (typeof earlier !== 'number') {
    await context.book.keepEvidence(session, 'authorisation', [earlier, auth])
    await context.freeze(session, 'equivocation')
    return refuse(serving, auth, new OrienError('equivocation', { message: 'another authorisation has this number' }))
  }
  if (earlier <= work.receiptsThrough) await sendAgain(context.parts, session, earlier, work)
  else await catchUp(context.parts, session, work)
}

async function resume(serving: Serving, session: Session, frame: CallFrame, call: Call): Promise<void> {
  const { context, work } = serving
  work.send({ accepted: { callSeq: call.auth.value.callSeq } })
  if (call.listener === work) return
  await resumeOutput(call, frame, work)
  await catchUp(context.parts, session, work)
}

async function refuse({ context, work }: Serving, auth: Signed<Authorisation>, error: OrienError): Promise<void> {
  const { last } = error.details
  context.parts.log('callRefused', { callSeq: auth.value.callSeq, code: error.code })
  const refusal = await context.turn.sign(Refusal, {
    authId: auth.id,
    code: error.code,
    ...(typeof last === 'number' ? { last } : {}),
  })
  work.send({ refusal: refusal.bytes })
}
