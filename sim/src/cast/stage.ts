import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { loadOrCreateWalletKey } from '@orien/node/daemon'
import { localWallet } from '@orien/node/rails'
import { parseUsdc, type Address } from '@orien/protocol'
import { startDevnet, type Devnet } from '../devnet/devnet.ts'
import {
  DEMO_AGENT_USDC,
  DEMO_FIRST_WINDOW,
  DEMO_FIRST_WINDOW_CALLS,
  DEMO_TIMES,
  DEMO_TREASURY_USDC,
  type DemoOptions,
} from './config.ts'
import { writeCoordinator } from './coordinator-file.ts'
import { startDaemon, type Daemon } from './daemon.ts'
import { writeProfile, writeProvider, type DemoTool } from './files.ts'
import { programs } from './paths.ts'
import type { AgentPlan } from './plan.ts'
import { plansOf } from './plans.ts'
import type { LogEntry } from './tail.ts'

/** Who says what in the demo. */
export interface Said extends LogEntry {
  readonly who: string
}

/** A party and its accounts. */
export interface PartyAccounts {
  readonly name: string
  readonly role: 'agent' | 'provider' | 'coordinator'
  /** In the channel ledger. */
  readonly channelWallet: Address
  /** On the chain: where it is paid. */
  readonly chainAccounts: readonly { readonly name: string; readonly address: Address }[]
}

export interface Stage {
  readonly home: string
  readonly profile: string
  readonly devnet: Devnet
  readonly coordinator: Daemon
  readonly providers: readonly Daemon[]
  readonly accounts: readonly PartyAccounts[]
  readonly addresses: { readonly treasury: Address; readonly platform: Address; readonly reserve: Address }
  startAgents(): Promise<readonly Daemon[]>
  /** Ends every daemon, then nothing but the devnet runs. */
  stopDaemons(): Promise<void>
  stop(): Promise<void>
}

const PROVIDERS: readonly { readonly name: string; readonly tools: readonly DemoTool[] }[] = [
  { name: 'anvil-and-hammer', tools: ['compile_contract'] },
  { name: 'build-barn', tools: ['run_build', 'render_chart'] },
  { name: 'number-mill', tools: ['render_chart', 'count_primes'] },
]

/** Plain accounts that only receive: where the platform's and the reserve's shares go. */
const PLATFORM_KEY = 'platform'
const RESERVE_KEY = 'reserve'

/** Starts everything but the agents, on loopback, in separate processes; the agents' money is in the channel ledger. */
export async function openStage(home: string, options: DemoOptions, onSaid: (said: Said) => void): Promise<Stage> {
  const devnet = await startDevnet({ home: join(home, 'devnet'), keepChain: false })
  const said = (who: string) => (entry: LogEntry) => onSaid({ ...entry, who })
  const started: Daemon[] = []
  try {
    const coordinatorHome = join(home, 'coordinator')
    const keys = await coordinatorKeys(coordinatorHome, devnet.chainId)
    const { platform, reserve } = keys
    await Promise.all([
      devnet.fundArc(keys.treasury, parseUsdc(DEMO_TREASURY_USDC)),
      devnet.fundGas(keys.gas, 10n ** 19n),
    ])
    const configFile = await writeCoordinator(coordinatorHome, devnet, { platform, reserve })
    const coordinator = await startDaemon({
      role: 'coordinator',
      name: 'coordinator',
      home: coordinatorHome,
      args: [programs.coordinator, 'start', '--config', configFile, '--home', coordinatorHome],
      onLog: said('coordinator'),
    })
    started.push(coordinator)
    const profile = await writeProfile(home, devnet, coordinator.addrs, coordinator.peer)
    const providers = await allStarted(
      PROVIDERS.map(({ name, tools }) =>
        startProvider({ home: join(home, name), name, tools, profile, coordinator, options, onLog: said(name) }),
      ),
    )
    started.push(...providers)
    const accounts = await accountsOf(home, devnet.chainId, keys)
    for (const { role, channelWallet } of accounts) {
      if (role === 'agent') await devnet.fundChannelBalance(channelWallet, parseUsdc(DEMO_AGENT_USDC))
    }
    const stopDaemons = (): Promise<void> => stopAll(started)
    return {
      home,
      profile,
      devnet,
      coordinator,
      providers,
      accounts,
      addresses: { treasury: keys.treasury, platform, reserve },
      stopDaemons,
      startAgents: () => startAgents(home, profile, options, said),
      async stop() {
        await stopDaemons()
        await devnet.stop()
      },
    }
  } catch (error) {
    await stopAll(started)
    await devnet.stop()
    throw error
  }
}

