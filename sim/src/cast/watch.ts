import { OrienError } from '@orien/protocol'
import type { Said } from './stage.ts'

/** What is remembered of what was said. */
export class Watch {
  readonly #said: Said[] = []
  readonly #waiting = new Set<() => void>()

  hear(said: Said): void {
    this.#said.push(said)
    for (const look of [...this.#waiting]) look()
  }

  all(event: string): readonly Said[] {
    return this.#said.filter((one) => one.event === event)
  }

  /** Resolves at the next thing said that is meant. Throws `timedOut` with what was waited for. */
  next(what: string, isMeant: (said: Said) => boolean, timeoutMs: number): Promise<void> {
    const seen = this.#said.length
    return this.until(what, () => this.#said.slice(seen).some(isMeant), timeoutMs)
  }

  /** Resolves when the condition holds, looked at after every event. Throws `timedOut` with what was waited for. */
  until(what: string, holds: (watch: Watch) => boolean, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(look)
      }
      const look = (): void => {
        if (!holds(this)) return
        done()
        resolve()
      }
      const timer = setTimeout(() => {
        done()
        reject(
          new OrienError('timedOut', {
            message: `waited ${timeoutMs / 1_000} s for ${what}`,
            hint: 'Look into the logs of the run’s folder; --home keeps it.',
          }),
        )
      }, timeoutMs)
      // An interrupted run does not wait for what nobody does any more.
      timer.unref()
      this.#waiting.add(look)
      look()
    })
  }

  /** True when every session a provider opened is paid. */
  everythingPaid(): boolean {
    const paid = new Set(this.all('sessionPaid').map((one) => one.fields['session']))
    const opened = new Set(this.all('sessionOpened').map((one) => one.fields['session']))
    return opened.size > 0 && [...opened].every((session) => paid.has(session))
  }
}
