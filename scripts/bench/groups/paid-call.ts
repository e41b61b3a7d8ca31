import type { Context } from '../context.ts'
import { interleave, type Burst, type Side } from '../measure.ts'
import { settleInto, startMarket, type Market } from '../market.ts'
import { missingPackage } from '../optional.ts'
import { startPeer, type Peer } from '../peers.ts'
import { noFindings, ratioGoal, tailRow, type Draft, type Findings } from '../report.ts'

const SESSIONS = 64
const IN_FLIGHT = 64

interface Load {
  readonly rounds: number
  readonly single: number
  readonly many: number
  readonly warmUp: number
}

/** A paid call of an in-process echo against the same echo unpaid. */
export async function paidCall(context: Context): Promise<Findings> {
  const load: Load = context.quick
    ? { rounds: 3, single: 200, many: 2_000, warmUp: 4_000 }
    : { rounds: 5, single: 500, many: 4_000, warmUp: 8_000 }
  const market = await startMarket({ home: context.home })
  const http = await startPeer('http-server')
  const client = await startPeer('http-client', http.ready)
  try {
    const found = noFindings()
    await warmUp(context, { market, client, load })
    await oneInFlight(context, { market, client, load }, found)
    await oneSession(context, { market, client, load }, found)
    await manySessions(context, { market, client, load }, found)
    await againstMcp(context, market, load, found)
    skipX402(found)
    context.say('settling')
    await settleInto(found, market)
    return found
  } finally {
    await market.stop()
    await client.stop()
    await http.stop()
  }
}

interface Bench {
  readonly market: Market
  readonly client: Peer
  readonly load: Load
}

/** Compiled code, filled caches, a first renewed cheque: what a process that serves for days has behind it. */
async function warmUp(context: Context, { market, client, load }: Bench): Promise<void> {
  context.say('warming up')
  const wish = { calls: load.warmUp, inFlight: IN_FLIGHT }
  await market.agent.ask<Burst>('burst', wish)
  await client.ask<Burst>('burst', wish)
  await market.agent.ask<Burst>('burst', { calls: load.single, inFlight: 1 })
}

async function oneInFlight(context: Context, { market, client, load }: Bench, found: Draft): Promise<void> {
  context.say('one call in flight')
  const wish = { calls: load.single, inFlight: 1 }
  const cpu = await cpuMeter(market)
  const { paid, unpaid } = await interleave(load.rounds, {
    paid: () => market.agent.ask<Burst>('burst', wish),
    unpaid: () => client.ask<Burst>('burst', wish),
  })
  const where = await cpu((load.rounds + 1) * load.single)
  const name = 'warm paid call, one in flight'
  const why = `p50 ${ms(paid.p50Ms)}; CPU a call: ${where}`
  found.rows.push({ name, value: paid.p50Ms, unit: 'ms', baseline: unpaid.p50Ms, goal: ratioGoal('≤', 5), why })
  found.rows.push(tailRow(name, paid.p50Ms, paid.p99Ms, 'ms', tailWhy))
  found.rows.push(
    tailRow(
      'unpaid Fastify, one in flight',
      unpaid.p50Ms,
      unpaid.p99Ms,
      'ms',
      'the baseline itself: noise of this machine',
    ),
  )
  found.notes.push(`one in flight: paid ${sideText(paid)}; unpaid ${sideText(unpaid)}; CPU a call: ${where}`)
}

/** Unpaid MCP over streamable HTTP, where its packages are installed. */
async function againstMcp(context: Context, market: Market, load: Load, found: Draft): Promise<void> {
  const names = [
    'warm paid call, one in flight, against unpaid MCP',
    'paid calls, 64 in flight, against unpaid MCP',
  ] as const
  const missing = missingPackage('mcp')
  if (missing !== undefined) {
    for (const name of names) found.skipped.push({ name, why: `package ${missing} is not installed` })
    return
  }
  context.say('unpaid MCP')
  const server = await startPeer<string>('mcp-server.mjs')
  const client = await startPeer('mcp-client.mjs', server.ready)
  try {
    const side = (peer: Peer, calls: number, inFlight: number) => () => peer.ask<Burst>('burst', { calls, inFlight })
    await client.ask('burst', { calls: load.single, inFlight: IN_FLIGHT })
    const calls = Math.ceil(load.single / 2)
    const single = await interleave(load.rounds, { paid: side(market.agent, calls, 1), mcp: side(client, calls, 1) })
    const many = await interleave(load.rounds, {
      paid: side(market.agent, load.many, IN_FLIGHT),
      mcp: side(client, Math.ceil(load.many / 5), IN_FLIGHT),
    })
    const why = 'see the rows against Fastify'
    const [one, all] = names
    found.rows.push({
      name: one,
      value: single.paid.p50Ms,
      unit: 'ms',
      baseline: single.mcp.p50Ms,
      goal: ratioGoal('≤', 1),
      why,
    })
    found.rows.push({
      name: all,
      value: many.paid.perSecond,
      unit: 'calls/s',
      baseline: many.mcp.perSecond,
      goal: ratioGoal('≥', 8),
      why,
    })
  } finally {
    await client.stop()
    await server.stop()
  }
}

