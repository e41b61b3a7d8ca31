import { STRATEGIES } from '../world/liars/strategies.ts'
import { CALLS_PER_AGENT } from '../world/run/seed.ts'
import { NO_FAULTS, type FaultKind } from '../world/ports/faults.ts'
import type { LiarJob, SeedJob, WorldJob } from './job.ts'

/** Real keys cost milliseconds a signature: one world in so many has them. */
const REAL_EVERY = 50
/** In one world of so many the coordinator goes on from a back-up. */
const RESTORED_EVERY = 7
/** Lies that take rows no honest party takes, and in how many worlds one of them is told besides; `--liars` tells them all. */
const LIES = ['ack-twice', 'two-receipts', 'vouched-then-silent'] as const
const LIE_EVERY = 6
/** Calls each agent wants in a world that is run once for each of its I/O points. */
const CALLS_WHEN_EVERY_IO = 3
/** One round of `--liars` in so many has faults besides. */
const LIAR_FAULTS_EVERY = 3

/** A seed's world. Some are cut at any point with a small chance, in some things of chance go wrong more often. */
export function worldOf(seed: number): SeedJob {
  const mix = [{}, { cutChance: 0.001 }, { faultsOften: 3 }, { cutChance: 0.004, faultsOften: 2 }][seed % 4]
  const lie = seed % LIE_EVERY === 5 ? LIES[Math.floor(seed / LIE_EVERY) % LIES.length] : undefined
  return {
    ...{ seed, signatures: signaturesOf(seed) },
    ...mix,
    ...(seed % RESTORED_EVERY === 3 ? { restored: true } : {}),
    ...(lie === undefined ? {} : { lie }),
  }
}

/** No world passes so many I/O points: a world that is cut there is whole. */
export const UNCUT = 999_999_999

/** A seed's world for `--every-io`: nothing goes wrong in it but the power, at the I/O point of this number. */
export function cutWorldOf(seed: number, cutAt: number): SeedJob {
  return { ...{ seed, signatures: 'cheap', faults: [], cutAt }, callsPerAgent: CALLS_WHEN_EVERY_IO }
}

/** A seed's world for `--liars`: the seed chooses the lie too. */
export function liarWorldOf(seed: number): LiarJob {
  const strategy = STRATEGIES[seed % STRATEGIES.length]
  if (strategy === undefined) throw new RangeError('there are no lies')
  const round = Math.floor(seed / STRATEGIES.length)
  const faults = round % LIAR_FAULTS_EVERY === 1
  return { seed, liar: strategy.name, signatures: signaturesOf(seed), faults }
}

/** What of a seed's world is asked for otherwise. */
export interface Changes {
  readonly cutAt?: number | undefined
  readonly faults?: readonly FaultKind[] | undefined
  readonly calls?: number | undefined
}

/** A seed's world with changes; of its two worlds the honest one alone when there are any. */
export function changedWorld(seed: number, { cutAt, faults, calls }: Changes): SeedJob {
  if (cutAt === undefined && faults === undefined && calls === undefined) return worldOf(seed)
  return {
    ...(cutAt === undefined ? withoutLie(worldOf(seed)) : cutWorldOf(seed, cutAt)),
    ...(faults === undefined ? {} : { faults }),
    ...(calls === undefined ? {} : { callsPerAgent: calls }),
  }
}

/** The honest world of a seed alone. */
export function withoutLie({ lie: _lie, ...world }: SeedJob): SeedJob {
  return world
}

/** The command that plays a world again. */
export function commandOf(job: WorldJob): string {
  const sim = 'npm run -s sim --'
  if ('liar' in job) {
    const { liar, faults, signatures } = liarWorldOf(job.seed)
    const ofLiars = job.liar === liar && job.faults === faults && job.signatures === signatures
    return ofLiars ? `${sim} --liars --seed ${job.seed}` : `${sim} --seed ${job.seed} --lie ${job.liar}`
  }
  const { seed, cutAt, faults, callsPerAgent = CALLS_PER_AGENT } = job
  const usual = cutAt === undefined ? worldOf(seed) : cutWorldOf(seed, cutAt)
  const flags = [`--seed ${seed}`]
  if (cutAt !== undefined) flags.push(`--cut-at ${cutAt}`)
  if (faults?.join() !== usual.faults?.join())
    flags.push(`--faults ${faults === undefined || faults.length === 0 ? NO_FAULTS : faults.join(',')}`)
  if (callsPerAgent !== (usual.callsPerAgent ?? CALLS_PER_AGENT)) flags.push(`--calls ${callsPerAgent}`)
  return `${sim} ${flags.join(' ')}`
}

function signaturesOf(seed: number): 'real' | 'cheap' {
  return seed % REAL_EVERY === 0 ? 'real' : 'cheap'
}
