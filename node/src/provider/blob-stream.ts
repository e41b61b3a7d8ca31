import { blobAnswers, blobRequests, failureOf, hex, OrienError, type BlobRequest, type Hello } from '@orien/protocol'
import type { FrameStream } from '../network/port.ts'
import type { SessionBlobs } from '../tools/session-blobs.ts'
import type { LogEvent } from './ports.ts'
import type { SessionBook } from './session-book.ts'
import type { Session } from './session.ts'
import { asOrienError } from './work-stream.ts'

/** One frame of file: large enough to be cheap, small enough to take turns. */
const CHUNK_BYTES = 256 * 1024

export interface BlobContext {
  readonly blobs: SessionBlobs
  readonly book: SessionBook
  readonly hello: () => Hello
  readonly log: LogEvent
}

/** Serves files by hash to and from the agent of an open session. */
export async function serveBlobs(context: BlobContext, stream: FrameStream): Promise<void> {
  const frames = stream.frames[Symbol.asyncIterator]()
  let greeted = false
  try {
    for (let next = await frames.next(); next.done !== true; next = await frames.next()) {
      const request = blobRequests.decode(next.value)
      if (!greeted && request.hello === undefined)
        throw new OrienError('wrongType', { message: 'a blob stream begins with hello' })
      const hello = greeted ? {} : { hello: context.hello() }
      greeted = true
      const session = sessionOf(context, stream, request)
      if (request.put !== undefined) await receive(context, session, request, request.put, stream, frames, hello)
      else if (request.get !== undefined) await give(context, session, request, request.get, stream, hello)
      else throw new OrienError('badDocument', { message: 'a blob request without content' })
    }
    await stream.close()
  } catch (error) {
    const answer = asOrienError(error)
    context.log('blobFailed', { peer: stream.peer, code: answer.code })
    if (answer.code !== 'streamClosed') stream.send(blobAnswers.encode({ failure: failureOf(answer) }))
    await stream.close()
  }
}

function sessionOf({ book }: BlobContext, stream: FrameStream, request: BlobRequest): Session {
  const session = request.sessionId === undefined ? undefined : book.get(hex(request.sessionId))
  if (session === undefined || session.grant.agent !== stream.peer) {
    throw new OrienError('unknownSession', { message: 'files belong to a session of yours' })
  }
  if (request.put !== undefined && session.phase !== 'open')
    throw new OrienError('sessionClosed', { message: 'the session takes no more files' })
  return session
}

async function receive(
  { blobs }: BlobContext,
  session: Session,
  request: BlobRequest,
  hash: Uint8Array,
  stream: FrameStream,
  frames: AsyncIterator<Uint8Array>,
  hello: { readonly hello?: Hello },
): Promise<void> {
  const held = await blobs.held(session.key, hash)
  stream.send(blobAnswers.encode({ ...hello, have: held }))
  if (held < request.bytes || (held === 0 && request.bytes === 0)) {
    await blobs.write(session.key, hash, request.bytes, held, chunks(frames, request.bytes - held))
  }
  stream.send(blobAnswers.encode({ done: true }))
}

/** The chunks of one upload: exactly `bytes` of them. */
async function* chunks(frames: AsyncIterator<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  for (let left = bytes; left > 0;) {
    const next = await frames.next()
    if (next.done === true) throw new OrienError('streamClosed', { message: 'the upload stopped; it can be resumed' })
    const { chunk } = blobRequests.decode(next.value)
    if (chunk === undefined || chunk.length === 0 || chunk.length > left) {
      throw new OrienError('badInputs', { message: 'the upload is not as long as announced' })
    }
    left -= chunk.length
    yield chunk
  }
}

async function give(
  { blobs }: BlobContext,
  session: Session,
  request: BlobRequest,
  hash: Uint8Array,
  stream: FrameStream,
  hello: { readonly hello?: Hello },
): Promise<void> {
  const size = await blobs.size(session.key, hash)
  if (size === undefined) throw new OrienError('badOutput', { message: 'no such file is held here' })
  stream.send(blobAnswers.encode({ ...hello, size }))
  for await (const bytes of blobs.read(session.key, hash, request.offset)) {
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      if (!stream.send(blobAnswers.encode({ chunk: bytes.subarray(at, at + CHUNK_BYTES) }))) await stream.drained()
    }
  }
  stream.send(blobAnswers.encode({ done: true }))
}
