import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  Ack,
  Authorisation,
  concatBytes,
  End,
  equalBytes,
  Final,
  Fund,
  Grant,
  isOrienError,
  Notice,
  Offer,
  Open,
  Payout,
  Quote,
  Receipt,
  Statement,
  TickAck,
  WalletBinding,
  type DocumentType,
} from '../../../src/index.ts'
import { Authorisation as AuthorisationWire, TickAck as TickAckWire } from '../../../src/call/call.wire.ts'
import { Ack as AckWire, Receipt as ReceiptWire } from '../../../src/receipt/receipt.wire.ts'
import { WalletBinding as BindingWire } from '../../../src/identity/binding.wire.ts'
import { Offer as OfferWire } from '../../../src/offer/offer.wire.ts'
import * as session from '../../../src/session/session.wire.ts'
import { Payout as PayoutWire, Statement as StatementWire } from '../../../src/settlement/settlement.wire.ts'
import { Envelope as EnvelopeWire } from '../../../src/wire/envelope.wire.ts'
import { decodeEnvelope, signBatch, draftDocument } from '../../../src/wire/envelope.ts'
import { readStrictly, shapeOf } from '../../../src/wire/strict.ts'
import { PEERS, scope } from '../../keys.ts'
import { SAMPLES } from '../../samples.ts'

afterEach(() => vi.restoreAllMocks())

interface Wire {
  decode(bytes: Uint8Array): unknown
  encode(value: never): Uint8Array
}

const FAST: readonly (readonly [string, DocumentType<unknown>, Wire])[] = [
  ['receipt', Receipt, ReceiptWire],
  ['ack', Ack, AckWire],
  ['authorisation', Authorisation, AuthorisationWire],
  ['tickack', TickAck, TickAckWire],
  ['binding', WalletBinding, BindingWire],
  ['offer', Offer, OfferWire],
  ['open', Open, session.Open],
  ['quote', Quote, session.Quote],
  ['fund', Fund, session.Fund],
  ['grant', Grant, session.Grant],
  ['notice', Notice, session.Notice],
  ['end', End, session.End],
  ['final', Final, session.Final],
  ['statement', Statement, StatementWire],
  ['payout', Payout, PayoutWire],
].map(([name, type, wire]) => [name, type, wire] as [string, DocumentType<unknown>, Wire])

const samplesOf = (name: string): readonly Uint8Array[] =>
  SAMPLES.filter((one) => one.type.type === `/orien/${name}/1`).map((one) => one.type.encode(one.value))

/** The samples' only letter beyond ASCII, é, as two of them: the strict reader leaves such text to the codec. */
const plainText = (bytes: Uint8Array): Uint8Array => {
  const isPair = (at: number): boolean => bytes[at] === 0xc3 && bytes[at + 1] === 0xa9
  return bytes.map((byte, at) => (isPair(at) || isPair(at - 1) ? 0x65 : byte))
}

const batch = signBatch(
  scope,
  PEERS.agent.signer,
  [1, 2, 3].map((ms) => draftDocument(TickAck, { authId: new Uint8Array(32).fill(1), ms })),
)

/** What the generated codec alone makes of bytes: the value of their one encoding, else undefined. */
function byCodec(wire: Wire, bytes: Uint8Array): unknown {
  try {
    const value = wire.decode(bytes)
    return equalBytes(wire.encode(value as never), bytes) ? value : undefined
  } catch {
    return undefined
  }
}

function damaged(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const at = fc.nat(bytes.length - 1)
  const byte = fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff))
  return fc.oneof(
    fc.tuple(at, byte).map(([place, value]) => bytes.with(place, value)),
    fc.tuple(at, at).map(([from, to]) => concatBytes(bytes.subarray(0, from), bytes.subarray(to))),
    fc
      .tuple(at, fc.array(byte, { minLength: 1, maxLength: 10 }))
      .map(([place, more]) => concatBytes(bytes.subarray(0, place), Uint8Array.from(more), bytes.subarray(place))),
  )
}

describe('documents that come by the thousand', () => {
  test.each(FAST)('behavior: a %s in its one encoding is read without the codec', (name, type, wire) => {
    const plain = samplesOf(name).map(plainText)
    const expected = plain.map((bytes) => wire.decode(bytes))
    const decode = vi.spyOn(wire, 'decode')
    expect(expected.length).toBeGreaterThan(0)
    expect(plain.map((bytes) => type.decode(bytes))).toEqual(expected)
    expect(decode).not.toHaveBeenCalled()
  })

  test.each(FAST)('behavior: what is taken of a damaged %s is what the codec takes', (name, type, wire) => {
    for (const bytes of samplesOf(name)) {
      fc.assert(
        fc.property(damaged(bytes), (changed) => {
          let value: unknown
          try {
            value = type.decode(changed)
          } catch (error) {
            if (!isOrienError(error)) throw error
            return
          }
          expect(value).toEqual(byCodec(wire, changed))
        }),
        { numRuns: 600, seed: 21 },
      )
    }
  })

  test('behavior: an envelope of a batch is read without the codec, and the same', () => {
    const expected = batch.map(({ bytes }) => EnvelopeWire.decode(bytes))
    const decode = vi.spyOn(EnvelopeWire, 'decode')
    expect(batch.map(({ bytes }) => decodeEnvelope(bytes))).toEqual(expected)
    expect(decode).not.toHaveBeenCalled()
  })
})

