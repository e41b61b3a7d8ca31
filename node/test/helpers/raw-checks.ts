import { openDocument, Refusal, type Authorisation, type Receipt, type Signed } from '@orien/protocol'
import { expect } from 'vitest'
import type { Session } from '../../src/provider/session.ts'
import { party, scope } from './parties.ts'
import type { RawAgent, RawStream } from './raw-agent.ts'
import type { Rig } from './rig.ts'

/** Somebody who is no party of the session. */
export const stranger = party(9)

/** The only session, as the provider holds it. */
export function heldSession(rig: Rig): Session {
  const [session] = [...rig.provider.sessions()]
  if (session === undefined) throw new Error('no session')
  return session
}

/** What a call is refused with; the Refusal is the provider's and names the Authorisation. */
export async function refusalOf(agent: RawAgent, stream: RawStream, auth: Signed<Authorisation>): Promise<Refusal> {
  const bytes = await stream.next('refusal')
  const refusal = openDocument(scope, Refusal, bytes, agent.rig.providerParty.peer).value
  expect(refusal.authId).toEqual(auth.id)
  return refusal
}

/** A good call works on a new stream, and nothing of what was refused before is counted. */
export async function expectServing(agent: RawAgent, lastReceiptSeq = 0): Promise<Signed<Receipt>> {
  const stream = await agent.attach({ lastReceiptSeq })
  await stream.next('attached')
  stream.call(agent.authorise())
  const receipt = await stream.receipt()
  expect(receipt.value.outcome).toBe('ok')
  expect(heldSession(agent.rig).openCaps.size).toBe(0)
  return receipt
}
