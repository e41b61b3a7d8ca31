import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as orien from '../../src/index.ts'
import { FRAMES } from '../frames.ts'
import { PEERS, scope } from '../keys.ts'
import { BARE, SAMPLES } from '../samples.ts'

/** A decoder with bytes it takes; `encode` is there when what it takes has one encoding. */
interface Target {
  readonly name: string
  readonly seedBytes: Uint8Array
  readonly decode: (bytes: Uint8Array) => unknown
  readonly encode?: (value: never) => Uint8Array
}

const targets: readonly Target[] = [
  ...SAMPLES.map((sample): Target => ({
    name: sample.name,
    seedBytes: sample.type.encode(sample.value),
    decode: (bytes) => sample.type.decode(bytes),
    encode: (value) => sample.type.encode(value),
  })),
  ...BARE.map((message): Target => ({
    name: message.name,
    seedBytes: message.encode(message.value),
    decode: message.decode,
    encode: (value) => message.encode(value),
  })),
  ...SAMPLES.slice(0, 3).map((sample): Target => ({
    name: `envelope of ${sample.name}`,
    seedBytes: orien.signDocument(scope, PEERS[sample.signer].signer, sample.type, sample.value).bytes,
    decode: orien.decodeEnvelope,
    encode: (value) => orien.encodeEnvelope(value),
  })),
  ...FRAMES.map(([name, codec, value]): Target => ({
    name,
    seedBytes: codec.encode(value as never),
    decode: (bytes) => codec.decode(bytes),
  })),
]

/** Small damage to valid bytes: flips, cuts, insertions, repeats, and the bytes that varints and strings trip over. */
function damaged(seedBytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const at = fc.nat(Math.max(0, seedBytes.length - 1))
  const byte = fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xed, 0xff))
  if (seedBytes.length === 0) return fc.array(byte, { maxLength: 12 }).map((values) => Uint8Array.from(values))
  return fc.oneof(
    fc.tuple(at, byte).map(([place, value]) => seedBytes.with(place, value)),
    fc.tuple(at, fc.nat(7)).map(([place, bit]) => seedBytes.with(place, (seedBytes[place] ?? 0) ^ (1 << bit))),
    fc.tuple(at, at).map(([from, to]) => orien.concatBytes(seedBytes.subarray(0, from), seedBytes.subarray(to))),
    fc
      .tuple(at, fc.array(byte, { minLength: 1, maxLength: 12 }))
      .map(([place, values]) =>
        orien.concatBytes(seedBytes.subarray(0, place), Uint8Array.from(values), seedBytes.subarray(place)),
      ),
  )
}

function checkBytes({ decode, encode }: Target, bytes: Uint8Array): void {
  let value: unknown
  try {
    value = decode(bytes)
  } catch (error) {
    if (!orien.isOrienError(error)) throw error
    expect(['badDocument', 'tooLarge']).toContain(error.code)
    return
  }
  if (encode !== undefined) expect(orien.equalBytes(encode(value as never), bytes)).toBe(true)
}

describe.each(targets.map((target) => [target.name, target] as const))('decoder: %s', (_, target) => {
  test('behavior: takes its own bytes', () => {
    expect(target.decode(target.seedBytes)).toBeTypeOf('object')
  })

  test('error: on any bytes it throws nothing but an OrienError, and takes nothing but the one encoding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => checkBytes(target, bytes)),
      { numRuns: 150, seed: 13 },
    )
  })

  test('error: the same for its own bytes with damage', () => {
    fc.assert(
      fc.property(damaged(target.seedBytes), (bytes) => checkBytes(target, bytes)),
      { numRuns: 400, seed: 14 },
    )
  })
})

describe('opening', () => {
  test('error: damage anywhere in an envelope never opens as the document it was', () => {
    const [sample] = SAMPLES.filter((one) => one.name === 'receipt')
    if (sample === undefined) throw new Error('no sample')
    const { signer, peer } = PEERS.provider
    const drafts = [1, 2, 3].map(() => orien.draftDocument(sample.type, sample.value))
    for (const { bytes } of [
      orien.signDocument(scope, signer, sample.type, sample.value),
      ...orien.signBatch(scope, signer, drafts),
    ]) {
      fc.assert(
        fc.property(damaged(bytes), (changed) => {
          if (orien.equalBytes(changed, bytes)) return
          try {
            orien.openDocument(scope, sample.type, changed, peer)
          } catch (error) {
            if (orien.isOrienError(error)) return
            throw error
          }
          throw new Error('it opened')
        }),
        { numRuns: 100, seed: 15 },
      )
    }
  })
})

describe('found by fuzzing and reading, kept as they are', () => {
  const end = (reason: Uint8Array): Uint8Array =>
    orien.concatBytes(Uint8Array.of(0x0a, 32), new Uint8Array(32), Uint8Array.of(0x12, reason.length), reason)
  const inputs = (path: Uint8Array): Uint8Array => {
    const file = orien.concatBytes(Uint8Array.of(0x0a, path.length), path, Uint8Array.of(0x12, 32), new Uint8Array(32))
    return orien.concatBytes(Uint8Array.of(0x0a, file.length), file)
  }
  const refused: [string, () => unknown][] = [
    [
      'half a surrogate pair, which the wire library reads and writes',
      () => orien.decodeInputs(inputs(Uint8Array.of(0x61, 0xed, 0xa0, 0x80))),
    ],
    ['an overlong slash', () => orien.decodeInputs(inputs(Uint8Array.of(0x61, 0xc0, 0xaf, 0x61)))],
    ['a code point above U+10FFFF', () => orien.decodeInputs(inputs(Uint8Array.of(0xf7, 0xbf, 0xbf, 0xbf)))],
    ['a string that ends inside a character', () => orien.End.decode(end(Uint8Array.of(0x64, 0xc3)))],
    ['groups nested beyond the stack', () => orien.End.decode(new Uint8Array(100_000).fill(0x4b))],
    ['an offer answer without windows', () => orien.decodeOfferAnswer(Uint8Array.of(0x0a, 1, 1))],
    ['a length beyond the end', () => orien.End.decode(Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f))],
    [
      'a varint of eleven bytes',
      () =>
        orien.TickAck.decode(orien.concatBytes(Uint8Array.of(0x10), new Uint8Array(10).fill(0xff), Uint8Array.of(1))),
    ],
  ]
  test.each(refused)('error: %s', (_, decode) => {
    expect(decode).toThrow(expect.objectContaining({ name: 'OrienError', code: 'badDocument' }))
  })

  test('error: a frame of nested groups is badDocument', () => {
    expect(() => orien.workAnswers.decode(new Uint8Array(1_000_000).fill(0x83))).toThrow(
      expect.objectContaining({ code: 'badDocument' }),
    )
  })
})
