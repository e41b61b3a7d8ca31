import {
  End,
  Final,
  hex,
  isOrienError,
  Notice,
  numerator,
  OrienError,
  peekDocument,
  signDocument,
  type CancelTimer,
  type Hello,
  type Outgoing,
  type PeerText,
  type ReceiptsRequest,
} from '@orien/protocol'
import { CoordinatorLinks } from '../coordinator-client/links.ts'
import { isGone } from '../coordinator-client/silence.ts'
import type { ProviderParts } from './ports.ts'
import { decodeDone, keys, range, seqOfKey } from './records.ts'
import type { SessionBook } from './session-book.ts'
import { awaitsAcks, isBehind, type HeldCheque, type Session } from './session.ts'

/** Receipts in one batch: one durable decision of the coordinator. */
const MAX_BATCH = 64
const RETRY_FIRST_MS = 250
const RETRY_MAX_MS = 10_000

export interface CollectorParts {
  readonly parts: ProviderParts
  readonly book: SessionBook
  readonly hello: () => Hello
  /** Receipts and Acks wait so long for others to share a batch with; cheques and the end do not. */
  readonly lingerMs: number
  /** A newer Notice was kept. */
  readonly onNotice: (session: Session, bytes: Uint8Array, before: Notice | undefined) => Promise<void>
}

/** What was sent of a session on the stream as it stands; a new stream starts over from the newest Notice. */
interface Progress {
  asked: boolean
  /** Ceilings of the cheques sent, of the Notice's base and of the next. */
  chequeSent: bigint
  nextChequeSent: bigint
  receiptsSent: number
  /** On this stream it showed that its book is an older one: nothing it once acknowledged counts. */
  forgotten: boolean
  driving: boolean
  failures: number
  retry: CancelTimer | undefined
  linger: CancelTimer | undefined
}

/**
 * The outbox. Nothing is queued: what the coordinator lacks is what we hold beyond its newest Notice, so a crash loses
 * nothing and repeats nothing that matters. One batch of a session is in flight at a time.
 */
export class Collector {
  readonly #of: CollectorParts
  readonly #links: CoordinatorLinks
  readonly #progress = new Map<string, Progress>()
  #stopped = false

