import type { Coordinator } from '@orien/coordinator'
import type { Agent, Provider } from '@orien/node'
import { agentHost, coordinatorHost, providerHost, type Host } from '../parties/hosts.ts'
import { createGround, type Ground, type WorldOptions } from '../world.ts'
import { superviseHost, type Supervisor } from './supervisor.ts'
import { createDriver, type Attempt, type Driver } from './workload.ts'

/** Something that must never be. */
export interface Violation {
  readonly invariant: string
  readonly detail: string
}

/** A whole world: its ground, its parties, and the programs that use them. */
export interface Stage {
  readonly ground: Ground
  readonly coordinator: Host<Coordinator>
  readonly providers: readonly Host<Provider>[]
  readonly agents: readonly Host<Agent>[]
  readonly drivers: readonly Driver[]
  readonly supervisors: readonly Supervisor[]
  readonly attempts: Attempt[]
  readonly violations: Violation[]
}

export async function setStage(options: WorldOptions, callsPerAgent: number): Promise<Stage> {
  const ground = await createGround(options)
  const coordinator = coordinatorHost(ground)
  const providers = ground.cast.providers.map((party) => providerHost(ground, party))
  const agents = ground.cast.agents.map((party) => agentHost(ground, party))
  const attempts: Attempt[] = []
  const violations: Violation[] = []
  const onDamage = (detail: string): void => void violations.push({ invariant: 'damageIsSeen', detail })
  return {
    ...{ ground, coordinator, providers, agents, attempts, violations },
    drivers: agents.map((host) => createDriver(ground, host, callsPerAgent, attempts)),
    supervisors: [coordinator, ...providers, ...agents].map((host) => superviseHost(ground, host, onDamage)),
  }
}
