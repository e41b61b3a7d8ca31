import { expect, it } from 'vitest'
import { huntAll } from '../../src/mutants/command.ts'
import { MUTANTS } from '../../src/mutants/seeded/all.ts'

it(
  'behavior: worlds of a patched copy find its mistakes, and those of the unpatched copy find none',
  { timeout: 300_000 },
  async () => {
    const chosen = MUTANTS.filter(({ name }) => name === 'receipts.roundDown' || name === 'payout.split')
    const { mutants, control, missed } = await huntAll(chosen)
    expect(mutants).toMatchObject([
      { name: 'payout.split', caught: true, by: 'paidOnce' },
      { name: 'receipts.roundDown', caught: true, by: 'claimIsTrue' },
    ])
    expect(control).toBe('clean')
    expect(missed).toBe(0)
  },
)
