import { isOrienError } from '@orien/protocol'
import type { Stage } from './stage.ts'

/** What the coordinator's operator does by hand. */
export interface Operator {
  /** Looks after the coordinator once; called now and then. */
  look(): void
}

/** How long a doubt may take to explain itself before the operator steps in. */
const PATIENCE_MS = 3 * 60_000

/**
 * A book that became read-only because the gas key was used for something else waits for its operator, who knows that it was. For any other reason it must
 * go on by itself: that it did not is a violation.
 */
export function createOperator({ ground, coordinator, violations }: Stage): Operator {
  let sinceMs: number | undefined
  let blamed = false
  return {
    look() {
      const process = coordinator.running
      const doubts = process?.status().readOnly ?? []
      if (process === undefined || doubts.length === 0) {
        sinceMs = undefined
        return
      }
      sinceMs ??= ground.time.nowMs
      if (ground.time.nowMs - sinceMs < PATIENCE_MS) return
      const knows = (ground.faults.counts.get('chain.nonceTaken') ?? 0) > 0
      if (!knows && !blamed) {
        blamed = true
        violations.push({ invariant: 'notReadOnly', detail: doubts.map(({ found }) => found).join(', ') })
      }
      sinceMs = undefined
      ground.trace.add('operator', 'resumes')
      process.resume().catch((error: unknown) => {
        ground.trace.add('operator', `resume ${isOrienError(error) ? error.code : 'thrown'}`)
      })
    },
  }
}
