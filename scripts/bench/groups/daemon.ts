import { execFileSync, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Context } from '../context.ts'
import { median } from '../measure.ts'
import type { CoordinatorReady, CoordinatorStart } from '../parts/coordinator.ts'
import { startPeer } from '../peers.ts'
import { noFindings, valueGoal, type Draft, type Findings } from '../report.ts'

const BIN = fileURLToPath(new URL('../../../node/dist/bin.js', import.meta.url))
/** After start-up's garbage is collected, a daemon that nobody calls stays where it is. */
const IDLE_MS = 5_000

/** `orien provider start`, as anybody runs it: until its ready line, and idle afterwards. */
export async function daemon(context: Context): Promise<Findings> {
  const starts = context.quick ? 2 : 5
  const found = noFindings()
  // The network it joins: a coordinator that is also its bootstrap peer.
  const coordinator = await startPeer<CoordinatorReady>('coordinator', {
    home: context.home,
  } satisfies CoordinatorStart)
  writeConfig(context.home, coordinator.ready)
  try {
    await measure(context, starts, found)
    return found
  } finally {
    await coordinator.stop()
  }
}

async function measure(context: Context, starts: number, found: Draft): Promise<void> {
  const readyMs: number[] = []
  const rssMib: number[] = []
  const runnerMib: number[] = []
  for (let at = 0; at < starts; at++) {
    context.say(`start ${at + 1} of ${starts}`)
    const seen = await startOnce(context.home, join(context.home, String(at)), at === starts - 1)
    readyMs.push(seen.readyMs)
    if (seen.rssMib !== undefined) rssMib.push(seen.rssMib)
    if (seen.runnerMib !== undefined) runnerMib.push(seen.runnerMib)
  }
  found.rows.push({
    name: 'provider daemon, from exec to its ready line',
    value: median(readyMs) / 1_000,
    unit: 's',
    goal: valueGoal('≤', 1.5),
    why: 'loading and compiling modules; then key files, LevelDB, the runner process, libp2p',
  })
  found.rows.push({
    name: 'provider daemon, idle',
    value: median(rssMib),
    unit: 'MiB',
    goal: valueGoal('≤', 130),
    why: 'Node itself is about 45 MiB; the rest is code of libp2p and its heap',
  })
  found.notes.push(`the daemon's runner process, apart: ${median(runnerMib).toFixed(0)} MiB`)
}

function writeConfig(home: string, coordinator: CoordinatorReady): void {
  const { wallet } = coordinator
  writeFileSync(
    join(home, 'profile.toml'),
    `chainId = 31337
bootstrap = ["${coordinator.address}"]
coordinator = "${coordinator.peer}"
[channel]
rail = "yellow-v0"
url = "ws://127.0.0.1:9/ws"
asset = "usdc"
[chain]
rpcUrl = "http://127.0.0.1:9"
token = "${wallet}"
multicall3 = "${wallet}"
`,
  )
  writeFileSync(
    join(home, 'provider.toml'),
    `[provider]
name = "bench"
[[tools]]
id = "echo"
command = ["/bin/echo", "{message}"]
schema = { type = "object", properties = { message = { type = "string", pattern = "^[a-z]*$" } }, required = ["message"], additionalProperties = false }
price = "0.06"
maxDurationSeconds = 60
`,
  )
}

async function startOnce(
  config: string,
  home: string,
  idle: boolean,
): Promise<{ readyMs: number; rssMib?: number; runnerMib?: number }> {
  const from = performance.now()
  const args = ['provider', 'start', '--config', join(config, 'provider.toml'), '--listen', '/ip4/127.0.0.1/tcp/0']
  const child = spawn(process.execPath, [BIN, ...args, '--unsafe-no-sandbox'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ORIEN_HOME: home, ORIEN_PROFILE: join(config, 'profile.toml') },
  })
  const gone = new Promise<number | null>((resolve) => child.once('exit', resolve))
  try {
    const line = await Promise.race([firstLine(child.stdout), gone])
    const readyMs = performance.now() - from
    if (typeof line !== 'string' || !line.includes('"ready"'))
      throw new Error(`the daemon ended before it was ready (${line})`)
    if (!idle || child.pid === undefined) return { readyMs }
    await sleep(IDLE_MS)
    const runner = childrenOf(child.pid)
    return { readyMs, rssMib: rssOf(child.pid), runnerMib: runner.reduce((sum, pid) => sum + rssOf(pid), 0) }
  } finally {
    child.kill('SIGTERM')
    await gone
  }
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stream })) return line
  return ''
}

function rssOf(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1_024
}

function childrenOf(pid: number): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  return lines
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([own, parent]) => (parent === pid && own !== undefined ? [own] : []))
}
