import type { StoreOp } from '@orien/node/store'
import {
  decodeCheque,
  documentId,
  equalBytes,
  findBinding,
  Fund,
  Grant,
  hex,
  least,
  micros,
  NO_RECEIPT,
  numerator,
  openDocument,
  peekDocument,
  Quote,
  signDocument,
  utf8,
  type Cheque,
  type Id,
  type PeerText,
} from '@orien/protocol'
import { refused, type Core } from '../core.ts'
import { keys } from '../keys.ts'
import { hold } from '../ledger/postings.ts'
import type { Standings } from '../standing/standing.ts'
import { requireFloat } from './float.ts'
import type { Live } from './live.ts'
import { emptyLive } from './load.ts'
import type { Notices } from './notices.ts'
import type { Registry } from './registry.ts'
import { isOver, moneyOf, type Session } from './session.ts'

/** How a session stands, for whoever asks with a Fund or without. */
export type Position =
  | { readonly type: 'granted'; readonly grant: Uint8Array; readonly notice: Uint8Array }
  | { readonly type: 'pending'; readonly sessionId: Id }
  | { readonly type: 'fundAgain'; readonly sessionId: Id }

/** Takes Funds, and tells how sessions stand. */
export interface Funding {
  /** PROTOCOL's checks on a Fund, in order. Throws what it refuses with. */
  fund(agent: PeerText, bytes: Uint8Array): Promise<Position>
  /** Throws `unknownSession`, `sessionVoid`. */
  ask(agent: PeerText, sessionId: Id): Promise<Position>
}

export function createFunding(core: Core, registry: Registry, standings: Standings, notices: Notices): Funding {
  const granted = async (session: Session): Promise<Position> => {
    if (session.state === 'VOID') throw refused('sessionVoid', 'the channel did not open: nothing moved')
    const grant = signDocument(core.scope, core.signer, Grant, Grant.decode(session.grant))
    return { type: 'granted', grant: grant.bytes, notice: await notices.of(session) }
  }

  const standing = async (live: Live): Promise<Position> => {
    const settled = ({ state, opening }: Session): boolean => state !== 'FUNDING' || opening.again
    await registry.until(live, settled, core.config.times.pendingMs)
    const { durable: session } = live
    if (!settled(session)) return { type: 'pending', sessionId: session.sessionId }
    if (session.state === 'FUNDING') return { type: 'fundAgain', sessionId: session.sessionId }
    return granted(session)
  }

  // Channels of Funds that are being written: two sessions on one would be paid twice by one close.
  const taking = new Set<string>()

  const isParty = ({ agent }: Session, asking: PeerText): boolean => agent === asking

  return {
    async fund(agent, bytes) {
      const { value: fund } = openDocument(core.scope, Fund, bytes, agent)
      const { grant } = peekDocument(core.scope, Quote, fund.quote).value
      const sid = hex(documentId(core.scope, Grant, grant))
      const known = registry.get(sid)
      if (known !== undefined) {
        if (!isParty(known.session, agent)) throw refused('badSignature', 'the session is of another agent')
        await tryAgain(core, registry, known, fund)
        return standing(known)
      }
      const over = await registry.finished(sid)
      if (over !== undefined && isParty(over, agent)) return granted(over)
      return standing(await take({ core, registry, standings, taking }, agent, fund))
    },
    async ask(agent, sessionId) {
      const live = registry.get(hex(sessionId))
      const session = live?.durable ?? (await registry.finished(hex(sessionId)))
      if (session === undefined || !isParty(session, agent))
        throw refused('unknownSession', 'no such session of this agent')
      return live === undefined || isOver(session.state) ? granted(session) : standing(live)
    },
  }
}

interface Taking {
  readonly core: Core
  readonly registry: Registry
  readonly standings: Standings
  readonly taking: Set<string>
}

