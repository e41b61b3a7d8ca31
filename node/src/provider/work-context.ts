import { OrienError, type Hello, type TurnSigner } from '@orien/protocol'
import type { AdmissionContext } from './admission.ts'
import type { Collector } from './collector.ts'
import type { Exits } from './exits.ts'
import type { Session } from './session.ts'
import type { Standings } from './standings.ts'
import type { WorkStream } from './work-stream.ts'

/** What serving work streams needs of the provider. */
export interface WorkContext extends AdmissionContext {
  readonly collector: Collector
  readonly standings: Standings
  readonly exits: Exits
  readonly turn: TurnSigner
  readonly hello: () => Hello
  /** Streams by session: a new one replaces the older. */
  readonly attached: Map<string, WorkStream>
  /** The admission of each session that waits for something; it settles, and never rejects. */
  readonly admissions: Map<string, Promise<void>>
  /** Ends a session: stops its calls, sends Final and End. */
  readonly end: (session: Session, reason: string, stop: 'ended' | 'expired') => Promise<void>
  /** Takes no more calls of a session; running ones finish. */
  readonly freeze: (session: Session, why: string) => Promise<void>
  /** A new session was taken on. */
  readonly opened: (session: Session) => void
}

/** One work stream being served. */
export interface Serving {
  readonly context: WorkContext
  readonly work: WorkStream
  session: Session | undefined
}

/** A stream on which a session is attached. Throws `unknownSession`. */
export function attachedSession({ session }: Serving): Session {
  if (session === undefined) throw new OrienError('unknownSession', { message: 'attach first' })
  return session
}
