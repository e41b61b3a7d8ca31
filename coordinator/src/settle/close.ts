import type { Lane, Reading } from '@orien/node/rails'
import { decodeCheque, equalBytes, isOrienError, type Micros } from '@orien/protocol'
import { refused, type Core } from '../core.ts'
import type { Cosigner } from '../debit/cosigner.ts'
import { chequeKey, laneOf, type KeptCheque, type Live } from '../sessions/live.ts'
import { allCheques } from '../sessions/load.ts'
import { isPastLanding } from '../sessions/opening.ts'
import type { Registry } from '../sessions/registry.ts'
import type { Outcome } from '../sessions/runner.ts'
import { closeTotal, type CloseChoice } from '../sessions/session.ts'
import { performClosed } from './closed.ts'

export interface Settling {
  readonly core: Core
  readonly registry: Registry
  readonly cosigner: Cosigner
}

/**
 * The cheque that closes at `total` without an exact one: of those drawn on `base` the smallest that covers it, else the largest.
 * Undefined when none is drawn on that base.
 */
export function chooseKept(cheques: readonly KeptCheque[], base: number, total: Micros): KeptCheque | undefined {
  let best: KeptCheque | undefined
  for (const one of cheques) {
    if (one.cheque.base !== base) continue
    if (best === undefined || isBetter(one.cheque.ceilingMicros, best.cheque.ceilingMicros, total)) best = one
  }
  return best
}

function isBetter(ceiling: Micros, than: Micros, total: Micros): boolean {
  if (ceiling >= total) return than < total || ceiling < than
  return than < total && ceiling > than
}

/**
 * `close`: reads the channel; asks the agent for the exact close; makes the choice of the one cheque that will be cashed, durable before
 * anything is submitted.
 */
export async function performClose(settling: Settling, live: Live): Promise<Outcome> {
  const { core, registry } = settling
  const reading = await core.channel.read(laneOf(live))
  if (reading.status === 'closed') return performClosed(settling, live, reading)
  const lane = standingLane(core, live, reading)
  const total = closeTotal(live.session, live.grant)
  const exact = await askExact(settling, live, lane, total, core.config.times.cosignMs)
  const choice = exact ?? keptChoice(live, lane.base, total) ?? (await chooseFinishing(core, live, reading))
  if (choice !== undefined) return choose(core, registry, live, choice, lane.base)
  // Others moved the channel, and the agent is not here: it is asked whenever it comes.
  const { version } = reading
  await registry.feed(live, { type: 'superseded', nowMs: core.clock.wallMs(), version, base: lane.base })
  return 'done'
}

/** `askClose`: nothing kept closes what stands; the agent is asked whenever it is there. */
export async function performAskClose(settling: Settling, live: Live): Promise<Outcome> {
  const { core, registry } = settling
  const reading = await core.channel.read(laneOf(live))
  if (reading.status === 'closed' || isTooLate(core, live)) return performClosed(settling, live, reading)
  const lane = standingLane(core, live, reading)
  const finishing = await chooseFinishing(core, live, reading)
  const total = closeTotal(live.session, live.grant)
  const choice = finishing ?? (await askExact(settling, live, lane, total, core.config.times.cosignMs))
  if (choice === undefined) return 'retry'
  return choose(core, registry, live, choice, lane.base)
}

/**
 * `watchUnclosed`: a channel that was given up may close after all. When it was given up by a clock that ran ahead, the chosen cheque, or one that the
 * agent gives now, still closes it: nobody else would.
 */
export async function performWatchUnclosed(settling: Settling, live: Live): Promise<Outcome> {
  const { core } = settling
  let reading = await core.channel.read(laneOf(live))
  if (reading.status === 'open' && !isTooLate(core, live)) {
    const lane = standingLane(core, live, reading)
    const choice =
      live.session.choice ??
      (await chooseFinishing(core, live, reading)) ??
      (await askExact(settling, live, lane, closeTotal(live.session, live.grant), core.config.times.cosignMs))
    if (choice !== undefined) await core.channel.cash(lane, decodeCheque(choice.cheque))
    reading = await core.channel.read(lane)
  }
  if (reading.status === 'closed') return performClosed(settling, live, reading)
  return { afterMs: core.config.times.watchMs }
}

/**
 * A kept cheque that closes what stands after others moved the channel: one drawn on the version that stands, or one whose first half is
 * what landed.
 */
export async function chooseFinishing(core: Core, live: Live, reading: Reading): Promise<CloseChoice | undefined> {
  if (!core.channel.capabilities.debitMovesBase) return undefined
  const { coordinatorMicros } = reading.allocations
  const cheques = await allCheques(core, live.sid)
  const landed = cheques.find(
    ({ cheque }) => cheque.base + 1 === reading.version && cheque.ceilingMicros === coordinatorMicros,
  )
  return landed === undefined
    ? keptChoice(live, reading.version, closeTotal(live.session, live.grant))
    : choiceOf(landed, false)
}

function keptChoice(live: Live, base: number, total: Micros): CloseChoice | undefined {
  const kept = chooseKept(live.cheques, base, total)
  return kept === undefined ? undefined : choiceOf(kept, false)
}

function choiceOf({ cheque, bytes }: KeptCheque, exact: boolean): CloseChoice {
  return { cheque: bytes, ceilingMicros: cheque.ceilingMicros, exact }
}

/** The lane that cheques must be drawn on by what the node says. */
export function standingLane(core: Core, live: Live, reading: Reading): Lane {
  const { debitMovesBase } = core.channel.capabilities
  const base = debitMovesBase && reading.status === 'open' ? reading.version : live.session.base
  return { ...live.firstLane, base }
}

/** The agent's cheque with ceiling = total, verified; undefined when it gives none. */
async function askExact(
  settling: Settling,
  live: Live,
  lane: Lane,
  total: Micros,
  timeoutMs: number,
): Promise<CloseChoice | undefined> {
  const { core, cosigner } = settling
  const { sessionId, agent } = live.session
  const close = { sessionId, base: lane.base, totalMicros: total }
  const exchange = await cosigner.ask(agent, { close }, timeoutMs)
  exchange?.finish()
  const bytes = exchange?.answer.cheque
  if (bytes === undefined) return undefined
  try {
    const cheque = decodeCheque(bytes)
    const fits = cheque.base === lane.base && cheque.ceilingMicros === total && equalBytes(cheque.sessionId, sessionId)
    if (!fits) throw refused('badCheque', 'the close is not the one that was asked for')
    core.channel.verify(lane, cheque)
    return choiceOf({ cheque, bytes }, true)
  } catch (error) {
    if (!isOrienError(error)) throw error
    core.log('sessionCloseRefused', { session: live.sid, code: error.code })
    return undefined
  }
}

/** No cheque of this session can land any more: it was not closed at chequeTs. */
export function isTooLate(core: Core, live: Live): boolean {
  return isPastLanding(core, live.grant.chequeTsMs)
}

async function choose(core: Core, registry: Registry, live: Live, choice: CloseChoice, base: number): Promise<Outcome> {
  const key = chequeKey(live, decodeCheque(choice.cheque))
  await registry.feed(live, { type: 'chosen', nowMs: core.clock.wallMs(), choice, base }, [
    { type: 'put', key, value: choice.cheque },
  ])
  return 'done'
}
