import type { Trace } from '../world/kernel/trace.ts'
import { playLiar, type LiarOptions, type LiarResult } from '../world/liars/play.ts'
import { STRATEGIES } from '../world/liars/strategies.ts'
import { runSeed, type SeedOptions, type SeedResult } from '../world/run/seed.ts'

/** One world; with the name of a lie, a second one in which somebody tells it: some rows of the state machines answer to lies alone. */
export interface SeedJob extends SeedOptions {
  readonly lie?: string
}

/** One world in which somebody tells the lie of this name. */
export interface LiarJob extends Omit<LiarOptions, 'strategy'> {
  readonly liar: string
}

/** What a worker is asked to do. */
export type WorldJob = SeedJob | LiarJob

/** What it gives back. `thrown`: the world itself broke, which is a failure like any other. */
export interface JobResult {
  readonly result?: SeedResult
  /** Of a world in which somebody lies. */
  readonly liar?: LiarResult
  readonly thrown?: string
  /** Of a world that broke: what was kept of its trace. */
  readonly trace?: readonly string[]
}

/** What is seen of the worlds of one thread from outside them. */
export interface Watch {
  /** Why promises were rejected that nobody handled, in the world that runs. */
  readonly unhandled: unknown[]
  /** The world that runs, and its trace. */
  job: WorldJob | undefined
  trace: Trace | undefined
}

export function newWatch(): Watch {
  return { unhandled: [], job: undefined, trace: undefined }
}

/** Nobody handled a rejection: a violation like any other. */
export function seeUnhandled(watch: Watch, error: unknown): void {
  watch.unhandled.push(error)
  const { job, trace } = watch
  if (job !== undefined && !('liar' in job) && job.traceToViolation === true) trace?.keepWhile(() => false)
}

/** How an invariant begins that a lie broke; the name of the lie follows. */
export const LIE_INVARIANT = 'lie '

/** Runs one world; a promise that nobody handled in it is a violation of its own. */
export async function runJob(job: WorldJob, watch: Watch): Promise<JobResult> {
  watch.unhandled.length = 0
  watch.job = job
  watch.trace = undefined
  const onTrace = (trace: Trace): void => {
    watch.trace = trace
  }
  try {
    if ('liar' in job) {
      const liar = await runLiar(job, onTrace)
      const loose = watch.unhandled.map((error) => `nothingUnhandled: ${textOf(error)}`)
      return { liar: { ...liar, beyond: [...liar.beyond, ...loose] } }
    }
    const honest = await runSeed(job, onTrace)
    const result = job.lie === undefined ? honest : await withLie(honest, lieAlone(job, job.lie), onTrace)
    const loose = watch.unhandled.map((error) => ({ invariant: 'nothingUnhandled', detail: textOf(error) }))
    return { result: { ...result, violations: [...result.violations, ...loose] } }
  } catch (error) {
    return brokenBy(error, watch)
  }
}

/** The answer about a world that broke, whoever noticed. */
export function brokenBy(error: unknown, { trace }: Watch): JobResult {
  return { thrown: textOf(error), trace: trace?.lines ?? [] }
}

/** The second world of a seed: the one with the lie. */
export function lieAlone({ seed, keepTrace }: Pick<SeedJob, 'seed' | 'keepTrace'>, liar: string): LiarJob {
  return { ...{ seed, liar, signatures: 'cheap', faults: false }, ...(keepTrace === undefined ? {} : { keepTrace }) }
}

async function withLie(honest: SeedResult, job: LiarJob, onTrace: (trace: Trace) => void): Promise<SeedResult> {
  const { transitions, beyond, trace } = await runLiar(job, onTrace)
  const invariant = `${LIE_INVARIANT}${job.liar}`
  return {
    ...honest,
    transitions: [...new Set([...honest.transitions, ...transitions])].toSorted(),
    violations: [...honest.violations, ...beyond.map((detail) => ({ invariant, detail }))],
    trace: trace.length === 0 ? honest.trace : [...honest.trace, `the same seed, ${invariant}:`, ...trace],
  }
}

function runLiar({ liar, ...options }: LiarJob, onTrace: (trace: Trace) => void): Promise<LiarResult> {
  const strategy = STRATEGIES.find(({ name }) => name === liar)
  if (strategy === undefined) throw new RangeError(`no strategy ${liar}`)
  return playLiar({ ...options, strategy }, onTrace)
}

export function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
