import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../src/devnet/paths.ts'
import { patchText } from '../../src/mutants/patch.ts'
import { MUTANTS } from '../../src/mutants/seeded/all.ts'

const repository = dirname(packageRoot())

describe('mutants', () => {
  it('behavior: have names of their own, and touch every part that moves money', () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length)
    expect(MUTANTS.length).toBeGreaterThanOrEqual(20)
    const areas = [
      'ledger',
      'debit',
      'payout',
      'refund',
      'receipts',
      'acks',
      'cheques',
      'agent spend',
      'provider outbox',
    ]
    expect([...new Set(MUTANTS.map(({ area }) => area))]).toEqual(expect.arrayContaining(areas))
  })

  it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
    'behavior: %s fits the sources as they are',
    async (_name, { patches }) => {
      for (const patch of patches) {
        const text = await readFile(join(repository, patch.file), 'utf8')
        expect(patchText(text, patch)).not.toBe(text)
      }
    },
  )
})
