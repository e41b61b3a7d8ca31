import { describe, expect, test } from 'vitest'
import {
  ERROR_HINTS,
  errorOf,
  failureOf,
  hex,
  MONEY_WHERE,
  OrienError,
  receiptsAnswers,
  workAnswers,
  type ErrorCode,
} from '../../../src/index.ts'
import { expectCode } from '../../expect.ts'
import { FRAMES } from '../../frames.ts'
import { hash, micros } from '../../samples.ts'

describe('frames', () => {
  test.each(FRAMES)('behavior: %s comes back', (_, codec, value) => {
    expect(codec.decode(codec.encode(value as never))).toEqual(value)
  })

  test.each(FRAMES)('error: %s cut short is badDocument, too long is tooLarge', (_, codec, value) => {
    const bytes = codec.encode(value as never)
    expectCode(() => codec.decode(bytes.subarray(0, bytes.length - 1)), 'badDocument')
    expectCode(() => codec.decode(new Uint8Array(1024 * 1024 + 1)), 'tooLarge')
  })
})

describe('failures', () => {
  test.each(Object.keys(ERROR_HINTS) as ErrorCode[])('behavior: %s travels with where the money is', (code) => {
    for (const where of MONEY_WHERE) {
      const money = { where, minMicros: micros(1n), maxMicros: micros((1n << 64n) - 1n), delivered: true }
      const sent = new OrienError(code, { message: 'x', money })
      const frame = workAnswers.decode(workAnswers.encode({ failure: failureOf(sent, hash(1)) }))
      expect(frame.failure?.sessionId).toEqual(hash(1))
      const got = frame.failure === undefined ? undefined : errorOf(frame.failure, 'the provider')
      expect([got?.code, got?.money, got?.hint]).toEqual([code, money, ERROR_HINTS[code]])
    }
  })

  test('behavior: what is expected next travels too', () => {
    const sent = new OrienError('outOfOrder', { message: 'x', details: { expected: 8, head: hex(hash(7)) } })
    const frame = receiptsAnswers.decode(receiptsAnswers.encode({ failure: failureOf(sent) }))
    expect(frame.failure === undefined ? undefined : errorOf(frame.failure, 'it').details).toEqual({
      expected: 8,
      head: hex(hash(7)),
    })
  })

  test('behavior: a code we have no word for is internal, a place is unknown, and no words of the peer are repeated', () => {
    const strange = {
      code: 'mood\u001b[2J',
      money: { where: 'pocket', minMicros: 5n, maxMicros: 6n, delivered: false },
    }
    const got = errorOf(strange, 'the provider')
    expect([got.code, got.money]).toEqual([
      'internal',
      { where: 'unknown', minMicros: 5n, maxMicros: 6n, delivered: false },
    ])
    expect(JSON.stringify([got.message, got.hint, got.details])).not.toContain('mood')
    expect(errorOf({ code: 'toString' }, 'it').code).toBe('internal')
    expect(errorOf({ code: 'busy' }, 'it').money.where).toBe('unknown')
  })
})
