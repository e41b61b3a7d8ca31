import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from './context.ts'
import { median } from './measure.ts'
import type { CoordinatorReady, CoordinatorStart, Growth } from './parts/coordinator.ts'
import type { Delivery, GeneratorStart } from './parts/generator.ts'
import { startPeer, type Peer } from './peers.ts'
import { ratioGoal, valueGoal, type Draft } from './report.ts'

const SESSIONS = 8
/** One delivery: 1 024 receipts, which is what the small store begins with. Groups of 64, where everything but signatures weighs most. */
const DELIVERY: Delivery = { perSession: 128, group: 64 }
/** The small store grows while it is measured, to some 10⁴. */
const FEW = '10³'
/** Calm is less than 5 % of a core, looked at for 30 s at most. */
const CALM = { everyMs: 500, busyUs: 25_000, looks: 60 }
/** Receipts after which code is as warm as it gets. */
const REHEARSED = 100_000

/** A coordinator of its own with a generator of its own. */
interface Side {
  readonly peer: Peer & { readonly ready: CoordinatorReady }
  readonly generator: Peer
  readonly cpuUs: number[]
}

/**
 * What a receipt costs a coordinator whose store holds 10⁶ receipts, against one whose store holds 10³, in turn; and how long the start takes with
 * those 10⁶, all of them in sessions that stand open.
 */
export async function growth(context: Context, found: Draft): Promise<void> {
  const [receipts, many] = context.quick ? [100_000, '10⁵'] : [1_000_000, '10⁶']
  const rounds = context.quick ? 3 : 8
  const started: Peer[] = []
  try {
    const small = await sideOf(join(context.home, 'small'), started)
    const big = await sideOf(join(context.home, 'big'), started)
    context.say(`${many} receipts into one store`)
    const from = performance.now()
    const readyS = await fill(big.peer, { receipts, rehearsal: false }, started)
    const madeS = (performance.now() - from) / 1_000 - readyS
    // The other one does such work too, or its code would be the colder.
    await fill(small.peer, { receipts: REHEARSED, rehearsal: true }, started)
    context.say(`made in ${madeS.toFixed(0)} s; cost of a receipt with ${FEW} and with ${many} in the store`)
    for (const { peer } of [small, big]) await calm(peer)
    for (let round = 0; round <= rounds; round++) {
      for (const side of [small, big]) {
        const cpuUs = await deliver(side)
        if (round > 0) side.cpuUs.push(cpuUs)
      }
    }
    found.rows.push(
      {
        name: `coordinator, CPU a receipt with ${many} in the store, against ${FEW}`,
        value: median(big.cpuUs),
        unit: 'µs',
        baseline: median(small.cpuUs),
        goal: ratioGoal('≤', 1.25),
      },
      {
        name: `coordinator, ready after ${many} receipts in open sessions`,
        value: readyS,
        unit: 's',
        goal: valueGoal('≤', 10),
      },
    )
  } finally {
    for (const peer of started.toReversed()) await peer.stop()
  }
}

async function sideOf(home: string, started: Peer[]): Promise<Side> {
  const peer = await startPeer<CoordinatorReady>('coordinator', { home } satisfies CoordinatorStart)
  started.push(peer)
  const generator = await generatorOf(peer, started)
  const side: Side = { peer, generator, cpuUs: [] }
  await generator.ask('open', SESSIONS)
  await deliver(side)
  return side
}

async function generatorOf(peer: Side['peer'], started: Peer[]): Promise<Peer> {
  const generator = await startPeer<string>('generator', { coordinator: peer.ready } satisfies GeneratorStart)
  started.push(generator)
  await peer.ask('fund', generator.ready)
  return generator
}

/** CPU of the coordinator's process a receipt, µs: its threads and the store's are in it. */
async function deliver({ peer, generator }: Side): Promise<number> {
  const before = await peer.cpuUs()
  await generator.ask('deliver', DELIVERY)
  return ((await peer.cpuUs()) - before) / (DELIVERY.perSession * SESSIONS)
}

/** Waits until the store is done with what the filling left it to compact: nobody collects receipts that fast. */
async function calm(peer: Peer): Promise<void> {
  let before = await peer.cpuUs()
  for (let looks = 0; looks < CALM.looks; looks++) {
    await sleep(CALM.everyMs)
    const now = await peer.cpuUs()
    if (now - before < CALM.busyUs) return
    before = now
  }
}

/** Seconds until the coordinator serves again. */
async function fill(peer: Side['peer'], how: Omit<Growth, 'sessions'>, started: Peer[]): Promise<number> {
  const owner = await generatorOf(peer, started)
  const sessions = await owner.ask<readonly string[]>('open', SESSIONS)
  return peer.ask<number>('grow', { ...how, sessions } satisfies Growth)
}
