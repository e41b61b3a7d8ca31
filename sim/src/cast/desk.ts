import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createAgent, type Agent, type AgentPolicy, type Found, type RunResult } from '@orien/node'
import { loadProfile } from '@orien/node/config'
import { announceReady, loadOrCreateKey, loadOrCreateWalletKey, openLog, type LogLine } from '@orien/node/daemon'
import { localWallet } from '@orien/node/rails'
import { floorMicros, hex, isOrienError, numerator } from '@orien/protocol'
import type { AgentPlan, PlannedCall } from './plan.ts'

/** An agent in a process of its own, with a log that others read. */
export interface Desk {
  readonly agent: Agent
  readonly log: LogLine
  readonly home: string
}

/** Reads a plan that whoever starts the agent wrote. */
export async function readPlan<T extends AgentPlan>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T
}

/** Starts the agent of a plan with the keys of its home, and prints the ready line. */
export async function openDesk(plan: AgentPlan): Promise<Desk> {
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
  return { agent, log, home }
}

/** One call, told as it happens; its files go to `results/<call>`. False when it came to nothing. */
export async function runCall({ agent, log, home }: Desk, call: PlannedCall): Promise<boolean> {
  const who = call.provider === undefined ? {} : { provider: call.provider }
  try {
    const found = await agent.find(call.tool, who)
    found.forEach((one, at) => logFound(log, call, one, at, found.length))
    log('callStarted', { call: call.name, tool: call.tool })
    const result = await agent.run(call.tool, call.args, {
      ...who,
      files: call.files,
      maxCost: call.maxCost,
      ...(call.allowance === undefined ? {} : { allowance: call.allowance }),
      onLog: (stream, bytes) => {
        if (stream === 'stderr') log('toolLog', { call: call.name, text: textOf(bytes) })
      },
      onTick: (ms) => log('tick', { call: call.name, ms }),
    })
    logResult(log, call, result)
    await keepFiles(home, call, result)
    return true
  } catch (error) {
    if (!isOrienError(error)) throw error
    log('callFailed', { call: call.name, code: error.code, message: error.message, where: error.money.where })
    return false
  }
}

/** Ends every session and waits until everybody is paid. */
export async function settleAll({ agent, log }: Desk): Promise<void> {
  await agent.settle()
  await Promise.all(agent.sessions().map((session) => session.paid()))
  log('agentDone', {})
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
  // Nothing confines tools in this version, so these agents say that tier D is good enough for them.
  return { minTier: 'D', windowCalls, sessionMs, reattachMs: 5_000 }
}
