/** Bytes of the length before each frame: unsigned, big-endian. */
export const HEADER_BYTES = 4

/** A frame in more chunks than this is joined now and then: a trickle of bytes must not cost a view for each. */
const MAX_PARTS = 64

/** Holds at most one unfinished frame, in memory proportional to what has come of it, never to what was announced. */
export interface FrameDecoder {
  /**
   * Takes the next bytes and gives every frame that is whole to `emit`. A frame inside one chunk is a view of it, not a
   * copy. False, now and ever after, when a frame announces more than the limit; nothing is allocated for it.
   */
  push(chunk: Uint8Array, emit: (frame: Uint8Array) => void): boolean
  /** True between frames: a stream that ends elsewhere ended in the middle. */
  readonly atBoundary: boolean
}

/** Decodes 4-byte big-endian length prefixed frames of at most `maxFrameBytes`. */
export function createFrameDecoder(maxFrameBytes: number): FrameDecoder {
  const lengths = createLengthReader()
  /** Bytes of the current frame; undefined while its header is incomplete. */
  let frameLength: number | undefined
  let parts: Uint8Array[] = []
  /** Bytes of the current frame that came. */
  let have = 0
  let refused = false

  const push = (chunk: Uint8Array, emit: (frame: Uint8Array) => void): boolean => {
    let at = 0
    while (!refused) {
      if (frameLength === undefined) {
        frameLength = lengths.read(chunk, at)
        at = lengths.at
        if (frameLength === undefined) return true
      }
      if (frameLength > maxFrameBytes) {
        refused = true
        break
      }
      const end = Math.min(chunk.length, at + frameLength - have)
      // Plain arrays, whatever the transport gives: a Buffer's slice() would not copy.
      const part = new Uint8Array(chunk.buffer, chunk.byteOffset + at, end - at)
      at = end
      if (have + part.length < frameLength) {
        if (part.length > 0) parts.push(part)
        have += part.length
        if (parts.length === MAX_PARTS) parts = [join(parts, have)]
        return true
      }
      let frame = part
      if (have > 0) {
        parts.push(part)
        frame = join(parts, frameLength)
        parts = []
        have = 0
      }
      frameLength = undefined
      emit(frame)
    }
    return false
  }

  return {
    push,
    get atBoundary() {
      return lengths.atBoundary && frameLength === undefined
    },
  }
}

/** Reads the length before a frame, which may be spread over several chunks. */
function createLengthReader() {
  const header = new Uint8Array(HEADER_BYTES)
  let filled = 0
  const reader = {
    /** Where the chunk goes on after the last read. */
    at: 0,
    get atBoundary() {
      return filled === 0
    },
    /** The length, or undefined while bytes of it are missing. */
    read(chunk: Uint8Array, from: number): number | undefined {
      reader.at = from
      if (filled === 0 && chunk.length - from >= HEADER_BYTES) {
        reader.at += HEADER_BYTES
        return readLength(chunk, from)
      }
      while (reader.at < chunk.length && filled < HEADER_BYTES) header[filled++] = chunk[reader.at++] ?? 0
      if (filled < HEADER_BYTES) return undefined
      filled = 0
      return readLength(header, 0)
    },
  }
  return reader
}

/** Writes the 4-byte length before a frame. */
export function writeLength(target: Uint8Array, at: number, length: number): void {
  target[at] = length >>> 24
  target[at + 1] = length >>> 16
  target[at + 2] = length >>> 8
  target[at + 3] = length
}

function readLength(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
  return high * 256 + (bytes[at + 3] ?? 0)
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  // Memory of its own, not from Buffer's pool, and not cleared: every byte is written below.
  const joined = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
