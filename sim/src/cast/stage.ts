import { join } from 'node:path'
import { loadOrCreateWalletKey } from '@orien/node/daemon'
import { localWallet } from '@orien/node/rails'
import { parseUsdc, type Address } from '@orien/protocol'
import { startDevnet, type Devnet } from '../devnet/devnet.ts'
import { CAST_USDC, FIRST_WINDOW_CALLS, type CastTimes } from './config.ts'
import { keepAddress, writeCoordinator } from './coordinator-file.ts'
import { allStarted, ANY_PORT, startDaemon, stopAll, type Daemon } from './daemon.ts'
import { writeProfile, writeProvider } from './files.ts'
import { programs } from './paths.ts'
import type { LogEntry } from './tail.ts'

/** Who says what. */
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

/** A provider of the cast. */
export interface ProviderPart {
  readonly name: string
  /** Each a `[[tools]]` of provider.toml. */
  readonly tools: readonly string[]
  /** Default: `orien provider start`. */
  readonly program?: readonly string[]
}

export interface StagePlan {
  readonly times: CastTimes
  readonly providers: readonly ProviderPart[]
  /** Names of the agents that get money; whoever opened the stage starts them. */
  readonly agents: readonly string[]
  readonly onSaid: (said: Said) => void
  /** Folder of the daemons' logs; each in its daemon's home when absent. */
  readonly logs?: string
}

export interface Stage {
  readonly home: string
  readonly profile: string
  readonly devnet: Devnet
  readonly coordinator: Daemon
  readonly providers: readonly Daemon[]
  readonly accounts: readonly PartyAccounts[]
  readonly addresses: { readonly treasury: Address; readonly platform: Address; readonly reserve: Address }
  /** Ends the daemons that were started with it, then nothing but the devnet runs. */
  stopDaemons(): Promise<void>
  stop(): Promise<void>
}

/** Plain accounts that only receive: where the platform's and the reserve's shares go. */
const PLATFORM_KEY = 'platform'
const RESERVE_KEY = 'reserve'

/** Starts everything but the agents, on loopback, in separate processes; the agents' money is in the channel ledger. */
export async function openStage(home: string, plan: StagePlan): Promise<Stage> {
  const devnet = await startDevnet({ home: join(home, 'devnet'), keepChain: false })
  const said = (who: string) => (entry: LogEntry) => plan.onSaid({ ...entry, who })
  const started: Daemon[] = []
  try {
    const keys = await coordinatorKeys(join(home, 'coordinator'), devnet.chainId)
    const coordinator = await startCoordinator(home, devnet, keys, plan, said('coordinator'))
    started.push(coordinator)
    const profile = await writeProfile(home, devnet, coordinator.addrs, coordinator.peer)
    const providers = await allStarted(
      plan.providers.map((part) =>
        startProvider({ home: join(home, part.name), part, profile, coordinator, plan, onLog: said(part.name) }),
      ),
    )
    started.push(...providers)
    const accounts = await accountsOf(home, devnet.chainId, keys, plan)
    for (const { role, channelWallet } of accounts) {
      if (role === 'agent') await devnet.fundChannelBalance(channelWallet, parseUsdc(CAST_USDC.agent))
    }
    const { treasury, platform, reserve } = keys
    const stopDaemons = (): Promise<void> => stopAll(started)
    return {
      home,
      profile,
      devnet,
      coordinator,
      providers,
      accounts,
      addresses: { treasury, platform, reserve },
      stopDaemons,
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

async function startCoordinator(
  folder: string,
  devnet: Devnet,
  { treasury, gas, platform, reserve }: CoordinatorAccounts,
  plan: StagePlan,
  onLog: (entry: LogEntry) => void,
): Promise<Daemon> {
  const home = join(folder, 'coordinator')
  await Promise.all([devnet.fundArc(treasury, parseUsdc(CAST_USDC.treasury)), devnet.fundGas(gas, 10n ** 19n)])
  const file = await writeCoordinator(home, devnet, { platform, reserve }, plan.times)
  const args = [programs.coordinator, 'start', '--config', file, '--home', home]
  const name = 'coordinator'
  const coordinator = await startDaemon({ role: name, name, home, args, onLog, ...logOf(plan, name) })
  await keepAddress(file, coordinator.addrs)
  return coordinator
}

interface ProviderStart {
  readonly home: string
  readonly part: ProviderPart
  readonly profile: string
  readonly coordinator: Daemon
  readonly plan: StagePlan
  readonly onLog: (entry: LogEntry) => void
}

async function startProvider({ home, part, profile, coordinator, plan, onLog }: ProviderStart): Promise<Daemon> {
  const { name, tools, program = [programs.orien, 'provider', 'start'] } = part
  const config = await writeProvider(home, name, coordinator.peer, tools)
  const { tickMs, tickAckMs } = plan.times
  return startDaemon({
    role: 'provider',
    name,
    home,
    args: [
      ...program,
      ...['--config', config, '--profile', profile, '--home', home, '--listen', ANY_PORT, '--capacity', '2'],
      ...['--first-window', CAST_USDC.firstWindow, '--first-window-calls', String(FIRST_WINDOW_CALLS)],
      ...['--tick', String(tickMs), '--tick-ack', String(tickAckMs), '--unsafe-no-sandbox'],
    ],
    onLog,
    ...logOf(plan, name),
  })
}

function logOf({ logs }: StagePlan, name: string): { readonly logFile?: string } {
  return logs === undefined ? {} : { logFile: join(logs, `${name}.ndjson`) }
}

async function accountsOf(
  home: string,
  chainId: number,
  keys: CoordinatorAccounts,
  { providers, agents }: StagePlan,
): Promise<readonly PartyAccounts[]> {
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
  for (const { name } of providers) {
    const channelWallet = await address(name, 'provider')
    accounts.push({
      name,
      role: 'provider',
      channelWallet,
      chainAccounts: [{ name: 'payout', address: await address(name, 'payout') }],
    })
  }
  for (const name of agents) {
    accounts.push({ name, role: 'agent', channelWallet: await address(name, 'agent'), chainAccounts: [] })
  }
  return accounts
}
