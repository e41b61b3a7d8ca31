import type { OrienError } from '@orien/protocol'

/** Why nothing may be signed from this book. */
export type DoubtKind =
  /** An older part of the journal is damaged. */
  | 'journalDamaged'
  /** The gas key sent transactions that the book does not know: it is older than the chain. */
  | 'gasNonceAhead'
  /** Our wallet made transfers that the book does not know: it is older than the channel ledger. */
  | 'transferUnknown'

export interface Doubt {
  /** The same for the same finding, over restarts. */
  readonly id: string
  readonly kind: DoubtKind
  /** What was found, one sentence. */
  readonly found: string
  /** What is missing in the book. */
  readonly missing: string
  /** What the operator can do. */
  readonly next: string
}

/**
 * What speaks against the book. While there is anything, the book is read-only: nothing new is granted, nothing that moves money is signed;
 * evidence is taken as ever.
 */
export interface Doubts {
  readonly any: boolean
  all(): readonly Doubt[]
  raise(doubt: Doubt): void
  /** It was explained, or its operator answers for it. */
  settle(id: string): void
  /** Told of every change. */
  watch(watcher: () => void): void
}

export function createDoubts(): Doubts {
  const doubts = new Map<string, Doubt>()
  const watchers = new Set<() => void>()
  const changed = (): void => {
    for (const watcher of watchers) watcher()
  }
  return {
    get any() {
      return doubts.size > 0
    },
    all: () => [...doubts.values()],
    raise(doubt) {
      const known = doubts.get(doubt.id)
      doubts.set(doubt.id, doubt)
      if (known?.found !== doubt.found || known.missing !== doubt.missing) changed()
    },
    settle(id) {
      if (doubts.delete(id)) changed()
    },
    watch: (watcher) => void watchers.add(watcher),
  }
}

/** The audit found a damaged segment. */
export function journalDamaged(error: OrienError): Doubt {
  return {
    id: 'journalDamaged',
    kind: 'journalDamaged',
    found: error.message,
    missing: 'the entries of the journal before the one named cannot be trusted',
    next: 'Stop, restore the newest back-up of the book and start again. Receipts, Acks and cheques are still taken meanwhile.',
  }
}