  constructor(of: CollectorParts) {
    this.#of = of
    const { network, timers } = of.parts
    this.#links = new CoordinatorLinks({
      ...{ network, timers, hello: of.hello },
      onNotice: (bytes) => this.#strayNotice(bytes),
      onLost: (coordinator) => this.#lost(coordinator),
    })
  }

  /** There may be something new to send: a new session, a receipt, a cheque, an Ack, an end. */
  wake(session: Session): void {
    // It is forgotten, or about to be.
    if (session.phase === 'paid') return
    const progress = this.#progressOf(session)
    if (progress.driving || progress.retry !== undefined || this.#stopped || !hasWork(session, progress)) return
    if (!isUrgent(session, progress) && this.#of.lingerMs > 0) {
      progress.linger ??= this.#of.parts.timers.after(this.#of.lingerMs, () => {
        progress.linger = undefined
        this.#start(session, progress)
      })
      return
    }
    this.#start(session, progress)
  }

  #start(session: Session, progress: Progress): void {
    progress.linger?.()
    progress.linger = undefined
    if (progress.driving || progress.retry !== undefined || this.#stopped) return
    progress.driving = true
    void this.#drive(session, progress)
  }

  /** Asks the coordinator how a session stands; false when it is not there, or does not know the session. */
  async heard(session: Session): Promise<boolean> {
    try {
      const answer = await this.#links.to(session.grant.coordinator).exchange({ sessionId: session.id })
      if (answer.notice !== undefined) await this.takeNotice(session, answer.notice)
      return true
    } catch (error) {
      return !isGone(error)
    }
  }

  /** Keeps a Notice from wherever it came and acts on it. */
  async takeNotice(session: Session, bytes: Uint8Array): Promise<void> {
    const before = session.notice?.value
    if (!(await this.#of.book.takeNotice(session, bytes))) return
    if (isBehind(session)) this.#of.parts.log('bookBehind', { session: session.key, durableSeq: session.durableSeq })
    await this.#of.onNotice(session, bytes, before)
  }

  /** Nothing can happen to it any more. */
  forget({ key }: Session): void {
    const progress = this.#progress.get(key)
    this.#progress.delete(key)
    progress?.retry?.()
    progress?.linger?.()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const { retry, linger } of this.#progress.values()) {
      retry?.()
      linger?.()
    }
    await this.#links.close()
  }

  async #drive(session: Session, progress: Progress): Promise<void> {
    let more = true
    while (more && !this.#stopped) {
      try {
        await this.#sendBatch(session, progress)
        progress.failures = 0
        more = hasWork(session, progress) && (isUrgent(session, progress) || this.#of.lingerMs === 0)
      } catch (error) {
        more = this.#recover(session, progress, error)
      }
    }
    progress.driving = false
    this.wake(session)
  }

  async #sendBatch(session: Session, progress: Progress): Promise<void> {
    // Only Acks on disk are sent. They get there with the next receipt; when there is none, or the session is over, a flush is asked for.
    if (session.phase !== 'open' || session.ackedThrough === session.acksSentThrough)
      await this.#of.book.acksOnDisk(session)
    const batch = await this.#batchOf(session, progress)
    const answer = await this.#links.to(session.grant.coordinator).exchange(batch.request)
    progress.asked = true
    progress.chequeSent = batch.chequeSent
    progress.nextChequeSent = batch.nextChequeSent
    progress.receiptsSent = batch.receiptsThrough
    session.acksSentThrough = Math.max(session.acksSentThrough, batch.acksThrough)
    session.finalSent ||= batch.final
    await this.#of.book.saveMeta(session)
    if (answer.notice === undefined) return
    await this.takeNotice(session, answer.notice)
    this.#remind(session, progress, batch, answer.notice)
  }

  /**
   * A coordinator that was brought back from an older copy of its book shows less than it acknowledged: what it forgot goes again, receipts from where
   * it stands, all Acks, the newest cheques, the end. Throws `outOfOrder`, which says from where.
   */
  #remind(session: Session, progress: Progress, batch: Batch, bytes: Uint8Array): void {
    const { noticeSeq, state, collectedThrough } = peekDocument(this.#of.parts.scope, Notice, bytes).value
    if (state !== 'OPEN' && state !== 'FROZEN' && state !== 'ENDING') return
    const isOlder = !progress.forgotten && noticeSeq < (session.notice?.value.noticeSeq ?? 0)
    if (collectedThrough >= batch.receiptsThrough && !isOlder) return
    progress.forgotten = true
    progress.chequeSent = 0n
    progress.nextChequeSent = 0n
    session.acksSentThrough = 0
    session.finalSent = false
    throw new OrienError('outOfOrder', {
      message: 'the coordinator forgot what it acknowledged',
      details: { expected: collectedThrough + 1 },
    })
  }

  /** True when the next batch may be tried at once; else it waits for a timer or an event. */
  #recover(session: Session, progress: Progress, error: unknown): boolean {
    const { log, timers } = this.#of.parts
    if (isOrienError(error, 'outOfOrder') && typeof error.details['expected'] === 'number' && progress.failures < 3) {
      progress.receiptsSent = error.details['expected'] - 1
      progress.failures++
      return true
    }
    const code = isOrienError(error) ? error.code : 'internal'
    log('collectFailed', { session: session.key, code })
    // A cheque it will never take must not hold up what it would.
    if (code === 'badCheque') progress.chequeSent = session.cheque?.cheque.ceilingMicros ?? progress.chequeSent
    progress.failures++
    progress.receiptsSent = session.notice?.value.collectedThrough ?? 0
    if (this.#stopped || session.phase === 'paid') return false
    const delayMs = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(10, progress.failures - 1))
    progress.retry = timers.after(delayMs, () => {
      progress.retry = undefined
      this.wake(session)
    })
    return false
  }

  async #batchOf(session: Session, progress: Progress): Promise<Batch> {
    const cheque = toSend(session.cheque, heldOf(session, progress), progress.chequeSent)
    const next = toSend(session.nextCheque, 0n, progress.nextChequeSent)
    const { receipts, through } = await this.#receiptsAfter(session, progress.receiptsSent)
    const { acks, acksThrough } = await this.#acksAfter(session, through)
    const final = isFinal(session, progress) && through === session.head.seq && acksThrough === session.ackedThrough
    return {
      request: {
        sessionId: session.id,
        cheques: [cheque, next].filter((one) => one !== undefined).map(({ bytes }) => bytes),
        receipts,
        acks,
        ...(final ? this.#lastWords(session) : { ends: [] }),
      },
      chequeSent: cheque?.cheque.ceilingMicros ?? progress.chequeSent,
      nextChequeSent: next?.cheque.ceilingMicros ?? progress.nextChequeSent,
      receiptsThrough: through,
      acksThrough,
      final,
    }
  }

  /** Only what is on disk: a crash must not leave the coordinator with a receipt that we do not know. */
  async #receiptsAfter(
    session: Session,
    seq: number,
  ): Promise<{ readonly receipts: Outgoing<ReceiptsRequest['receipts'][number]>[]; readonly through: number }> {
    const receipts: Outgoing<ReceiptsRequest['receipts'][number]>[] = []
    let through = seq
    if (seq >= session.durableSeq) return { receipts, through }
    const first = session.recent[0]?.receiptSeq
    if (first !== undefined && first <= seq + 1) {
      const recent = session.recent.slice(seq + 1 - first, seq + 1 - first + MAX_BATCH)
      return { receipts: recent.map(({ collected }) => collected), through: seq + recent.length }
    }
    const range = { gte: keys.done(session.key, seq + 1), lte: keys.done(session.key, session.durableSeq) }
    for await (const [key, bytes] of this.#of.parts.store.scan({ ...range, limit: MAX_BATCH })) {
      const { authorisation, receipt, tickAck } = decodeDone(key, bytes)
      receipts.push({ authorisation, receipt, ...(tickAck === undefined ? {} : { tickAck }) })
      through = seqOfKey(key)
    }
    return { receipts, through }
  }

  async #acksAfter(
    session: Session,
    through: number,
  ): Promise<{ readonly acks: Uint8Array[]; readonly acksThrough: number }> {
    const acks: Uint8Array[] = []
    let acksThrough = session.acksSentThrough
    if (acksThrough >= session.ackedThrough) return { acks, acksThrough }
    const kept = { gte: keys.ack(session.key, acksThrough + 1), lt: range(`ack/${session.key}/`).lt, limit: MAX_BATCH }
    for await (const [key, bytes] of this.#of.parts.store.scan(kept)) {
      if (seqOfKey(key) > Math.min(through, session.ackedThrough)) break
      acks.push(bytes)
      acksThrough = seqOfKey(key)
    }
    return { acks, acksThrough }
  }

  #lastWords(session: Session): { readonly final: Uint8Array; readonly ends: readonly Uint8Array[] } {
    const { scope, signer } = this.#of.parts
    const { seq, id } = session.head
    const final = signDocument(scope, signer, Final, {
      sessionId: session.id,
      lastSeq: seq,
      headId: id,
      claimedNumerator: numerator(session.claimed),
    })
    if (session.endReason === undefined) return { final: final.bytes, ends: [] }
    const end = signDocument(scope, signer, End, { sessionId: session.id, reason: session.endReason })
    return { final: final.bytes, ends: [end.bytes] }
  }

  #strayNotice(bytes: Uint8Array): void {
    void (async () => {
      const { sessionId } = peekDocument(this.#of.parts.scope, Notice, bytes).value
      const session = this.#of.book.get(hex(sessionId))
      if (session !== undefined) await this.takeNotice(session, bytes)
    })().catch((error: unknown) => {
      this.#of.parts.log('noticeRefused', { code: isOrienError(error) ? error.code : 'internal' })
    })
  }

  /** On a new stream everything unpaid is asked for again: Notices may have been missed. */
  #lost(peer: PeerText): void {
    for (const session of this.#of.book.all()) {
      if (session.grant.coordinator !== peer || this.#stopped) continue
      const progress = this.#progressOf(session)
      progress.asked = false
      progress.forgotten = false
      progress.chequeSent = 0n
      progress.nextChequeSent = 0n
      progress.receiptsSent = session.notice?.value.collectedThrough ?? 0
      progress.retry ??= this.#of.parts.timers.after(RETRY_FIRST_MS, () => {
        progress.retry = undefined
        this.wake(session)
      })
    }
  }

  #progressOf(session: Session): Progress {
    let progress = this.#progress.get(session.key)
    if (progress === undefined) {
      const receiptsSent = session.notice?.value.collectedThrough ?? 0
      const none = { asked: false, chequeSent: 0n, nextChequeSent: 0n, forgotten: false, driving: false, failures: 0 }
      progress = { ...none, receiptsSent, retry: undefined, linger: undefined }
      this.#progress.set(session.key, progress)
    }
    return progress
  }
}

