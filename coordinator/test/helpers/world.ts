import { nodeCrypto } from '@orien/node/crypto'
import { createMemoryHub, createMemoryNetwork, PROTOCOLS, type MemoryHub, type Network } from '@orien/node/network'
import {
  ARC_TOKEN,
  memoryChain,
  memoryChainRail,
  memoryChannelNetwork,
  memoryChannelRail,
  type ChainRail,
  type ChannelRail,
  type MemoryChain,
  type MemoryChannelNetwork,
  type SignedLeg,
} from '@orien/node/rails'
import { memoryDisk, memoryStore, type MemoryDisk, type StoreOp } from '@orien/node/store'
import {
  errorOf,
  micros,
  Statement,
  statementAnswers,
  statementRequests,
  peekDocument,
  type Offer,
  type Random,
  type Signed,
  type Verifier,
} from '@orien/protocol'
import { decodeRecord } from '../../src/codec.ts'
import type { PayoutRecord } from '../../src/payout/record.ts'
import { createCoordinator, type Coordinator } from '../../src/coordinator.ts'
import type { CoordinatorParts } from '../../src/ports.ts'
import {
  DEFAULT_COORDINATOR_TIMES,
  DEFAULT_PAYOUT,
  DEFAULT_SETTINGS,
  type CoordinatorConfig,
} from '../../src/settings.ts'
import { ScriptedAgent, type AgentSession } from './agent.ts'
import { HELLO } from './link.ts'
import { CHAIN_ID, offerOf, partyOf, scope, walletOf, type Party } from './parties.ts'
import { ScriptedProvider } from './provider.ts'
import { manualTime, seededRandom, type ManualTime } from './time.ts'

export const AGENT_FUNDS = 10_000_000n
export const TREASURY_FUNDS = 1_000_000_000n
const GAS_WEI = 10n ** 24n
const records = () => undefined

export interface WorldOptions {
  readonly config?: Partial<CoordinatorConfig>
  readonly times?: Partial<CoordinatorConfig['times']>
  readonly payout?: Partial<CoordinatorConfig['payout']>
  readonly debitMovesBase?: boolean
  readonly treasuryMicros?: bigint
  /** What the coordinator draws its nonces from. */
  readonly random?: Random
  /** What stands between the coordinator and its chain: a node that lies, say. */
  readonly chainThrough?: (rail: ChainRail) => ChainRail
  /** Verifies the signatures of batches; in-process without one. */
  readonly verifier?: Verifier
  /** Sees each flush of the coordinator's store; what it throws fails it. */
  readonly onCommit?: (ops: readonly StoreOp[]) => void | Promise<void>
}

/** Coordinator, agent and provider on one hub, one ledger, one chain, one clock. */
export class World {
  readonly time: ManualTime
  readonly hub: MemoryHub
  readonly ledger: MemoryChannelNetwork
  readonly chain: MemoryChain
  readonly disk: MemoryDisk = memoryDisk()
  readonly coordinatorParty = partyOf(3)
  readonly treasury = walletOf(40)
  readonly gasKey = walletOf(41).address
  readonly platform = walletOf(42).address
  readonly reserve = walletOf(43).address
  readonly payoutWallet = walletOf(44)
  readonly events: { readonly event: string; readonly fields: Readonly<Record<string, unknown>> }[] = []
  readonly agent: ScriptedAgent
  readonly provider: ScriptedProvider
  readonly options: WorldOptions
  coordinator!: Coordinator
  #network: Network | undefined
  #random = seededRandom(7)
  #offers = 0
  readonly #providers = new Map<number, ScriptedProvider>()

  constructor(options: WorldOptions = {}) {
    this.options = options
    this.time = manualTime()
    const { trueClock: clock, timers } = this.time
    this.hub = createMemoryHub({ timers })
    this.ledger = memoryChannelNetwork({ clock, signatures: 'cheap', debitMovesBase: options.debitMovesBase ?? false })
    this.chain = memoryChain({ clock, signatures: 'cheap' })
    this.chain.fund(this.treasury.address, micros(options.treasuryMicros ?? TREASURY_FUNDS))
    this.chain.fundGas(this.gasKey, GAS_WEI)
    this.agent = this.newAgent(1)
    this.provider = this.newProvider(2)
  }

  newAgent(seed: number): ScriptedAgent {
    const party = partyOf(seed)
    this.ledger.fund(party.wallet.address, micros(AGENT_FUNDS))
    const network = createMemoryNetwork(this.hub, { peer: party.peer, records, dialable: false })
    return new ScriptedAgent(party, network, this.railOf(party), this.coordinatorParty.peer, () =>
      this.time.clock.wallMs(),
    )
  }

  newProvider(seed: number): ScriptedProvider {
    const known = this.#providers.get(seed)
    if (known !== undefined) return known
    const party = partyOf(seed)
    const network = createMemoryNetwork(this.hub, { peer: party.peer, records })
    const provider = new ScriptedProvider(party, network, this.coordinatorParty.peer)
    this.#providers.set(seed, provider)
    return provider
  }

  railOf(party: Party): ChannelRail {
    return memoryChannelRail(this.ledger, party.wallet)
  }

  async offer(more: Partial<Offer> = {}, provider = this.provider, payout = this.payoutWallet): Promise<Signed<Offer>> {
    this.#offers += 1
    const seq = this.#offers
    return offerOf(provider.party, this.coordinatorParty.peer, payout, this.time.clock.wallMs(), { seq, ...more })
  }

