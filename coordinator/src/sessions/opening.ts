import type { Reading } from '@orien/node/rails'
import type { Core } from '../core.ts'
import { laneOf, type Live, type Unanswered } from './live.ts'
import type { Registry } from './registry.ts'
import type { Outcome } from './runner.ts'

/**
 * `open`: reads the channel, submits the agent's messages while they can land, and reads again. Safe to do any number of
 * times: the same bytes never open a channel twice.
 */
export async function performOpen(core: Core, registry: Registry, live: Live): Promise<Outcome> {
  if (await tryOpened(core, registry, live)) return 'done'
  const { opening } = live.session
  if (isPastLanding(core, opening.tsMs) && !mayLand(core, live))
    return readTwice(core, registry, live, { type: 'notOpen' })
  const answer = await core.channel.open(laneOf(live), opening.messages)
  if (answer === 'void') return readTwice(core, registry, live, { type: 'openVoid', mayLand: mayLand(core, live) })
  // Messages that are sent again land no later than when they were sent first.
  if (answer === 'unknown' && live.openUnsure?.tsMs !== opening.tsMs) live.openUnsure = unanswered(core, opening.tsMs)
  return (await tryOpened(core, registry, live)) ? 'done' : 'retry'
}

/** `checkOpen`: no other attempt came; the session is void unless the channel opened after all, or may still. */
export async function performCheckOpen(core: Core, registry: Registry, live: Live): Promise<Outcome> {
  if (mayLand(core, live)) return (await tryOpened(core, registry, live)) ? 'done' : 'retry'
  return readTwice(core, registry, live, { type: 'notOpen' })
}

/**
 * True while messages whose answer we do not have may still open the channel: to give up now would leave its money in it for good. A wall clock that was
 * set forward does not make the time pass.
 */
function mayLand(core: Core, { openUnsure }: Live): boolean {
  if (openUnsure === undefined) return false
  return !isPastLanding(core, openUnsure.tsMs) || core.clock.monoMs() <= openUnsure.landsByMonoMs
}

/** Messages of that time that were sent now, or before this process began. */
export function unanswered(core: Core, tsMs: number): Unanswered {
  const { clock, channel, config } = core
  const aheadMs = Math.max(0, tsMs - clock.wallMs())
  return { tsMs, landsByMonoMs: clock.monoMs() + aheadMs + channel.capabilities.landingMs + config.times.skewMs }
}

type NotOpened = { readonly type: 'openVoid'; readonly mayLand: boolean } | { readonly type: 'notOpen' }

async function readTwice(core: Core, registry: Registry, live: Live, event: NotOpened): Promise<Outcome> {
  if (await tryOpened(core, registry, live)) return 'done'
  if (await tryOpened(core, registry, live)) return 'done'
  await registry.feed(live, { ...event, nowMs: core.clock.wallMs() })
  if (live.session.state === 'VOID') core.metrics.add('sessions_void_total')
  return 'done'
}

/** Reads; when the channel is open and full, probes cheque 1 and opens the session. */
async function tryOpened(core: Core, registry: Registry, live: Live): Promise<boolean> {
  const lane = laneOf(live)
  const reading = await core.channel.read(lane)
  if (!isOpenAndFull(live, reading)) return false
  const [first] = live.cheques
  const alive = first !== undefined && (await core.channel.probe(lane, first.cheque)) === 'alive'
  const { ceilingHeldMicros } = live.session
  await registry.feed(live, {
    type: 'opened',
    nowMs: core.clock.wallMs(),
    version: reading.version,
    base: lane.base,
    ceilingHeldMicros: alive ? first.cheque.ceilingMicros : ceilingHeldMicros,
  })
  core.metrics.add('sessions_opened_total')
  return true
}

function isOpenAndFull(live: Live, { status, definitionMatches, allocations }: Reading): boolean {
  return status === 'open' && definitionMatches && allocations.agentMicros === live.grant.allowanceMicros
}

/** True when a message of that time can no longer land, by any clock. */
export function isPastLanding(core: Core, tsMs: number): boolean {
  return core.clock.wallMs() > tsMs + core.channel.capabilities.landingMs + core.config.times.skewMs
}
