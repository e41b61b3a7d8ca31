import type { Agent, RunResult } from '@orien/node'
import { formatUsdc, isOrienError, micros, utf8, type PeerText } from '@orien/protocol'
import type { Rng } from '../kernel/rng.ts'
import type { Host } from '../parties/hosts.ts'
import { TOOL_IDS, type Work } from '../ports/tools.ts'
import type { Ground } from '../world.ts'

/** One call that an agent's program asked for, and what came of it. */
export interface Attempt {
  readonly agent: string
  readonly work: Work
  readonly toolId: string
  /** The cap the program set, micro-USDC. */
  readonly capMicros: bigint
  /** `died`: power was cut before an answer came. */
  outcome: 'running' | 'died' | RunResult | { readonly code: string; readonly message: string }
}

/** An agent's program: it wants so many calls done, and asks again when one is not. */
export interface Driver {
  readonly wanted: number
  /** Calls that gave a result. */
  readonly done: number
  start(): void
}

const LANES_MAX = 3
const MAX_PAUSE_MS = 30_000

/** What of an agent's wishes is not drawn as usual. */
export interface Wishes {
  /** The provider of the next call; any when undefined. */
  readonly provider?: (rng: Rng) => PeerText | undefined
  /** How long the tool of the next call works, ms. */
  readonly workMs?: (rng: Rng) => number
  /** Asked before each call: the program wants no more, whatever is not done. */
  readonly enough?: () => boolean
}

export function createDriver(
  ground: Ground,
  host: Host<Agent>,
  wanted: number,
  attempts: Attempt[],
  wishes: Wishes = {},
): Driver {
  const rng = ground.rng.fork(`driver/${host.party.name}`)
  let done = 0
  let asked = 0
  let number = 0
  const lane = async (): Promise<void> => {
    let pauseMs = 0
    while (done < wanted && wishes.enough?.() !== true) {
      await ground.time.sleep(rng.between(10, 18_000))
      const agent = host.running
      if (agent === undefined || asked >= wanted) continue
      asked += 1
      number += 1
      const attempt = drawAttempt(ground, rng, `${host.party.name}-${number}`, host.party.name, wishes)
      attempts.push(attempt)
      attempt.outcome = await perform(ground, host, agent, attempt, rng, wishes.provider?.(rng))
      if (typeof attempt.outcome === 'object' && 'receipt' in attempt.outcome) {
        done += 1
        pauseMs = 0
      } else {
        asked -= 1
        pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 2 + 500)
        await ground.time.sleep(pauseMs)
      }
      if (rng.chance(0.04)) await endSessions(ground, host)
    }
  }
  return {
    wanted,
    get done() {
      return done
    },
    start() {
      for (let at = rng.between(1, LANES_MAX); at > 0; at--) void lane()
    },
  }
}

function drawAttempt(
  { settings, faults }: Ground,
  rng: Rng,
  label: string,
  agent: string,
  { workMs }: Wishes,
): Attempt {
  const ms = workMs?.(rng) ?? (rng.chance(0.75) ? rng.between(1, 2_500) : rng.between(2_500, 45_000))
  const how = faults.roll('runner.hangs', 0.03)
    ? 'hang'
    : faults.roll('runner.dies', 0.06)
      ? 'die'
      : faults.roll('runner.floods', 0.06)
        ? 'flood'
        : rng.chance(0.1)
          ? 'fail'
          : 'exit'
  const small = rng.chance(0.1)
  return {
    agent,
    work: { label, ms: ms + rng.below(8) / 8, how },
    toolId: rng.pick(TOOL_IDS),
    capMicros: small ? settings.callCapMicros / 20n + 1n : settings.callCapMicros,
    outcome: 'running',
  }
}

async function perform(
  ground: Ground,
  host: Host<Agent>,
  agent: Agent,
  attempt: Attempt,
  rng: Rng,
  provider: PeerText | undefined,
): Promise<Attempt['outcome']> {
  const { life } = host.machine
  const aborter = new AbortController()
  if (rng.chance(0.08)) ground.time.after(rng.between(1, 8_000), () => aborter.abort())
  const options = {
    maxCost: formatUsdc(micros(attempt.capMicros)),
    signal: aborter.signal,
    files: rng.chance(0.4) ? { 'input.txt': utf8(attempt.work.label) } : {},
    ...(provider === undefined ? {} : { provider }),
  }
  ground.trace.add(attempt.agent, `asks ${attempt.work.label} ${attempt.work.how} ${attempt.work.ms}`)
  try {
    const run = agent.run(attempt.toolId, attempt.work, options)
    const outcome = await Promise.race([run, life.ended.then(() => 'died' as const)])
    if (outcome === 'died') run.catch(() => undefined)
    ground.trace.add(attempt.agent, `${attempt.work.label} ${outcome === 'died' ? 'died' : outcome.outcome}`)
    return outcome
  } catch (error) {
    if (!life.alive) return 'died'
    const code = isOrienError(error) ? error.code : 'thrown'
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    ground.trace.add(attempt.agent, `${attempt.work.label} refused ${code}`)
    return { code, message }
  }
}

/** Now and then a program settles before it goes on. */
async function endSessions(ground: Ground, host: Host<Agent>): Promise<void> {
  const agent = host.running
  if (agent === undefined) return
  const { life } = host.machine
  const settled = agent.settle({ timeoutMs: 60_000 }).then(
    () => undefined,
    (error: unknown) => ground.trace.add(host.party.name, `settle ${isOrienError(error) ? error.code : 'thrown'}`),
  )
  await Promise.race([settled, life.ended])
}
