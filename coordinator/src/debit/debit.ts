import type { SignedDebit } from '@orien/node/rails'
import { decodeCheque, equalBytes, isOrienError, type Cheque, type CosignAnswer } from '@orien/protocol'
import { refused, type Core } from '../core.ts'
import { keys } from '../keys.ts'
import { chequeKey, laneOf, topCeiling, type Live } from '../sessions/live.ts'
import type { Notices } from '../sessions/notices.ts'
import { step } from '../sessions/machine.ts'
import { isPastLanding } from '../sessions/opening.ts'
import type { Registry } from '../sessions/registry.ts'
import type { Outcome } from '../sessions/runner.ts'
import { agreedTotal } from '../sessions/session.ts'
import type { Cosigner, Exchange } from './cosigner.ts'

export interface Debiting {
  readonly core: Core
  readonly registry: Registry
  readonly cosigner: Cosigner
  readonly notices: Notices
  /** Exchanges whose debit has not landed yet, by session: the Notice goes there too. */
  readonly waiting: Map<string, Exchange>
}

/**
 * `askDebit`: asks the agent to sign the channel's next state at the agreed total and to replace its cheque in the same exchange. Both
 * are verified and durable before anything is submitted. No answer, or a bad one, freezes the session.
 */
export async function performAskDebit(debiting: Debiting, live: Live): Promise<Outcome> {
  const { core, registry, cosigner } = debiting
  const { session } = live
  const debit = {
    version: session.version + 1,
    totalMicros: agreedTotal(session, live.grant),
    tsMs: core.clock.wallMs(),
  }
  const exchange = await cosigner.ask(
    session.agent,
    { debit: { sessionId: session.sessionId, ...debit } },
    core.config.times.cosignMs,
  )
  const signed = signedIn(core, live, debit, exchange?.answer)
  if ('why' in signed) {
    exchange?.finish()
    // Its clock or ours is off, or the answer took long: asked again with a new time.
    if (signed.why === 'expired') return 'retry'
    core.log('sessionDebitRefused', { session: live.sid, why: signed.why })
    await registry.feed(live, { type: 'debitRefused', nowMs: core.clock.wallMs(), why: signed.why })
    return 'done'
  }
  const { cheque, bytes } = signed
  const nextCheque = { base: cheque.base, seq: cheque.chequeSeq, ceilingMicros: cheque.ceilingMicros }
  const taken = await registry.inTurn(live, async () => {
    // Decided in one turn with the cheque list, which batches change too.
    const event = { type: 'debitSigned', nowMs: core.clock.wallMs(), debit: signed.debit, nextCheque } as const
    const { session: after, postings, rows } = step(live.session, event, live)
    // A batch may have brought another cheque of this number meanwhile: asked again, the agent is held to one.
    if (rows.length === 0 || core.book.doubts.any || isTwin(live, cheque)) return false
    core.metrics.took(rows)
    const known = live.cheques.some((one) => equalBytes(one.bytes, bytes))
    if (!known) live.cheques = [...live.cheques, { cheque, bytes }]
    const ops = [{ type: 'put', key: keys.cheque(live.sid, cheque.base, cheque.chequeSeq), value: bytes }] as const
    await registry.commit(live, { session: after, ops, postings })
    return true
  })
  if (taken && exchange !== undefined) debiting.waiting.set(live.sid, exchange)
  else exchange?.finish()
  return 'done'
}

type Signed =
  { readonly debit: SignedDebit; readonly cheque: Cheque; readonly bytes: Uint8Array } | { readonly why: string }

/** What the agent gave, verified by the rail; else why not. */
function signedIn(
  core: Core,
  live: Live,
  debit: Omit<SignedDebit, 'signatures'>,
  answer: CosignAnswer | undefined,
): Signed {
  if (answer === undefined) return { why: 'cosignTimeout' }
  if (answer.failure !== undefined) return { why: answer.failure.code === 'expired' ? 'expired' : 'cosignRefused' }
  try {
    const signed: SignedDebit = { ...debit, signatures: answer.signatures }
    core.channel.verifyDebit(laneOf(live), signed)
    return { debit: signed, ...checkNextCheque(core, live, signed, answer.cheque) }
  } catch (error) {
    if (isOrienError(error)) return { why: 'cosignBad' }
    throw error
  }
}

/** Another cheque has its number. The one after a debit is found again by that. */
function isTwin(live: Live, cheque: Cheque): boolean {
  return chequeKey(live, cheque) !== keys.cheque(live.sid, cheque.base, cheque.chequeSeq)
}

/** The cheque after a debit: drawn on what the debit leaves, not below any that was given. Throws `badCheque`, or as the rail. */
function checkNextCheque(core: Core, live: Live, debit: SignedDebit, bytes: Uint8Array | undefined) {
  if (bytes === undefined) throw refused('badCheque', 'the next cheque is missing')
  const cheque = decodeCheque(bytes)
  const { session } = live
  const base = core.channel.capabilities.debitMovesBase ? debit.version : session.base
  const fits =
    equalBytes(cheque.sessionId, session.sessionId) &&
    cheque.base === base &&
    !isTwin(live, cheque) &&
    cheque.ceilingMicros >= topCeiling(live) &&
    cheque.ceilingMicros >= debit.totalMicros
  if (!fits) throw refused('badCheque', 'the next cheque is not good after the debit')
  core.channel.verify({ ...laneOf(live), base }, cheque)
  return { cheque, bytes }
}

