import { describe, expect, test } from 'vitest'
import { OrienError, type ErrorCode, type Micros } from '@orien/protocol'
import { errorText, exitCodeOf, moneyText, printable } from '../../../src/daemon/index.ts'

const failing = (code: ErrorCode): OrienError => new OrienError(code, { message: 'it happened' })

describe('exit codes', () => {
  const codes: [ErrorCode, number][] = [
    ['badConfig', 2],
    ['badMoney', 2],
    ['unreachable', 3],
    ['insufficientBalance', 4],
    ['overAllowance', 4],
    ['providerError', 1],
    ['locked', 1],
  ]
  test.each(codes)('behavior: %s ends with %i', (code, exit) => {
    expect(exitCodeOf(failing(code))).toBe(exit)
  })

  test('behavior: what is no OrienError ends with 1', () => {
    expect([exitCodeOf(new TypeError('x')), exitCodeOf(undefined)]).toEqual([1, 1])
  })
})

describe('errors for people', () => {
  test('behavior: say what happened, the code, where the money is and what to do, without a stack', () => {
    const money = {
      where: 'owed',
      minMicros: 1_500_000n as Micros,
      maxMicros: 2_000_000n as Micros,
      delivered: true,
    } as const
    const error = new OrienError('streamClosed', { message: 'the provider went away', hint: 'Attach again.', money })
    expect(errorText(error).split('\n')).toEqual([
      'error: the provider went away',
      '  code   streamClosed',
      '  money  1.5 to 2 USDC owed for work that was delivered; the work was delivered',
      '  next   Attach again.',
      '',
    ])
  })

  test('behavior: an untouched wallet is said plainly', () => {
    expect(moneyText(failing('badConfig').money)).toBe('nothing moved; no work was delivered')
  })

  test('behavior: a defect shows its stack', () => {
    expect(errorText(new TypeError('broken'))).toMatch(/TypeError: broken\n {4}at /)
  })

  test('behavior: nothing in a message can steer the terminal', () => {
    const nasty = 'a\u001b[2Jb\u0007c\u202ed\ne\u009bf'
    expect(printable(nasty)).toBe('a\\u{1b}[2Jb\\u{7}c\\u{202e}d\\u{a}e\\u{9b}f')
    expect(errorText(new OrienError('internal', { message: nasty }))).not.toContain('\u001b')
  })
})
