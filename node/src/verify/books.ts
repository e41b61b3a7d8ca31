import { Grant, hex, peekDocument, type Scope } from '@orien/protocol'
import { decodeDone, keys } from '../provider/records.ts'
import { openLevelStore } from '../store/level.ts'
import type { Store } from '../store/port.ts'
import { bundleOf } from './bundle.ts'
import { valuesOf } from './entries.ts'
import type { EvidenceBundle } from './evidence.ts'
import { payoutsOf } from './payouts.ts'

/** What a party's book holds of one session. */
export interface BookSession {
  /** hex of the session's id. */
  readonly session: string
  readonly bundle: EvidenceBundle
  /** The newest cheque, encoded, when there is one. */
  readonly cheque?: Uint8Array
}

/**
 * The evidence in a party's book, read while its daemon is stopped. `folder` is `<home>/agent` or `<home>/provider`. Throws `locked`
 * while it runs.
 */
export async function readBook(
  scope: Scope,
  folder: string,
  role: 'agent' | 'provider',
): Promise<readonly BookSession[]> {
  const store = await openLevelStore(folder)
  try {
    const sessions: BookSession[] = []
    for (const grant of await valuesOf(store, 'session/')) {
      const session = hex(peekDocument(scope, Grant, grant).id)
      const bundle =
        role === 'agent' ? await bundleOf(scope, store, session) : await providerBundle(scope, store, session, grant)
      const cheque = await store.get(keys.cheque(session))
      sessions.push({ session, bundle, ...(cheque === undefined ? {} : { cheque }) })
    }
    return sessions
  } finally {
    await store.close()
  }
}

async function providerBundle(scope: Scope, store: Store, session: string, grant: Uint8Array): Promise<EvidenceBundle> {
  const done = await valuesOf(store, `done/${session}/`)
  return {
    grant,
    calls: done.map((bytes) => decodeDone(`done/${session}`, bytes)),
    acks: await valuesOf(store, `ack/${session}/`),
    statements: await valuesOf(store, `statement/${session}/`),
    payouts: await payoutsOf(scope, store, session),
  }
}
