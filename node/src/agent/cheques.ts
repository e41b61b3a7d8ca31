import { encodeCheque, type Cheque, type Micros } from '@orien/protocol'
import type { ChannelRail, Lane, Unsigned, Wallet } from '../rails/channel.ts'
import type { AgentSession } from './session.ts'

/** Signs every draft with the wallet, in order. */
export async function signAll(wallet: Wallet, drafts: readonly Unsigned[]): Promise<Uint8Array[]> {
  const signatures: Uint8Array[] = []
  for (const draft of drafts) signatures.push(await wallet.sign(draft))
  return signatures
}

/** Runs what draws a cheque of a session when the one before is done. */
export function drawInTurn<T>(session: AgentSession, draw: () => Promise<T>): Promise<T> {
  const drawn = session.drawing.then(draw, draw)
  session.drawing = drawn.catch(() => undefined)
  return drawn
}

/** Draws a cheque on the lane's base. The caller makes it durable before it leaves. */
export async function drawCheque(
  rail: ChannelRail,
  wallet: Wallet,
  lane: Lane,
  chequeSeq: number,
  ceilingMicros: Micros,
): Promise<Uint8Array> {
  const signatures = await signAll(wallet, rail.draft(lane, chequeSeq, ceilingMicros))
  const cheque: Cheque = { sessionId: lane.sessionId, chequeSeq, base: lane.base, ceilingMicros, signatures }
  return encodeCheque(cheque)
}
