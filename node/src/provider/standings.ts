import { LIMITS, micros, type PeerText, type WindowLimits } from '@orien/protocol'
import type { Store, StoreOp } from '../store/port.ts'
import { isCount, readJsonEntry } from '../store/entry.ts'
import { keys, putJson, range } from './records.ts'

/** What a provider remembers of an agent. */
interface Standing {
  readonly paidSessions: number
}

/** How far each agent may run ahead: the first windows, doubled with every session that was *paid*, up to the maximum. */
export class Standings {
  readonly #standings = new Map<string, Standing>()
  readonly #store: Store
  readonly #first: WindowLimits
  readonly #max: WindowLimits

  constructor(store: Store, first: WindowLimits, max: WindowLimits) {
    this.#store = store
    this.#first = first
    this.#max = max
  }

  windowsOf(agent: PeerText): WindowLimits {
    const factor = 2 ** Math.min(10, this.#standings.get(agent)?.paidSessions ?? 0)
    const windowMicros = this.#first.windowMicros * BigInt(factor)
    return {
      windowMicros: micros(windowMicros < this.#max.windowMicros ? windowMicros : this.#max.windowMicros),
      windowCalls: Math.min(this.#first.windowCalls * factor, this.#max.windowCalls, LIMITS.maxWindowCalls),
    }
  }

  /** A session of this agent was paid, with more than nothing: its windows grow. To be committed with the session's state. */
  paid(agent: PeerText): StoreOp {
    const standing = { paidSessions: (this.#standings.get(agent)?.paidSessions ?? 0) + 1 }
    this.#standings.set(agent, standing)
    return putJson(keys.standing(agent), standing)
  }

  async load(): Promise<void> {
    for await (const [key, bytes] of this.#store.scan(range('standing/'))) {
      const standing = readJsonEntry<Standing>(key, bytes, ({ paidSessions }) => isCount(paidSessions))
      this.#standings.set(key.slice('standing/'.length), standing)
    }
  }
}
