import { describe, expect, test } from 'vitest'
import {
  decodeEnvelope,
  documentId,
  encodeEnvelope,
  nobleCrypto,
  openDocument,
  peekDocument,
  scopeOf,
  signDocument,
  signedBytes,
} from '../../src/index.ts'
import { expectCode } from '../expect.ts'
import { PEERS, scope } from '../keys.ts'
import { emptyField, readFields, writeField, writeFields, zeroField, type RawField } from '../protobuf.ts'
import { BARE, SAMPLES } from '../samples.ts'

/** Repeated fields of each document: writing one of them twice is another value, not another encoding. */
const REPEATED: Readonly<Record<string, readonly number[]>> = {
  '/orien/offer/1': [5, 13, 15],
  '/orien/open/1': [4],
  '/orien/fund/1': [3],
  '/orien/grant/1': [2, 6, 14],
  '/orien/ack/1': [5],
  '/orien/payout/1': [2, 3],
  cheque: [5],
  exit: [5, 6],
  inputs: [1],
  'no inputs': [1],
  output: [3],
}

/** Fields that stand at their default somewhere in the samples: the encoding leaves them out. */
const DEFAULTS: readonly [name: string, number: number, kind: 'zero' | 'empty'][] = [
  ['notice', 4, 'zero'],
  ['notice', 5, 'zero'],
  ['notice', 7, 'zero'],
  ['receipt', 9, 'zero'],
  ['receipt', 12, 'zero'],
  ['final of a session without calls', 2, 'zero'],
  ['final of a session without calls', 4, 'zero'],
  ['statement, nothing received', 4, 'zero'],
  ['statement, nothing received', 6, 'zero'],
  ['statement, nothing received', 8, 'empty'],
]

const insert = (fields: readonly RawField[], added: RawField): RawField[] => {
  const at = fields.findIndex((field) => field.number > added.number)
  return at === -1 ? [...fields, added] : fields.toSpliced(at, 0, added)
}

/** Every other way to write the same message that this harness knows. */
function otherEncodings(name: string, payload: Uint8Array): [string, Uint8Array][] {
  const fields = readFields(payload)
  const others: [string, Uint8Array][] = [
    ['an unknown field at the end', writeFields([...fields, { ...zeroField(200), varint: 1n }])],
    ['an unknown field at the start', writeFields([emptyField(201), ...fields])],
  ]
  fields.forEach((field, at) => {
    const next = fields[at + 1]
    if (next !== undefined && next.number !== field.number) {
      others.push([
        `field ${next.number} before ${field.number}`,
        writeFields(fields.with(at, next).with(at + 1, field)),
      ])
    }
    if (!(REPEATED[name] ?? []).includes(field.number)) {
      others.push([`field ${field.number} twice`, writeFields(fields.toSpliced(at, 0, field))])
    }
    for (const padded of ['tag', 'head'] as const) {
      const rest = fields.map((one, index) => writeField(one, index === at ? padded : undefined))
      others.push([`field ${field.number} with a longer ${padded}`, Buffer.concat(rest)])
    }
  })
  return others
}

