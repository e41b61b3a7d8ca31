import { ceilMicros, micros, numerator, OrienError, type Micros } from '@orien/protocol'
import type { AgentSession } from './session.ts'

/** What an agent may spend while it runs: what sessions hold, what closed ones cost, what is being opened. */
export class Budget {
  readonly #totalMicros: Micros
  readonly #sessions: () => Iterable<AgentSession>
  /** Sessions that were closed when we started: what they cost is another run's. */
  readonly #earlier = new Set<string>()
  #opening = 0n

  constructor(totalMicros: Micros, sessions: () => Iterable<AgentSession>) {
    this.#totalMicros = totalMicros
    this.#sessions = sessions
  }

  start(): void {
    for (const session of this.#sessions()) if (session.phase === 'closed') this.#earlier.add(session.key)
  }

  /**
   * Takes up to `wishMicros` for a session to be opened, at least `capMicros`; `release` when it is in the book, or came to nothing. Throws
   * `policy` when the cap on spending leaves less.
   */
  take(wishMicros: Micros, capMicros: Micros): { readonly micros: Micros; readonly release: () => void } {
    const held = this.#held()
    const left = this.#totalMicros > held ? this.#totalMicros - held : 0n
    if (left < capMicros) {
      throw new OrienError('policy', {
        message: 'the spend cap is reached',
        hint: 'Raise policy.totalMicros, or end sessions that hold money.',
        details: { heldMicros: held, totalMicros: this.#totalMicros, capMicros },
      })
    }
    const taken = micros(wishMicros < left ? wishMicros : left)
    this.#opening += taken
    let released = false
    return {
      micros: taken,
      release: () => {
        if (!released) this.#opening -= taken
        released = true
      },
    }
  }

  #held(): bigint {
    let held = this.#opening
    for (const session of this.#sessions()) {
      if (this.#earlier.has(session.key)) continue
      const over = session.phase === 'closed' || session.phase === 'paid'
      held += over ? ceilMicros(numerator(session.accepted)) : session.grant.allowanceMicros
    }
    return held
  }
}
