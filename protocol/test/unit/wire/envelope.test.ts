import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  decodeEnvelope,
  draftDocument,
  encodeEnvelope,
  inlineVerifier,
  LIMITS,
  MAX_BATCH,
  nobleCrypto,
  openDocument,
  openRead,
  readDocument,
  scopeOf,
  signBatch,
  signDocument,
  signedBytes,
  TickAck,
  utf8,
  verifyDocuments,
  type Crypto,
  type Envelope,
  type Scope,
  type Signed,
  type Verifier,
} from '../../../src/index.ts'
import { Envelope as EnvelopeWire } from '../../../src/wire/envelope.wire.ts'
import { expectCode } from '../../expect.ts'
import { CHAIN_ID, PEERS, scope as shared } from '../../keys.ts'
import { hash } from '../../samples.ts'

const tick = (ms: number): TickAck => ({ authId: hash(1), ms })
const drafts = (count: number) => Array.from({ length: count }, (_, at) => draftDocument(TickAck, tick(at)))
const { signer, peer } = PEERS.agent

/** A scope of its own, with the calls of verify counted. */
let verified: number
let scope: Scope
beforeEach(() => {
  verified = 0
  const counting: Crypto = {
    sha256: (...parts) => nobleCrypto.sha256(...parts),
    verify(...args) {
      verified++
      return nobleCrypto.verify(...args)
    },
  }
  scope = scopeOf(CHAIN_ID, counting)
})

function at<T>(list: readonly T[], index: number): T {
  const one = list[index]
  if (one === undefined) throw new Error(`nothing at ${index}`)
  return one
}
const retouched = (signed: Signed<unknown>, change: (envelope: Envelope) => Partial<Envelope>): Uint8Array => {
  const envelope = decodeEnvelope(signed.bytes)
  return EnvelopeWire.encode({ ...envelope, ...change(envelope) } as never)
}

describe('signed bytes', () => {
  test('behavior: are domain, payload type and payload, each behind its length', () => {
    const payload = new Uint8Array(300).fill(7)
    const bytes = Buffer.from(signedBytes(scopeOf(5_042, nobleCrypto), '/orien/end/1', payload))
    const expected = [
      Buffer.of(20),
      utf8('orien/1/eip155:5042'),
      Buffer.of(12),
      utf8('/orien/end/1'),
      Buffer.of(0xac, 0x02),
      payload,
    ]
    expected[0] = Buffer.of(19)
    expect(bytes.equals(Buffer.concat(expected))).toBe(true)
  })

  test('behavior: one scope keeps the types apart', () => {
    const seen = new Set<string>()
    for (const type of ['/orien/a/1', '/orien/b/1', '/orien/a/1'])
      seen.add(Buffer.from(signedBytes(scope, type, utf8('x'))).toString())
    expect(seen.size).toBe(2)
  })
})

