import { fromHex, hex, OrienError, peekDocument, Receipt, type Scope } from '@orien/protocol'
import { agentKeys } from '../agent/records.ts'
import type { Store } from '../store/port.ts'
import { valuesOf } from './entries.ts'
import type { EvidenceBundle, EvidenceCall } from './evidence.ts'
import { payoutsOf } from './payouts.ts'

const AFTER = '\uffff'

/** Finds the session an id speaks of: a session's own id, or a receipt's. Throws `notFound`. */
export async function sessionOfId(scope: Scope, store: Store, id: string): Promise<string> {
  const bytes = fromHex(id)
  if (bytes?.length !== 32)
    throw new OrienError('notFound', { message: `${id.slice(0, 80)} is not a session or receipt id: 64 hex digits` })
  if ((await store.get(agentKeys.session(hex(bytes)))) !== undefined) return hex(bytes)
  for await (const [key, receipt] of store.scan({ gte: 'receipt/', lt: `receipt/${AFTER}` })) {
    if (hex(peekDocument(scope, Receipt, receipt).id) === hex(bytes)) return key.split('/')[1] ?? ''
  }
  throw new OrienError('notFound', { message: `no session or receipt ${hex(bytes)} in this book` })
}

/** Everything an agent kept of a session. Throws `notFound`. */
export async function bundleOf(scope: Scope, store: Store, sid: string): Promise<EvidenceBundle> {
  const grant = await store.get(agentKeys.session(sid))
  if (grant === undefined) throw new OrienError('notFound', { message: `no session ${sid} in this book` })
  const offer = await store.get(agentKeys.offer(sid))
  const receipts = await valuesOf(store, `receipt/${sid}/`)
  const auths = await valuesOf(store, `auth/${sid}/`)
  const calls = receipts.map((receipt, at): EvidenceCall => ({ receipt, authorisation: auths[at] ?? new Uint8Array() }))
  const statements = await valuesOf(store, `statement/${sid}/`)
  return {
    ...(offer === undefined ? {} : { offer }),
    grant,
    calls,
    acks: await valuesOf(store, `ack/${sid}/`),
    statements,
    payouts: await payoutsOf(scope, store, sid),
  }
}