interface Batch {
  readonly request: Partial<Outgoing<ReceiptsRequest>>
  readonly chequeSent: bigint
  readonly nextChequeSent: bigint
  readonly receiptsThrough: number
  readonly acksThrough: number
  readonly final: boolean
}

function isFinal(session: Session, { forgotten }: Progress): boolean {
  const phase = session.durablePhase
  const over = phase === 'frozen' || phase === 'ending' || (phase === 'closed' && forgotten)
  // Not before the last receipt and Ack are on disk, nor before it is that no more calls come.
  const whole = session.durableSeq === session.head.seq && !awaitsAcks(session)
  return over && session.openCaps.size === 0 && whole && !session.finalSent && !isBehind(session)
}

function heldOf(session: Session, { forgotten }: Progress): bigint {
  return forgotten ? 0n : (session.notice?.value.ceilingHeldMicros ?? 0n)
}

function toSend(one: HeldCheque | undefined, held: bigint, sent: bigint): HeldCheque | undefined {
  const ceiling = one?.cheque.ceilingMicros ?? 0n
  return ceiling > held && ceiling > sent ? one : undefined
}

/** What somebody waits for: a first Notice, a cheque that calls need, the end. And what fills a batch. */
function isUrgent(session: Session, progress: Progress): boolean {
  return (
    !progress.asked ||
    toSend(session.cheque, heldOf(session, progress), progress.chequeSent) !== undefined ||
    toSend(session.nextCheque, 0n, progress.nextChequeSent) !== undefined ||
    session.phase !== 'open' ||
    session.durableSeq - progress.receiptsSent >= MAX_BATCH
  )
}

/** After the channel is closed nothing is collected any more, but by a coordinator that forgot; only Notices are waited for. */
function hasWork(session: Session, progress: Progress): boolean {
  if (session.phase === 'paid') return false
  if (!progress.asked) return true
  if (session.phase === 'closed' && !progress.forgotten) return false
  return (
    toSend(session.cheque, heldOf(session, progress), progress.chequeSent) !== undefined ||
    toSend(session.nextCheque, 0n, progress.nextChequeSent) !== undefined ||
    session.durableSeq > progress.receiptsSent ||
    session.taken.through > session.acksSentThrough ||
    isFinal(session, progress)
  )
}
