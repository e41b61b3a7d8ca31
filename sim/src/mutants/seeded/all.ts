import { AGENT_MUTANTS } from './agent.ts'
import { COORDINATOR_MUTANTS } from './coordinator.ts'
import type { Mutant } from './mutant.ts'
import { PAYOUT_MUTANTS } from './payout.ts'
import { PROVIDER_MUTANTS } from './provider.ts'

/** Every mistake that the world must notice. */
export const MUTANTS: readonly Mutant[] = [
  ...COORDINATOR_MUTANTS,
  ...PAYOUT_MUTANTS,
  ...AGENT_MUTANTS,
  ...PROVIDER_MUTANTS,
]
