import { brokenLines } from './explain.ts'
import { lieAlone, type JobResult, type LiarJob, type WorldJob } from './job.ts'
import { createPool } from './pool.ts'
import { changedWorld, liarWorldOf, type Changes } from './worlds.ts'

/** Every line of the trace. */
const ALL_LINES = 1_000_000

/** One world: people see its trace, programs its hash. */
export interface OneFlags {
  readonly seed: number
  readonly json: boolean
}

/** Plays what a campaign plays for a seed, or a world of it that was changed. Resolves with the exit code. */
export async function oneSeed({ seed, json, ...changes }: OneFlags & Changes): Promise<number> {
  const answer = await playOne(changedWorld(seed, changes), json)
  const { trace, ...facts } = answer.result ?? { seed, thrown: answer.thrown, trace: answer.trace ?? [] }
  return tellOne(answer, { trace, facts, json })
}

/** Plays the world with a lie alone; the one that `--liars` plays for this seed when none is named. Resolves with the exit code. */
export async function oneLie({ seed, json, lie }: OneFlags & { readonly lie?: string | undefined }): Promise<number> {
  const job: LiarJob = lie === undefined ? liarWorldOf(seed) : lieAlone({ seed }, lie)
  const answer = await playOne(job, json)
  if (answer.liar === undefined)
    return tellOne(answer, { trace: answer.trace ?? [], facts: { seed, thrown: answer.thrown }, json })
  const { trace, lostMicros, boundMicros, ...rest } = answer.liar
  const facts = { ...rest, lostMicros: Number(lostMicros), boundMicros: Number(boundMicros) }
  return tellOne(answer, { trace, facts, json })
}

/** In a worker: what breaks a world does not break the one who tells of it. */
async function playOne(job: WorldJob, json: boolean): Promise<JobResult> {
  const pool = createPool({ size: 1 })
  try {
    return await pool.play({ ...job, keepTrace: json ? 0 : ALL_LINES })
  } finally {
    await pool.close()
  }
}

interface Told {
  readonly trace: readonly string[]
  readonly facts: object
  readonly json: boolean
}

function tellOne(answer: JobResult, { trace, facts, json }: Told): number {
  const broken = brokenLines(answer)
  for (const line of [...(json ? [] : trace), ...broken]) process.stderr.write(`${line}\n`)
  process.stdout.write(`${JSON.stringify(facts)}\n`)
  return broken.length === 0 ? 0 : 1
}