/** x402 needs a facilitator, a funded chain and four packages; notes/performance.md tells how it was measured once. */
function skipX402(found: Draft): void {
  const missing = missingPackage('x402')
  const why = missing === undefined ? 'its baseline is not written yet' : `package ${missing} is not installed`
  for (const scheme of ['exact', 'batch-settlement'])
    found.skipped.push({ name: `warm paid call, against x402 ${scheme}`, why })
}

async function oneSession(context: Context, { market, client, load }: Bench, found: Draft): Promise<void> {
  context.say('64 calls in flight on one session')
  const wish = { calls: load.many, inFlight: IN_FLIGHT }
  const cpu = await cpuMeter(market)
  const { paid, unpaid } = await interleave(load.rounds, {
    paid: () => market.agent.ask<Burst>('burst', wish),
    unpaid: () => client.ask<Burst>('burst', wish),
  })
  const where = await cpu((load.rounds + 1) * load.many)
  rateRows('paid calls, 64 in flight on one session', 0.9, paid, unpaid, where, found)
  found.notes.push(`64 in flight: paid ${sideText(paid)}; unpaid ${sideText(unpaid)}; CPU a call: ${where}`)
}

async function manySessions(context: Context, { market, client, load }: Bench, found: Draft): Promise<void> {
  context.say(`${SESSIONS} agents open a session each`)
  const agent = await market.manyAgents(SESSIONS)
  const opening = performance.now()
  await agent.ask('open')
  found.notes.push(
    `${SESSIONS} sessions of as many agents opened and funded, 8 at a time, in ${ms(performance.now() - opening)}`,
  )
  context.say(`${SESSIONS} sessions with one call in flight each`)
  const wish = { calls: load.many, inFlight: SESSIONS }
  const cpu = await cpuMeter(market, agent)
  const { paid, unpaid } = await interleave(load.rounds, {
    paid: () => agent.ask<Burst>('burst', wish),
    unpaid: () => client.ask<Burst>('burst', wish),
  })
  const where = await cpu((load.rounds + 1) * load.many)
  rateRows('paid calls, 64 sessions with one in flight each', 0.25, paid, unpaid, where, found)
  found.notes.push(`64 sessions: paid ${sideText(paid)}; unpaid ${sideText(unpaid)}; CPU a call: ${where}`)
}

const tailWhy =
  'p99 holds what one call in a hundred waits for: a slow flush, a collection batch of 64 on the same thread, garbage collection'

function rateRows(name: string, limit: number, paid: Side, unpaid: Side, where: string, found: Draft): void {
  const why = `CPU a call: ${where}`
  found.rows.push({
    name,
    value: paid.perSecond,
    unit: 'calls/s',
    baseline: unpaid.perSecond,
    goal: ratioGoal('≥', limit),
    why,
  })
  found.rows.push(tailRow(name, paid.p50Ms, paid.p99Ms, 'ms', tailWhy))
}

/** Starts counting the CPU time of everybody behind the calls; the function it gives back says what one call took of each. */
async function cpuMeter(market: Market, agent = market.agent): Promise<(calls: number) => Promise<string>> {
  const parties = [
    ['agent', agent],
    ['provider', market.provider],
    ['coordinator', market.coordinator],
  ] as const
  const before = await Promise.all(parties.map(([, peer]) => peer.cpuUs()))
  return async (calls) => {
    const after = await Promise.all(parties.map(([, peer]) => peer.cpuUs()))
    return parties.map(([who], at) => `${who} ${us(((after[at] ?? 0) - (before[at] ?? 0)) / calls)}`).join(', ')
  }
}

function sideText({ p50Ms, p99Ms, perSecond, clientCpuUs }: Side): string {
  return `p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}, ${Math.round(perSecond)}/s, client CPU ${us(clientCpuUs)}`
}

function ms(value: number): string {
  return `${value.toPrecision(3)} ms`
}

function us(value: number): string {
  return `${Math.round(value)} µs`
}
