import type { Context } from '../context.ts'
import { settleInto, startMarket, type Market } from '../market.ts'
import { interleave, type Burst, type Side } from '../measure.ts'
import { startPeer, type Peer } from '../peers.ts'
import type { JobsStart } from '../parts/jobs.ts'
import { noFindings, ratioGoal, tailRow, type Findings } from '../report.ts'

const BALLAST_MIB = 400
const LIMIT = 1.15

/** Starting a program from a daemon of any size, against a plain spawn from a small process. */
export async function runner(context: Context): Promise<Findings> {
  const load = context.quick ? { rounds: 3, calls: 60 } : { rounds: 5, calls: 80 }
  const found = noFindings()
  const market = await startMarket({ home: context.home, folders: true, ballastMib: BALLAST_MIB })
  const small = await startPeer('jobs', { through: 'runner', ballastMib: 0 } satisfies JobsStart)
  const large = await startPeer('jobs', { through: 'runner', ballastMib: BALLAST_MIB } satisfies JobsStart)
  const plain = await startPeer('jobs', { through: 'spawn', ballastMib: 0 } satisfies JobsStart)
  const naive = await startPeer('jobs', { through: 'spawn', ballastMib: BALLAST_MIB } satisfies JobsStart)
  try {
    context.say('the runner, a paid call and plain spawn, one at a time')
    const wish = { calls: load.calls, inFlight: 1 }
    const of = (peer: Peer) => () => peer.ask<Burst>('burst', wish)
    const sides = await interleave(load.rounds, {
      small: of(small),
      plain: of(plain),
      large: of(large),
      paid: () => market.agent.ask<Burst>('burst', { ...wish, tool: 'process' }),
      naive: of(naive),
    })
    write(found, sides)
    await settleInto(found, market)
    return found
  } finally {
    await stopAll(market, [small, large, plain, naive])
  }
}

function write(
  found: ReturnType<typeof noFindings>,
  sides: Readonly<Record<'small' | 'plain' | 'large' | 'paid' | 'naive', Side>>,
): void {
  const { small, plain, large, paid, naive } = sides
  const rows = [
    [
      'process through the runner',
      small,
      'two hops over the pipe to the runner, and its reading of /proc for the meter',
    ],
    [
      `the same from a daemon with ${BALLAST_MIB} MiB more`,
      large,
      'as above: the runner does not grow with the daemon',
    ],
    [
      'paid call that runs a process',
      paid,
      `beside the runner's ${small.p50Ms.toFixed(2)} ms: the paid call itself, and making and deleting the call's folder`,
    ],
  ] as const
  for (const [name, side, why] of rows) {
    found.rows.push({ name, value: side.p50Ms, unit: 'ms', baseline: plain.p50Ms, goal: ratioGoal('≤', LIMIT), why })
    found.rows.push(tailRow(name, side.p50Ms, side.p99Ms))
  }
  found.notes.push(
    `plain spawn from a small process: p50 ${plain.p50Ms.toFixed(2)} ms, p99 ${plain.p99Ms.toFixed(2)} ms; from one with ${BALLAST_MIB} MiB more: ${naive.p50Ms.toFixed(2)} ms`,
  )
}

async function stopAll(market: Market, peers: readonly Peer[]): Promise<void> {
  for (const peer of peers) await peer.stop()
  await market.stop()
}