describe('batches', () => {
  test.each([1, 2, 3, 4, 5, 7, 8, 9, 31, 64, 65, 1_000, 1_023, 1_024])(
    'behavior: all of %i open, for one verification',
    (count) => {
      const signed = signBatch(scope, signer, drafts(count))
      expect(signed).toHaveLength(count)
      const step = Math.max(1, Math.floor(count / 9))
      for (let index = 0; index < count; index += step) {
        const opened = openDocument(scope, TickAck, at(signed, index).bytes, peer)
        expect([opened.value, opened.id]).toEqual([tick(index), at(signed, index).id])
      }
      openDocument(scope, TickAck, at(signed, count - 1).bytes, peer)
      expect(verified).toBe(count === 1 ? 2 : 1)
      for (const one of signed)
        expect(decodeEnvelope(one.bytes).proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(count)))
    },
  )

  test('behavior: a document has the same id alone and in a batch', () => {
    const alone = signDocument(scope, signer, TickAck, tick(1))
    expect(at(signBatch(scope, signer, drafts(3)), 1).id).toEqual(alone.id)
  })

  test('behavior: nothing to sign gives nothing', () => {
    expect(signBatch(scope, signer, [])).toEqual([])
  })

  test('error: more than a proof covers is tooLarge', () => {
    expect(MAX_BATCH).toBe(1_024)
    expectCode(() => signBatch(scope, signer, drafts(MAX_BATCH + 1)), 'tooLarge')
  })

  test('error: a changed proof, payload or signature is badSignature, also once the root is known', () => {
    const signed = signBatch(scope, signer, drafts(5))
    openDocument(scope, TickAck, at(signed, 0).bytes, peer)
    const one = at(signed, 2)
    const { proof } = decodeEnvelope(one.bytes)
    const flip = (bytes: Uint8Array): Uint8Array => bytes.with(0, (bytes[0] ?? 0) ^ 1)
    const changes: Partial<Envelope>[] = [
      ...proof.map((step, index) => ({ proof: proof.with(index, { ...step, left: !step.left }) })),
      ...proof.map((step, index) => ({ proof: proof.with(index, { ...step, hash: flip(step.hash) }) })),
      { proof: proof.slice(1) },
      { proof: proof.toReversed() },
      { proof: [...proof, at(proof, 0)] },
      { proof: [] },
      { payload: TickAck.encode(tick(99)) },
      { signature: flip(decodeEnvelope(one.bytes).signature) },
      { signature: decodeEnvelope(signDocument(scope, signer, TickAck, tick(2)).bytes).signature },
    ]
    for (const change of changes) {
      expectCode(
        () =>
          openDocument(
            scope,
            TickAck,
            retouched(one, () => change),
            peer,
          ),
        'badSignature',
      )
    }
    expect(openDocument(scope, TickAck, one.bytes, peer).value).toEqual(tick(2))
  })

  test('error: a proof of another batch does not fit', () => {
    const [first, second] = [signBatch(scope, signer, drafts(4)), signBatch(scope, signer, drafts(5))]
    const { proof } = decodeEnvelope(at(second, 0).bytes)
    expectCode(
      () =>
        openDocument(
          scope,
          TickAck,
          retouched(at(first, 0), () => ({ proof })),
          peer,
        ),
      'badSignature',
    )
  })

  test('error: a root that one key signed opens nothing for another key', () => {
    const signed = signBatch(scope, signer, drafts(4))
    openDocument(scope, TickAck, at(signed, 0).bytes, peer)
    for (const one of signed) {
      expectCode(() => openDocument(scope, TickAck, one.bytes, PEERS.stranger.peer), 'badSignature')
    }
    expectCode(() => openDocument(scopeOf(1, nobleCrypto), TickAck, at(signed, 0).bytes, peer), 'badSignature')
  })

  test('behavior: a refused root is not remembered, and the memory is short', () => {
    const bad = signBatch(shared, PEERS.stranger.signer, drafts(2))
    for (let round = 0; round < 2; round++)
      expectCode(() => openDocument(scope, TickAck, at(bad, 0).bytes, peer), 'badSignature')
    expect([verified, scope.seen.length]).toEqual([2, 0])
    for (let size = 2; size < 30; size++)
      openDocument(scope, TickAck, at(signBatch(scope, signer, drafts(size)), 0).bytes, peer)
    expect(scope.seen.length).toBe(16)
  })

  test('behavior: a known root keeps no window on the frame it came in', () => {
    const [one] = signBatch(scope, signer, drafts(2))
    const frame = Buffer.concat([new Uint8Array(1_000), one?.bytes ?? new Uint8Array(0)])
    openDocument(scope, TickAck, frame.subarray(1_000), peer)
    frame.fill(0)
    expect(scope.seen[0]?.signature.buffer.byteLength).toBe(64)
    openDocument(scope, TickAck, one?.bytes ?? new Uint8Array(0), peer)
    expect(verified).toBe(1)
  })

  test('error: an inner node does not pass for a document, nor a document for a node', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 20 }), fc.nat(), (count, pick) => {
        const signed = signBatch(scope, signer, drafts(count))
        const one = at(signed, pick % count)
        const { proof } = decodeEnvelope(one.bytes)
        for (let cut = 1; cut <= proof.length; cut++) {
          expectCode(
            () =>
              openDocument(
                scope,
                TickAck,
                retouched(one, () => ({ proof: proof.slice(cut) })),
                peer,
              ),
            'badSignature',
          )
        }
      }),
      { numRuns: 10, seed: 6 },
    )
  })
})

