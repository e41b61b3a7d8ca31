import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadOrCreateWalletKey } from '@orien/node/daemon'
import { localWallet } from '@orien/node/rails'
import { parseUsdc, type Address } from '@orien/protocol'
import { writeCoordinator } from '../../src/cast/coordinator-file.ts'
import { startDaemon, type Daemon } from '../../src/cast/daemon.ts'
import { writeProfile } from '../../src/cast/files.ts'
import { programs } from '../../src/cast/paths.ts'
import type { LogEntry } from '../../src/cast/tail.ts'
import { startDevnet, type Devnet } from '../../src/devnet/devnet.ts'

/** What a program wrote, and how it ended: `code` is 128 + the signal's number for one that a signal ended. */
export interface Ran {
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** A program under way. */
export interface Running {
  readonly ended: Promise<Ran>
  /** Resolves when stderr has it. Rejects when the program ended before. */
  says(words: string): Promise<void>
  /** Resolves when stdout has it. Rejects when the program ended before. */
  writes(words: string): Promise<void>
  signal(name: NodeJS.Signals): void
}

/**
 * A devnet, a coordinator and one provider as processes, and a funded agent's home; all in one folder. A second coordinator that nobody
 * pays is a bootstrap peer too, so that peers find each other without the first.
 */
export interface CliStage {
  readonly folder: string
  readonly devnet: Devnet
  readonly coordinator: Daemon
  readonly provider: Daemon
  /** profile.toml of this network. */
  readonly profile: string
  readonly coordinatorFile: string
  readonly providerFile: string
  /** A home whose agent has money in the channel ledger. */
  readonly agentHome: string
  /** What coordinator and provider logged so far. */
  readonly said: readonly LogEntry[]
  /** Runs `orien` to its end, on the agent's home and this network unless the environment names others. */
  orien(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ran>
  start(program: string, args: readonly string[], env?: Readonly<Record<string, string>>): Running
  /** The other daemon's program, to its end. */
  coordinatorProgram(args: readonly string[]): Promise<Ran>
  stop(): Promise<void>
}

const AGENT_USDC = '5'
const TREASURY_USDC = '50'

/** Starts all of it on free ports of loopback; about two seconds. */
export async function openCliStage(): Promise<CliStage> {
  const folder = await mkdtemp(join(tmpdir(), 'orien-cli-test-'))
  const stops: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })]
  const stop = async (): Promise<void> => {
    for (let last = stops.pop(); last !== undefined; last = stops.pop()) await last()
  }
  try {
    const devnet = await startDevnet({ home: join(folder, 'devnet'), keepChain: false })
    stops.push(() => devnet.stop())
    const said: LogEntry[] = []
    const onLog = (entry: LogEntry): void => void said.push(entry)
    const { daemon: coordinator, file: coordinatorFile } = await startCoordinator(folder, 'coordinator', devnet, onLog)
    stops.push(() => stopDaemon(coordinator))
    const { daemon: bystander } = await startCoordinator(folder, 'bystander', devnet, () => undefined)
    stops.push(() => stopDaemon(bystander))
    const bootstrap = [...coordinator.addrs, ...bystander.addrs]
    const profile = await writeProfile(folder, devnet, bootstrap, coordinator.peer)
    const providerFile = await writeProvider(folder, coordinator.peer)
    const provider = await startProvider(join(folder, 'barn'), providerFile, profile, onLog)
    stops.push(() => stopDaemon(provider))
    const agentHome = join(folder, 'agent')
    await mkdir(agentHome, { mode: 0o700 })
    await devnet.fundChannelBalance(await walletOf(agentHome, 'agent', devnet.chainId), parseUsdc(AGENT_USDC))
    const own = { ORIEN_HOME: agentHome, ORIEN_PROFILE: profile }
    return {
      folder,
      devnet,
      coordinator,
      provider,
      profile,
      coordinatorFile,
      providerFile,
      agentHome,
      said,
      orien: (args, env = {}) => startProgram(programs.orien, args, { ...own, ...env }).ended,
      start: (program, args, env = {}) => startProgram(program, args, { ...own, ...env }),
      coordinatorProgram: (args) => startProgram(programs.coordinator, args, {}).ended,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function stopDaemon(daemon: Daemon): Promise<void> {
  await daemon.child.stop()
  await daemon.closeLog()
}

async function walletOf(home: string, name: string, chainId: number): Promise<Address> {
  return localWallet(await loadOrCreateWalletKey(home, name, chainId)).address
}

async function startCoordinator(
  folder: string,
  name: string,
  devnet: Devnet,
  onLog: (entry: LogEntry) => void,
): Promise<{ daemon: Daemon; file: string }> {
  const home = join(folder, name)
  const address = (name: string): Promise<Address> => walletOf(home, name, devnet.chainId)
  await devnet.fundArc(await address('treasury'), parseUsdc(TREASURY_USDC))
  await devnet.fundGas(await address('gas'), 10n ** 19n)
  const shares = { platform: await address('platform'), reserve: await address('reserve') }
  const file = await writeCoordinator(home, devnet, shares)
  const args = [programs.coordinator, 'start', '--config', file, '--home', home]
  return { daemon: await startDaemon({ role: 'coordinator', name, home, args, onLog }), file }
}

/** `orien provider start` on a home of its own. */
function startProvider(
  home: string,
  config: string,
  profile: string,
  onLog: (entry: LogEntry) => void,
): Promise<Daemon> {
  const args = [programs.orien, ...providerArgs(home, config, profile), '--unsafe-no-sandbox']
  return startDaemon({ role: 'provider', name: 'barn', home, args, onLog })
}

/** What starts a provider that shows its meter often and waits two seconds for its agent. */
export function providerArgs(home: string, config: string, profile: string): string[] {
  return [
    ...['provider', 'start', '--config', config, '--profile', profile, '--home', home],
    ...['--listen', '/ip4/127.0.0.1/tcp/0', '--tick', '200', '--tick-ack', '2000', '--first-window', '0.50'],
  ]
}

const TOOLS = {
  shout: `import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
const [file, mark = ''] = process.argv.slice(2)
const loud = readFileSync(file, 'utf8').toUpperCase() + mark
process.stderr.write('shouting ' + file + '\\n')
mkdirSync('out', { recursive: true })
writeFileSync('out/loud.txt', loud)
process.stdout.write(loud)
`,
  fail: `process.stderr.write('no such luck\\n')
process.exit(3)
`,
  wait: `process.stderr.write('waiting\\n')
setInterval(() => undefined, 1_000)
`,
} as const

/** provider.toml with a tool that works, one that fails and one that never ends. */
async function writeProvider(folder: string, coordinator: string): Promise<string> {
  for (const [name, text] of Object.entries(TOOLS)) await writeFile(join(folder, `${name}.mjs`), text)
  const command = (name: keyof typeof TOOLS): string =>
    [process.execPath, join(folder, `${name}.mjs`)].map((text) => JSON.stringify(text)).join(', ')
  const file = join(folder, 'provider.toml')
  const text = `[provider]
name = "barn"
coordinators = ["${coordinator}"]
maxUnpaid = "5"
maxWindow = { usdc = "2", calls = 16 }

[[tools]]
id = "shout"
command = [${command('shout')}, "{file}", "{mark}"]
schema = { type = "object", additionalProperties = false, required = ["file"], properties = { file = { type = "string", format = "workspace-path" }, mark = { type = "string", maxLength = 8 } } }
price = "0.60"
maxDurationSeconds = 10
inputs = ["*.txt"]
outputs = ["out/*.txt"]

[[tools]]
id = "fail"
command = [${command('fail')}]
price = "0.60"
maxDurationSeconds = 10

[[tools]]
id = "wait"
command = [${command('wait')}]
price = "0.60"
maxDurationSeconds = 30
`
  await writeFile(file, text)
  return file
}

/** Starts a built program. Its standard input is empty; of this process's environment it has PATH and HOME. */
export function startProgram(program: string, args: readonly string[], env: Readonly<Record<string, string>>): Running {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH, HOME, ...env },
  })
  let stdout = ''
  let stderr = ''
  const waiting = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    for (const look of waiting) look()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    for (const look of waiting) look()
  })
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? undefined, stdout, stderr }))
  })
  const seen = (words: string, text: () => string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!text().includes(words)) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
      void ended.then(() => reject(new Error(`ended without “${words}”:\n${stdout}${stderr}`)))
    })
  return {
    ended,
    says: (words) => seen(words, () => stderr),
    writes: (words) => seen(words, () => stdout),
    signal: (name) => void child.kill(name),
  }
}
