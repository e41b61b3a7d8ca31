import type { FrameStream } from '@orien/node/network'
import {
  failureOf,
  hex,
  peekDocument,
  Statement,
  statementAnswers,
  statementRequests,
  type Outgoing,
  type PeerText,
  type StatementAnswer,
} from '@orien/protocol'
import { asOrienError, createAnswerer } from '../answerer.ts'
import { negotiate, refused, type Core } from '../core.ts'
import { keys, after } from '../keys.ts'
import type { Notices } from '../sessions/notices.ts'
import type { Registry } from '../sessions/registry.ts'

export interface StatementParts {
  readonly core: Core
  readonly registry: Registry
  readonly notices: Notices
}

/** Serves one statement stream: a party asks for its session as often as it likes, until something is refused. */
export async function serveStatements(parts: StatementParts, stream: FrameStream): Promise<void> {
  const { core } = parts
  const answerer = createAnswerer(core, stream, statementAnswers)
  let greeted = false
  try {
    for await (const frame of stream.frames) {
      const { hello, sessionId } = statementRequests.decode(frame)
      if (!greeted) negotiate(hello)
      greeted = true
      if (sessionId === undefined) throw refused('badDocument', 'a statement frame names no session')
      answerer.send(await answerOf(parts, stream.peer, sessionId))
      await stream.drained()
    }
  } catch (error) {
    answerer.send({ failure: failureOf(asOrienError(error)) })
  }
  await stream.close()
}

async function answerOf(
  parts: StatementParts,
  peer: PeerText,
  sessionId: Uint8Array,
): Promise<Partial<Outgoing<StatementAnswer>>> {
  const { core, registry, notices } = parts
  const sid = hex(sessionId)
  const live = registry.get(sid)
  // In turn: a decision that is being written is not told before it is durable.
  const session =
    live === undefined ? await registry.finished(sid) : await registry.inTurn(live, () => Promise.resolve(live.session))
  const isParty = session !== undefined && (session.agent === peer || session.provider === peer)
  if (!isParty) throw refused('unknownSession', 'no such session of this peer')
  if (session.state === 'VOID') throw refused('sessionVoid', 'the channel did not open: nothing moved')
  if (session.noticeSeq === 0) throw refused('sessionPending', 'the session is not open yet')
  const statements = await valuesBelow(core, keys.statements(sid))
  const payouts: Uint8Array[] = []
  for (const payoutId of await payoutsOf(core, statements))
    payouts.push(...(await valuesBelow(core, keys.payoutDocuments(payoutId))))
  return { notice: await notices.of(session), statements, payouts }
}

/** The payouts that took these Statements, each once. */
async function payoutsOf(core: Core, statements: readonly Uint8Array[]): Promise<ReadonlySet<string>> {
  const payouts = new Set<string>()
  for (const bytes of statements) {
    const payoutId = await core.store.get(keys.taken(hex(peekDocument(core.scope, Statement, bytes).id)))
    if (payoutId !== undefined) payouts.add(hex(payoutId))
  }
  return payouts
}

async function valuesBelow(core: Core, prefix: string): Promise<Uint8Array[]> {
  const values: Uint8Array[] = []
  for await (const [, value] of core.store.scan({ gte: prefix, lt: after(prefix) })) values.push(value)
  return values
}
