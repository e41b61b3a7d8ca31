import type { StoreOp } from '@orien/node/store'
import type { PeerText } from '@orien/protocol'
import { decodeRecord, encodeRecord } from '../codec.ts'
import type { Core } from '../core.ts'
import { keys } from '../keys.ts'
import type { Posting } from '../ledger/postings.ts'
import type { SessionEvent } from './events.ts'
import type { Live } from './live.ts'
import { step } from './machine.ts'
import { isOver, type Session } from './session.ts'

/** What one turn makes of a session: all of it durable in one batch. */
export interface Decision {
  readonly session: Session
  readonly ops?: readonly StoreOp[]
  readonly postings?: readonly Posting[]
}

/** Told of every decision after it is durable. */
export type Watcher = (live: Live, before: Session) => void

/** More to write in the batch of a decision. */
export type Alongside = (live: Live, before: Session, after: Session) => readonly StoreOp[]

/** All sessions that are not over, each with its own queue: decisions of one session never overlap. */
export interface Registry {
  get(sid: string): Live | undefined
  all(): Iterable<Live>
  ofPeer(peer: PeerText): readonly Live[]
  /** Takes in a session made at Fund or loaded at start. */
  add(live: Live): void
  /** Runs a task when everything handed in before for this session is done. */
  inTurn<T>(live: Live, task: () => Promise<T>): Promise<T>
  /** Makes a decision durable; only inside a turn. Rejects when the book cannot be written. */
  commit(live: Live, decision: Decision): Promise<void>
  /** One event in its own turn, with documents to keep if a row takes it. Resolves with whether one did. */
  feed(live: Live, event: SessionEvent, ops?: readonly StoreOp[]): Promise<boolean>
  /** The record of a session that is over. */
  finished(sid: string): Promise<Session | undefined>
  watch(watcher: Watcher): void
  /** Resolves when `test` holds of what is durable, or after `timeoutMs`; resolves with whether it holds. */
  until(live: Live, test: (session: Session) => boolean, timeoutMs: number): Promise<boolean>
  /** Resolves when no decision is under way. */
  idle(): Promise<void>
}

export function createRegistry(core: Core, alongside: Alongside): Registry {
  const index = createIndex()
  const turns = createTurns()
  const watchers = new Set<Watcher>()

  const commit = async (live: Live, { session, ops = [], postings = [] }: Decision): Promise<void> => {
    const before = live.session
    const after = noticed(before, session)
    live.session = after
    core.metrics.add('decisions_total')
    await core.book.commit({
      nowMs: core.clock.wallMs(),
      postings,
      ops: [...ops, ...recordOps(live.sid, after), ...alongside(live, before, after)],
    })
    live.durable = after
    if (isOver(after.state)) index.forget(live)
    for (const watcher of watchers) watcher(live, before)
  }

  return {
    ...index,
    inTurn: turns.inTurn,
    idle: turns.idle,
    commit,
    feed: (live, event, ops = []) =>
      turns.inTurn(live, async () => {
        if (core.book.doubts.any && SIGNING.has(event.type)) return false
        const { session, postings, rows } = step(live.session, event, live)
        if (rows.length === 0) return false
        core.metrics.took(rows)
        await commit(live, { session, ops, postings })
        return true
      }),
    async finished(sid) {
      const record = await core.store.get(keys.finished(sid))
      return record === undefined ? undefined : decodeRecord<Session>(record)
    },
    watch: (watcher) => void watchers.add(watcher),
    until: (live, test, timeoutMs) => until(core, watchers, live, test, timeoutMs),
  }
}

/** Events that make something durable to be signed and sent: a doubtful book takes none, even when an action began before the doubt. */
const SIGNING: ReadonlySet<SessionEvent['type']> = new Set(['chosen', 'refundDrafted'])

/** The sessions that are not over, by id and by party. */
function createIndex() {
  const sessions = new Map<string, Live>()
  const peers = new Map<PeerText, Set<Live>>()
  return {
    get: (sid: string) => sessions.get(sid),
    all: () => sessions.values(),
    ofPeer: (peer: PeerText) => [...(peers.get(peer) ?? [])],
    add(live: Live): void {
      sessions.set(live.sid, live)
      for (const peer of [live.session.agent, live.session.provider]) {
        peers.set(peer, (peers.get(peer) ?? new Set<Live>()).add(live))
      }
    },
    forget(live: Live): void {
      sessions.delete(live.sid)
      for (const peer of [live.session.agent, live.session.provider]) {
        const held = peers.get(peer)
        held?.delete(live)
        if (held?.size === 0) peers.delete(peer)
      }
    },
  }
}

/** One queue for each session. */
function createTurns(): Pick<Registry, 'inTurn' | 'idle'> {
  const tails = new Map<string, Promise<unknown>>()
  return {
    inTurn<T>(live: Live, task: () => Promise<T>): Promise<T> {
      const done = (tails.get(live.sid) ?? Promise.resolve()).then(task)
      // The tail never rejects: who asked for the turn has the error.
      const tail = done.then(
        () => undefined,
        () => undefined,
      )
      tails.set(live.sid, tail)
      void tail.then(() => {
        if (tails.get(live.sid) === tail) tails.delete(live.sid)
      })
      return done
    },
    async idle() {
      while (tails.size > 0) await Promise.all(tails.values())
    },
  }
}

/** A Notice shows this: when any of it changes, the next Notice has the next number. */
function noticed(before: Session, after: Session): Session {
  if (after.state === 'FUNDING' || after.state === 'VOID') return after
  const same =
    before.state === after.state &&
    before.base === after.base &&
    before.debitedMicros === after.debitedMicros &&
    before.ceilingHeldMicros === after.ceilingHeldMicros &&
    before.collectedThrough === after.collectedThrough
  return same ? after : { ...after, noticeSeq: before.noticeSeq + 1 }
}

/** The record moves once, when the session is over: start-up reads only what is not. */
function recordOps(sid: string, session: Session): StoreOp[] {
  const value = encodeRecord(session)
  if (!isOver(session.state)) return [{ type: 'put', key: keys.session(sid), value }]
  return [
    { type: 'del', key: keys.session(sid) },
    { type: 'put', key: keys.finished(sid), value },
  ]
}

function until(
  core: Core,
  watchers: Set<Watcher>,
  live: Live,
  test: (session: Session) => boolean,
  timeoutMs: number,
): Promise<boolean> {
  if (test(live.durable)) return Promise.resolve(true)
  return new Promise((resolve) => {
    const end = (holds: boolean): void => {
      watchers.delete(watcher)
      cancel()
      resolve(holds)
    }
    const watcher: Watcher = (changed) => {
      if (changed === live && test(live.durable)) end(true)
    }
    const cancel = core.timers.after(timeoutMs, () => end(false))
    watchers.add(watcher)
  })
}
