import { RECEIPT_ROWS } from './collect/settlements.ts'
import type { Transition } from './metrics.ts'
import { FLIGHT_ROWS, LAUNCH_ROWS, LEG_ROWS } from './payout/steps.ts'
import { ROWS } from './sessions/rows.ts'

/** Every row of every state machine, by names that stay: what a simulator must have seen taken. */
export const TRANSITIONS: readonly Transition[] = [
  ...ROWS,
  ...RECEIPT_ROWS,
  ...FLIGHT_ROWS,
  ...LEG_ROWS,
  ...Object.values(LAUNCH_ROWS),
].map(({ machine, row }) => ({ machine, row }))
