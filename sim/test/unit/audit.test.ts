import { expect, test } from 'vitest'
import type { AuditCode } from '../../src/demo/audit/types.ts'
import { CASES } from './audit-cases.ts'
import { judge, makeRun } from './audit-run.ts'

test('behavior: a clean run has no violation', async () => {
  const report = await judge(await makeRun())
  expect(report.violations).toEqual([])
})

for (const code of Object.keys(CASES) as AuditCode[]) {
  test(`error: ${code} is found, and where`, async () => {
    const { make, what, id, codes } = CASES[code]
    const { violations } = await judge(await make())
    const found = violations.filter((one) => one.code === code)
    expect(found.map((one) => one.what)).toContain(what)
    expect(found.map((one) => one.id)).toContainEqual(expect.stringMatching(id))
    expect([...new Set(violations.map((one) => one.code))].toSorted()).toEqual(codes)
  })
}
