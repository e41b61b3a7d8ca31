import { byCodePoint } from '@orien/protocol'
import type { Said } from '../cast/stage.ts'
import { callMs } from './calls.ts'
import { AGENTS, PROVIDERS } from './config.ts'

/** Who is killed. A runner is a provider's: it is named after it. */
export type Role = 'coordinator' | 'provider' | 'agent' | 'clearnode' | 'runner'

/** What the victim was busy with, by the events of the daemons' own logs. */
export type Phase = 'opening' | 'running call' | 'receipt' | 'debit' | 'closing' | 'payout'

/** One kill, as it was drawn. */
export interface Moment {
  readonly role: Role
  /** Name of the process; of its provider for a runner. */
  readonly victim: string
  readonly phase: Phase
  /** After the event that starts the phase. */
  readonly delayMs: number
  /** How long the victim stays away. */
  readonly downMs: number
}

interface PhaseOf {
  readonly role: Role
  readonly phase: Phase
  /** True for an event that starts the phase for this victim. */
  starts(said: Said, victim: string): boolean
  /** The kill comes up to so long after it. */
  readonly spreadMs: number
}

/** A kill in a running call comes up to so long after a tick, and so much later again by reading logs. */
const RUNNING_SPREAD_MS = 150
const LATE_MS = 100

const isAgent = (who: string): boolean => (AGENTS as readonly string[]).includes(who)
const isProvider = (who: string): boolean => (PROVIDERS as readonly string[]).includes(who)
/** A tick of a call that goes on for longer than any kill of this phase waits, at a provider when one is named. */
const runs = ({ event, fields }: Said, at = ''): boolean => {
  const { call, ms } = fields
  if (event !== 'tick' || typeof call !== 'string' || typeof ms !== 'number') return false
  return call.startsWith(at) && ms + RUNNING_SPREAD_MS + LATE_MS < callMs(call)
}
const state = ({ event, fields }: Said, ...states: readonly string[]): boolean =>
  (event === 'sessionState' || event === 'notice') && states.includes(String(fields['state']))

/** Every phase of every role. Times are those the phases take, give or take: before, at and after their writes. */
const PHASES: readonly PhaseOf[] = [
  ...(['coordinator', 'clearnode'] as const).flatMap((role): PhaseOf[] => [
    { role, phase: 'opening', spreadMs: 80, starts: ({ event, who }) => event === 'sessionFunding' && isAgent(who) },
    { role, phase: 'running call', spreadMs: RUNNING_SPREAD_MS, starts: (said) => runs(said) },
    { role, phase: 'debit', spreadMs: 30, starts: ({ event }) => event === 'cosigned' },
    {
      role,
      phase: 'closing',
      spreadMs: 100,
      starts: (said) => said.who === 'coordinator' && state(said, 'SETTLING', 'CLOSING'),
    },
  ]),
  {
    role: 'coordinator',
    phase: 'receipt',
    spreadMs: 40,
    starts: ({ event, who }) => event === 'receipt' && isProvider(who),
  },
  {
    role: 'coordinator',
    phase: 'payout',
    spreadMs: 250,
    starts: ({ event }) => event === 'sessionClosed' || event === 'payoutSent',
  },
  {
    role: 'provider',
    phase: 'opening',
    spreadMs: 150,
    starts: ({ event, who }) => event === 'sessionFunding' && isAgent(who),
  },
  { role: 'provider', phase: 'running call', spreadMs: RUNNING_SPREAD_MS, starts: (said, me) => runs(said, me) },
  {
    role: 'provider',
    phase: 'receipt',
    spreadMs: 40,
    starts: ({ event, who }, me) => event === 'receipt' && who === me,
  },
  {
    role: 'provider',
    phase: 'closing',
    spreadMs: 150,
    starts: ({ event, who }, me) => event === 'sessionEnded' && who === me,
  },
  {
    role: 'provider',
    phase: 'payout',
    spreadMs: 150,
    starts: (said, me) => said.who === me && (said.event === 'sessionClosed' || state(said, 'PAID')),
  },
  {
    role: 'agent',
    phase: 'opening',
    spreadMs: 150,
    starts: ({ event, who }, me) => event === 'sessionFunding' && who === me,
  },
  {
    role: 'agent',
    phase: 'running call',
    spreadMs: RUNNING_SPREAD_MS,
    starts: (said, me) => said.who === me && runs(said),
  },
  {
    role: 'agent',
    phase: 'receipt',
    spreadMs: 40,
    starts: ({ event, who }, me) => event === 'countersigned' && who === me,
  },
  { role: 'agent', phase: 'debit', spreadMs: 30, starts: ({ event, who }, me) => event === 'cosigned' && who === me },
  {
    role: 'agent',
    phase: 'closing',
    spreadMs: 150,
    starts: (said, me) => said.who === me && (said.event === 'closeSigned' || state(said, 'ENDING', 'SETTLING')),
  },
  {
    role: 'agent',
    phase: 'payout',
    spreadMs: 150,
    starts: (said, me) => said.who === me && state(said, 'CLOSED', 'PAID'),
  },
  { role: 'runner', phase: 'running call', spreadMs: RUNNING_SPREAD_MS, starts: (said, me) => runs(said, me) },
]

/** At least so many kills while a call is running: five, or a third of a short run. */
function runningAtLeast(kills: number): number {
  return Math.min(5, Math.ceil(kills / 3))
}

/** Draws the kills of a run: every phase of every role before any comes twice, running calls for sure, victims in turn. */
export function drawMoments(kills: number, random: () => number): readonly Moment[] {
  const running = shuffled(
    PHASES.filter(({ phase }) => phase === 'running call'),
    random,
  )
  const others = shuffled(
    PHASES.filter(({ phase }) => phase !== 'running call'),
    random,
  )
  const wanted = runningAtLeast(kills)
  const chosen: PhaseOf[] = []
  for (let at = 0; at < wanted; at++) push(chosen, running[at % running.length])
  const rest = shuffled([...others, ...running.slice(wanted)], random)
  for (let at = 0; chosen.length < kills; at++) push(chosen, rest[at % rest.length])
  const turn = { provider: shuffled(PROVIDERS, random), agent: shuffled(AGENTS, random) }
  const taken = { provider: 0, agent: 0 }
  const nextOf = (kind: 'provider' | 'agent'): string => turn[kind][taken[kind]++ % turn[kind].length] ?? kind
  return shuffled(chosen, random).map(({ role, phase, spreadMs }) => ({
    role,
    phase,
    victim:
      role === 'agent' ? nextOf('agent') : role === 'coordinator' || role === 'clearnode' ? role : nextOf('provider'),
    delayMs: Math.floor(random() * spreadMs),
    downMs: Math.floor(random() ** 2 * 1_500),
  }))
}

/** True when an event starts the phase that a moment waits for. */
export function startsMoment({ role, phase, victim }: Moment, said: Said): boolean {
  return PHASES.some((one) => one.role === role && one.phase === phase && one.starts(said, victim))
}

/** How often each role and phase was met, for the story. */
export function countedMoments(moments: readonly Pick<Moment, 'role' | 'phase'>[]): string {
  const counts = new Map<string, number>()
  for (const { role, phase } of moments) {
    const name = `${role} ${phase}`
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts]
    .sort(([a], [b]) => byCodePoint(a, b))
    .map(([name, count]) => `${name} ×${count}`)
    .join(', ')
}

function push<T>(list: T[], one: T | undefined): void {
  if (one !== undefined) list.push(one)
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  return list
    .map((one) => ({ one, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ one }) => one)
}
