import { isOrienError, Notice, receiptsAnswers, type PeerText } from '@orien/protocol'
import type { Core } from '../core.ts'
import { COORDINATOR_LIMITS } from '../limits.ts'
import type { Live } from './live.ts'
import type { Registry } from './registry.ts'
import type { Session } from './session.ts'

/** Where Notices of a peer go while it is connected: its receipts streams. */
export interface Outlet {
  readonly peer: PeerText
  /** Sends one frame, or drops the stream when its reader is too slow. */
  push(frame: Uint8Array): void
}

/** Signs Notices, and brings them to both parties without being asked. */
export interface Notices {
  /** The envelope of a session's newest Notice. */
  of(session: Session): Promise<Uint8Array>
  /** Sends the peer's newest Notices, and every later one. Returns the way to stop. */
  attach(outlet: Outlet): () => void
}

export function createNotices(core: Core, registry: Registry): Notices {
  const outlets = new Map<PeerText, Set<Outlet>>()
  const made = new WeakMap<Session, Promise<Uint8Array>>()

  const of = (session: Session): Promise<Uint8Array> => {
    const known = made.get(session)
    if (known !== undefined) return known
    const signed = core.turn.sign(Notice, noticeOf(session)).then(({ bytes }) => bytes)
    made.set(session, signed)
    return signed
  }

  const push = async (session: Session, to: Iterable<Outlet>): Promise<void> => {
    const frame = receiptsAnswers.encode({ notice: await of(session) })
    for (const outlet of to) outlet.push(frame)
  }

  // In turn: what is under way is durable by then, and what a Notice says must be.
  const greet = (live: Live, outlet: Outlet): Promise<void> => registry.inTurn(live, () => push(live.durable, [outlet]))

  /** A Notice that nobody waits for: it is given again with every answer, and must not end the daemon. */
  const quietly = (pushed: Promise<void>): void => {
    pushed.catch((error: unknown) => core.log('noticeFailed', { code: isOrienError(error) ? error.code : 'internal' }))
  }

  registry.watch((live, before) => {
    const { durable: session } = live
    if (!isNews(before, session)) return
    const to = [session.agent, session.provider].flatMap((peer) => [...(outlets.get(peer) ?? [])])
    if (to.length > 0) quietly(push(session, to))
  })

  return {
    of,
    attach(outlet) {
      const held = outlets.get(outlet.peer) ?? new Set<Outlet>()
      outlets.set(outlet.peer, held.add(outlet))
      for (const live of greetable(registry.ofPeer(outlet.peer))) quietly(greet(live, outlet))
      return () => {
        held.delete(outlet)
        if (held.size === 0 && outlets.get(outlet.peer) === held) outlets.delete(outlet.peer)
      }
    },
  }
}

function noticeOf(session: Session): Notice {
  const { sessionId, noticeSeq, state, base, debitedMicros, ceilingHeldMicros, collectedThrough } = session
  return { sessionId, noticeSeq, state, base, debitedMicros, ceilingHeldMicros, collectedThrough }
}

/** What is told unasked: everything but what was collected, which is answered batch by batch. */
function isNews(before: Session, after: Session): boolean {
  if (after.noticeSeq === before.noticeSeq) return false
  return (
    before.state !== after.state ||
    before.base !== after.base ||
    before.debitedMicros !== after.debitedMicros ||
    before.ceilingHeldMicros !== after.ceilingHeldMicros
  )
}

function greetable(sessions: readonly Live[]): readonly Live[] {
  return sessions.filter(({ session }) => session.noticeSeq > 0).slice(0, COORDINATOR_LIMITS.maxGreetings)
}
