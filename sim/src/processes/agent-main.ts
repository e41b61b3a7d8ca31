// An agent that calls until it is told that it is enough, and after a kill -9 goes on where its book says it stands: sessions of the
// earlier run are taken up, calls go on, at the end everything is settled and paid.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { runDaemon } from '@orien/node/daemon'
import { openDesk, readPlan, runCall, settleAll, type Desk } from '../cast/desk.ts'
import type { AgentPlan, PlannedCall } from '../cast/plan.ts'
import { ENOUGH_FILE } from './config.ts'

/** After a call that came to nothing: its provider is on its way back. */
const AGAIN_MS = 250

const planFile = process.argv[2] ?? 'plan.json'

await runDaemon(async () => {
  const plan = await readPlan<AgentPlan>(planFile)
  const desk = await openDesk(plan)
  return { ended: work(desk, plan), stop: () => desk.agent.stop() }
})

/** A group of the plan is a lane here: its calls over and over, one after the other. */
async function work(desk: Desk, plan: AgentPlan): Promise<void> {
  await Promise.all(plan.groups.map((lane) => repeat(desk, lane)))
  await settleAll(desk)
}

async function repeat(desk: Desk, lane: readonly PlannedCall[]): Promise<void> {
  const enough = join(desk.home, ENOUGH_FILE)
  for (;;) {
    for (const call of lane) {
      if (existsSync(enough)) return
      if (!(await runCall(desk, call))) await setTimeout(AGAIN_MS)
    }
  }
}
