import type { Context } from '../context.ts'
import { startMarket } from '../market.ts'
import { median } from '../measure.ts'
import { startPeer } from '../peers.ts'
import { noFindings, ratioGoal, type Findings } from '../report.ts'

/** A file of an agent to its provider, verified and on disk, against the bytes alone. */
export async function blob(context: Context): Promise<Findings> {
  const { rounds, mib } = context.quick ? { rounds: 3, mib: 16 } : { rounds: 5, mib: 48 }
  const bytes = mib << 20
  const found = noFindings()
  const market = await startMarket({ home: context.home, folders: true })
  const server = await startPeer<string>('raw-node')
  const client = await startPeer<string>('raw-node')
  try {
    context.say(`${mib} MiB, ${rounds} times each`)
    await market.agent.ask('burst', { calls: 1, inFlight: 1 })
    const ours: number[] = []
    const raw: number[] = []
    for (let round = 0; round <= rounds; round++) {
      const sent = await market.agent.ask<number>('upload', bytes)
      const plain = await client.ask<number>('transfer', { address: server.ready, bytes })
      if (round === 0) continue
      ours.push((mib / sent) * 1_000)
      raw.push((mib / plain) * 1_000)
    }
    found.rows.push({
      name: 'blob transfer, agent to provider',
      value: median(ours),
      unit: 'MiB/s',
      baseline: median(raw),
      goal: ratioGoal('≥', 0.8),
      why: 'each byte is also framed, hashed (SHA-256), written to a file and flushed before the answer',
    })
    return found
  } finally {
    await client.stop()
    await server.stop()
    await market.stop()
  }
}