describe('the strict reader', () => {
  const shape = shapeOf({ id: 'bytes', seq: 'number', name: 'text', sum: 'bigint', left: 'flag', exit: 'number?' })
  const id = [0x0a, 1, 9]
  const good: readonly (readonly [string, readonly number[], unknown])[] = [
    ['nothing at all', [], { id: new Uint8Array(), seq: 0, name: '', sum: 0n, left: false }],
    [
      'every field',
      [...id, 0x10, 0x80, 1, 0x1a, 1, 0x61, 0x20, 7, 0x28, 1, 0x30, 0],
      { id: Uint8Array.of(9), seq: 128, name: 'a', sum: 7n, left: true, exit: 0 },
    ],
    [
      'the largest safe number',
      [0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f],
      { id: new Uint8Array(), seq: Number.MAX_SAFE_INTEGER, name: '', sum: 0n, left: false },
    ],
  ]
  test.each(good)('behavior: reads %s', (_, bytes, value) => {
    expect(readStrictly(shape, Uint8Array.from(bytes))).toEqual(value)
  })

  const doubtful: readonly (readonly [string, readonly number[]])[] = [
    ['a default written out', [0x10, 0]],
    ['empty bytes written out', [0x0a, 0]],
    ['fields out of order', [0x10, 1, ...id]],
    ['a field twice', [...id, ...id]],
    ['a field it does not know', [0x38, 1]],
    ['a field number beyond 2³²', [0x82, 0x80, 0x80, 0x80, 0x80, 1, 1]],
    ['another wire type', [0x08, 1]],
    ['a varint that is longer than it need be', [0x10, 0x81, 0]],
    ['a number above the safe ones', [0x10, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]],
    ['a varint without an end', [0x10, 0x80]],
    ['a varint of ten bytes', [0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]],
    ['bytes beyond the end', [0x0a, 2, 9]],
    ['text that is not ASCII', [0x1a, 2, 0xc3, 0xa9]],
    ['a flag of 2', [0x28, 2]],
    ['a tag alone', [0x10]],
  ]
  test.each(doubtful)('error: says nothing of %s', (_, bytes) => {
    expect(readStrictly(shape, Uint8Array.from(bytes))).toBeUndefined()
  })

  test('behavior: repeated fields and a single message', () => {
    const nested = shapeOf({ ids: 'bytes*', names: 'text*', inner: { one: shapeOf({ seq: 'number' }) } })
    const read = (...bytes: number[]): unknown => readStrictly(nested, Uint8Array.from(bytes))
    expect(read()).toEqual({ ids: [], names: [] })
    expect(read(0x0a, 1, 9, 0x0a, 0, 0x12, 1, 0x61, 0x1a, 2, 0x08, 3)).toEqual({
      ids: [Uint8Array.of(9), new Uint8Array()],
      names: ['a'],
      inner: { seq: 3 },
    })
    expect(read(0x1a, 0)).toEqual({ ids: [], names: [], inner: { seq: 0 } })
    expect(read(0x1a, 0, 0x1a, 0)).toBeUndefined()
    expect(read(0x1a, 2, 0x08, 0)).toBeUndefined()
    expect(read(0x12, 0, 0x0a, 0)).toBeUndefined()
  })

  test('error: an entry of a list may not reach beyond its length', () => {
    const list = shapeOf({ all: shapeOf({ id: 'bytes' }), seq: 'number' })
    expect(readStrictly(list, Uint8Array.of(0x0a, 3, 0x0a, 1, 9, 0x0a, 0, 0x10, 1))).toEqual({
      all: [{ id: Uint8Array.of(9) }, { id: new Uint8Array() }],
      seq: 1,
    })
    expect(readStrictly(list, Uint8Array.of(0x0a, 2, 0x0a, 1, 9))).toBeUndefined()
  })

  test('behavior: a text it read before is told apart from the next one', () => {
    const one = shapeOf({ name: 'text' })
    const read = (text: string): unknown => readStrictly(one, Uint8Array.of(0x0a, text.length, ...Buffer.from(text)))
    expect(['ab', 'ab', 'ac', 'a', 'ab'].map(read)).toEqual(['ab', 'ab', 'ac', 'a', 'ab'].map((name) => ({ name })))
  })
})