/**
 * `checkpoint`: reads whether the debit landed; submits it while it has not and can. Only what a reading shows decides: an answer that
 * was lost is read, the same bytes are sent again, and past landing the debit is dropped.
 */
export async function performCheckpoint(debiting: Debiting, live: Live): Promise<Outcome> {
  const { core, registry } = debiting
  const { debit } = live.session
  if (debit === undefined) return 'done'
  const lane = laneOf(live)
  const reading = await core.channel.read(lane)
  const landed =
    reading.status === 'open' &&
    reading.version === debit.version &&
    reading.allocations.coordinatorMicros === debit.totalMicros
  if (landed) return land(debiting, live)
  const stands = reading.status === 'open' && reading.version === debit.version - 1
  if (!stands && reading.status !== 'absent') {
    abandon(debiting, live)
    await registry.feed(live, {
      type: 'moved',
      nowMs: core.clock.wallMs(),
      version: reading.version,
      closed: reading.status === 'closed',
    })
    return 'done'
  }
  if (isPastLanding(core, debit.tsMs)) {
    abandon(debiting, live)
    await registry.feed(live, { type: 'debitExpired', nowMs: core.clock.wallMs() })
    return 'done'
  }
  const { base, seq } = debit.nextCheque
  const next = await core.store.get(keys.cheque(live.sid, base, seq))
  if (next === undefined) throw refused('storeCorrupt', 'the cheque after the debit is gone')
  const answer = await core.channel.checkpoint(lane, debit, decodeCheque(next))
  if (answer === 'unknown') return 'retry'
  if (answer !== 'refused') return land(debiting, live)
  // Refused: out of date, or the wallet's signatures stopped counting. The next reading says which, unless it is the latter.
  if (core.clock.wallMs() - debit.tsMs > core.channel.capabilities.landingMs) return 'retry'
  abandon(debiting, live)
  await registry.feed(live, { type: 'debitRefused', nowMs: core.clock.wallMs(), why: 'debitRefused' })
  return 'done'
}

function abandon({ waiting }: Debiting, live: Live): void {
  waiting.get(live.sid)?.finish()
  waiting.delete(live.sid)
}

async function land({ core, registry, notices, waiting }: Debiting, live: Live): Promise<Outcome> {
  const { debit, debitedMicros, base } = live.session
  if (debit === undefined) return 'done'
  await registry.feed(live, {
    type: 'debitLanded',
    nowMs: core.clock.wallMs(),
    version: debit.version,
    base: core.channel.capabilities.debitMovesBase ? debit.version : base,
  })
  core.metrics.add('debits_total')
  core.metrics.add('debited_micros_total', debit.totalMicros - debitedMicros)
  const exchange = waiting.get(live.sid)
  waiting.delete(live.sid)
  exchange?.finish(await notices.of(live.durable))
  return 'done'
}

/** `probe`: asks the node about the newest cheque before its ceiling is reported as held. */
export async function performProbe({ core, registry }: Debiting, live: Live): Promise<Outcome> {
  const { newestCheque } = live.session
  const kept = live.cheques.find(
    ({ cheque }) =>
      cheque.base === newestCheque.base &&
      cheque.chequeSeq === newestCheque.seq &&
      cheque.ceilingMicros === newestCheque.ceilingMicros,
  )
  if (kept === undefined) throw refused('internal', 'the newest cheque is gone')
  const lane = laneOf(live)
  const answer = await core.channel.probe(lane, kept.cheque)
  if (answer === 'unknown') return 'retry'
  await registry.feed(live, {
    type: 'probed',
    nowMs: core.clock.wallMs(),
    base: lane.base,
    ceilingMicros: kept.cheque.ceilingMicros,
    alive: answer === 'alive',
  })
  // Dead in a state that cannot freeze any more: nothing to do but look again later.
  return answer === 'alive' ? 'done' : { afterMs: core.config.times.watchMs }
}

/** `watch`: reads the channel, to see whether others moved or closed it. */
export async function performWatch({ core, registry }: Debiting, live: Live): Promise<Outcome> {
  const { version } = live.session
  const reading = await core.channel.read(laneOf(live))
  const { session } = live
  // What we did ourselves meanwhile is no move of others.
  const quiet = session.debit === undefined && session.version === version && reading.status !== 'absent'
  if (quiet && (reading.version !== version || reading.status === 'closed')) {
    await registry.feed(live, {
      type: 'moved',
      nowMs: core.clock.wallMs(),
      version: reading.version,
      closed: reading.status === 'closed',
    })
  }
  return { afterMs: core.config.times.watchMs }
}
