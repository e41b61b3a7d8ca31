import {
  End,
  Final,
  hex,
  isOrienError,
  Notice,
  numerator,
  peekDocument,
  signDocument,
  type Hello,
  type Outgoing,
  type PeerText,
  type ReceiptsRequest,
} from '@orien/protocol'
import { CoordinatorLink } from '../coordinator-client/link.ts'
import type { ProviderParts } from './ports.ts'
import { decodeDone, keys, seqOfKey } from './records.ts'
import { range, type SessionBook } from './session-book.ts'
import type { Session } from './session.ts'

/** Receipts in one batch: one durable decision of the coordinator. */
const MAX_BATCH = 64
const RETRY_FIRST_MS = 250
const RETRY_MAX_MS = 10_000

export interface CollectorParts {
  readonly parts: ProviderParts
  readonly book: SessionBook
  readonly hello: () => Hello
  /** A newer Notice was kept. */
  readonly onNotice: (session: Session, bytes: Uint8Array) => Promise<void>
}

/** What was sent of a session on the stream as it stands; a new stream starts over from the newest Notice. */
interface Progress {
  asked: boolean
  chequeSent: bigint
  receiptsSent: number
  driving: boolean
  failures: number
}

/**
 * The outbox. Nothing is queued: what the coordinator lacks is what we hold beyond its newest Notice, so a crash loses
 * nothing and repeats nothing that matters. One batch of a session is in flight at a time.
 */
export class Collector {
  readonly #of: CollectorParts
  readonly #links = new Map<PeerText, CoordinatorLink>()
  readonly #progress = new Map<string, Progress>()
  #stopped = false

  constructor(of: CollectorParts) {
    this.#of = of
  }

  /** Takes a session on; called for new ones, and for all unpaid ones at start. */
  watch(session: Session): void {
    this.wake(session)
  }

  /** There may be something new to send. */
  wake(session: Session): void {
    const progress = this.#progressOf(session)
    if (progress.driving || this.#stopped || session.phase === 'paid') return
    progress.driving = true
    void this.#drive(session, progress).finally(() => {
      progress.driving = false
      // What came in while the last answer was read must not wait for the next event.
      if (progress.failures === 0 && hasWork(session, progress)) this.wake(session)
    })
  }

  /** Keeps a Notice from wherever it came and acts on it. */
  async takeNotice(session: Session, bytes: Uint8Array): Promise<void> {
    if (await this.#of.book.takeNotice(session, bytes)) await this.#of.onNotice(session, bytes)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all([...this.#links.values()].map((link) => link.close()))
  }

  async #drive(session: Session, progress: Progress): Promise<void> {
    while (!this.#stopped && hasWork(session, progress)) {
      try {
        await this.#sendBatch(session, progress)
        progress.failures = 0
      } catch (error) {
        if (!this.#recover(session, progress, error)) return
      }
    }
  }

  async #sendBatch(session: Session, progress: Progress): Promise<void> {
    const batch = await this.#batchOf(session, progress)
    const answer = await this.#linkOf(session.grant.coordinator).exchange(batch.request)
    progress.asked = true
    progress.chequeSent = batch.chequeSent
    progress.receiptsSent = batch.receiptsThrough
    session.acksSentThrough = Math.max(session.acksSentThrough, batch.acksThrough)
    session.finalSent ||= batch.final
    await this.#of.book.saveMeta(session)
    if (answer.notice !== undefined) await this.takeNotice(session, answer.notice)
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
    progress.failures++
    progress.receiptsSent = session.notice?.value.collectedThrough ?? 0
    if (this.#stopped) return false
    const delayMs = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(10, progress.failures - 1))
    timers.after(delayMs, () => this.wake(session))
    return false
  }

  async #batchOf(session: Session, progress: Progress): Promise<Batch> {
    const { parts } = this.#of
    const cheque = chequeToSend(session, progress)
    const from = Math.max(progress.receiptsSent, session.notice?.value.collectedThrough ?? 0)
    const receipts: Outgoing<ReceiptsRequest['receipts'][number]>[] = []
    let through = from
    const done = { gte: keys.done(session.key, from + 1), lt: range(`done/${session.key}/`).lt, limit: MAX_BATCH }
    for await (const [key, bytes] of parts.store.scan(done)) {
      const { authorisation, receipt, tickAck } = decodeDone(key, bytes)
      receipts.push({ authorisation, receipt, ...(tickAck === undefined ? {} : { tickAck }) })
      through = seqOfKey(key)
    }
    const acks: Uint8Array[] = []
    let acksThrough = session.acksSentThrough
    const kept = { gte: keys.ack(session.key, acksThrough + 1), lt: range(`ack/${session.key}/`).lt, limit: MAX_BATCH }
    for await (const [key, bytes] of parts.store.scan(kept)) {
      if (seqOfKey(key) > through) break
      acks.push(bytes)
      acksThrough = seqOfKey(key)
    }
    const final = isFinal(session) && through === session.head.seq && acksThrough === session.ackedThrough
    return {
      request: {
        sessionId: session.id,
        cheques: cheque === undefined ? [] : [cheque],
        receipts,
        acks,
        ...(final ? this.#lastWords(session) : { ends: [] }),
      },
      chequeSent: cheque === undefined ? progress.chequeSent : (session.cheque?.ceilingMicros ?? 0n),
      receiptsThrough: through,
      acksThrough,
      final,
    }
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

  #linkOf(peer: PeerText): CoordinatorLink {
    const known = this.#links.get(peer)
    if (known !== undefined) return known
    const { parts, hello } = this.#of
    const link = new CoordinatorLink(peer, {
      network: parts.network,
      timers: parts.timers,
      hello,
      onNotice: (bytes) => this.#strayNotice(bytes),
      onLost: () => this.#lost(peer),
    })
    this.#links.set(peer, link)
    return link
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
      if (session.grant.coordinator !== peer || session.phase === 'paid') continue
      const progress = this.#progressOf(session)
      progress.asked = false
      progress.chequeSent = 0n
      progress.receiptsSent = session.notice?.value.collectedThrough ?? 0
      if (!this.#stopped) this.#of.parts.timers.after(RETRY_FIRST_MS, () => this.wake(session))
    }
  }

  #progressOf(session: Session): Progress {
    let progress = this.#progress.get(session.key)
    if (progress === undefined) {
      progress = { asked: false, chequeSent: 0n, receiptsSent: 0, driving: false, failures: 0 }
      this.#progress.set(session.key, progress)
    }
    return progress
  }
}

interface Batch {
  readonly request: Partial<Outgoing<ReceiptsRequest>>
  readonly chequeSent: bigint
  readonly receiptsThrough: number
  readonly acksThrough: number
  readonly final: boolean
}

function isFinal(session: Session): boolean {
  return session.phase !== 'open' && session.openCaps.size === 0 && !session.finalSent
}

function chequeToSend(session: Session, progress: Progress): Uint8Array | undefined {
  const ceiling = session.cheque?.ceilingMicros ?? 0n
  const held = session.notice?.value.ceilingHeldMicros ?? 0n
  return ceiling > held && ceiling > progress.chequeSent ? session.chequeBytes : undefined
}

function hasWork(session: Session, progress: Progress): boolean {
  if (session.phase === 'paid') return false
  return (
    !progress.asked ||
    chequeToSend(session, progress) !== undefined ||
    session.head.seq > Math.max(progress.receiptsSent, session.notice?.value.collectedThrough ?? 0) ||
    session.ackedThrough > session.acksSentThrough ||
    isFinal(session)
  )
}
