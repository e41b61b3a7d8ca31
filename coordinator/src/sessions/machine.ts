import type { Posting } from '../ledger/postings.ts'
import type { Transition } from '../metrics.ts'
import type { SessionEvent } from './events.ts'
import { ROWS, type RowContext } from './rows.ts'
import type { Session } from './session.ts'

/** What an event made of a session. */
export interface Step {
  readonly session: Session
  readonly postings: readonly Posting[]
  /** The rows taken, in order; none when the event changes nothing. */
  readonly rows: readonly Transition[]
}

/**
 * One event through PROTOCOL's table, and then everything that follows at the same moment: a frozen session whose Final is here
 * ends, an ended one whose Final is here settles. Pure: same session and event, same answer.
 */
export function step(session: Session, event: SessionEvent, context: RowContext): Step {
  const first = once(session, event, context)
  let last = first
  const postings = [...first.postings]
  const rows = [...first.rows]
  // Each tick leaves its state for a later one, so this ends after as many turns as there are states.
  for (let next = tick(last.session, event, context); next.rows.length > 0; next = tick(last.session, event, context)) {
    last = next
    postings.push(...next.postings)
    rows.push(...next.rows)
  }
  return { session: last.session, postings, rows }
}

function tick(session: Session, { nowMs }: SessionEvent, context: RowContext): Step {
  return once(session, { type: 'tick', nowMs }, context)
}

function once(session: Session, event: SessionEvent, context: RowContext): Step {
  const row = ROWS.find(
    (one) => one.on === event.type && one.from.includes(session.state) && one.fits(session, event, context),
  )
  if (row === undefined) return { session, postings: [], rows: [] }
  const { session: after, postings = [] } = row.take(session, event, context)
  return { session: after, postings, rows: [row] }
}
