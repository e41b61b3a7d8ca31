// Many agents in one process, each with its own peer key, wallet, connections and one session. They share a database, as they would share a
// disk if they shared a machine: one flush serves all that wait for it.
import { join } from 'node:path'
import { DEFAULT_POLICY, type Agent, type AgentPolicy } from '@orien/node'
import { systemClock, systemRandom, systemTimers } from '@orien/node/crypto'
import { createLibp2pNetwork, OFFERS_TOPIC, offerRecords } from '@orien/node/network'
import { createChannelRails } from '@orien/node/rails'
import { openLevelStore, type Store } from '@orien/node/store'
import { micros, OrienError, parsePeer, type Address } from '@orien/protocol'
import { composeAgent } from '../built.mjs'
import { logLine } from '../log.ts'
import { burst } from '../measure.ts'
import { payload, type BurstWish } from '../payload.ts'
import { serve } from '../serve.ts'
import { accountOf, type Account } from './account.ts'
import type { AgentStart } from './agent.ts'
import { CHAIN_ID, freshIdentity, scope, type Identity } from './identity.ts'
import { storeWithin } from './shared-store.ts'

const CALL = { maxCost: '0.001', allowance: '0.5' } as const
/** Agents that are started, or open their sessions, at the same time. */
const AT_ONCE = 8

const agents: Agent[] = []
const closing: (() => Promise<unknown>)[] = []
let provider = ''
let made = 0

async function start(options: AgentStart): Promise<{ readonly wallets: readonly Address[] }> {
  const { agents: count = 1 } = options
  provider = options.provider.peer
  const store = await openLevelStore(join(options.home, 'agents'))
  const all = Array.from({ length: count }, freshIdentity)
  for (let at = 0; at < count; at += AT_ONCE) {
    agents.push(...(await Promise.all(all.slice(at, at + AT_ONCE).map((me) => agentOf(options, me, store)))))
  }
  closing.push(() => store.close())
  return { wallets: all.map((me) => me.wallet.address) }
}

async function agentOf(options: AgentStart, me: Identity, store: Store): Promise<Agent> {
  const network = await createLibp2pNetwork({
    privateKeySeed: me.seed,
    listen: [],
    bootstrap: [options.coordinator.address, options.provider.address],
    role: 'client',
    loopback: true,
    records: offerRecords(scope),
    topics: [OFFERS_TOPIC],
  })
  const channel = { rail: 'yellow-v0', url: options.clearnodeUrl, asset: 'usdc' }
  const ports = { clock: systemClock, timers: systemTimers, random: systemRandom }
  const channels = createChannelRails({ allow: [channel], wallet: me.wallet, ...ports })
  closing.push(
    () => channels.stop(),
    () => network.stop(),
  )
  const policy: AgentPolicy = { ...DEFAULT_POLICY, minTier: 'D', windowCalls: 8, sessionMicros: micros(1_000_000n) }
  return composeAgent(
    {
      chainId: CHAIN_ID,
      channel,
      coordinators: [parsePeer(options.coordinator.peer)],
      policy,
      bindings: [await me.binding('spend')],
    },
    {
      network,
      store: storeWithin(store, `${me.peer}/`),
      scope,
      signer: me.signer,
      wallet: me.wallet,
      channels,
      ...ports,
      files: { open: () => Promise.reject(new OrienError('badInputs', { message: 'no files here' })) },
      log: logLine('sessions'),
    },
  )
}

/** The first call of each agent opens its session. */
async function open(): Promise<void> {
  for (let at = 0; at < agents.length; at += AT_ONCE) {
    await Promise.all(agents.slice(at, at + AT_ONCE).map((_, lane) => call(at + lane)))
  }
}

async function call(lane: number): Promise<void> {
  const agent = agents[lane]
  if (agent === undefined) throw new Error('no such agent')
  const { outcome } = await agent.run('echo', payload(), { ...CALL, provider: parsePeer(provider) })
  if (outcome !== 'ok') throw new Error(`the call ended as ${outcome}`)
  made++
}

serve({
  start,
  open,
  burst: ({ calls, inFlight }: BurstWish) => burst(calls, inFlight, call),
  async settle(): Promise<Account> {
    // A settled session is no longer among the live ones.
    const sessions = agents.flatMap((agent) => agent.sessions().map((live) => live.session))
    await Promise.all(agents.map((agent) => agent.settle()))
    return accountOf(sessions, made)
  },
  async stop() {
    await Promise.all(agents.map((agent) => agent.stop()))
    for (const close of closing) await close()
  },
})
