import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFrameDecoder, HEADER_BYTES, writeLength } from '../../src/network/frame-decoder.ts'

const LIMIT = 2_000
const SEED = { seed: 20261121, numRuns: 400 }

test('behavior: any frames cut into any chunks come out as they went in', () => {
  const frames = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 })
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(frames, cuts, (sent, sizes) => {
      const wire = Buffer.concat(sent.flatMap((frame) => [header(frame.length), frame]))
      const decoder = createFrameDecoder(LIMIT)
      const received: Uint8Array[] = []
      for (const chunk of cut(wire, sizes)) {
        expect(decoder.push(chunk, (frame) => received.push(frame))).toBe(true)
      }
      expect(received).toEqual(sent.map((frame) => new Uint8Array(frame)))
      expect(decoder.atBoundary).toBe(true)
    }),
    SEED,
  )
})

test('error: any bytes at all end in frames within the limit, a refusal, or a wait for more', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (chunks) => {
      const decoder = createFrameDecoder(LIMIT)
      let taken = 0
      let refused = false
      for (const chunk of chunks) {
        const more = decoder.push(chunk, (frame) => {
          expect(frame.length).toBeLessThanOrEqual(LIMIT)
          expect(refused).toBe(false)
          taken += frame.length + HEADER_BYTES
        })
        if (refused) expect(more).toBe(false)
        refused ||= !more
      }
      const given = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
      expect(taken).toBeLessThanOrEqual(given)
      if (!refused && decoder.atBoundary) expect(taken).toBe(given)
    }),
    SEED,
  )
})

test('error: an oversize length is refused by its header alone, whatever is announced', () => {
  for (const length of [LIMIT + 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
    const decoder = createFrameDecoder(LIMIT)
    expect(decoder.push(header(length).subarray(0, 3), fail)).toBe(true)
    expect(decoder.push(header(length).subarray(3), fail)).toBe(false)
    expect(decoder.push(header(1), fail)).toBe(false)
  }
  expect(createFrameDecoder(LIMIT).push(header(LIMIT), fail)).toBe(true)
})

test('behavior: a frame that trickles in byte by byte comes out whole', () => {
  const decoder = createFrameDecoder(LIMIT)
  const frame = Uint8Array.from({ length: LIMIT }, (_, at) => at & 0xff)
  const received: Uint8Array[] = []
  for (const byte of Buffer.concat([header(LIMIT), frame])) {
    decoder.push(Uint8Array.of(byte), (whole) => received.push(whole))
  }
  expect(received).toEqual([frame])
})

function header(length: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES)
  writeLength(bytes, 0, length)
  return bytes
}

function cut(wire: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0, index = 0; at < wire.length; index++) {
    const end = at + (sizes[index % sizes.length] ?? 1)
    chunks.push(wire.subarray(at, end))
    at = end
  }
  return chunks
}

function fail(): never {
  throw new Error('no frame may come')
}
