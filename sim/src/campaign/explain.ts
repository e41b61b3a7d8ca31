import { CALLS_PER_AGENT } from '../world/run/seed.ts'
import { LIE_INVARIANT, lieAlone, type JobResult, type LiarJob, type SeedJob, type WorldJob } from './job.ts'
import { pickLines } from './lines.ts'
import { CANDIDATES_MAX, shrink } from './shrink.ts'
import type { Failure } from './tally.ts'
import { commandOf, UNCUT, withoutLie } from './worlds.ts'

export interface ExplainParts {
  readonly play: (job: WorldJob) => Promise<JobResult>
  readonly tell: (line: string) => void
}

const KEEP_LINES = 200_000

/** One line of a failing world, and the command that plays it again. */
export function failureLines(failure: Failure): readonly string[] {
  const { job, invariant, detail } = failure
  const cut = job.cutAt === undefined || job.cutAt === UNCUT ? '' : `, cut at ${job.cutAt}`
  return [`seed ${job.seed}${cut}: ${invariant}: ${detail}`, `  ${commandOf(lyingJob(failure) ?? job)}`]
}

/** A failing world again, as small as it gets, with the part of its trace that says why. A world with a lie is played as it is. */
export async function explain(failure: Failure, { play, tell }: ExplainParts): Promise<void> {
  const { job, invariant } = failure
  const lying = lyingJob(failure)
  if (lying !== undefined) return explainLie(failure, lying, { play, tell })
  tell(`shrinking seed ${job.seed} (${invariant}): up to ${CANDIDATES_MAX} worlds`)
  const shrunk = await shrink(
    { ...failure, job: withoutLie(job) },
    { play, onSmaller: (smaller) => tell(`  fails with ${sizeOf(smaller)}`) },
  )
  if (shrunk !== undefined) {
    tellTrace(shrunk.result, failure, tell)
    tell(`shrunk: seed ${job.seed}, ${sizeOf(shrunk.job)}`)
    for (const line of brokenLines(shrunk.result)) tell(line)
    return tell(`again: ${commandOf(shrunk.job)}`)
  }
  // What was thrown or left unhandled may have been so in the second of a seed's two worlds.
  if (job.lie !== undefined) return explainLie(failure, lieAlone(job, job.lie), { play, tell })
  tell(AGAIN_IN_VAIN)
}

async function explainLie(failure: Failure, job: LiarJob, { play, tell }: ExplainParts): Promise<void> {
  tell(`playing seed ${job.seed} with the lie ${job.liar} again`)
  const result = await play({ ...job, keepTrace: KEEP_LINES })
  const broken = brokenLines(result)
  if (broken.length === 0) return tell(AGAIN_IN_VAIN)
  tellTrace(result, failure, tell)
  for (const line of broken) tell(line)
  tell(`again: ${commandOf(job)}`)
}

const AGAIN_IN_VAIN = 'run again it did not fail: something in it is not of its seed'

/** Everything that is wrong with a world, one line each. */
export function brokenLines({ result, liar, thrown }: JobResult): readonly string[] {
  const lines = thrown === undefined ? [] : [`thrown: ${thrown}`]
  for (const { invariant, detail } of result?.violations ?? []) lines.push(`${invariant}: ${detail}`)
  for (const what of result?.unsettled ?? []) lines.push(`unsettled: ${what}`)
  for (const what of liar?.beyond ?? []) lines.push(`${LIE_INVARIANT}${liar?.strategy}: ${what}`)
  return lines
}

function tellTrace(answer: JobResult, { invariant }: Failure, tell: (line: string) => void): void {
  const { result, liar, trace } = answer
  const lines = result?.trace ?? liar?.trace ?? trace ?? []
  for (const line of pickLines(lines, brokenLines(answer), invariant === 'unsettled')) tell(line)
}

/** The world with the lie, when that is what failed. */
function lyingJob({ job, invariant }: Failure): LiarJob | undefined {
  return invariant.startsWith(LIE_INVARIANT) ? lieAlone(job, invariant.slice(LIE_INVARIANT.length)) : undefined
}

function sizeOf({ callsPerAgent = CALLS_PER_AGENT, faults }: SeedJob): string {
  const kinds = faults === undefined ? 'as drawn' : faults.length === 0 ? 'none' : faults.join(' ')
  return `${callsPerAgent} calls an agent, faults: ${kinds}`
}
