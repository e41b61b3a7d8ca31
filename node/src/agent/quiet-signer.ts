import { turnSigner, type Scope, type Signer, type TurnEnd, type TurnSigner } from '@orien/protocol'

/** Microtasks without a further document before those that wait are signed: what a caller takes from a result to its next call. */
const QUIET_HOPS = 64
/** Documents that keep coming wait no longer than this. */
const MAX_HOPS = 512

/**
 * A signer that groups all documents of one turn of the event loop, however many microtasks lie between them: an Ack and the next
 * Authorisations, the Authorisations of calls that were let through one after the other. One signature, then one check at the provider.
 */
export function quietSigner(scope: Scope, signer: Signer): TurnSigner {
  return turnSigner(scope, signer, untilQuiet)
}

const untilQuiet: TurnEnd = async (waiting) => {
  let quiet = 0
  let seen = waiting()
  for (let hop = 0; quiet < QUIET_HOPS && hop < MAX_HOPS; hop++) {
    await Promise.resolve()
    quiet = waiting() === seen ? quiet + 1 : 0
    seen = waiting()
  }
}
