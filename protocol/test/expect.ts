import { expect } from 'vitest'
import { isOrienError, type ErrorCode, type OrienError } from '../src/index.ts'

/** Runs `work`, which must throw an OrienError of one of these codes. */
export function expectCode(work: () => unknown, ...codes: ErrorCode[]): OrienError {
  let result: unknown
  try {
    result = work()
  } catch (error) {
    if (!isOrienError(error)) throw error
    expect(codes).toContain(error.code)
    return error
  }
  throw new Error(`it gave ${typeof result} instead of ${codes.join(' or ')}`)
}
