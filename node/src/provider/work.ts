import { OrienError, type WorkRequest } from '@orien/protocol'
import type { FrameStream } from '../network/port.ts'
import { attach, detach } from './work-attach.ts'
import { onCall, onCancel } from './work-calls.ts'
import { attachedSession, type Serving, type WorkContext } from './work-context.ts'
import { onAck, onCheque, onEnd, onExit, onNotice, onTickAck } from './work-papers.ts'
import { asOrienError, readRequest, WorkStream } from './work-stream.ts'

/** Serves one work stream until it ends. Every mistake of the peer is answered; none reaches the daemon. */
export async function serveWork(context: WorkContext, stream: FrameStream): Promise<void> {
  const work = new WorkStream(stream, {
    hello: context.hello(),
    timers: context.parts.timers,
    onRoom: () => resumeOutputs(serving),
  })
  const serving: Serving = { context, work, session: undefined }
  try {
    for await (const frame of stream.frames) {
      const handled = handle(serving, readRequest(frame))
      if (handled !== undefined) await handled
    }
  } catch (error) {
    const answer = asOrienError(error)
    context.parts.log('workFailed', { peer: stream.peer, code: answer.code })
    await work.fail(answer, serving.session?.id)
  }
  detach(serving)
}

/** One frame, one handler. Most answer at once, so that frames of one turn are handled in one turn. */
function handle(serving: Serving, request: WorkRequest): Promise<void> | void {
  if (serving.session === undefined || request.attach !== undefined) return attach(serving, request)
  const session = attachedSession(serving)
  if (request.call !== undefined) return onCall(serving, session, request.call)
  if (request.ack !== undefined) return onAck(serving, session, request.ack)
  if (request.tickAck !== undefined) return onTickAck(serving, session, request.tickAck)
  if (request.heartbeat !== undefined) return
  if (request.cheque !== undefined) return onCheque(serving, session, request.cheque)
  if (request.notice !== undefined) return onNotice(serving, session, request.notice)
  if (request.cancel !== undefined) return onCancel(serving, session, request.cancel)
  if (request.end !== undefined) return onEnd(serving, session, request.end)
  if (request.exit !== undefined) return onExit(serving, session, request.exit)
  throw new OrienError('badDocument', { message: 'a work request without content' })
}

function resumeOutputs({ context, session, work }: Serving): void {
  if (session === undefined) return
  for (const call of context.calls.of(session.key)) if (call.listener === work) call.job?.resumeOutput()
}
