import {
  draftDocument,
  MAX_BATCH,
  signBatch,
  type Draft,
  type Scope,
  type Signer,
  type TurnSigner,
} from '@orien/protocol'

/** Microtasks without a further document before those that wait are signed: what a caller takes from a result to its next call. */
const QUIET_HOPS = 64
/** Documents that keep coming wait no longer than this. */
const MAX_HOPS = 512

interface Waiting {
  readonly draft: Draft
  readonly resolve: (signed: never) => void
  readonly reject: (error: unknown) => void
}

/**
 * A signer that groups all documents of one turn of the event loop, however many microtasks lie between them: an Ack and the next
 * Authorisations, the Authorisations of calls that were let through one after the other. One signature, then one check at the provider.
 */
export function quietSigner(scope: Scope, signer: Signer): TurnSigner {
  let waiting: Waiting[] = []
  let watching = false
  const watch = async (): Promise<void> => {
    let quiet = 0
    let seen = waiting.length
    for (let hop = 0; quiet < QUIET_HOPS && hop < MAX_HOPS; hop++) {
      await Promise.resolve()
      quiet = waiting.length === seen ? quiet + 1 : 0
      seen = waiting.length
    }
    watching = false
    const all = waiting
    waiting = []
    for (let from = 0; from < all.length; from += MAX_BATCH) signGroup(scope, signer, all.slice(from, from + MAX_BATCH))
  }
  return {
    sign(type, value) {
      return new Promise((resolve, reject) => {
        // A bad field rejects this promise: the executor's throw does that.
        waiting.push({ draft: draftDocument(type, value), resolve, reject })
        if (watching) return
        watching = true
        void watch()
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
