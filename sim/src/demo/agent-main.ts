// One agent of the demo, as a process: reads its plan, runs its calls, ends its sessions, waits until everybody is paid.
import { runDaemon } from '@orien/node/daemon'
import { openDesk, readPlan, runCall, settleAll, type Desk } from '../cast/desk.ts'
import type { AgentPlan } from '../cast/plan.ts'

const planFile = process.argv[2] ?? 'plan.json'

await runDaemon(async () => {
  const plan = await readPlan<AgentPlan>(planFile)
  const desk = await openDesk(plan)
  return { ended: work(desk, plan), stop: () => desk.agent.stop() }
})

/** The whole plan, then settlement, then payment: the process ends when its providers are paid. */
async function work(desk: Desk, plan: AgentPlan): Promise<void> {
  for (const group of plan.groups) await Promise.all(group.map((call) => runCall(desk, call)))
  await settleAll(desk)
}