/** Stops daemons and reads the rest of their logs. */
export async function stopAll(daemons: readonly Daemon[]): Promise<void> {
  await Promise.all(daemons.map((daemon) => daemon.child.stop()))
  await Promise.all(daemons.map((daemon) => daemon.closeLog()))
}

/** All of them, or none: where one does not start the others are stopped, and its error is thrown. */
async function allStarted(starting: readonly Promise<Daemon>[]): Promise<readonly Daemon[]> {
  const settled = await Promise.allSettled(starting)
  const started = settled.filter((one) => one.status === 'fulfilled').map(({ value }) => value)
  const failed = settled.find((one) => one.status === 'rejected')
  if (failed === undefined) return started
  await stopAll(started)
  throw failed.reason
}

interface CoordinatorAccounts {
  readonly channel: Address
  readonly treasury: Address
  readonly gas: Address
  readonly platform: Address
  readonly reserve: Address
}

async function coordinatorKeys(home: string, chainId: number): Promise<CoordinatorAccounts> {
  const address = async (name: string): Promise<Address> =>
    localWallet(await loadOrCreateWalletKey(home, name, chainId)).address
  return {
    channel: await address('coordinator'),
    treasury: await address('treasury'),
    gas: await address('gas'),
    platform: await address(PLATFORM_KEY),
    reserve: await address(RESERVE_KEY),
  }
}

interface ProviderStart {
  readonly home: string
  readonly name: string
  readonly tools: readonly DemoTool[]
  readonly profile: string
  readonly coordinator: Daemon
  readonly options: DemoOptions
  readonly onLog: (entry: LogEntry) => void
}

async function startProvider({
  home,
  name,
  tools,
  profile,
  coordinator,
  options,
  onLog,
}: ProviderStart): Promise<Daemon> {
  const config = await writeProvider(home, name, coordinator.peer, tools)
  const lies = options.variant === 'lie' && tools.includes('count_primes')
  const program = lies ? [programs.liar] : [programs.orien, 'provider', 'start']
  return startDaemon({
    role: 'provider',
    name,
    home,
    args: [
      ...program,
      ...['--config', config, '--profile', profile, '--home', home, '--listen', '/ip4/127.0.0.1/tcp/0'],
      ...[
        '--capacity',
        '2',
        '--first-window',
        DEMO_FIRST_WINDOW,
        '--first-window-calls',
        String(DEMO_FIRST_WINDOW_CALLS),
      ],
      ...['--tick', String(DEMO_TIMES.tickMs), '--tick-ack', String(DEMO_TIMES.tickAckMs), '--unsafe-no-sandbox'],
    ],
    onLog,
  })
}

async function startAgents(
  home: string,
  profile: string,
  options: DemoOptions,
  said: (who: string) => (entry: LogEntry) => void,
): Promise<readonly Daemon[]> {
  const plans = plansOf(options.variant)
  return allStarted(
    plans.map(async ({ name, ...plan }) => {
      const agentHome = join(home, name)
      const file = join(agentHome, 'plan.json')
      const whole: AgentPlan = { ...plan, home: agentHome, profile }
      await writeFile(file, JSON.stringify(whole))
      return startDaemon({ role: 'agent', name, home: agentHome, args: [programs.agent, file], onLog: said(name) })
    }),
  )
}

async function accountsOf(home: string, chainId: number, keys: CoordinatorAccounts): Promise<readonly PartyAccounts[]> {
  const address = async (folder: string, name: string): Promise<Address> =>
    localWallet(await loadOrCreateWalletKey(join(home, folder), name, chainId)).address
  const accounts: PartyAccounts[] = [
    {
      name: 'coordinator',
      role: 'coordinator',
      channelWallet: keys.channel,
      chainAccounts: [
        { name: 'treasury', address: keys.treasury },
        { name: 'platform', address: keys.platform },
        { name: 'reserve', address: keys.reserve },
      ],
    },
  ]
  for (const { name } of PROVIDERS) {
    const channelWallet = await address(name, 'provider')
    accounts.push({
      name,
      role: 'provider',
      channelWallet,
      chainAccounts: [{ name: 'payout', address: await address(name, 'payout') }],
    })
  }
  for (const { name } of plansOf('plain')) {
    accounts.push({ name, role: 'agent', channelWallet: await address(name, 'agent'), chainAccounts: [] })
  }
  return accounts
}
