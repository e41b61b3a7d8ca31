import type { Signer } from '../ports.ts'
import type { DocumentType } from './document.ts'
import { draftDocument, MAX_BATCH, signBatch, type Draft, type Scope, type Signed } from './envelope.ts'

/** Signs everything handed in within one turn of the event loop with one signature. */
export interface TurnSigner {
  /** Resolves on a microtask of the same turn. Rejects with `badDocument` when a field is out of bounds, or as the signer throws. */
  sign<T>(type: DocumentType<T>, value: T): Promise<Signed<T>>
}

interface Waiting {
  readonly draft: Draft
  readonly resolve: (signed: never) => void
  readonly reject: (error: unknown) => void
}

/** Resolves when what was handed in is to be signed; `waiting` tells how many documents they are. */
export type TurnEnd = (waiting: () => number) => Promise<void>

const nextMicrotask: TurnEnd = () => Promise.resolve()

/**
 * A signer that groups: single documents are signed directly, several of one turn by a batch proof. `turnEnd` says how far a turn
 * reaches; the next microtask unless told.
 *
 * @example
 * const signer = turnSigner(scopeOf(31337, crypto), keySigner)
 * const [a, b] = await Promise.all([signer.sign(TickAck, one), signer.sign(TickAck, two)]) // one signature
 */
export function turnSigner(scope: Scope, signer: Signer, turnEnd: TurnEnd = nextMicrotask): TurnSigner {
  let waiting: Waiting[] = []
  const flush = (): void => {
    const all = waiting
    waiting = []
    for (let from = 0; from < all.length; from += MAX_BATCH) signGroup(scope, signer, all.slice(from, from + MAX_BATCH))
  }
  return {
    sign(type, value) {
      return new Promise((resolve, reject) => {
        // A bad field rejects this promise: the executor's throw does that.
        const draft = draftDocument(type, value)
        waiting.push({ draft, resolve, reject })
        if (waiting.length === 1) void turnEnd(() => waiting.length).then(flush)
      })
    },
  }
}

function signGroup(scope: Scope, signer: Signer, group: readonly Waiting[]): void {
  try {
    const signed = signBatch(
      scope,
      signer,
      group.map((one) => one.draft),
    )
    group.forEach((one, at) => one.resolve(signed[at] as never))
  } catch (error) {
    for (const one of group) one.reject(error)
  }
}
