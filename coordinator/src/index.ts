/**
 * The coordinator: collects receipts, debits channels, settles and pays out.
 *
 * @example
 * const coordinator = createCoordinator({ config, signer, wallet, bindings, network, store, crypto, clock, timers, random, channel, chain, log })
 * await coordinator.start()
 */
export { createCoordinator, type Coordinator, type CoordinatorStatus, type SessionView } from './coordinator.ts'
export type { Machine, Transition } from './metrics.ts'
export type { Doubt, DoubtKind } from './ledger/doubts.ts'
export type { CoordinatorParts, LogEvent } from './ports.ts'
export {
  DEFAULT_COORDINATOR_TIMES,
  DEFAULT_PAYOUT,
  DEFAULT_SETTINGS,
  type CoordinatorConfig,
  type CoordinatorTimes,
  type PayoutSettings,
} from './settings.ts'
export { TRANSITIONS } from './transitions.ts'
