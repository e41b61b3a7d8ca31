import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../context.ts'
import { median, percentile } from '../measure.ts'
import { startPeer, type Peer } from '../peers.ts'
import type { NodesStart } from '../parts/nodes.ts'
import { noFindings, tailRow, valueGoal, type Draft, type Findings } from '../report.ts'

const PROCESSES = 4
const DHT_NODES = 60
const GOSSIP_NODES = 100
const PROVIDERS = 20
const FINDS = 16
const MESSAGES = 15
const LIMIT_MS = 500
/** A publisher does not hear itself. */
const LISTENERS = GOSSIP_NODES - 1
/** What is not there by then is missed; looked at this often. */
const MISSED_MS = 5_000
const LOOK_MS = 100
/** New nodes look around for a while: calm is less than this share of a core, over a second. */
const CALM = 0.3
const CALM_SECONDS = 8
/** Meshes are made by heartbeats, one a second; this many probes at most until everybody hears one. */
const PROBES = 30

/** How long until everybody knows: 60 nodes for the DHT, then 100 for gossip, in four processes. */
export async function network(context: Context): Promise<Findings> {
  const found = noFindings()
  if (context.quick) {
    found.skipped.push({ name: 'gossip and DHT', why: 'left out by --quick' })
    return found
  }
  const processes: Peer[] = []
  try {
    context.say(`${DHT_NODES} nodes in ${PROCESSES} processes`)
    const known: string[] = []
    for (let at = 0; at < PROCESSES; at++) {
      const start: NodesStart = { count: DHT_NODES / PROCESSES, known: [...known] }
      const peer = await startPeer<readonly string[]>('nodes', start)
      processes.push(peer)
      known.push(...peer.ready)
    }
    await measureDht(context, processes, found)
    context.say(`${GOSSIP_NODES - DHT_NODES} more`)
    for (const peer of processes) {
      const count = (GOSSIP_NODES - DHT_NODES) / PROCESSES
      known.push(...(await peer.ask<readonly string[]>('grow', { count, known: [...known] } satisfies NodesStart)))
    }
    await measureGossip(context, processes, found)
    const rss = await Promise.all(processes.map((peer) => peer.ask<number>('rssMib')))
    const sum = rss.reduce((all, one) => all + one, 0)
    found.notes.push(`${GOSSIP_NODES} nodes in ${PROCESSES} processes: ${Math.round(sum)} MiB in all`)
    return found
  } finally {
    await Promise.all(processes.map((peer) => peer.stop()))
  }
}

async function measureDht(context: Context, processes: readonly Peer[], found: Draft): Promise<void> {
  const capability = 'orien/capability/1/bench'
  context.say(`${PROVIDERS} providers register`)
  const registered: string[] = []
  for (let at = 0; at < PROVIDERS; at += PROCESSES) {
    const index = Math.floor(at / PROCESSES)
    registered.push(...(await Promise.all(processes.map((peer) => peer.ask<string>('provide', { index, capability })))))
  }
  await calm(context, processes)
  context.say(`${FINDS} finds, one at a time`)
  const times: number[] = []
  let missed = 0
  for (let at = 0; at < FINDS; at++) {
    const index = DHT_NODES / PROCESSES - 1 - Math.floor(at / PROCESSES)
    const one = await processes[at % PROCESSES]?.ask<{ ms: number; peers: string[] }>('find', { index, capability })
    times.push(one?.ms ?? Number.NaN)
    missed += registered.filter((peer) => one?.peers.includes(peer) !== true).length
  }
  const name = `DHT find of all ${PROVIDERS} providers among ${DHT_NODES} nodes`
  const why = `median ${Math.round(median(times))} ms; a find asks nodes until k = 20 are known to be the closest, and all of them run on this machine`
  found.rows.push({
    name: `${name}, p95`,
    value: percentile(times, 0.95),
    unit: 'ms',
    goal: valueGoal('≤', LIMIT_MS),
    why,
  })
  found.rows.push({
    name: `${name}: missed`,
    value: missed,
    unit: 'providers',
    goal: valueGoal('≤', 0),
    why: `of ${FINDS * PROVIDERS}`,
  })
  found.rows.push(tailRow(name, median(times), percentile(times, 0.99)))
}

async function measureGossip(context: Context, processes: readonly Peer[], found: Draft): Promise<void> {
  await meshed(context, processes)
  await calm(context, processes)
  context.say(`${MESSAGES} messages, one at a time`)
  const times: number[] = []
  let missed = 0
  for (let at = 0; at < MESSAGES; at++) {
    const { id, atMs } = await publish(processes, at)
    let heard: number[] = []
    for (let waited = 0; heard.length < LISTENERS && waited < MISSED_MS; waited += LOOK_MS) {
      await sleep(LOOK_MS)
      heard = await heardOf(processes, id)
    }
    missed += LISTENERS - heard.length
    times.push(Math.max(...heard) - atMs)
  }
  const name = `gossip of 300 bytes to all of ${GOSSIP_NODES} nodes`
  const why = `median ${Math.round(median(times))} ms; CPU bound: every node checks and relays every message on this one machine`
  found.rows.push({
    name: `${name}, p95`,
    value: percentile(times, 0.95),
    unit: 'ms',
    goal: valueGoal('≤', LIMIT_MS),
    why,
  })
  found.rows.push({
    name: `${name}: missed`,
    value: missed,
    unit: 'deliveries',
    goal: valueGoal('≤', 0),
    why: `of ${MESSAGES * LISTENERS}`,
  })
  found.rows.push(tailRow(name, median(times), percentile(times, 0.99)))
}

/** Waits until a message reaches everybody: start-up is no part of the row. */
async function meshed(context: Context, processes: readonly Peer[]): Promise<void> {
  for (let probe = 1; probe <= PROBES; probe++) {
    const { id } = await publish(processes, probe)
    await sleep(1_000)
    if ((await heardOf(processes, id)).length === LISTENERS) return context.say(`meshed after ${probe} s`)
  }
  context.say('never meshed: some nodes miss messages')
}

/** Waits until the processes do nothing much by themselves. */
async function calm(context: Context, processes: readonly Peer[]): Promise<void> {
  const sum = async (): Promise<number> =>
    (await Promise.all(processes.map((peer) => peer.cpuUs()))).reduce((all, one) => all + one, 0)
  for (let second = 1; second <= CALM_SECONDS; second++) {
    const before = await sum()
    await sleep(1_000)
    if ((await sum()) - before < CALM * 1e6) return context.say(`calm after ${second} s`)
  }
  context.say(`not calm after ${CALM_SECONDS} s`)
}

async function publish(processes: readonly Peer[], at: number): Promise<{ id: string; atMs: number }> {
  const peer = processes[at % processes.length]
  if (peer === undefined) throw new Error('no process')
  return peer.ask('publish', Math.floor(at / processes.length))
}

async function heardOf(processes: readonly Peer[], id: string): Promise<number[]> {
  return (await Promise.all(processes.map((peer) => peer.ask<number[]>('heard', id)))).flat()
}
