// What `npm test` understands on its command line, and how it counts. Pure, so that it can be tested.

export const tiers = [
  { name: 'unit', budgetSeconds: 60 },
  { name: 'world', budgetSeconds: 120 },
  { name: 'real', budgetSeconds: 360 },
] as const

export type Tier = (typeof tiers)[number]

export type Counts = { passed: number; failed: number; skipped: number }

/** Splits the arguments into leading tier names (none, or `all`: every tier) and what vitest gets. */
export function parseArguments(args: readonly string[]): { chosen: Tier[]; flags: string[] } {
  const words: readonly string[] = ['all', ...tiers.map((tier) => tier.name)]
  const end = args.findIndex((arg) => !words.includes(arg))
  const named = end === -1 ? args : args.slice(0, end)
  const flags = end === -1 ? [] : args.slice(end)
  const every = named.length === 0 || named.includes('all')
  return { chosen: tiers.filter((tier) => every || named.includes(tier.name)), flags }
}

/** The part of vitest's JSON report that is counted. */
export type Report = {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: { status: string; assertionResults: { status: string }[] }[]
}

/**
 * Counts one tier. A file that failed outside its tests (an import, a hook) counts as one failure, and so does a run that
 * ended badly although every test passed (an error nobody caught) or that left no report (a crash).
 */
export function countTier(report: Report | undefined, exitCode: number): Counts {
  if (report === undefined) return { passed: 0, failed: exitCode === 0 ? 0 : 1, skipped: 0 }
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length
  const failed = report.numFailedTests + brokenFiles
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

export function addCounts(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }
}

/** The last line of `npm test`, alone on its line. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}
