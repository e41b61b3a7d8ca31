import type { FrameStream } from '@orien/node/network'
import { isOrienError, OrienError, type FrameCodec, type Hello, type Outgoing } from '@orien/protocol'
import { helloOf, type Core } from './core.ts'

/** The answering side of a stream: its first frame carries our hello. */
export interface Answerer<A> {
  /** False when the stream is gone: whatever matters is stored, the peer asks again. */
  send(answer: Partial<Outgoing<A>>): boolean
}

export function createAnswerer<A extends { hello?: Hello | undefined }>(
  core: Core,
  stream: FrameStream,
  codec: FrameCodec<A>,
): Answerer<A> {
  let greeted = false
  return {
    send(answer) {
      const hello = greeted ? {} : { hello: helloOf(core) }
      greeted = true
      try {
        stream.send(codec.encode({ ...hello, ...answer }))
        return true
      } catch (error) {
        if (isOrienError(error, 'streamClosed')) return false
        throw error
      }
    },
  }
}

/** Anything thrown, as an error that may travel. */
export function asOrienError(error: unknown): OrienError {
  return isOrienError(error) ? error : new OrienError('internal', { message: 'the coordinator failed', cause: error })
}