describe.each(SAMPLES.map((sample) => [sample.name, sample] as const))('document: %s', (_, sample) => {
  const { type, value } = sample
  const signer = PEERS[sample.signer]
  const signed = signDocument(scope, signer.signer, type, value)

  test('behavior: comes back as it was signed', () => {
    const opened = openDocument(scope, type, signed.bytes, signer.peer)
    expect(opened.value).toEqual(value)
    expect(opened.id).toEqual(signed.id)
    expect(opened.bytes).toBe(signed.bytes)
    expect(peekDocument(scope, type, signed.bytes)).toEqual(opened)
  })

  test('behavior: its id is the hash of the signed bytes, known before it is signed', () => {
    const payload = type.encode(value)
    expect(signed.id).toEqual(nobleCrypto.sha256(signedBytes(scope, type.type, payload)))
    expect(documentId(scope, type, payload)).toEqual(signed.id)
  })

  test('behavior: decoding and encoding give the same bytes', () => {
    const payload = type.encode(value)
    expect(type.encode(type.decode(payload))).toEqual(payload)
  })

  test('error: another signer, another chain and a changed byte are badSignature', () => {
    expectCode(() => openDocument(scope, type, signed.bytes, PEERS.stranger.peer), 'badSignature')
    const elsewhere = scopeOf(5_042, nobleCrypto)
    expectCode(() => openDocument(elsewhere, type, signed.bytes, signer.peer), 'badSignature')
    expect(peekDocument(elsewhere, type, signed.bytes).id).not.toEqual(signed.id)
    const envelope = decodeEnvelope(signed.bytes)
    const signature = envelope.signature.slice()
    signature[0] = (signature[0] ?? 0) ^ 1
    expectCode(() => openDocument(scope, type, encodeEnvelope({ ...envelope, signature }), signer.peer), 'badSignature')
  })

  test('error: no other document type opens it', () => {
    for (const other of SAMPLES) {
      if (other.type.type === type.type) continue
      expectCode(() => openDocument(scope, other.type, signed.bytes, signer.peer), 'wrongType')
      expectCode(() => peekDocument(scope, other.type, signed.bytes), 'wrongType')
    }
  })

  test('error: its payload under another type is not signed', () => {
    const envelope = decodeEnvelope(signed.bytes)
    for (const other of SAMPLES) {
      if (other.type.type === type.type) continue
      const renamed = encodeEnvelope({ ...envelope, type: other.type.type })
      expectCode(() => openDocument(scope, other.type, renamed, signer.peer), 'badDocument', 'badSignature', 'tooLarge')
    }
  })

  test('error: any other encoding is refused', () => {
    const payload = type.encode(value)
    for (const [what, bytes] of otherEncodings(type.type, payload)) {
      expect(Buffer.compare(bytes, payload), what).not.toBe(0)
      expectCode(() => type.decode(bytes), 'badDocument')
    }
  })

  test('error: a payload cut short or followed by more is refused', () => {
    const payload = type.encode(value)
    for (const cut of [1, Math.floor(payload.length / 2), payload.length - 1]) {
      expectCode(() => type.decode(payload.subarray(0, payload.length - cut)), 'badDocument')
    }
    for (const more of [0, 1, 0x7f, 0xff]) {
      expectCode(() => type.decode(Buffer.concat([payload, Uint8Array.of(more)])), 'badDocument')
    }
  })
})

describe.each(BARE.map((message) => [message.name, message] as const))('message: %s', (name, message) => {
  test('behavior: comes back as it was encoded', () => {
    const bytes = message.encode(message.value)
    expect(message.decode(bytes)).toEqual(message.value)
  })

  test('error: any other encoding is refused', () => {
    const bytes = message.encode(message.value)
    for (const [, other] of otherEncodings(name, bytes)) expectCode(() => message.decode(other), 'badDocument')
  })
})

describe('default values', () => {
  test.each(DEFAULTS)('error: %s with field %i written although it is %s is refused', (name, number, kind) => {
    const sample = SAMPLES.find((one) => one.name === name)
    if (sample === undefined) throw new Error('no such sample')
    const fields = readFields(sample.type.encode(sample.value))
    expect(fields.map((field) => field.number)).not.toContain(number)
    const written = insert(fields, kind === 'zero' ? zeroField(number) : emptyField(number))
    expectCode(() => sample.type.decode(writeFields(written)), 'badDocument')
  })

  test('behavior: an optional field that is zero is written, and is not the same as an absent one', () => {
    const full = SAMPLES.find((one) => one.name === 'receipt, full')
    const without = SAMPLES.find((one) => one.name === 'receipt')
    if (full === undefined || without === undefined) throw new Error('no such sample')
    expect(readFields(full.type.encode(full.value)).map((field) => field.number)).toContain(16)
    expect(readFields(without.type.encode(without.value)).map((field) => field.number)).not.toContain(16)
  })
})
