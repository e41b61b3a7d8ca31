import type { Daemon } from '../cast/daemon.ts'
import type { PlannedCall } from '../cast/plan.ts'
import { parsePeer } from '@orien/protocol'
import { CALL, LANES } from './config.ts'

/** Calls of one lane before it starts over. */
const CALLS_OF_LANE = 6

/** The lanes of one agent: every provider in turn, each lane at another one, calls of different length. */
export function lanesOf(providers: readonly Daemon[], random: () => number): PlannedCall[][] {
  return Array.from({ length: LANES }, (_, lane) =>
    Array.from({ length: CALLS_OF_LANE }, (_one, at) => callAt(providers, lane + at, random)).filter(
      (call) => call !== undefined,
    ),
  )
}

function callAt(providers: readonly Daemon[], at: number, random: () => number): PlannedCall | undefined {
  const provider = providers[at % providers.length]
  if (provider === undefined) return undefined
  const ms = Math.floor(CALL.minMs + random() * (CALL.maxMs - CALL.minMs))
  return {
    name: `${provider.name}, ${ms} ms`,
    tool: CALL.tool,
    args: { ms },
    files: {},
    maxCost: CALL.maxCost,
    provider: parsePeer(provider.peer),
  }
}

/** How long a call of that name runs, in ms. */
export function callMs(name: string): number {
  return Number(/, (\d+) ms$/.exec(name)?.[1] ?? 0)
}
