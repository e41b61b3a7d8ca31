import { describe, expect, it } from 'vitest'
import { addCounts, closingLine, countTier, parseArguments, type Report } from '../../tiers.ts'

const names = (args: string[]) => parseArguments(args).chosen.map((tier) => tier.name)

const report = (over: Partial<Report>): Report => ({
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
  ...over,
})

describe('npm test arguments', () => {
  it('behavior: without a tier name every tier runs, in order', () => {
    expect(names([])).toEqual(['unit', 'world', 'real'])
    expect(names(['all'])).toEqual(['unit', 'world', 'real'])
    expect(names(['-t', 'money'])).toEqual(['unit', 'world', 'real'])
  })

  it('behavior: leading tier names choose, what follows goes to vitest', () => {
    const { chosen, flags } = parseArguments(['real', 'unit', 'node/test', '-t', 'unit'])
    expect(chosen.map((tier) => tier.name)).toEqual(['unit', 'real'])
    expect(flags).toEqual(['node/test', '-t', 'unit'])
  })
})

describe('counting a tier', () => {
  it('behavior: tests are counted by their result', () => {
    const counted = countTier(report({ numPassedTests: 5, numPendingTests: 2, numTodoTests: 1 }), 0)
    expect(counted).toEqual({ passed: 5, failed: 0, skipped: 3 })
  })

  it('error: a file that fails to load counts as a failure', () => {
    const broken = report({ numPassedTests: 5, testResults: [{ status: 'failed', assertionResults: [] }] })
    expect(countTier(broken, 1).failed).toBe(1)
  })

  it('behavior: a file that failed through its tests is not counted twice', () => {
    const failing = report({
      numFailedTests: 1,
      testResults: [{ status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'passed' }] }],
    })
    expect(countTier(failing, 1).failed).toBe(1)
  })

  it('error: a bad exit of a run whose tests all passed is a failure', () => {
    expect(countTier(report({ numPassedTests: 5 }), 1)).toEqual({ passed: 5, failed: 1, skipped: 0 })
  })

  it('error: a run without a report is a failure', () => {
    expect(countTier(undefined, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })

  it('behavior: the closing line adds the tiers up', () => {
    const total = addCounts({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 })
    expect(closingLine(total)).toBe('11 passed, 22 failed, 33 skipped')
  })
})
