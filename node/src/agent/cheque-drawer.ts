import { drawCheque, drawInTurn } from './cheques.ts'
import type { AgentParts } from './ports.ts'
import { ceilingAllowed, laneNow, mayRenew, type AgentSession } from './session.ts'
import type { SpendBook } from './spend-book.ts'

export interface ChequeDrawerParts {
  readonly parts: AgentParts
  readonly book: SpendBook
  /** There is a new cheque to be sent, or none was needed any more. */
  readonly onDrawn: (cheque: Uint8Array | undefined) => void
  /** The wallet did not sign, or the book is broken: nothing more can be covered. */
  readonly onFailed: (error: unknown) => void
}

/** Draws the cheques of one session: one at a time, durable before it leaves, ahead of the calls that need it. */
export class ChequeDrawer {
  readonly #of: ChequeDrawerParts
  readonly #session: AgentSession
  #drawing = false

  constructor(of: ChequeDrawerParts, session: AgentSession) {
    this.#of = of
    this.#session = session
  }

  /** Draws the highest ceiling allowed, unless one is being drawn. */
  renew(): void {
    if (this.#drawing || !mayRenew(this.#session)) return
    this.#drawing = true
    const { onDrawn, onFailed } = this.#of
    drawInTurn(this.#session, () => this.#draw())
      .finally(() => (this.#drawing = false))
      .then(onDrawn, onFailed)
  }

  async #draw(): Promise<Uint8Array | undefined> {
    const { parts, book } = this.#of
    const session = this.#session
    // A debit that was co-signed meanwhile brought its own cheque.
    if (!mayRenew(session)) return undefined
    const rail = await parts.channels.use(session.grant.channel.rail, session.grant.channel.url)
    const chequeSeq = ++session.chequeSeq
    const bytes = await drawCheque(rail, parts.wallet, laneNow(session), chequeSeq, ceilingAllowed(session))
    await book.saveCheque(session, bytes)
    parts.log('cheque', { session: session.key, chequeSeq, ceilingMicros: String(session.ceilingMicros) })
    return bytes
  }
}
