import type { FrameStream } from '@orien/node/network'
import {
  failureOf,
  sessionAnswers,
  sessionRequests,
  type Outgoing,
  type SessionAnswer,
  type SessionRequest,
} from '@orien/protocol'
import { asOrienError, createAnswerer } from '../answerer.ts'
import { negotiate, refused, type Core } from '../core.ts'
import type { Standings } from '../standing/standing.ts'
import type { Funding, Position } from './fund.ts'
import { quoteFor } from './quote.ts'
import type { Rates } from './rates.ts'
import type { Registry } from './registry.ts'

type Answer = Partial<Outgoing<SessionAnswer>>

export interface SessionParts {
  readonly registry: Registry
  readonly standings: Standings
  readonly funding: Funding
  /** Of Opens and of Funds. */
  readonly rates: { readonly open: Rates; readonly fund: Rates }
}

/** Serves one session stream: Open → Quote, Fund → Grant and Notice, ask. What is refused is answered once, then the stream closes. */
export async function serveSession(core: Core, parts: SessionParts, stream: FrameStream): Promise<void> {
  const answerer = createAnswerer(core, stream, sessionAnswers)
  let documents: readonly string[] | undefined
  try {
    for await (const frame of stream.frames) {
      const request = sessionRequests.decode(frame)
      documents ??= negotiate(request.hello)
      for (const answer of await answersTo(core, parts, stream, documents, request)) answerer.send(answer)
      await stream.drained()
    }
  } catch (error) {
    const why = asOrienError(error)
    core.metrics.add('refused_documents_total')
    core.log('sessionRefused', { peer: stream.peer, code: why.code })
    answerer.send({ failure: failureOf(why) })
  }
  await stream.close()
}

async function answersTo(
  core: Core,
  parts: SessionParts,
  { peer }: FrameStream,
  documents: readonly string[],
  request: SessionRequest,
): Promise<readonly Answer[]> {
  if (core.stopped()) throw refused('stopped', 'the coordinator is stopping')
  if (request.open !== undefined) {
    parts.rates.open.require(peer)
    return [{ quote: quoteFor(core, parts.registry, parts.standings, peer, documents, request.open).bytes }]
  }
  if (request.fund !== undefined) parts.rates.fund.require(peer)
  if (request.fund !== undefined) return positionAnswers(await parts.funding.fund(peer, request.fund))
  if (request.ask !== undefined) return positionAnswers(await parts.funding.ask(peer, request.ask))
  throw refused('badDocument', 'a session frame holds no request')
}

function positionAnswers(position: Position): readonly Answer[] {
  switch (position.type) {
    case 'granted':
      return [{ grant: position.grant }, { notice: position.notice }]
    case 'pending':
      return [{ pending: position.sessionId }]
    case 'fundAgain':
      return [{ fundAgain: position.sessionId }]
    default:
      return unreachable(position)
  }
}

function unreachable(position: never): never {
  throw new TypeError(`no such position: ${String(position)}`)
}
