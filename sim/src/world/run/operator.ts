import { isOrienError } from '@orien/protocol'
import type { Stage } from './stage.ts'

/** What the coordinator's operator does by hand. */
export interface Operator {
  /** Looks after the coordinator once; called now and then. */
  look(): void
  /** True when nothing is left for the operator to do. */
  readonly done: boolean
}

/** How long a doubt may take to explain itself before the operator steps in. */
const PATIENCE_MS = 8 * 60_000
const FOREIGN_MS = 3 * 3_600_000
/** Whatever a restored book withholds by then, its operator has looked up. */
const RELEASE_MS = 30 * 60_000

/**
 * A book that became read-only because the gas key was used for something else waits for its operator, who knows that it was. For any other reason it must
 * go on by itself: that it did not is a violation.
 */
export function createOperator({ ground, coordinator, violations }: Stage, restored: boolean): Operator {
  const beganMs = ground.time.nowMs
  let sinceMs: number | undefined
  let blamed = false
  let released = false
  return {
    get done() {
      return released || !restored
    },
    look() {
      if (ground.time.nowMs - beganMs > FOREIGN_MS) closeForeign(ground)
      const process = coordinator.running
      if (restored && !released && process !== undefined && ground.time.nowMs - beganMs > RELEASE_MS) {
        released = true
        process.resume({ current: true }).catch(() => undefined)
      }
      const doubts = process?.status().readOnly ?? []
      if (process === undefined || doubts.length === 0) {
        sinceMs = undefined
        return
      }
      sinceMs ??= ground.time.nowMs
      if (ground.time.nowMs - sinceMs < PATIENCE_MS) return
      const knows = restored || (ground.faults.counts.get('chain.nonceTaken') ?? 0) > 0
      if (!knows && !blamed) {
        blamed = true
        violations.push({ invariant: 'notReadOnly', detail: doubts.map(({ found }) => found).join(', ') })
      }
      sinceMs = undefined
      ground.trace.add('operator', 'resumes')
      process.resume({ current: !restored }).catch((error: unknown) => {
        ground.trace.add('operator', `resume ${isOrienError(error) ? error.code : 'thrown'}`)
      })
    },
  }
}

/** Agent and provider who moved a channel on their own close it too, some time after everybody else would have. */
function closeForeign({ ledger, witness }: Stage['ground']): void {
  for (const id of witness.foreign) {
    const channel = ledger.ledger.channels.get(id)
    if (channel?.status === 'open') ledger.closeByOthers(id, channel.allocations)
  }
}
