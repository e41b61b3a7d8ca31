import type { Context } from '../context.ts'
import { growth } from '../growth.ts'
import { median } from '../measure.ts'
import { startPeer, type Peer } from '../peers.ts'
import type { CoordinatorReady, CoordinatorStart } from '../parts/coordinator.ts'
import type { Delivery, GeneratorStart } from '../parts/generator.ts'
import { noFindings, ratioGoal, type Draft, type Findings } from '../report.ts'

const SESSIONS = 8
const GROUP = 64
/** A receipt and the Ack that vouches for its Authorisation. */
const VERIFIES = 2
/** Verifications the pool makes in a round. */
const VERIFICATIONS = 4_000

/** Receipts a second that a coordinator verifies, makes durable and posts, against what its cores can verify. */
export async function coordinator(context: Context): Promise<Findings> {
  const load = context.quick ? { rounds: 2, perSession: 128 } : { rounds: 5, perSession: 1_024 }
  const found = noFindings()
  const peer = await startPeer<CoordinatorReady>('coordinator', { home: context.home } satisfies CoordinatorStart)
  const generator = await startPeer<string>('generator', { coordinator: peer.ready } satisfies GeneratorStart)
  const pool = await startPeer<number>('verify-pool')
  try {
    await peer.ask('fund', generator.ready)
    const sessions = await generator.ask<readonly string[]>('open', SESSIONS)
    for (const group of [1, GROUP]) await measure(context, { peer, generator, pool }, { ...load, group }, found)
    await check(peer, generator, sessions, found)
  } finally {
    await pool.stop()
    await generator.stop()
    await peer.stop()
  }
  await growth(context, found)
  return found
}

interface Bench {
  readonly peer: Peer
  readonly generator: Peer
  readonly pool: Peer & { readonly ready: number }
}

async function measure(
  { say }: Context,
  { peer, generator, pool }: Bench,
  load: Delivery & { readonly rounds: number },
  found: Draft,
): Promise<void> {
  const { rounds, perSession, group } = load
  say(`receipts in groups of ${group}`)
  const collected: number[] = []
  const verified: number[] = []
  let cpuUs = 0
  let verifyUs = 0
  for (let round = 0; round <= rounds; round++) {
    const before = await peer.cpuUs()
    const perSecond = await generator.ask<number>('deliver', { perSession, group } satisfies Delivery)
    if (round > 0) cpuUs += (await peer.cpuUs()) - before
    const idle = await pool.cpuUs()
    const ceiling = await pool.ask<number>('verify', VERIFICATIONS)
    if (round === 0) continue
    verifyUs += (await pool.cpuUs()) - idle
    collected.push(perSecond)
    verified.push(ceiling)
  }
  const ceiling = (median(verified) * group) / VERIFIES
  const each = Math.round(cpuUs / (rounds * perSession * SESSIONS))
  const ofIt = Math.round((VERIFIES * verifyUs) / (rounds * VERIFICATIONS * group))
  found.rows.push({
    name:
      group === 1 ? 'coordinator, receipts signed one by one' : `coordinator, receipts signed in groups of ${group}`,
    value: median(collected),
    unit: 'receipts/s',
    baseline: ceiling,
    goal: ratioGoal('≥', 0.7),
    why: `CPU a receipt ${each} µs, of it ${ofIt} µs verifying on threads of its own; the ceiling is ${pool.ready} cores that do nothing else`,
  })
}

interface View {
  readonly collected: number
  readonly acked: number
  readonly faults: readonly string[]
}

/** Every receipt made must be collected, countersigned and posted, and the books in order. */
async function check(peer: Peer, generator: Peer, sessions: readonly string[], found: Draft): Promise<void> {
  const made = await generator.ask<number>('made')
  const { collected, acked, faults } = await peer.ask<View>('collected', sessions)
  if (collected !== made || acked !== made)
    found.faults.push(`coordinator: ${made} receipts made, ${collected} collected, ${acked} posted`)
  else if (faults.length > 0) found.faults.push(`coordinator: ${faults.join('; ')}`)
  else found.notes.push(`coordinator: ${made} receipts made, collected and posted; books in order`)
}
