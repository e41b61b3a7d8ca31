import { Ack, isOrienError, numerator, openDocument, type CollectedReceipt, type Outgoing } from '@orien/protocol'
import { decodeRecord, encodeRecord } from '../codec.ts'
import type { Cosigner } from '../debit/cosigner.ts'
import type { Core } from '../core.ts'
import { keys } from '../keys.ts'
import { COORDINATOR_LIMITS } from '../limits.ts'
import type { Brief, Live } from '../sessions/live.ts'
import type { StoredReceipt, StoredRuling } from '../sessions/load.ts'
import type { Outcome } from '../sessions/runner.ts'
import { takeBatch, type Collecting } from './batch.ts'
import { beginDraft, finishDraft, settle } from './draft.ts'
import { settlementOf } from './settlements.ts'

/**
 * `contest`: tells the agent of every receipt it has not acknowledged, in order, and takes the Acks it gives. One round; three of them, delivered or
 * not, and contestMs, let the receipts settle without it.
 */
export async function performContest(collecting: Collecting, cosigner: Cosigner, live: Live): Promise<Outcome> {
  const { core, registry } = collecting
  const throughSeq = live.session.collectedThrough
  const roundMs = live.grant.contestMs / (COORDINATOR_LIMITS.contestRounds + 1)
  const untilMs = core.clock.monoMs() + Math.min(core.config.times.cosignMs, roundMs)
  const last = Math.min(throughSeq, live.session.ackedThrough + COORDINATOR_LIMITS.contestReceipts)
  for (let seq = live.session.ackedThrough + 1; seq <= last; seq++) {
    const leftMs = untilMs - core.clock.monoMs()
    if (leftMs <= 0 || live.session.ackedThrough >= last) break
    if (seq <= live.session.ackedThrough) continue
    const told = await tell(collecting, cosigner, live, seq, leftMs)
    if (!told) break
  }
  await registry.feed(live, { type: 'contested', nowMs: core.clock.wallMs(), throughSeq })
  return 'done'
}

/** Sends one receipt and takes the answer; false when the agent did not acknowledge it. */
async function tell(
  collecting: Collecting,
  cosigner: Cosigner,
  live: Live,
  seq: number,
  timeoutMs: number,
): Promise<boolean> {
  const { core } = collecting
  const record = await core.store.get(keys.receipt(live.sid, seq))
  if (record === undefined) return false
  const { authorisation, receipt, tickAck } = decodeRecord<StoredReceipt>(record)
  const contest: Outgoing<CollectedReceipt> = { authorisation, receipt, ...(tickAck === undefined ? {} : { tickAck }) }
  const exchange = await cosigner.ask(live.session.agent, { contest }, timeoutMs)
  exchange?.finish()
  const bytes = exchange?.answer.ack
  if (bytes === undefined) return false
  try {
    openDocument(core.scope, Ack, bytes, live.session.agent)
  } catch (error) {
    if (isOrienError(error)) return false
    throw error
  }
  const batch = { cheques: [], receipts: [], acks: [bytes], ends: [] }
  return (await takeBatch(collecting, live, live.session.agent, batch)) === undefined
}

/** Seen contestMs ago, or by a clock that has been set back since: three rounds were told of it all the same. */
function isRipe({ config }: Core, { grant }: Live, { firstSeenMs }: Brief, nowMs: number): boolean {
  return firstSeenMs + grant.contestMs <= nowMs || firstSeenMs > nowMs + config.times.skewMs
}

/** `rule`: what was seen contestMs ago and told of three times settles at min(claim, price·(lastTick + 30 000)). */
export async function performRule({ core, registry, standings }: Collecting, live: Live): Promise<Outcome> {
  return registry.inTurn(live, async (): Promise<Outcome> => {
    const draft = beginDraft(core, standings, live, live.session.provider)
    const throughSeq = live.session.contest?.throughSeq ?? 0
    let amount = 0n
    let receipts = 0
    for (const brief of live.unacked.values()) {
      if (brief.ruled !== undefined || brief.receiptSeq > throughSeq || !isRipe(core, live, brief, draft.nowMs))
        continue
      const { row, adds: ruled } = settlementOf(brief, { type: 'silence' })
      core.metrics.took([row])
      const ruling: StoredRuling = { receiptSeq: brief.receiptSeq, numerator: ruled, why: 'uncontested' }
      draft.ops.push({ type: 'put', key: keys.ruling(live.sid, brief.receiptSeq), value: encodeRecord(ruling) })
      live.unacked.set(brief.receiptSeq, { ...brief, ruled })
      amount += ruled
      receipts += 1
    }
    settle(draft, numerator(amount), receipts)
    const decision = finishDraft(draft)
    if (decision !== undefined) await registry.commit(live, decision)
    return 'done'
  })
}
