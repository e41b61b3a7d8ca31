import { pipe } from 'it-pipe'
import type { FrameStream } from './port.ts'

/**
 * Sends every chunk of `source` as one frame, at the pace of the peer, and resolves with how many were sent. The stream
 * stays open. Throws what the source throws, and `streamClosed` when the stream ends first; the source is then closed.
 *
 * @example
 * await sendAll(createReadStream(path, { highWaterMark: 256 * 1024 }), stream)
 */
export function sendAll(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  stream: FrameStream,
): Promise<number> {
  return pipe(source, frameSink(stream))
}

/** The end of a `pipe` from it-pipe: a sink that sends each chunk as one frame with back-pressure. */
export function frameSink(
  stream: FrameStream,
): (source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) => Promise<number> {
  return async (source) => {
    let sent = 0
    for await (const frame of source) {
      if (!stream.send(frame)) await stream.drained()
      sent++
    }
    return sent
  }
}
