import { join } from 'node:path'
import type { CastTimes } from '../cast/config.ts'
import { quoted } from '../cast/files.ts'
import { sim } from '../cast/paths.ts'

/**
 * Long enough that what was killed is back before the others go on without it, as an operator's supervisor would have it
 * back; short enough to watch.
 */
export const TIMES: CastTimes = {
  tickMs: 150,
  tickAckMs: 5_000,
  collectMs: 20_000,
  contestMs: 10_000,
  cosignMs: 2_000,
  debitGapMs: 100,
  payoutEveryMs: 150,
}

/** Short sessions: some open, some close while others run, all the time. */
export const SESSION_MS = 15_000

/** What is asked for again and again: calls long enough to be killed in, cheap enough for two minutes of them. */
export const CALL = { tool: 'steady_work', minMs: 1_000, maxMs: 2_200, price: '1.50', maxCost: '0.08' } as const

/** One call in flight a session: its window is two calls' caps, so that a session is debited while it is open. */
export const WINDOW_CALLS = 1
/** Calls that each agent has under way at once, each at another provider. */
export const LANES = 2

export const PROVIDERS = ['anvil-and-hammer', 'build-barn', 'number-mill'] as const
export const AGENTS = ['ada', 'grace'] as const

/** How long the run waits for the moment of a kill, and at its end for everybody to be settled. */
export const WAIT = { momentMs: 20_000, settledMs: 120_000, paidMs: 7_000, lookMs: 100 } as const

/** The one tool that everybody rents out, as TOML. */
export const STEADY_WORK = `
[[tools]]
id = "${CALL.tool}"
name = "Steady work"
description = "Takes the time you name."
command = [${quoted(process.execPath, join(sim, 'dist/processes/steady-main.js'))}, "{ms}"]
schema = { type = "object", additionalProperties = false, required = ["ms"], properties = { ms = { type = "integer", minimum = 1, maximum = 20000 } } }
price = "${CALL.price}"
maxDurationSeconds = 30
`

/** Program of an agent of the run. */
export const AGENT_PROGRAM = join(sim, 'dist/processes/agent-main.js')
/** An agent ends its work when this file stands in its home. */
export const ENOUGH_FILE = 'enough'
