import { decodeCheque, equalBytes, OrienError, type Cheque } from '@orien/protocol'
import type { StoreOp } from '../store/port.ts'
import { keys } from './records.ts'
import type { SessionBookParts } from './book-parts.ts'
import { baseOf, type HeldCheque, type Session } from './session.ts'

/**
 * Keeps a verified cheque when it covers more, durably before it is relied on. One of the Notice's base admits calls; one of the next
 * base waits for its Notice. False when it is no news. Throws `badCheque`, `badDocument`, `badSignature`.
 */
export async function takeCheque(parts: SessionBookParts, session: Session, bytes: Uint8Array): Promise<boolean> {
  const cheque = decodeCheque(bytes)
  const held = placeOf(session, cheque) === 'now' ? session.cheque : session.nextCheque
  if (held !== undefined && cheque.ceilingMicros <= held.cheque.ceilingMicros) return false
  const rail = await parts.channels.use(session.grant.channel.rail, session.grant.channel.url)
  rail.verify({ ...session.lane, base: baseOf(session) }, cheque)
  const place = placeOf(session, cheque)
  const key = place === 'now' ? keys.cheque(session.key) : keys.nextCheque(session.key)
  await parts.store.commit([{ type: 'put', key, value: bytes }])
  if (place === 'now') session.cheque = { cheque, bytes }
  else session.nextCheque = { cheque, bytes }
  return true
}

/** A Notice moved the base: the cheque drawn on it takes the place of those before, which are kept in case the Notice was not true. */
export function rebase(session: Session): readonly StoreOp[] {
  const base = baseOf(session)
  const past = session.cheque
  if (past === undefined || past.cheque.base >= base) return []
  const next = session.nextCheque
  session.nextCheque = undefined
  session.cheque = next?.cheque.base === base ? next : undefined
  return [
    { type: 'put', key: keys.pastCheque(session.key, past.cheque.base), value: past.bytes },
    { type: 'del', key: keys.nextCheque(session.key) },
    session.cheque === undefined
      ? { type: 'del', key: keys.cheque(session.key) }
      : { type: 'put', key: keys.cheque(session.key), value: session.cheque.bytes },
  ]
}

/** A cheque as it was stored. */
export function heldCheque(bytes: Uint8Array | undefined): HeldCheque | undefined {
  return bytes === undefined ? undefined : { cheque: decodeCheque(bytes), bytes }
}

function placeOf(session: Session, cheque: Cheque): 'now' | 'next' {
  const base = baseOf(session)
  const wrong =
    !equalBytes(cheque.sessionId, session.id) ||
    cheque.ceilingMicros > session.grant.allowanceMicros ||
    (cheque.base !== base && cheque.base !== base + 1)
  if (wrong) throw new OrienError('badCheque', { message: 'the cheque is not drawn on this channel as it stands' })
  return cheque.base === base ? 'now' : 'next'
}
