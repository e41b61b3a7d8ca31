import type { FrameStream } from '@orien/node/network'
import {
  failureOf,
  hex,
  receiptsAnswers,
  receiptsRequests,
  type Outgoing,
  type ReceiptsAnswer,
  type ReceiptsRequest,
} from '@orien/protocol'
import { asOrienError, createAnswerer, type Answerer } from '../answerer.ts'
import { negotiate, refused } from '../core.ts'
import { COORDINATOR_LIMITS } from '../limits.ts'
import type { Notices } from '../sessions/notices.ts'
import { takeBatch, type Collecting } from './batch.ts'

type Answer = Partial<Outgoing<ReceiptsAnswer>>

/**
 * Serves one receipts stream. Batches of different sessions are decided side by side and share a flush; answers leave in the order of
 * the batches. Notices come unasked in between.
 */
export async function serveReceipts(collecting: Collecting, notices: Notices, stream: FrameStream): Promise<void> {
  const { core } = collecting
  const line = createLine(collecting, notices, stream)
  try {
    let greeted = false
    for await (const frame of stream.frames) {
      const request = receiptsRequests.decode(frame)
      if (!greeted) negotiate(request.hello)
      if (request.sessionId !== undefined) await line.take(request, request.sessionId, frame.length)
      else if (request.heartbeat === undefined && greeted)
        throw refused('badDocument', 'a receipts frame holds no batch')
      else if (!greeted) line.greet()
      greeted = true
    }
  } catch (error) {
    const why = asOrienError(error)
    core.log('receiptsRefused', { peer: stream.peer, code: why.code })
    core.metrics.add('refused_documents_total')
    await line.finish({ failure: failureOf(why) })
  }
  await line.finish()
  await stream.close()
}

interface Line {
  take(request: ReceiptsRequest, sessionId: Uint8Array, frameBytes: number): Promise<void>
  /** Answers a first frame that asks nothing. */
  greet(): void
  /** Sends what is still to be answered, and a last frame if any. */
  finish(last?: Answer): Promise<void>
}

/** The outgoing side: ordered answers, heartbeats, pushed Notices. */
function createLine(collecting: Collecting, notices: Notices, stream: FrameStream): Line {
  const { core } = collecting
  const answerer: Answerer<ReceiptsAnswer> = createAnswerer(core, stream, receiptsAnswers)
  let tail: Promise<void> = Promise.resolve()
  let waiting = 0
  let waitingBytes = 0
  let detach: (() => void) | undefined
  let quiet = true
  let beats = 0
  let cancelBeat = (): void => undefined
  const beat = (): void => {
    cancelBeat = core.timers.after(COORDINATOR_LIMITS.heartbeatMs, () => {
      if (quiet && detach !== undefined) answerer.send({ heartbeat: { count: ++beats } })
      quiet = true
      beat()
    })
  }
  beat()
  const send = (answer: Answer): void => {
    quiet = false
    answerer.send(answer)
    // Only behind the first answer, which carries our hello.
    detach ??= notices.attach(outletOf(stream))
  }
  const queue = (answer: Promise<Answer>): void => {
    waiting += 1
    tail = tail.then(async () => {
      send(await answer)
      waiting -= 1
    })
  }
  return {
    async take(request, sessionId, frameBytes) {
      waitingBytes += frameBytes
      const answered = answerOf(collecting, notices, stream, request, sessionId)
      queue(answered.finally(() => (waitingBytes -= frameBytes)))
      const { maxBatchesInFlight, maxBatchBytesInFlight } = COORDINATOR_LIMITS
      if (waiting >= maxBatchesInFlight || waitingBytes >= maxBatchBytesInFlight) await tail
    },
    greet: () => queue(Promise.resolve({ heartbeat: { count: 0 } })),
    async finish(last) {
      await tail
      if (last !== undefined) answerer.send(last)
      cancelBeat()
      detach?.()
    },
  }
}

/** Decides one batch. Never rejects: whatever goes wrong is an answer. */
async function answerOf(
  collecting: Collecting,
  notices: Notices,
  { peer }: FrameStream,
  request: ReceiptsRequest,
  sessionId: Uint8Array,
): Promise<Answer> {
  const { core, registry } = collecting
  const { batch } = request
  try {
    if (core.stopped()) throw refused('stopped', 'the coordinator is stopping')
    const live = registry.get(hex(sessionId))
    if (live === undefined) {
      const session = await registry.finished(hex(sessionId))
      const isParty = session !== undefined && (session.agent === peer || session.provider === peer)
      if (!isParty || session.noticeSeq === 0) throw refused('unknownSession', 'no such session of this peer')
      return { batch, notice: await notices.of(session) }
    }
    const why = await takeBatch(collecting, live, peer, request)
    if (why === undefined) return { batch, notice: await notices.of(live.durable) }
    const head = why.code === 'outOfOrder' ? { head: live.session.headId } : {}
    return { batch, failure: { ...failureOf(why, sessionId), ...head } }
  } catch (error) {
    return { batch, failure: failureOf(asOrienError(error), sessionId) }
  }
}

/** A reader that does not take its Notices loses the stream; it gets the newest ones when it comes back. */
function outletOf(stream: FrameStream) {
  let pushed = 0
  let draining = false
  return {
    peer: stream.peer,
    push(frame: Uint8Array): void {
      pushed += 1
      if (pushed > COORDINATOR_LIMITS.maxPushed) {
        stream.abort('the Notices are not read')
        return
      }
      if (!sendQuietly(stream, frame) || draining) return
      draining = true
      void stream.drained().then(() => {
        draining = false
        pushed = 0
      })
    },
  }
}

function sendQuietly(stream: FrameStream, frame: Uint8Array): boolean {
  try {
    stream.send(frame)
    return true
  } catch (error) {
    if (asOrienError(error).code === 'streamClosed') return false
    throw error
  }
}
