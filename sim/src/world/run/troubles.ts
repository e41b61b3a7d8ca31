import { micros, type Address } from '@orien/protocol'
import type { Rng } from '../kernel/rng.ts'
import type { Party } from '../parties/cast.ts'
import type { FaultKind } from '../ports/faults.ts'
import type { Ground } from '../world.ts'
import type { Stage } from './stage.ts'

/** What goes wrong by plan: power cuts, partitions, outages, and what others do to channels and wallets. */
export interface Troubles {
  /** Nothing goes wrong any more, and what was broken works again. */
  heal(): void
}

/** What a trouble works with. */
interface Trouble {
  readonly stage: Stage
  readonly ground: Ground
  readonly rng: Rng
  /** Counts it. */
  readonly hit: () => void
  /** Broken for a while, or until everything is healed. */
  readonly broken: (ms: number, mend: () => void) => void
}

interface Planned {
  /** How often it comes while things go wrong, at most. */
  readonly times: number
  readonly strike: (trouble: Trouble) => void
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const FEE_SPIKE = 50n

const PLANNED: Partial<Readonly<Record<FaultKind, Planned>>> = {
  'crash.agent': { times: 4, strike: (trouble) => cut(trouble, trouble.ground.cast.agents) },
  'crash.provider': { times: 4, strike: (trouble) => cut(trouble, trouble.ground.cast.providers) },
  'crash.coordinator': { times: 5, strike: (trouble) => cut(trouble, [trouble.ground.cast.coordinator]) },
  'store.crashInFlush': {
    times: 2,
    strike({ ground, rng }) {
      const machine = ground.machines.get(rng.pick(partiesOf(ground.cast)).name)
      if (machine !== undefined) machine.cutInNextFlush = true
    },
  },
  'network.partition': { times: 4, strike: partition },
  'channel.down': {
    times: 2,
    strike({ ground: { ledger }, rng, hit, broken }) {
      hit()
      ledger.setDown(true)
      broken(rng.chance(0.3) ? rng.between(90_000, 400_000) : rng.between(1_000, 90_000), () => ledger.setDown(false))
    },
  },
  'channel.hijacked': {
    times: 2,
    strike({ ground: { ledger, cast }, rng, hit, broken }) {
      hit()
      const { address } = rng.pick([...cast.agents, cast.coordinator]).wallet
      ledger.hijack(address, true)
      broken(rng.between(1_000, 120_000), () => ledger.hijack(address, false))
    },
  },
  'channel.dust': { times: 3, strike: dust },
  'channel.movedByOthers': { times: 1, strike: (trouble) => others(trouble, 'move') },
  'channel.closedByOthers': { times: 1, strike: (trouble) => others(trouble, 'close') },
  'chain.down': {
    times: 2,
    strike({ ground: { chain }, rng, hit, broken }) {
      hit()
      chain.setDown(true)
      broken(rng.between(1_000, 120_000), () => chain.setDown(false))
    },
  },
  'chain.stuck': { times: 3, strike: (trouble) => stuck(trouble, false) },
  'chain.dropped': { times: 3, strike: (trouble) => stuck(trouble, true) },
  'chain.blocked': {
    times: 2,
    strike({ ground: { chain, cast }, rng, hit, broken }) {
      hit()
      const { address } = rng.pick([...cast.providers, cast.platform]).wallet
      chain.block(address, true)
      broken(rng.between(10_000, 900_000), () => chain.block(address, false))
    },
  },
  'chain.feeSpike': {
    times: 2,
    strike({ ground: { chain }, rng, hit, broken }) {
      hit()
      chain.setFee(FEE_SPIKE)
      broken(rng.between(10_000, 200_000), () => chain.setFee(1n))
    },
  },
  'chain.paidByOthers': {
    times: 6,
    strike(trouble) {
      const { chain } = trouble.ground
      chain.holdMining(true)
      trouble.broken(120_000, () => chain.holdMining(false))
      whileWaiting(trouble, paidByOthers)
    },
  },
  'chain.nonceTaken': { times: 2, strike: (trouble) => whileWaiting(trouble, nonceTaken) },
  restart: {
    times: 3,
    strike({ stage, rng, hit }) {
      const host = rng.pick([stage.coordinator, ...stage.providers, ...stage.agents])
      if (host.running === undefined) return
      hit()
      void host.stop()
    },
  },
  'clock.jump': {
    times: 2,
    strike({ ground: { machines, cast }, rng, hit, broken }) {
      const machine = machines.get(rng.pick(partiesOf(cast)).name)
      if (machine === undefined) return
      hit()
      machine.wallOffsetMs = rng.pick([-DAY_MS, -HOUR_MS, -MINUTE_MS, MINUTE_MS, HOUR_MS, DAY_MS])
      broken(rng.between(5_000, 200_000), () => {
        machine.wallOffsetMs = 0
      })
    },
  },
}

/** Plans the troubles of a world for its first `faultyMs`. */
export function planTroubles(stage: Stage, faultyMs: number): Troubles {
  const { ground } = stage
  const rng = ground.rng.fork('troubles')
  const undo = new Set<() => void>()
  const broken = (ms: number, mend: () => void): void => {
    undo.add(mend)
    ground.time.after(ms, () => {
      if (undo.delete(mend)) mend()
    })
  }
  for (const [name, { times, strike }] of Object.entries(PLANNED)) {
    const kind = name as FaultKind
    if (!ground.faults.has(kind)) continue
    const hit = (): void => {
      ground.trace.add('world', kind)
      ground.faults.hit(kind)
    }
    for (let at = rng.between(1, times); at > 0; at--)
      ground.time.after(rng.between(1_000, faultyMs), () => {
        if (ground.faults.has(kind)) strike({ stage, ground, rng, hit, broken })
      })
  }
  return {
    heal() {
      ground.faults.heal()
      ground.wire.healPartitions()
      for (const one of undo) one()
      undo.clear()
    },
  }
}

function partiesOf({ coordinator, providers, agents }: Ground['cast']): readonly Party[] {
  return [coordinator, ...providers, ...agents]
}

function cut({ ground, rng, hit }: Trouble, parties: readonly Party[]): void {
  const machine = ground.machines.get(rng.pick(parties).name)
  if (machine?.up !== true) return
  hit()
  machine.cut('by plan')
}

function partition({ ground, rng, hit }: Trouble): void {
  const peers = partiesOf(ground.cast).map(({ peer }) => peer)
  const one = rng.pick(peers)
  const other = rng.pick(peers.filter((peer) => peer !== one))
  hit()
  ground.wire.partition(one, other, rng.between(500, 90_000))
}

/** Transactions wait; or are forgotten by the node that took them. */
function stuck({ ground: { chain }, rng, hit, broken }: Trouble, dropped: boolean): void {
  hit()
  chain.holdMining(true)
  broken(rng.between(5_000, 150_000), () => {
    if (dropped) chain.dropPending()
    chain.holdMining(false)
  })
}

/** Strikes when a transaction waits in the pool, or, when none comes, all the same. */
function whileWaiting(trouble: Trouble, strike: (trouble: Trouble) => void, tries = 120): void {
  const { chain, time, faults } = trouble.ground
  if (faults.healed) return
  if (chain.state.pending().length > 0 || tries === 0) strike(trouble)
  else time.after(1_500, () => whileWaiting(trouble, strike, tries - 1))
}

/** Somebody who saw the transaction in the pool sends one of its authorisations alone: the token pays it, once. */
function paidByOthers({ ground: { chain, cast }, rng, hit }: Trouble): void {
  const waiting = chain.state.pending()
  if (waiting.length === 0) return
  hit()
  chain.submitElsewhere(cast.treasury.wallet.address, rng.pick(waiting))
}

/** The operator uses the gas key for something else. */
function nonceTaken({ ground: { chain, cast }, hit }: Trouble): void {
  hit()
  chain.useNonce(cast.gas.wallet.address)
}

function dust({ ground: { cast, ledger, witness }, stage, rng, hit }: Trouble): void {
  // What a wallet held before its book first looked is none of the book's business.
  const begun = stage.coordinator.machine.disk.keys.includes('u/cursor')
  const { address } = rng.pick(begun ? partiesOf(cast) : cast.agents).wallet
  const amount = BigInt(rng.between(1, 5_000))
  hit()
  witness.dust.set(address, (witness.dust.get(address) ?? 0n) + amount)
  ledger.dust(address, micros(amount))
}

/** Agent and provider have the quorum: behind the coordinator's back they move a channel, or close it. */
function others({ ground: { cast, ledger, witness }, rng, hit }: Trouble, how: 'move' | 'close'): void {
  const agents = new Set<Address>(cast.agents.map(({ wallet }) => wallet.address))
  const open = [...ledger.ledger.channels].filter(
    ([, { status, participants }]) => status === 'open' && participants[0] !== undefined && agents.has(participants[0]),
  )
  if (open.length === 0) return
  const [id, { allocations }] = rng.pick(open)
  const capacity = allocations.agentMicros + allocations.coordinatorMicros + allocations.providerMicros
  const toCoordinator = (capacity * BigInt(rng.below(101))) / 100n
  const toProvider = ((capacity - toCoordinator) * BigInt(rng.below(101))) / 100n
  hit()
  witness.foreign.add(id)
  const moved = {
    agentMicros: micros(capacity - toCoordinator - toProvider),
    coordinatorMicros: micros(toCoordinator),
    providerMicros: micros(toProvider),
  }
  if (how === 'close') ledger.closeByOthers(id, moved)
  else ledger.moveByOthers(id, moved)
}
