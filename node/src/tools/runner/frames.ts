import { MAX_FRAME_BYTES } from './limits.ts'

/** Frame kinds: below 16 from daemon to runner, from 16 on the other way. */
export const FRAME = {
  start: 1,
  stop: 2,
  pause: 3,
  resume: 4,
  close: 5,
  ready: 16,
  started: 17,
  stdout: 18,
  stderr: 19,
  exit: 20,
} as const

/** u32 bytes after this field · u8 kind · u32 job, all big-endian. */
const LENGTH_BYTES = 4
const HEADER_BYTES = 9
const AFTER_LENGTH_BYTES = HEADER_BYTES - LENGTH_BYTES

/** What frames are written to: a socket, as far as it matters here. */
export interface FrameSink {
  cork(): void
  uncork(): void
  write(bytes: Uint8Array): boolean
}

export type FrameListener = (kind: number, job: number, body: Uint8Array) => void

const NOTHING = new Uint8Array(0)

/** Writes one frame without copying its body. False when the sink is above its high-water mark. */
export function writeFrame(sink: FrameSink, kind: number, job: number, body: Uint8Array = NOTHING): boolean {
  const header = Buffer.allocUnsafe(HEADER_BYTES)
  header.writeUInt32BE(AFTER_LENGTH_BYTES + body.length, 0)
  header.writeUInt8(kind, LENGTH_BYTES)
  header.writeUInt32BE(job, LENGTH_BYTES + 1)
  if (body.length === 0) return sink.write(header)
  sink.cork()
  sink.write(header)
  const below = sink.write(body)
  sink.uncork()
  return below
}

/**
 * Cuts a byte stream into frames. Bodies are views of the chunks where they can be. The returned function throws
 * RangeError on a frame longer than the limit, before anything is allocated for it.
 */
export function frameReader(onFrame: FrameListener): (chunk: Uint8Array) => void {
  let held: Uint8Array[] = []
  let heldBytes = 0
  let wanted = HEADER_BYTES

  return (chunk) => {
    held.push(chunk)
    heldBytes += chunk.length
    if (heldBytes < wanted) return
    const bytes =
      held.length === 1 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat(held, heldBytes)
    let at = 0
    for (;;) {
      wanted = HEADER_BYTES
      if (bytes.length - at < HEADER_BYTES) break
      const length = bytes.readUInt32BE(at)
      if (length < AFTER_LENGTH_BYTES || length > MAX_FRAME_BYTES)
        throw new RangeError(`runner frame of ${length} bytes`)
      wanted = LENGTH_BYTES + length
      if (bytes.length - at < wanted) break
      const body = bytes.subarray(at + HEADER_BYTES, at + wanted)
      onFrame(bytes.readUInt8(at + LENGTH_BYTES), bytes.readUInt32BE(at + LENGTH_BYTES + 1), body)
      at += wanted
    }
    held = at === bytes.length ? [] : [bytes.subarray(at)]
    heldBytes = bytes.length - at
  }
}
