import type { Core } from '../core.ts'
import type { Live } from './live.ts'
import type { Session } from './session.ts'

/** What an operator reads of a session in the log: its states, its debits, its refund. */
export function tellChange({ log, metrics }: Core, { sid, session }: Live, before: Session): void {
  if (session.state === 'FROZEN' && before.state === 'OPEN') metrics.add('sessions_frozen_total')
  if (session.state !== before.state) log('sessionState', { session: sid, state: session.state, from: before.state })
  if (session.debitedMicros !== before.debitedMicros) {
    log('debited', { session: sid, totalMicros: String(session.debitedMicros) })
  }
  if (before.refund !== undefined && session.refund === undefined) {
    log('refunded', { session: sid, refundMicros: String(before.refund.micros) })
  }
}
