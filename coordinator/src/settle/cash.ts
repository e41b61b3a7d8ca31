import { decodeCheque, equalBytes } from '@orien/protocol'
import { refused } from '../core.ts'
import { laneOf, type Live } from '../sessions/live.ts'
import type { Outcome } from '../sessions/runner.ts'
import { chooseFinishing, isTooLate, standingLane, type Settling } from './close.ts'
import { performClosed } from './closed.ts'

/**
 * `cash`: reads before it cashes, so a close that landed is never sent again; cashes the one chosen cheque; books what a further
 * reading shows. An unknown outcome is read next time.
 */
export async function performCash(settling: Settling, live: Live): Promise<Outcome> {
  const { core, registry } = settling
  const { choice } = live.session
  if (choice === undefined) throw refused('internal', 'nothing was chosen to close with')
  const reading = await core.channel.read(laneOf(live))
  if (reading.status === 'closed') return performClosed(settling, live, reading)
  if (isTooLate(core, live)) return performClosed(settling, live, reading)
  const answer = await core.channel.cash(laneOf(live), decodeCheque(choice.cheque))
  if (answer === 'unknown' || answer === 'refused') return 'retry'
  const after = await core.channel.read(laneOf(live))
  if (after.status === 'closed') return performClosed(settling, live, after)
  if (answer === 'settled') return 'retry'
  const finishing = await chooseFinishing(core, live, after)
  if (finishing !== undefined && equalBytes(finishing.cheque, choice.cheque)) return 'retry'
  const { base } = standingLane(core, live, after)
  const nowMs = core.clock.wallMs()
  if (finishing === undefined) await registry.feed(live, { type: 'superseded', nowMs, version: after.version, base })
  else await registry.feed(live, { type: 'chosen', nowMs, choice: finishing, base })
  return 'done'
}