  config(): CoordinatorConfig {
    return {
      ...DEFAULT_SETTINGS,
      chainId: CHAIN_ID,
      channel: { url: 'memory:', asset: 'usdc' },
      token: ARC_TOKEN,
      platform: this.platform,
      reserve: this.reserve,
      floatMicros: micros(100_000_000n),
      ...this.options.config,
      times: { ...DEFAULT_COORDINATOR_TIMES, ...this.options.times },
      payout: { ...DEFAULT_PAYOUT, thresholdMicros: micros(1n), ...this.options.payout },
    }
  }

  /** Starts a coordinator on the disk as it is. */
  async start(): Promise<Coordinator> {
    const { clock, timers } = this.time
    const network = createMemoryNetwork(this.hub, { peer: this.coordinatorParty.peer, records })
    this.#network = network
    const onCommit = this.options.onCommit
    const parts: CoordinatorParts = {
      config: this.config(),
      signer: this.coordinatorParty.signer,
      wallet: this.coordinatorParty.wallet,
      bindings: [await this.coordinatorParty.binding('spend')],
      network,
      store: memoryStore({ disk: this.disk, ...(onCommit === undefined ? {} : { onCommit }) }),
      crypto: nodeCrypto,
      ...(this.options.verifier === undefined ? {} : { verifier: this.options.verifier }),
      clock,
      timers,
      random: this.options.random ?? this.#random,
      channel: this.railOf(this.coordinatorParty),
      chain: (this.options.chainThrough ?? ((rail) => rail))(
        memoryChainRail(this.chain, { treasury: this.treasury, gas: this.gasKey }),
      ),
      log: (event, fields) => void this.events.push({ event, fields }),
    }
    this.coordinator = createCoordinator(parts)
    await this.coordinator.start()
    return this.coordinator
  }

  /** Stops the coordinator in order and starts another one on the same disk. Connections of the others are gone. */
  async restart(): Promise<void> {
    await this.coordinator.stop()
    await this.kill()
    await this.start()
    await this.reconnect()
  }

  /** Takes the coordinator's network away without a word. */
  async kill(): Promise<void> {
    await this.#network?.stop()
    this.agent.unlink()
    this.provider.unlink()
    await this.time.settle()
  }

  /** The agent connects, as an agent with an open session does. */
  async reconnect(): Promise<void> {
    await this.agent.link().then((link) => link.send({ sessionId: new Uint8Array(32) }))
  }

  /** Agent, provider and coordinator, and a session between them. */
  async begin(wish: Parameters<ScriptedAgent['open']>[1] = {}): Promise<AgentSession> {
    await this.start()
    await this.agent.serve()
    const { bytes } = await this.offer()
    return this.agent.open(bytes, wish)
  }

  /** One call: authorised, run for `ms`, collected and acknowledged. */
  async call(session: AgentSession, ms: number, capMicros = 50_000n): Promise<void> {
    const collected = this.provider.receipt(session, this.agent.authorise(session, capMicros), ms)
    const answer = await this.provider.send(session, { receipts: [collected], acks: [this.agent.ack(session)] })
    if (answer?.failure !== undefined) throw errorOf(answer.failure, 'the coordinator')
  }

  /** One call of `ms` through the provider with that seed, and the end. */
  async finishOf(session: AgentSession, seed: number, ms: number): Promise<void> {
    const provider = this.#providers.get(seed)!
    const receipts = [provider.receipt(session, this.agent.authorise(session), ms)]
    await provider.send(session, { receipts, acks: [this.agent.ack(session)], ends: [this.agent.end(session)] })
    await provider.send(session, { final: provider.final(session) })
    await this.time.settle()
  }

  /** The signed leg of a payout that failed, as it is stored. */
  blockedLeg(): SignedLeg {
    for (const [key, value] of this.disk.values) {
      if (!key.startsWith('p/')) continue
      const leg = decodeRecord<PayoutRecord>(value).legs.find(({ state }) => state === 'blocked')
      if (leg !== undefined) return leg
    }
    throw new Error('no leg is blocked')
  }

  /** Both say they are done. */
  async finish(session: AgentSession): Promise<void> {
    await this.provider.send(session, { ends: [this.agent.end(session)] })
    await this.provider.send(session, { final: this.provider.final(session) })
    await this.time.settle()
  }

  async stateOf(session: AgentSession): Promise<string | undefined> {
    return (await this.coordinator.session(session.sessionId))?.state
  }

  /** Statements and payouts as a party gets them. */
  async statements(session: AgentSession, who: { readonly network: Network } = this.provider) {
    const stream = await who.network.dial({ peer: this.coordinatorParty.peer }, PROTOCOLS.statement)
    stream.send(statementRequests.encode({ hello: HELLO, sessionId: session.sessionId }))
    for await (const frame of stream.frames) {
      const answer = statementAnswers.decode(frame)
      await stream.close()
      return { ...answer, values: answer.statements.map((bytes) => peekDocument(scope, Statement, bytes).value) }
    }
    throw new Error('no answer')
  }

  /** Ends the world; resolves with everything that is wrong with its books. */
  async problems(): Promise<readonly string[]> {
    return [...(await this.coordinator.check()), ...this.#leaks()]
  }

  async end(): Promise<void> {
    await this.coordinator.stop()
    await this.#network?.stop()
  }

  /** The ledger as a whole neither lost nor made money. */
  #leaks(): string[] {
    const funded = AGENT_FUNDS * BigInt(this.fundedAgents) + this.gifts
    return this.ledger.total() === funded ? [] : [`the channel ledger holds ${this.ledger.total()}, not ${funded}`]
  }

  fundedAgents = 1
  /** What strangers put into the ledger. */
  gifts = 0n
}
