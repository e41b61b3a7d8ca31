import { decodeCheque, equalBytes } from '@orien/protocol'
import { refused } from '../core.ts'
import { chequeKey, laneOf, worthKeeping } from '../sessions/live.ts'
import { totalOf } from '../sessions/session.ts'
import type { Draft } from './draft.ts'

/**
 * Takes one cheque: fits the session, drawn on the base that stands or on the next one, signed by the agent's wallet. One below another
 * that the agent gave is no news, however they are numbered: an agent may bring us one behind its provider's back. Kept until CLOSED; the
 * node is asked about it before a larger ceiling is reported. Throws `badCheque`, `badDocument`, `badSignature`.
 */
export function takeCheque(draft: Draft, bytes: Uint8Array): void {
  const { core, live, session } = draft
  const cheque = decodeCheque(bytes)
  const { base, chequeSeq, ceilingMicros } = cheque
  if (!equalBytes(cheque.sessionId, session.sessionId)) throw refused('badCheque', 'the cheque is of another session')
  const twins = live.cheques.filter(({ cheque: one }) => one.base === base && one.chequeSeq === chequeSeq)
  if (twins.some(({ cheque: one }) => one.ceilingMicros >= ceilingMicros)) return
  // Drawn on what debits left behind: it can never be cashed.
  if (base < session.base) return
  // Older than the newest and below what is settled: no close would ever choose it.
  const newest = session.newestCheque
  if (base === newest.base && chequeSeq < newest.seq && ceilingMicros < totalOf(session)) return
  const next = core.channel.capabilities.debitMovesBase ? session.base + 1 : session.base
  if (base !== session.base && base !== next) throw refused('badCheque', 'the cheque is drawn on a base to come')
  if (newest.base === base && chequeSeq > newest.seq && ceilingMicros < newest.ceilingMicros) return
  core.channel.verify(laneOf(live), cheque)
  draft.ops.push({ type: 'put', key: chequeKey(live, cheque), value: bytes })
  const isNewest =
    base === session.base &&
    (newest.base !== base ||
      chequeSeq > newest.seq ||
      (chequeSeq === newest.seq && ceilingMicros > newest.ceilingMicros))
  if (isNewest) draft.session = { ...session, newestCheque: { base, seq: chequeSeq, ceilingMicros } }
  live.cheques = worthKeeping([...live.cheques, { cheque, bytes }], totalOf(session), draft.session.newestCheque)
}
