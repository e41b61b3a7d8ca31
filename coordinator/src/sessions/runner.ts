import { isOrienError, type CancelTimer } from '@orien/protocol'
import type { Core } from '../core.ts'
import { COORDINATOR_LIMITS } from '../limits.ts'
import { duesOf, tickDue, type Action, type Wait } from './actions.ts'
import type { Live } from './live.ts'
import type { Registry } from './registry.ts'

/**
 * How an action ended: `done` may be done again as soon as it is called for, `retry` after a pause that doubles, or after a time
 * of its own.
 */
export type Outcome = 'done' | 'retry' | { readonly afterMs: number }

export type Performers = Readonly<Record<Action, (live: Live) => Promise<Outcome>>>

/** Does what sessions call for, each action of a session once at a time, and wakes them when time alone changes them. */
export interface Runner {
  /** Looks at a session again: after a decision, a timer, a connection. */
  drive(live: Live): void
  /** Forgets the pauses of some actions, because their reason is gone. */
  hurry(live: Live, actions: readonly Action[]): void
  stop(): void
  /** Resolves when nothing is being done any more. */
  idle(): Promise<void>
}

interface Pause {
  readonly untilMs: number
  readonly failures: number
}

/** When at the latest a wait is over by the monotonic clock, whatever was set since. */
interface Limit {
  readonly atMs: number
  readonly byMonoMs: number
}

interface State {
  readonly running: Map<Action, Promise<void>>
  readonly pauses: Map<Action, Pause>
  readonly limits: Map<Action | 'tick', Limit>
  cancel: CancelTimer | undefined
}

/** What a book that is read-only still does: look, and ask for evidence. */
const READING: ReadonlySet<Action> = new Set(['probe', 'watch', 'contest'])

export function createRunner(core: Core, registry: Registry, performers: Performers): Runner {
  const states = new Map<Live, State>()
  let stopped = false

  const drive = (live: Live): void => {
    if (stopped || core.book.failure !== undefined) return
    const state = stateOf(states, live)
    state.cancel?.()
    const now = { nowMs: core.clock.wallMs(), monoMs: core.clock.monoMs() }
    // While the book is read-only time stands still: evidence is taken as long as it takes.
    const held = core.book.doubts.any
    const tick = held ? undefined : tickDue(live.session, live.grant)
    let sleepMs = tick === undefined ? Infinity : leftOf(state, 'tick', tick, now)
    if (tick !== undefined && sleepMs <= 0) {
      const event = { type: 'tick', nowMs: Math.max(now.nowMs, tick.atMs) } as const
      void registry.feed(live, event).catch((error: unknown) => failed(core, live, 'tick', error))
      return
    }
    for (const due of duesOf(live.session, { grant: live.grant, times: core.config.times })) {
      const { action } = due
      if (state.running.has(action) || (held && !READING.has(action))) continue
      const waitMs = leftOf(state, action, due, now)
      if (waitMs > 0) sleepMs = Math.min(sleepMs, waitMs)
      else begin(live, state, action)
    }
    if (state.running.size === 0 && sleepMs === Infinity) states.delete(live)
    else if (sleepMs < Infinity) state.cancel = core.timers.after(sleepOf(sleepMs), () => drive(live))
  }

  const begin = (live: Live, state: State, action: Action): void => {
    const before = live.session
    const done = perform(core, performers, live, action).then((outcome) => {
      state.running.delete(action)
      // What was done without changing anything would be called for again at once, and again without an end.
      pause(core, state, action, outcome === 'done' && live.session === before ? 'retry' : outcome)
      drive(live)
    })
    state.running.set(action, done)
  }

  return {
    drive,
    hurry(live, actions) {
      const state = states.get(live)
      for (const action of actions) state?.pauses.delete(action)
      drive(live)
    },
    stop() {
      stopped = true
      for (const { cancel } of states.values()) cancel?.()
    },
    async idle() {
      const all = (): Promise<void>[] => [...states.values()].flatMap(({ running }) => [...running.values()])
      for (let running = all(); running.length > 0; running = all()) await Promise.all(running)
    },
  }
}

async function perform(core: Core, performers: Performers, live: Live, action: Action): Promise<Outcome> {
  try {
    return await performers[action](live)
  } catch (error) {
    // What a stop cut off is done by the next process.
    if (!isOrienError(error, 'stopped')) failed(core, live, action, error)
    return 'retry'
  }
}

function failed(core: Core, live: Live, action: string, error: unknown): void {
  core.log('sessionActionFailed', { session: live.sid, action, code: isOrienError(error) ? error.code : 'internal' })
}

function pause(core: Core, { pauses }: State, action: Action, outcome: Outcome): void {
  if (outcome === 'done') {
    pauses.delete(action)
    return
  }
  const failures = (pauses.get(action)?.failures ?? 0) + 1
  const { retryMs, maxRetryMs } = core.config.times
  const waitMs = outcome === 'retry' ? Math.min(maxRetryMs, retryMs * 2 ** Math.min(20, failures - 1)) : outcome.afterMs
  pauses.set(action, { untilMs: core.clock.monoMs() + waitMs, failures: outcome === 'retry' ? failures : 0 })
}

/** Timers know whole milliseconds and not many of them. */
function sleepOf(sleepMs: number): number {
  return Math.min(Math.ceil(sleepMs), COORDINATOR_LIMITS.maxSleepMs)
}

/** How long until something is due and not paused, ms; by the monotonic clock where that comes first. */
function leftOf(
  state: State,
  what: Action | 'tick',
  wait: Wait,
  { nowMs, monoMs }: { readonly nowMs: number; readonly monoMs: number },
): number {
  const leftMs = Math.min(wait.atMs - nowMs, limitOf(state, what, wait, monoMs) - monoMs)
  const paused = what === 'tick' ? undefined : state.pauses.get(what)
  return paused === undefined ? leftMs : Math.max(leftMs, paused.untilMs - monoMs)
}

/** The monotonic time by which a wait is over: it begins when it is first seen. */
function limitOf({ limits }: State, what: Action | 'tick', { atMs, withinMs }: Wait, monoMs: number): number {
  if (withinMs === undefined) return Infinity
  const known = limits.get(what)
  if (known?.atMs === atMs) return known.byMonoMs
  const limit: Limit = { atMs, byMonoMs: monoMs + withinMs }
  limits.set(what, limit)
  return limit.byMonoMs
}

function stateOf(states: Map<Live, State>, live: Live): State {
  const known = states.get(live)
  if (known !== undefined) return known
  const state: State = { running: new Map(), pauses: new Map(), limits: new Map(), cancel: undefined }
  states.set(live, state)
  return state
}
