import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import type { ByteSink, ByteTransport } from './transport.ts'

/**
 * A libp2p stream as a byte transport. What it knows of js-libp2p 3:
 * - the `message` event with pause()/resume() is the only reading with real back-pressure;
 * - pausing inside a delivery that resume() started is undone by resume() itself, so it waits until resume() returns;
 * - `drain` comes with every window update, however small, and the stream then sends what it holds in a microtask of its
 *   own: only when that left nothing is there room, and writing earlier overflows its buffer and kills the stream;
 * - a peer that goes away, and one that closed, both end the stream without an error: only the latter sent
 *   `remoteCloseWrite` first;
 * - `end` comes when every byte before the other side's close was delivered, however long that was paused.
 */
export function createLibp2pTransport(stream: Stream): ByteTransport {
  let resuming = false
  let pauseAfterResume = false
  return {
    open: (sink) => listen(stream, sink),
    write: (parts) => write(stream, parts),
    finish: () => finish(stream),
    pause: () => {
      if (resuming) pauseAfterResume = true
      else pause(stream)
    },
    resume: () => {
      if (resuming) pauseAfterResume = false
      else if (stream.readStatus === 'paused') {
        resuming = true
        resume(stream)
        resuming = false
        if (pauseAfterResume) pause(stream)
        pauseAfterResume = false
      }
    },
    reset: (reason) => stream.abort(new Error(reason)),
  }
}

function listen(stream: Stream, sink: ByteSink): void {
  // The other side may have closed before anybody listened.
  let otherClosed = stream.status === 'open' && stream.remoteWriteStatus === 'closed'
  // A frame that carries both data and the close flag raises `end` before its data.
  const ended = (): void => queueMicrotask(() => otherClosed && sink.finished())
  stream.addEventListener('message', ({ data }: StreamMessageEvent) => {
    sink.data(data instanceof Uint8Array ? [data] : data)
  })
  stream.addEventListener('drain', () => {
    queueMicrotask(() => {
      if (!stream.writableNeedsDrain) sink.writable()
    })
  })
  stream.addEventListener('remoteCloseWrite', () => {
    otherClosed = true
  })
  stream.addEventListener('end', ended)
  stream.addEventListener('close', (event: StreamCloseEvent) => {
    if (event.error !== undefined) sink.gone(event.local === false ? 'aborted' : 'lost')
    else if (!otherClosed) sink.gone('lost')
  })
  if (stream.status === 'reset') queueMicrotask(() => sink.gone('aborted'))
  else if (stream.status !== 'open') queueMicrotask(() => sink.gone('lost'))
  else if (stream.readableEnded) ended()
}

function pause(stream: Stream): void {
  if (stream.readStatus === 'readable') stream.pause()
}

/** On a connection that is going down, sending throws while the stream still looks open; its `close` event tells the rest. */
function write(stream: Stream, parts: readonly Uint8Array[]): boolean {
  const [first] = parts
  try {
    return stream.send(parts.length === 1 && first !== undefined ? first : new Uint8ArrayList(...parts))
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error('cannot send'))
    return false
  }
}

/** The same: resume() delivers what is buffered and then sends a window update. */
function resume(stream: Stream): void {
  try {
    stream.resume()
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error('cannot resume'))
  }
}

/** Ends the writing side; when the stream breaks meanwhile, its `close` event says so. */
async function finish(stream: Stream): Promise<void> {
  try {
    await stream.close()
  } catch (error) {
    if (stream.status === 'open') throw error
  }
}
