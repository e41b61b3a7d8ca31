import { describe, expect, test } from 'vitest'
import {
  ERROR_HINTS,
  isErrorCode,
  isOrienError,
  MONEY_UNTOUCHED,
  MONEY_WHERE,
  OrienError,
  type ErrorCode,
} from '../../src/index.ts'

const codes = Object.keys(ERROR_HINTS) as ErrorCode[]

describe('the table of errors', () => {
  test.each(codes)('behavior: %s says what to do, in a sentence', (code) => {
    expect(code).toMatch(/^[a-z][a-zA-Z]+$/)
    expect(ERROR_HINTS[code]).toMatch(/^[A-Z`].*\.$/s)
    const error = new OrienError(code, { message: 'it happened' })
    expect([error.code, error.hint, error.money, error.details, error.name]).toEqual([
      code,
      ERROR_HINTS[code],
      MONEY_UNTOUCHED,
      {},
      'OrienError',
    ])
    expect(isErrorCode(code)).toBe(true)
  })

  test('behavior: no two codes give the same advice', () => {
    expect(new Set(Object.values(ERROR_HINTS)).size).toBe(codes.length)
  })

  test('behavior: what is not in it is no code, whatever objects inherit', () => {
    for (const text of ['', 'toString', '__proto__', 'constructor', 'BadDocument'])
      expect(isErrorCode(text)).toBe(false)
  })

  test('behavior: money is in one of thirteen places', () => {
    expect([...MONEY_WHERE]).toEqual(
      'wallet reserved running owed contested debited settled refunding payoutSent paid blocked inTransit unknown'.split(
        ' ',
      ),
    )
  })

  test('behavior: an error keeps its cause, hint, details and money', () => {
    const cause = new Error('below')
    const money = { ...MONEY_UNTOUCHED, where: 'owed' } as const
    const error = new OrienError('busy', { message: 'm', hint: 'Wait.', details: { queue: 3 }, money, cause })
    expect([error.cause, error.hint, error.details, error.money]).toEqual([cause, 'Wait.', { queue: 3 }, money])
    expect([
      isOrienError(error),
      isOrienError(error, 'busy'),
      isOrienError(error, 'late'),
      isOrienError(cause),
    ]).toEqual([true, true, false, false])
  })
})
