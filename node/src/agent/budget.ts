import { ceilMicros, micros, numerator, OrienError, type Micros } from '@orien/protocol'
import type { SpendBook } from './spend-book.ts'

/**
 * What an agent may spend in one run: what sessions hold, what closed ones cost, what Funds may hold whose outcome is not known, what is being
 * opened. All but the last is in the book, so that a crash gives nothing back.
 */
export class Budget {
  readonly #totalMicros: Micros
  readonly #book: Pick<SpendBook, 'ofRun' | 'fundedMicros' | 'spentNumerator'>
  #opening = 0n

  constructor(totalMicros: Micros, book: Pick<SpendBook, 'ofRun' | 'fundedMicros' | 'spentNumerator'>) {
    this.#totalMicros = totalMicros
    this.#book = book
  }

  /**
   * Takes up to `wishMicros` for a session to be opened, at least `capMicros`; `release` when its Fund is in the book, or none will be. Throws
   * `policy` when the cap on spending leaves less.
   */
  take(wishMicros: Micros, capMicros: Micros): { readonly micros: Micros; readonly release: () => void } {
    const held = this.#held()
    const left = this.#totalMicros > held ? this.#totalMicros - held : 0n
    if (left < capMicros) {
      throw new OrienError('policy', {
        message: 'the spend cap is reached',
        hint: 'Raise policy.totalMicros, end sessions that hold money, or stop the agent in order: its next run has a budget of its own.',
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
    let held = this.#opening + this.#book.fundedMicros + ceilMicros(numerator(this.#book.spentNumerator))
    for (const session of this.#book.ofRun()) {
      const over = session.phase === 'closed' || session.phase === 'paid'
      // What a closed channel did not pay away is back, whether its Statement ever comes or not.
      const most = session.paidAway ?? session.grant.allowanceMicros
      held += over ? ceilMicros(numerator(session.accepted)) : most
    }
    return held
  }
}
