import { join } from 'node:path'
import { formatUsdc, micros, type Address } from '@orien/protocol'
import { startClearnode } from './devnet.mjs'
import { startPeer, type Peer } from './peers.ts'
import type { Draft } from './report.ts'
import type { Account } from './parts/account.ts'
import type { AgentStart } from './parts/agent.ts'
import type { CoordinatorReady, CoordinatorStart } from './parts/coordinator.ts'
import type { ProviderReady, ProviderStart } from './parts/provider.ts'

const AGENT_MICROS = micros(1_000_000_000n)

/** Everybody a paid call needs, each a process of its own on loopback. */
export interface Market {
  readonly coordinator: Peer
  readonly provider: Peer
  /** One session, through `createAgent`. */
  readonly agent: Peer
  /** A process of so many further agents, a session each once it is asked to `open` them. */
  manyAgents(count: number): Promise<Peer>
  /**
   * Ends every session and compares what the agents accepted with what the coordinator's ledger settled. Throws when they differ or the
   * books are not in order. Returns the line that says so.
   */
  settle(): Promise<string>
  stop(): Promise<void>
}

export interface MarketOptions {
  readonly home: string
  readonly folders?: boolean
  readonly ballastMib?: number
}

export async function startMarket(options: MarketOptions): Promise<Market> {
  const clearnode = await startClearnode({ home: join(options.home, 'clearnode') })
  const peers: Peer[] = []
  const stop = async (): Promise<void> => {
    for (const peer of peers.toReversed()) await peer.stop()
    await clearnode.stop()
  }
  try {
    return await open(options, clearnode, peers, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function open(
  { home, folders = false, ballastMib = 0 }: MarketOptions,
  clearnode: Awaited<ReturnType<typeof startClearnode>>,
  peers: Peer[],
  stop: () => Promise<void>,
): Promise<Market> {
  const clearnodeUrl = clearnode.url
  const keep = async <T extends Peer>(starting: Promise<T>): Promise<T> => {
    const peer = await starting
    peers.push(peer)
    return peer
  }
  const forCoordinator: CoordinatorStart = { home: join(home, 'coordinator'), clearnodeUrl }
  const coordinator = await keep(startPeer<CoordinatorReady>('coordinator', forCoordinator))
  const shared = { clearnodeUrl, coordinator: coordinator.ready }
  const forProvider: ProviderStart = { ...shared, home: join(home, 'provider'), folders, ballastMib }
  const provider = await keep(startPeer<ProviderReady>('provider', forProvider))
  const agents: Peer[] = []
  const startAgent = async (kind: 'agent' | 'sessions', count: number): Promise<Peer> => {
    const forAgent: AgentStart = { ...shared, home: join(home, kind), provider: provider.ready, agents: count }
    const agent = await keep(startPeer<{ readonly wallets: readonly Address[] }>(kind, forAgent))
    agents.push(agent)
    for (const wallet of agent.ready.wallets) await clearnode.credit(wallet, AGENT_MICROS)
    return agent
  }
  const agent = await startAgent('agent', 1)
  return {
    coordinator,
    provider,
    agent,
    manyAgents: (count) => startAgent('sessions', count),
    settle: () => settle(coordinator, agents),
    stop,
  }
}

/** Settles and writes down what came of it. */
export async function settleInto(found: Draft, market: Market): Promise<void> {
  const from = performance.now()
  try {
    found.notes.push(`${await market.settle()} (${((performance.now() - from) / 1_000).toFixed(1)} s)`)
  } catch (error) {
    found.faults.push(`settled: no: ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function settle(coordinator: Peer, agents: readonly Peer[]): Promise<string> {
  let calls = 0
  let accepted = 0n
  const sessions: string[] = []
  for (const account of await Promise.all(agents.map((agent) => agent.ask<Account>('settle')))) {
    if (account.calls !== account.made) throw new Error(`${account.made} calls made, ${account.calls} countersigned`)
    calls += account.calls
    accepted += account.acceptedMicros
    sessions.push(...account.sessions)
  }
  const ledger = await coordinator.ask<{ readonly micros: bigint; readonly faults: readonly string[] }>(
    'settled',
    sessions,
  )
  if (ledger.micros !== accepted || ledger.faults.length > 0) {
    const faults = ledger.faults.join('; ')
    throw new Error(`the ledger settled ${ledger.micros} µUSDC, the agents accepted ${accepted} µUSDC; ${faults}`)
  }
  const sum = formatUsdc(micros(accepted))
  return `settled: ${calls} calls in ${sessions.length} sessions; ledger ${sum} USDC = accepted ${sum} USDC; books in order`
}