describe('verdicts ahead of time', () => {
  const verifying = (asked: number[]): Verifier => ({
    verifyAll(checks) {
      asked.push(checks.length)
      return inlineVerifier(nobleCrypto).verifyAll(checks)
    },
  })

  test('behavior: documents of a batch cost one signature, and opening them none', async () => {
    const asked: number[] = []
    const all = [...signBatch(scope, signer, drafts(9)), signDocument(scope, signer, TickAck, tick(99))]
    const read = all.map(({ bytes }) => readDocument(scope, TickAck, bytes))
    await verifyDocuments(
      scope,
      verifying(asked),
      read.map((one) => ({ read: one, peer })),
    )
    expect(read.map((one) => openRead(scope, one, peer))).toEqual(all)
    expect([asked, verified, scope.seen.length]).toEqual([[2], 0, 1])
    await verifyDocuments(
      scope,
      verifying(asked),
      read.slice(0, 9).map((one) => ({ read: one, peer })),
    )
    expect(asked).toEqual([2])
  })

  test('error: a bad one is refused, its neighbours are not, and nobody else’s verdict counts', async () => {
    const batch = signBatch(scope, signer, drafts(4))
    const alone = signDocument(scope, PEERS.stranger.signer, TickAck, tick(7))
    const bent = retouched(at(batch, 2), () => ({ payload: TickAck.encode(tick(50)) }))
    const read = [at(batch, 0).bytes, bent, at(batch, 3).bytes, alone.bytes].map((bytes) =>
      readDocument(scope, TickAck, bytes),
    )
    await verifyDocuments(
      scope,
      verifying([]),
      read.map((one) => ({ read: one, peer })),
    )
    const opens = read.map((one) => {
      try {
        openRead(scope, one, peer)
        return true
      } catch {
        return false
      }
    })
    expect(opens).toEqual([true, false, true, false])
    expect(openRead(scope, at(read, 3), PEERS.stranger.peer)).toMatchObject({ value: tick(7) })
    expectCode(() => openRead(scope, at(read, 0), PEERS.stranger.peer), 'badSignature')
  })
})

describe('envelope: bounds', () => {
  const one = signDocument(shared, signer, TickAck, tick(1))
  const step = { left: true, hash: hash(1) }

  test.each([
    ['a signature of 63 bytes', { signature: new Uint8Array(63) }],
    ['a signature of 65 bytes', { signature: new Uint8Array(65) }],
    ['a proof of 11 steps', { proof: Array.from({ length: 11 }, () => step) }],
    ['a hash of 31 bytes', { proof: [{ left: true, hash: new Uint8Array(31) }] }],
    ['a type of another house', { type: '/other/tickack/1' }],
    ['a type without a version', { type: '/orien/tickack' }],
    ['an empty type', { type: '' }],
  ] as [string, Partial<Envelope>][])('error: %s is badDocument', (_, change) => {
    expectCode(() => decodeEnvelope(retouched(one, () => change)), 'badDocument')
  })

  test('behavior: a proof of 10 steps is taken', () => {
    expect(
      decodeEnvelope(retouched(one, () => ({ proof: Array.from({ length: 10 }, () => step) }))).proof,
    ).toHaveLength(10)
  })

  test('error: one that is too long is tooLarge, before it is decoded', () => {
    expectCode(() => decodeEnvelope(new Uint8Array(LIMITS.maxEnvelopeBytes + 1)), 'tooLarge')
  })

  test('behavior: encoding what was decoded gives the same bytes', () => {
    expect(encodeEnvelope(decodeEnvelope(one.bytes))).toEqual(one.bytes)
  })

  test('error: a signer that is no PeerId is badDocument', () => {
    expectCode(() => openDocument(shared, TickAck, one.bytes, 'nobody' as typeof peer), 'badDocument')
  })
})
