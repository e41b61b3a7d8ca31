// One agent of the demo, as a process: reads its plan, runs its calls, ends its sessions, waits until everybody is paid.
import { readFile, writeFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createAgent, type AgentPolicy, type RunResult } from '@orien/node'
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
import { floorMicros, hex, isOrienError, numerator, utf8Text } from '@orien/protocol'
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
  const ended = work()
  return { ended, stop: () => agent.stop() }

  async function work(): Promise<void> {
    for (const group of plan.groups) await Promise.all(group.map((call) => runOne(call)))
    await agent.settle()
    await Promise.all(agent.sessions().map((session) => session.paid()))
    log('agentDone', {})
  }

  async function runOne(call: PlannedCall): Promise<void> {
    const found = await agent.find(call.tool)
    for (const [at, one] of found.entries()) {
      const { name, provider, tier } = one.offer.value
      log('found', {
        tool: call.tool,
        rank: at + 1,
        of: found.length,
        name,
        provider,
        tier,
        priceMicros: String(one.tool.priceMicrosPerMin),
      })
    }
    log('callStarted', { call: call.name, tool: call.tool })
    try {
      const result = await agent.run(call.tool, call.args, {
        files: call.files,
        maxCost: call.maxCost,
        ...(call.allowance === undefined ? {} : { allowance: call.allowance }),
        onLog: (stream, bytes) => {
          if (stream === 'stderr') log('toolLog', { call: call.name, text: utf8Text(bytes) })
        },
        onTick: (ms) => log('tick', { call: call.name, ms }),
      })
      logResult(log, call, result)
      await keepFiles(call, result)
    } catch (error) {
      if (!isOrienError(error)) throw error
      log('callFailed', { call: call.name, code: error.code, message: error.message, where: error.money.where })
    }
  }

  async function keepFiles(call: PlannedCall, result: RunResult): Promise<void> {
    for (const [path, bytes] of result.files) {
      const target = join(home, 'results', call.name, path)
      await mkdir(dirname(target), { recursive: true })
      await writeFile(target, bytes)
    }
  }
})

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
    output: utf8Text(output).slice(0, 200),
    files: [...files.keys()].join(', '),
  })
}

function policyOf({ windowCalls, sessionMs }: AgentPlan): Partial<AgentPolicy> {
  // Nothing confines tools in this version, so the demo's agents say that tier D is good enough for them.
  return { minTier: 'D', windowCalls, sessionMs, reattachMs: 5_000 }
}
