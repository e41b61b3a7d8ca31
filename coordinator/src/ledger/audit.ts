import type { Store } from '@orien/node/store'
import { isOrienError, OrienError, type CancelTimer, type Crypto, type Timers } from '@orien/protocol'
import { COORDINATOR_LIMITS } from '../limits.ts'
import { olderSegments, type Tail } from './tail.ts'

/** Verifies what is older than the tail while the coordinator serves. */
export interface Audit {
  /** Everything after the entry of this number is verified; 0 when all is. */
  readonly from: number
  stop(): Promise<void>
}

export interface AuditParts {
  readonly store: Store
  readonly crypto: Crypto
  readonly timers: Timers
  readonly tail: Tail
  /** Told once, of the first segment that is damaged; the audit ends there. */
  readonly onFinding: (error: OrienError) => void
}

/** One segment (`checkpointEvery` entries) holds the event loop for some milliseconds; then a pause, so that nothing waits for it. */
export function startAudit({ store, crypto, timers, tail, onFinding }: AuditParts): Audit {
  const older = olderSegments(store, crypto, tail)
  let stopped = false
  let cancel: CancelTimer | undefined
  let running: Promise<void> = Promise.resolve()
  const turn = async (): Promise<void> => {
    try {
      await older.verifyNext()
    } catch (error) {
      const cause = isOrienError(error)
        ? error
        : new OrienError('internal', { message: 'the audit failed', cause: error })
      if (!stopped) onFinding(cause)
      return
    }
    schedule()
  }
  const schedule = (): void => {
    if (stopped || older.from === 0) return
    cancel = timers.after(COORDINATOR_LIMITS.auditPauseMs, () => {
      running = turn()
    })
  }
  schedule()
  return {
    get from() {
      return older.from
    },
    async stop() {
      stopped = true
      cancel?.()
      await running
    },
  }
}
