import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SHORT_TIMES } from '../cast/config.ts'
import { allStarted, startDaemon, type Daemon } from '../cast/daemon.ts'
import { programs } from '../cast/paths.ts'
import type { AgentPlan } from '../cast/plan.ts'
import { openStage, type ProviderPart, type Said, type Stage } from '../cast/stage.ts'
import type { Variant } from './config.ts'
import { TOOLS } from './offers.ts'
import { plansOf } from './plans.ts'

/** Everything of the demo but its agents. */
export function openDemo(home: string, variant: Variant, onSaid: (said: Said) => void): Promise<Stage> {
  const agents = plansOf('plain').map(({ name }) => name)
  return openStage(home, { times: SHORT_TIMES, providers: providersOf(variant), agents, onSaid })
}

function providersOf(variant: Variant): readonly ProviderPart[] {
  return [
    { name: 'anvil-and-hammer', tools: [TOOLS.compile_contract] },
    { name: 'build-barn', tools: [TOOLS.run_build, TOOLS.render_chart] },
    {
      name: 'number-mill',
      tools: [TOOLS.render_chart, TOOLS.count_primes],
      ...(variant === 'lie' ? { program: [programs.liar] } : {}),
    },
  ]
}

/** Starts the demo's agents on their plans. */
export function startAgents(
  { home, profile }: Stage,
  variant: Variant,
  onSaid: (said: Said) => void,
): Promise<readonly Daemon[]> {
  return allStarted(
    plansOf(variant).map(async ({ name, ...plan }) => {
      const agentHome = join(home, name)
      const file = join(agentHome, 'plan.json')
      const whole: AgentPlan = { ...plan, home: agentHome, profile }
      await writeFile(file, JSON.stringify(whole))
      return startDaemon({
        role: 'agent',
        name,
        home: agentHome,
        args: [programs.agent, file],
        onLog: (entry) => onSaid({ ...entry, who: name }),
      })
    }),
  )
}