/** A new session: everything is checked before it is held, and the hold is durable before the channel is touched. */
async function take({ core, registry, standings, taking }: Taking, agent: PeerText, fund: Fund): Promise<Live> {
  const { grant: payload } = peekDocument(core.scope, Quote, fund.quote).value
  const grant = Grant.decode(payload)
  const sessionId = documentId(core.scope, Grant, payload)
  const owner = await core.store.get(keys.channel(grant.channel.appSessionId))
  // From here to the commit nothing waits: of two Funds at once only one passes the float check, or makes the session.
  const other = registry.get(hex(sessionId))
  if (other !== undefined) return other
  const nowMs = core.clock.wallMs()
  if (grant.agent !== agent) throw refused('badSignature', 'the Quote is for another agent')
  const spend = findBinding(core.scope, grant.bindings, {
    peer: agent,
    role: 'spend',
    chainId: core.config.chainId,
    nowMs,
  })
  if (spend.value.wallet !== grant.agentWallet) throw refused('badBinding', 'the agent wallet is not the bound one')
  const channelId = grant.channel.appSessionId
  if (owner !== undefined || taking.has(channelId)) throw refused('badDocument', 'that channel is of another session')
  const { value: quote } = openDocument(core.scope, Quote, fund.quote, core.me)
  if (nowMs >= quote.validUntilMs) throw refused('quoteExpired', 'the quote is too old')
  requireFloat(core, registry, agent, grant.allowanceMicros)
  const live = emptyLive(core, newSession(core, sessionId, grant, payload, fund, quote.validUntilMs))
  const cheque = checkFirstCheque(core, live, fund.cheque)
  const tsMs = checkOpening(core, live, fund, nowMs)
  const payout = standings.payoutFrom(grant.provider, grant.payoutWallet, nowMs)
  const session: Session = {
    ...live.session,
    opening: { ...live.session.opening, tsMs },
    newestCheque: { base: cheque.base, seq: cheque.chequeSeq, ceilingMicros: cheque.ceilingMicros },
    payoutFromMs: payout.fromMs,
  }
  live.cheques = [{ cheque, bytes: fund.cheque }]
  const ops: StoreOp[] = [
    { type: 'put', key: keys.channel(grant.channel.appSessionId), value: utf8(live.sid) },
    { type: 'put', key: keys.cheque(live.sid, cheque.base, cheque.chequeSeq), value: fund.cheque },
    ...payout.ops,
  ]
  registry.add(live)
  taking.add(channelId)
  // When it cannot be written, nothing can be any more.
  await registry.commit(live, { session, ops, postings: [hold(live.sid, grant.allowanceMicros)] })
  taking.delete(channelId)
  return live
}

/** Another attempt, only for a session that waits for one: the same cheque, and open messages of the same grant. */
async function tryAgain(core: Core, registry: Registry, live: Live, fund: Fund): Promise<void> {
  const { opening } = live.session
  if (live.session.state !== 'FUNDING' || !opening.again || fund.attempt !== opening.attempt + 1) return
  const [first] = live.cheques
  if (first === undefined || !equalBytes(first.bytes, fund.cheque)) {
    throw refused('badCheque', 'another attempt carries the same cheque', { money: moneyOf(live.session, live.grant) })
  }
  const nowMs = core.clock.wallMs()
  // Rebuilt from the grant by the rail, so the create is the same one but for its time.
  const tsMs = checkOpening(core, live, fund, nowMs)
  await registry.feed(live, { type: 'fundedAgain', nowMs, attempt: fund.attempt, messages: fund.openMessages, tsMs })
}

function checkFirstCheque(core: Core, live: Live, bytes: Uint8Array): Cheque {
  const cheque = decodeCheque(bytes)
  const { grant, firstLane } = live
  const ceiling = least(grant.windowMicros, grant.allowanceMicros)
  const fits = cheque.base === firstLane.base && cheque.ceilingMicros === ceiling
  if (!fits || !equalBytes(cheque.sessionId, live.session.sessionId))
    throw refused('badCheque', 'cheque 1 is not the one of this grant')
  core.channel.verify(firstLane, cheque)
  return cheque
}

/** Throws `expired` when the open messages cannot land any more, or claim a time to come. */
function checkOpening(core: Core, live: Live, fund: Fund, nowMs: number): number {
  const { tsMs } = core.channel.verifyOpen(live.firstLane, fund.openMessages)
  const { landingMs } = core.channel.capabilities
  if (Math.abs(nowMs - tsMs) > landingMs)
    throw refused('expired', 'the open messages are not of now', { details: { landingMs } })
  return tsMs
}

function newSession(
  core: Core,
  sessionId: Id,
  grant: Grant,
  payload: Uint8Array,
  fund: Fund,
  validUntilMs: number,
): Session {
  const none = micros(0n)
  return {
    sessionId,
    agent: grant.agent,
    provider: grant.provider,
    grant: payload,
    state: 'FUNDING',
    opening: { attempt: fund.attempt, messages: fund.openMessages, tsMs: 0, validUntilMs, again: false },
    noticeSeq: 0,
    version: 0,
    base: core.channel.lane(grant, sessionId).base,
    debitedMicros: none,
    ceilingHeldMicros: none,
    newestCheque: { base: 0, seq: 0, ceilingMicros: none },
    collectedThrough: 0,
    headId: NO_RECEIPT,
    claimedNumerator: numerator(0n),
    ackedThrough: 0,
    ackedNumerator: numerator(0n),
    settledNumerator: numerator(0n),
    unsettled: 0,
    evidence: 0,
    final: false,
    closedByOthers: false,
    lastDebitMs: 0,
    stuck: false,
    payoutFromMs: 0,
  }
}
