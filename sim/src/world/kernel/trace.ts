/** What happened, in order, as one number; and as text when somebody wants to read it. */
export interface Trace {
  /** `what` happened to `who` now. */
  add(who: string, what: string): void
  readonly count: number
  /** 64 bits in hex: equal traces have equal hashes. */
  hash(): string
  /** Keeps no further line from when this no longer holds; the hash goes on. */
  keepWhile(holds: () => boolean): void
  /** Lines, when they are kept. */
  readonly lines: readonly string[]
}

export interface TraceOptions {
  readonly nowMs: () => number
  /** Keep the newest so many lines; 0 keeps none. */
  readonly keep: number
}

/** A trace hashed as it grows (two interleaved FNV-1a lanes), so that a run of millions of events costs no memory. */
export function createTrace({ nowMs, keep }: TraceOptions): Trace {
  let low = 0x811c9dc5
  let high = 0xcbf29ce4
  let count = 0
  const lines: string[] = []
  let keeps = (): boolean => keep > 0
  const eat = (text: string): void => {
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at)
      low = Math.imul(low ^ unit, 0x01000193)
      high = Math.imul(high ^ (unit + at), 0x01000193) ^ (low >>> 13)
    }
  }
  return {
    lines,
    add(who, what) {
      count += 1
      eat(`${nowMs()} ${who} ${what}\n`)
      if (!keeps()) return
      lines.push(`${(nowMs() / 1_000).toFixed(3).padStart(10)}  ${who.padEnd(12)} ${what}`)
      if (lines.length > keep * 2) lines.splice(0, lines.length - keep)
    },
    keepWhile(holds) {
      keeps = () => keep > 0 && holds()
    },
    get count() {
      return count
    },
    hash: () => `${(high >>> 0).toString(16).padStart(8, '0')}${(low >>> 0).toString(16).padStart(8, '0')}`,
  }
}
