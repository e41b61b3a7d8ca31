import { describe, expect, test } from 'vitest'
import { clearnodeTable, type RowContext } from '../../src/devnet/clearnode/rows.ts'

/** The node a suite walks. What is absent is taken as for a real node in real time. */
export interface ClearnodeUnderTest {
  readonly url: string
  readonly fund: RowContext['fund']
  readonly restart?: () => Promise<void>
  readonly advance?: (ms: number) => Promise<void>
  readonly nowMs?: () => number
  readonly races?: RowContext['races']
  readonly timeoutMs?: number
}

/** Walks every row of the table over one node. Rows that need a restart or a moving clock run when it is given. */
export const clearnodeRows = (name: string, node: ClearnodeUnderTest): void => {
  const { timeoutMs = 30_000, nowMs = Date.now, races = { rounds: 5, atLeast: 5 }, ...given } = node
  const context: RowContext = { ...given, nowMs, races }
  describe(name, () => {
    for (const row of clearnodeTable) {
      const able = row.needs === undefined || context[row.needs] !== undefined
      test.skipIf(!able)(`behavior: ${row.source}: ${row.name}`, { timeout: timeoutMs }, async () => {
        await expect(row.run(context)).resolves.toBeUndefined()
      })
    }
  })
}
