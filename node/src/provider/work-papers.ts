import { End, equalBytes, openDocument, OrienError, TickAck } from '@orien/protocol'
import type { Session } from './session.ts'
import type { Serving, WorkContext } from './work-context.ts'

export async function onAck({ context }: Serving, session: Session, bytes: Uint8Array): Promise<void> {
  await takeAckOf(context, session, bytes)
}

/** Keeps an Ack and passes it on; a second, different one over a receipt freezes the session. */
export async function takeAckOf(context: WorkContext, session: Session, bytes: Uint8Array): Promise<void> {
  const verdict = await context.book.takeAck(session, bytes)
  if (verdict === 'known') return
  if (verdict === 'second') await context.freeze(session, 'secondAck')
  context.collector.wake(session)
}

export function onTickAck({ context }: Serving, session: Session, bytes: Uint8Array): void {
  const ack = openDocument(context.parts.scope, TickAck, bytes, session.grant.agent).value
  for (const call of context.calls.of(session.key)) {
    if (!equalBytes(call.auth.id, ack.authId)) continue
    // More than has run yet is no sight of the meter.
    if (call.state !== 'running' || call.startedMono === undefined) return
    const ranMs = context.parts.clock.monoMs() - call.startedMono
    if (ack.ms <= ranMs && ack.ms > (call.lastTick?.ms ?? 0)) call.lastTick = { ms: ack.ms, bytes }
    return
  }
  // A call that ended meanwhile needs it no more.
}

export async function onCheque({ context }: Serving, session: Session, bytes: Uint8Array): Promise<void> {
  if (await context.book.takeCheque(session, bytes)) context.collector.wake(session)
}

export async function onNotice({ context }: Serving, session: Session, bytes: Uint8Array): Promise<void> {
  await context.collector.takeNotice(session, bytes)
}

export async function onEnd({ context }: Serving, session: Session, bytes: Uint8Array): Promise<void> {
  const end = openDocument(context.parts.scope, End, bytes, session.grant.agent).value
  if (!equalBytes(end.sessionId, session.id))
    throw new OrienError('badDocument', { message: 'the end is for another session' })
  await context.end(session, end.reason, 'ended')
}

export async function onExit({ context, work }: Serving, session: Session, bytes: Uint8Array): Promise<void> {
  const answer = await context.exits.take(session, bytes)
  if (answer !== undefined) work.send({ exit: answer })
}
