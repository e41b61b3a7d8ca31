// Agent and provider in one process, without calls: opens sessions at a coordinator, makes receipts and Acks ahead of time, and then
// delivers them as fast as the coordinator takes them.
import { systemClock, systemRandom, systemTimers, nodeCrypto } from '@orien/node/crypto'
import {
  createLibp2pNetwork,
  OFFERS_TOPIC,
  offerRecords,
  PROTOCOLS,
  type FrameStream,
  type Network,
} from '@orien/node/network'
import { memoryChannelNetwork, memoryChannelRail } from '@orien/node/rails'
import { memoryStore } from '@orien/node/store'
import { DEFAULT_POLICY } from '@orien/node'
import {
  Grant,
  micros,
  Offer,
  OrienError,
  parsePeer,
  receiptsAnswers,
  receiptsRequests,
  signDocument,
  type Address,
  type Hello,
} from '@orien/protocol'
import { openSession, SpendBook } from '../built.mjs'
import { serve } from '../serve.ts'
import { chainOf, type Batch, type Chain } from './chain.ts'
import { CHAIN_ID, freshIdentity, scope, type Identity } from './identity.ts'

export interface GeneratorStart {
  readonly coordinator: { readonly peer: string; readonly address: string }
}

const PRICE = micros(60_000n)
const TOOL = 'bench'
/** The memory rail's own name and place. */
const CHANNEL = { rail: 'memory', url: 'memory:', asset: 'usdc' }
const agent = freshIdentity()
const provider = freshIdentity()
const documents = ['grant', 'notice', 'authorisation', 'receipt', 'ack'].map((name) => `/orien/${name}/1`)
const hello = (): Hello => ({ documents, clockMs: Date.now() })

let agentNetwork: Network | undefined
let providerNetwork: Network | undefined
let coordinator = ''
const chains: Chain[] = []

async function start(options: GeneratorStart): Promise<Address> {
  coordinator = options.coordinator.peer
  const networkOf = (me: Identity): Promise<Network> =>
    createLibp2pNetwork({
      privateKeySeed: me.seed,
      listen: [],
      bootstrap: [options.coordinator.address],
      role: 'client',
      loopback: true,
      records: offerRecords(scope),
      topics: [OFFERS_TOPIC],
    })
  agentNetwork = await networkOf(agent)
  providerNetwork = await networkOf(provider)
  return agent.wallet.address
}

async function offer() {
  const window = { windowMicros: micros(100_000_000n), windowCalls: 1_024 }
  return signDocument(scope, provider.signer, Offer, {
    seq: 1,
    issuedAtMs: Date.now(),
    expiresAtMs: Date.now() + 3_600_000,
    provider: provider.peer,
    bindings: [await provider.binding('spend'), await provider.binding('payout')],
    name: 'bench',
    description: '',
    tier: 'D',
    capacity: 1,
    coordinators: [parsePeer(coordinator)],
    maxWindow: window,
    tools: [
      {
        toolId: TOOL,
        name: TOOL,
        description: '',
        inputSchema: '{}',
        fileInputs: [],
        fileOutputs: [],
        priceMicrosPerMin: PRICE,
        maxMs: 60_000,
        limits: { cpuMillis: 0, memoryBytes: 0, diskBytes: 0, pids: 0, outputBytes: 1 << 20 },
        tags: [],
        verification: 'none',
        thirdPartyUseAllowed: true,
      },
    ],
  })
}

/** Opens `count` sessions. The ledger is in the coordinator's memory: this side drafts and signs, and reads nothing back. */
async function open(count: number): Promise<readonly string[]> {
  if (agentNetwork === undefined) throw new Error('not started')
  const ports = { clock: systemClock, timers: systemTimers, random: systemRandom }
  const rail = memoryChannelRail(memoryChannelNetwork({ clock: systemClock }), agent.wallet)
  const parts = {
    network: agentNetwork,
    store: memoryStore(),
    scope,
    signer: agent.signer,
    wallet: agent.wallet,
    channels: { use: () => Promise.resolve(rail), stop: () => Promise.resolve() },
    ...ports,
    files: { open: () => Promise.reject(new OrienError('badInputs', { message: 'no files here' })) },
    log: () => undefined,
  }
  const config = {
    chainId: CHAIN_ID,
    channel: CHANNEL,
    coordinators: [parsePeer(coordinator)],
    policy: { ...DEFAULT_POLICY, minTier: 'D' as const },
    bindings: [await agent.binding('spend')],
  }
  const book = new SpendBook(parts)
  const windows = { windowMicros: micros(100_000_000n), windowCalls: 1_024 }
  const found = { offer: await offer(), windows }
  for (let at = 0; at < count; at++) {
    const session = await openSession(
      { config, parts, book, hello: () => ({ documents: [Grant.type, ...documents], clockMs: Date.now() }) },
      { found, allowanceMicros: windows.windowMicros, windows },
    )
    chains.push(
      chainOf({
        scope,
        agent: agent.signer,
        provider: provider.signer,
        session: session.id,
        toolId: TOOL,
        priceMicrosPerMin: PRICE,
        crypto: nodeCrypto,
      }),
    )
  }
  return chains.map((chain) => chain.key)
}

export interface Delivery {
  readonly perSession: number
  /** Documents under one signature: 1, or 64. */
  readonly group: number
}

/** Makes everything first, then delivers it: one batch of a session in flight, as a provider's outbox does. Receipts a second. */
async function deliver({ perSession, group }: Delivery): Promise<number> {
  const made = chains.map((chain) => chain.make(perSession, group))
  const stream = await providerNetwork?.dial({ peer: parsePeer(coordinator) }, PROTOCOLS.receipts)
  if (stream === undefined) throw new Error('not started')
  const from = performance.now()
  await send(stream, made)
  const ms = performance.now() - from
  await stream.close()
  return (perSession * chains.length * 1_000) / ms
}

async function send(stream: FrameStream, made: readonly (readonly Batch[])[]): Promise<void> {
  const next = made.map(() => 0)
  const owner = new Map<number, number>()
  let number = 0
  let waiting = made.reduce((sum, batches) => sum + batches.length, 0)
  const push = (session: number): void => {
    const batch = made[session]?.[next[session] ?? 0]
    if (batch === undefined) return
    next[session] = (next[session] ?? 0) + 1
    owner.set(++number, session)
    stream.send(
      receiptsRequests.encode({
        ...(number === 1 ? { hello: hello() } : {}),
        ...batch,
        cheques: [],
        ends: [],
        batch: number,
      }),
    )
  }
  made.forEach((_, session) => push(session))
  for await (const frame of stream.frames) {
    const answer = receiptsAnswers.decode(frame)
    const session = answer.batch === undefined ? undefined : owner.get(answer.batch)
    if (answer.failure !== undefined) throw new Error(`the coordinator answered ${answer.failure.code}`)
    if (session === undefined) continue
    if (--waiting === 0) return
    push(session)
  }
  throw new Error('the coordinator closed the stream')
}

serve({
  start,
  open,
  deliver,
  made: () => chains.reduce((sum, chain) => sum + chain.made(), 0),
  async stop() {
    await providerNetwork?.stop()
    await agentNetwork?.stop()
  },
})
