// One agent of the demo, as a process: reads its plan, runs its calls, ends its sessions, waits until everybody is paid.
import { readFile, writeFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createAgent, type Agent, type AgentPolicy, type Found, type RunResult } from '@orien/node'
import { loadProfile } from '@orien/node/config'
import {
  announceReady,
  loadOrCreateKey,
  loadOrCreateWalletKey,
  openLog,
  runDaemon,
  type LogLine,
} from '@orien/node/daemon'
import { localWallet } from '@orien/node/rails'
import { floorMicros, hex, isOrienError, numerator } from '@orien/protocol'
import type { AgentPlan, PlannedCall } from './plan.ts'

const planFile = process.argv[2] ?? 'plan.json'

await runDaemon(async () => {
  const plan = JSON.parse(await readFile(planFile, 'utf8')) as AgentPlan
  const { home } = plan
  const profile = await loadProfile(plan.profile)
  const identity = await loadOrCreateKey(home, 'agent', profile.chainId)
  const wallet = localWallet(await loadOrCreateWalletKey(home, 'agent', profile.chainId))
  const log = openLog().subsystem('agent').info
  const agent = await createAgent({
    profile,
    identity,
    wallet,
    home,
    policy: policyOf(plan),
    log: (event, fields) => log(event, fields),
  })
  announceReady({ peer: agent.peer, addrs: [], home })
  return { ended: work({ agent, log, home }, plan), stop: () => agent.stop() }
})

interface Desk {
  readonly agent: Agent
  readonly log: LogLine
  readonly home: string
}

/** The whole plan, then settlement, then payment: the process ends when its providers are paid. */
async function work(desk: Desk, plan: AgentPlan): Promise<void> {
  for (const group of plan.groups) await Promise.all(group.map((call) => runOne(desk, call)))
  await desk.agent.settle()
  await Promise.all(desk.agent.sessions().map((session) => session.paid()))
  desk.log('agentDone', {})
}

async function runOne(desk: Desk, call: PlannedCall): Promise<void> {
  const { agent, log } = desk
  const found = await agent.find(call.tool)
  found.forEach((one, at) => logFound(log, call, one, at, found.length))
  log('callStarted', { call: call.name, tool: call.tool })
  try {
    const result = await agent.run(call.tool, call.args, {
      files: call.files,
      maxCost: call.maxCost,
      ...(call.allowance === undefined ? {} : { allowance: call.allowance }),
      onLog: (stream, bytes) => {
        if (stream === 'stderr') log('toolLog', { call: call.name, text: textOf(bytes) })
      },
      onTick: (ms) => log('tick', { call: call.name, ms }),
    })
    logResult(log, call, result)
    await keepFiles(desk.home, call, result)
  } catch (error) {
    if (!isOrienError(error)) throw error
    log('callFailed', { call: call.name, code: error.code, message: error.message, where: error.money.where })
  }
}

async function keepFiles(home: string, call: PlannedCall, result: RunResult): Promise<void> {
  for (const [path, bytes] of result.files) {
    const target = join(home, 'results', call.name, path)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, bytes)
  }
}

function logFound(log: LogLine, call: PlannedCall, { offer, tool }: Found, at: number, of: number): void {
  const { name, provider, tier } = offer.value
  log('found', { tool: call.tool, rank: at + 1, of, name, provider, tier, priceMicros: String(tool.priceMicrosPerMin) })
}

/** What a tool printed; a chunk may end in the middle of a letter. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}

function logResult(log: LogLine, call: PlannedCall, result: RunResult): void {
  const { receipt, provider, session, effectiveMs, observedMs, outcome, costNumerator, output, files } = result
  log('callDone', {
    call: call.name,
    tool: call.tool,
    provider,
    session,
    outcome,
    effectiveMs,
    observedMs: observedMs ?? 0,
    costNumerator: String(costNumerator),
    costMicros: String(floorMicros(numerator(costNumerator))),
    receipt: hex(receipt.id),
    output: textOf(output).slice(0, 200),
    files: [...files.keys()].join(', '),
  })
}

function policyOf({ windowCalls, sessionMs }: AgentPlan): Partial<AgentPolicy> {
  // Nothing confines tools in this version, so the demo's agents say that tier D is good enough for them.
  return { minTier: 'D', windowCalls, sessionMs, reattachMs: 5_000 }
}
