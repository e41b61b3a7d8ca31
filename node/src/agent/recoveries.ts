import { isOrienError, type CancelTimer } from '@orien/protocol'
import { recoverFund, type OpenContext } from './opener.ts'
import type { AgentSession } from './session.ts'

const RETRY_FIRST_MS = 1_000
const RETRY_MAX_MS = 10_000

/** What one asking brought: what became of the Fund, that its coordinator does not know yet, or no word that helps. */
type Word = 'known' | 'pending' | 'none'

interface Recovery {
  readonly fund: Uint8Array
  /** The asking under way, or the next one. */
  asking: PromiseWithResolvers<Word>
  /** Ends the pause before the next asking. */
  hurry: (() => void) | undefined
}

/** Funds of an earlier run, or of unknown outcome: asked after until it is known what became of each. */
export class Recoveries {
  readonly #context: OpenContext
  /** Takes up a session that was granted: nobody waits for it any more. */
  readonly #onGranted: (session: AgentSession) => Promise<void>
  readonly #recovering = new Map<string, Recovery>()
  #stopped = false

  constructor(context: OpenContext, onGranted: (session: AgentSession) => Promise<void>) {
    this.#context = context
    this.#onGranted = onGranted
  }

  /** Funds that are asked after. */
  get count(): number {
    return this.#recovering.size
  }

  /**
   * Asks after every Fund at once, and resolves when each is known, was called unknown, or met silence: a coordinator that is there has
   * its sessions taken up by then. A Fund that it does not know is asked after all the same, until its messages can land nowhere any more.
   */
  async heard(): Promise<void> {
    await Promise.all([...this.#recovering.values()].map((recovery) => wordOf(recovery)))
  }

  add(key: string, fund: Uint8Array): void {
    if (this.#recovering.has(key)) return
    const recovery: Recovery = { fund, asking: Promise.withResolvers<Word>(), hurry: undefined }
    this.#recovering.set(key, recovery)
    void this.#pursue(key, recovery)
  }

  stop(): void {
    this.#stopped = true
    for (const { hurry, asking } of this.#recovering.values()) {
      hurry?.()
      asking.resolve('none')
    }
  }

  async #pursue(key: string, recovery: Recovery): Promise<void> {
    for (let againMs = RETRY_FIRST_MS; !this.#stopped; againMs = Math.min(RETRY_MAX_MS, againMs * 2)) {
      const word = await this.#ask(key, recovery.fund)
      if (word === 'known') this.#recovering.delete(key)
      const { asking } = recovery
      recovery.asking = Promise.withResolvers<Word>()
      asking.resolve(word)
      if (word === 'known') return
      await this.#pause(recovery, againMs)
    }
  }

  async #ask(key: string, fund: Uint8Array): Promise<Word> {
    try {
      const session = await recoverFund(this.#context, fund)
      if (session !== undefined && !this.#stopped) await this.#onGranted(session)
      return 'known'
    } catch (error) {
      this.#context.parts.log('recoverFailed', { session: key, code: isOrienError(error) ? error.code : 'internal' })
      return isOrienError(error, 'sessionPending') ? 'pending' : 'none'
    }
  }

  #pause(recovery: Recovery, delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel: CancelTimer = this.#context.parts.timers.after(delayMs, resolve)
      recovery.hurry = () => {
        cancel()
        resolve()
      }
    })
  }
}

async function wordOf(recovery: Recovery): Promise<void> {
  recovery.hurry?.()
  while ((await recovery.asking.promise) === 'pending') continue
}
