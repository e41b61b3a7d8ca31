import {
  hex,
  isOrienError,
  Notice,
  peekDocument,
  type CancelTimer,
  type Hello,
  type Outgoing,
  type PeerText,
  type ReceiptsAnswer,
  type ReceiptsRequest,
} from '@orien/protocol'
import { CoordinatorLinks } from '../coordinator-client/links.ts'
import { isSilence } from '../coordinator-client/silence.ts'
import type { AgentParts } from './ports.ts'

const RETRY_MS = 1_000
const RETRY_MAX_MS = 10_000

/** A session that wants to be told. */
export interface Watcher {
  readonly coordinator: PeerText
  readonly onNotice: (notice: Uint8Array) => void
}

interface Watched extends Watcher {
  readonly sessionId: Uint8Array
}

export interface CoordinatorsParts {
  readonly parts: Pick<AgentParts, 'network' | 'timers' | 'scope' | 'log'>
  readonly hello: () => Hello
}

/** One receipts stream to each coordinator, shared by all sessions, kept open as long as one of them wants to be told. */
export class Coordinators {
  readonly #of: CoordinatorsParts
  readonly #links: CoordinatorLinks
  readonly #watchers = new Map<string, Watched>()
  readonly #retries = new Map<PeerText, CancelTimer>()
  #stopped = false

  constructor(of: CoordinatorsParts) {
    this.#of = of
    const { network, timers } = of.parts
    this.#links = new CoordinatorLinks({
      ...{ network, timers, hello: of.hello },
      onNotice: (bytes) => this.#strayNotice(bytes),
      onLost: (coordinator) => this.#askLater(coordinator, RETRY_MS),
    })
  }

  /** Notices of the session from now on, and the newest one soon; again after every time the stream was lost. */
  watch(sessionId: Uint8Array, watcher: Watcher): void {
    this.#watchers.set(hex(sessionId), { ...watcher, sessionId })
    void this.#ask(watcher.coordinator, RETRY_MS)
  }

  unwatch(sessionId: Uint8Array): void {
    this.#watchers.delete(hex(sessionId))
  }

  /** One batch of one session. Throws as CoordinatorLink.exchange. */
  exchange(coordinator: PeerText, batch: Partial<Outgoing<ReceiptsRequest>>): Promise<ReceiptsAnswer> {
    return this.#links.to(coordinator).exchange({ cheques: [], receipts: [], acks: [], ends: [], ...batch })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const cancel of this.#retries.values()) cancel()
    await this.#links.close()
  }

  /** The newest Notices of every session watched there, by empty batches; tried again until the coordinator is there. */
  async #ask(coordinator: PeerText, againMs: number): Promise<void> {
    if (this.#stopped || this.#retries.has(coordinator)) return
    const mine = [...this.#watchers.values()].filter((one) => one.coordinator === coordinator)
    for (const one of mine) if (!(await this.#askFor(one))) return this.#askLater(coordinator, againMs)
  }

  /** False when the coordinator is not there. One that refuses a session, as on an older back-up, may know the next. */
  async #askFor({ coordinator, sessionId, onNotice }: Watched): Promise<boolean> {
    try {
      const { notice } = await this.exchange(coordinator, { sessionId })
      if (notice !== undefined) onNotice(notice)
      return true
    } catch (error) {
      const code = isOrienError(error) ? error.code : 'internal'
      const isHere = this.#links.to(coordinator).connected && !isSilence(error)
      if (isHere) this.#of.parts.log('noticeNotThere', { session: hex(sessionId), code })
      else this.#of.parts.log('coordinatorSilent', { coordinator, code })
      return isHere
    }
  }

  #askLater(coordinator: PeerText, delayMs: number): void {
    if (this.#stopped || this.#retries.has(coordinator) || !this.#isWatched(coordinator)) return
    const cancel = this.#of.parts.timers.after(delayMs, () => {
      this.#retries.delete(coordinator)
      void this.#ask(coordinator, Math.min(RETRY_MAX_MS, delayMs * 2))
    })
    this.#retries.set(coordinator, cancel)
  }

  #isWatched(coordinator: PeerText): boolean {
    for (const watcher of this.#watchers.values()) if (watcher.coordinator === coordinator) return true
    return false
  }

  #strayNotice(bytes: Uint8Array): void {
    try {
      const { sessionId } = peekDocument(this.#of.parts.scope, Notice, bytes).value
      this.#watchers.get(hex(sessionId))?.onNotice(bytes)
    } catch (error) {
      if (!isOrienError(error)) throw error
      this.#of.parts.log('noticeRefused', { code: error.code })
    }
  }
}
