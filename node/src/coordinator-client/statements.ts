import {
  equalBytes,
  errorOf,
  hex,
  openDocument,
  OrienError,
  Payout,
  Statement,
  statementAnswers,
  statementRequests,
  type Hello,
  type PeerText,
  type Scope,
  type Signed,
} from '@orien/protocol'
import type { Network } from '../network/port.ts'
import { PROTOCOLS } from '../network/protocols.ts'

export interface StatementParts {
  readonly network: Network
  readonly scope: Scope
  readonly hello: () => Hello
}

/** What a coordinator shows of a settled session. */
export interface Settlement {
  readonly notice: Uint8Array | undefined
  readonly statements: readonly Signed<Statement>[]
  readonly payouts: readonly Signed<Payout>[]
}

/** Asks a coordinator for a session's Statements and Payouts and checks their signatures. Throws as Network.dial, or what it answers. */
export async function fetchSettlement(
  parts: StatementParts,
  coordinator: PeerText,
  sessionId: Uint8Array,
): Promise<Settlement> {
  const stream = await parts.network.dial({ peer: coordinator }, PROTOCOLS.statement)
  try {
    stream.send(statementRequests.encode({ hello: parts.hello(), sessionId }))
    for await (const frame of stream.frames) {
      const answer = statementAnswers.decode(frame)
      if (answer.failure !== undefined) throw errorOf(answer.failure, 'the coordinator')
      return {
        notice: answer.notice,
        statements: answer.statements.map((bytes) => statementOf(parts.scope, bytes, coordinator, sessionId)),
        payouts: answer.payouts.map((bytes) => openDocument(parts.scope, Payout, bytes, coordinator)),
      }
    }
    throw new OrienError('streamClosed', { message: `the coordinator did not answer for ${hex(sessionId)}` })
  } finally {
    await stream.close()
  }
}

function statementOf(scope: Scope, bytes: Uint8Array, coordinator: PeerText, sessionId: Uint8Array): Signed<Statement> {
  const statement = openDocument(scope, Statement, bytes, coordinator)
  if (!equalBytes(statement.value.sessionId, sessionId))
    throw new OrienError('badDocument', { message: 'the statement is for another session' })
  return statement
}
