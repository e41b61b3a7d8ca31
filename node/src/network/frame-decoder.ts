/** Bytes of the length before each frame: unsigned, big-endian. */
export const HEADER_BYTES = 4

/** A frame in several chunks is collected in a buffer of at most this many times the bytes that came, or of this size. */
const GROWTH = 4
const SMALLEST_BUFFER = 1_024

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
  const header = new Uint8Array(HEADER_BYTES)
  let headerLength = 0
  /** Bytes of the current frame; undefined while its header is incomplete. */
  let frameLength: number | undefined
  let collected: Uint8Array | undefined
  let have = 0
  let refused = false
  /** Where push() reads in its chunk. */
  let at = 0

  /** The next part of a frame that did not come in one chunk. */
  const collect = (part: Uint8Array, length: number): void => {
    const needed = have + part.length
    if (collected === undefined || collected.length < needed) {
      const grown = new Uint8Array(Math.min(length, Math.max(needed * GROWTH, SMALLEST_BUFFER)))
      if (collected !== undefined) grown.set(collected.subarray(0, have))
      collected = grown
    }
    collected.set(part, have)
    have = needed
  }

  /** The length at `at` or spread over several chunks; undefined while it is incomplete. Moves `at` on. */
  const readHeader = (chunk: Uint8Array): number | undefined => {
    if (headerLength === 0 && chunk.length - at >= HEADER_BYTES) {
      at += HEADER_BYTES
      return readLength(chunk, at - HEADER_BYTES)
    }
    while (at < chunk.length && headerLength < HEADER_BYTES) header[headerLength++] = chunk[at++] ?? 0
    if (headerLength < HEADER_BYTES) return undefined
    headerLength = 0
    return readLength(header, 0)
  }

  const push = (chunk: Uint8Array, emit: (frame: Uint8Array) => void): boolean => {
    at = 0
    while (!refused) {
      frameLength ??= readHeader(chunk)
      if (frameLength === undefined) return true
      if (frameLength > maxFrameBytes) {
        refused = true
        break
      }
      const end = Math.min(chunk.length, at + frameLength - have)
      // Plain arrays, whatever the transport gives: a Buffer's slice() would not copy.
      const part = new Uint8Array(chunk.buffer, chunk.byteOffset + at, end - at)
      at = end
      if (have + part.length < frameLength) {
        if (part.length > 0) collect(part, frameLength)
        return true
      }
      if (have > 0) collect(part, frameLength)
      const frame = have > 0 && collected !== undefined ? collected : part
      frameLength = undefined
      collected = undefined
      have = 0
      emit(frame)
    }
    return false
  }

  return {
    push,
    get atBoundary() {
      return headerLength === 0 && frameLength === undefined
    },
  }
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
