import { createCoordinator, type Coordinator, type CoordinatorParts } from '@orien/coordinator'
import {
  composeAgent,
  composeProvider,
  type Agent,
  type AgentConfig,
  type AgentParts,
  type Provider,
  type ProviderConfig,
  type ProviderParts,
} from '@orien/node'
import { memoryChainRail, memoryChannelRail } from '@orien/node/rails'
import { OrienError } from '@orien/protocol'
import type { Machine } from '../kernel/machine.ts'
import { lifeChain } from '../ports/chain.ts'
import { worldFiles, worldRunner, worldToolBox, worldTools } from '../ports/tools.ts'
import type { Ground } from '../world.ts'
import type { Party } from './cast.ts'
import { agentConfig, coordinatorConfig, providerConfig } from './settings.ts'

/** A party on its machine: a process that can be started again and again on what its disk holds. */
export interface Host<T> {
  readonly party: Party
  readonly machine: Machine
  /** What runs now; undefined while nothing does. */
  readonly running: T | undefined
  /** Stops the process in order, as an operator does. */
  stop(): Promise<void>
  /** Starts the process. Rejects as the process does when it cannot start; never resolves when power is cut meanwhile. */
  boot(): Promise<void>
}

/** What a process of the packages is composed of. */
export interface Composed<C, P> {
  readonly config: C
  readonly parts: P
}

/** Puts other configurations and ports under the real logic, at each start of a process. Nothing is bent when absent. */
export interface Bends {
  coordinator?(parts: CoordinatorParts): CoordinatorParts
  provider?(of: Composed<ProviderConfig, ProviderParts>, party: Party): Composed<ProviderConfig, ProviderParts>
  agent?(of: Composed<AgentConfig, AgentParts>, party: Party): Composed<AgentConfig, AgentParts>
}

export function coordinatorHost(ground: Ground, bends: Bends = {}): Host<Coordinator> {
  const { cast, ledger, chain } = ground
  const party = cast.coordinator
  return hostOf(ground, party, async (machine, life) => {
    const rail = memoryChainRail(chain, { treasury: cast.treasury.wallet, gas: cast.gas.wallet.address })
    const parts: CoordinatorParts = {
      config: coordinatorConfig(cast, ground.settings),
      signer: party.signer,
      wallet: party.wallet,
      bindings: [party.bindings.spend],
      network: ground.join(party, machine, life, true),
      store: machine.store(life),
      crypto: cast.crypto.crypto,
      clock: machine.clock(),
      timers: machine.timers(life),
      random: machine.random(),
      channel: memoryChannelRail(ledger, party.wallet),
      chain: lifeChain(rail, machine, life, { ...ground, rng: ground.rng.fork('chain') }),
      log: ground.log(party.name, life),
    }
    const coordinator = createCoordinator(bends.coordinator?.(parts) ?? parts)
    void coordinator.failed.then(() => machine.cut('its book failed', 'lost'))
    ground.onEnd(life, () => {
      for (const row of Object.keys(coordinator.transitions())) ground.witness.rows.add(row)
    })
    await coordinator.start()
    return coordinator
  })
}

export function providerHost(ground: Ground, party: Party, bends: Bends = {}): Host<Provider> {
  const { cast, settings, time, runs } = ground
  return hostOf(ground, party, (machine, life) => {
    const config = providerConfig(cast, party, settings)
    const parts: ProviderParts = {
      ...worldFiles(ground, ground.rng.fork(`files/${party.name}`)),
      network: ground.join(party, machine, life, true),
      store: machine.store(life),
      scope: cast.scope,
      signer: party.signer,
      channels: ground.railsOf(party),
      wallet: party.wallet,
      runner: worldRunner(machine, life, time, runs),
      tools: worldToolBox(worldTools(settings.pricePerMin)),
      clock: machine.clock(),
      timers: machine.timers(life),
      random: machine.random(),
      log: ground.log(party.name, life),
    }
    const bent = bends.provider?.({ config, parts }, party) ?? { config, parts }
    return composeProvider(bent.config, bent.parts)
  })
}

export function agentHost(ground: Ground, party: Party, bends: Bends = {}): Host<Agent> {
  const { cast, settings } = ground
  return hostOf(ground, party, (machine, life) => {
    const config = agentConfig(party, settings)
    const parts: AgentParts = {
      network: ground.join(party, machine, life, false),
      store: machine.store(life),
      scope: cast.scope,
      signer: party.signer,
      wallet: party.wallet,
      channels: ground.railsOf(party),
      clock: machine.clock(),
      timers: machine.timers(life),
      random: machine.random(),
      files: { open: () => Promise.reject(new OrienError('badInputs', { message: 'no files here' })) },
      log: ground.log(party.name, life),
    }
    const bent = bends.agent?.({ config, parts }, party) ?? { config, parts }
    return composeAgent(bent.config, bent.parts)
  })
}

interface Stoppable {
  stop(): Promise<void>
}

function hostOf<T extends Stoppable>(
  ground: Ground,
  party: Party,
  start: (machine: Machine, life: Machine['life']) => Promise<T>,
): Host<T> {
  const machine = ground.machines.get(party.name)
  if (machine === undefined) throw new RangeError(`${party.name} has no machine`)
  const rng = ground.rng.fork(`host/${party.name}`)
  let running: { readonly life: Machine['life']; readonly process: T } | undefined
  machine.onPowerCut = () => {
    ground.witness.cuts += 1
    running = undefined
    // Peers notice at once, or only when they wait in vain.
    const { life } = machine
    const vanish = (): void => {
      if (machine.life === life) ground.hub.vanish(party.peer)
    }
    ground.time.after(rng.chance(0.5) ? 0 : rng.between(100, 6_000), vanish)
  }
  return {
    party,
    machine,
    get running() {
      return running?.life.alive === true ? running.process : undefined
    },
    async stop() {
      const { life } = machine
      const stopping = running?.life === life ? running.process.stop() : undefined
      if (stopping === undefined) return
      await Promise.race([stopping, life.ended])
      if (life.alive) machine.cut('stopped in order', 'lost')
    },
    async boot() {
      const life = machine.boot()
      ground.trace.add(party.name, 'boot')
      const process = await start(machine, life)
      await machine.alive(life)
      running = { life, process }
    },
  }
}
