import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { packageRoot } from '../devnet/paths.ts'
import { withCopy } from '../mutants/copy.ts'
import { createProgress } from '../progress.ts'
import { STRATEGIES } from '../world/liars/strategies.ts'
import type { CampaignFlags } from './command.ts'
import { biteOf } from './bite.ts'
import { createPool } from './pool.ts'
import { commandOf, liarWorldOf } from './worlds.ts'

/** One strategy over all its worlds. */
interface StrategyRow {
  readonly name: string
  readonly party: string
  readonly seeds: number
  readonly worstHonestLossMicros: number
  readonly boundMicros: number
  readonly biteWithoutCheck: boolean
}

/** One world. */
interface Played {
  readonly strategy: string
  readonly lostMicros: number
  readonly boundMicros: number
  readonly beyond: readonly string[]
}

type Bites = Readonly<Record<string, string | undefined>>

/** Worlds that may show that a check bites. */
const BITE_WORLDS = 4

/** Plays worlds with liars, and each lie once more without the check that stops it. Resolves with the exit code. */
export async function liars({ seeds, from, json }: Pick<CampaignFlags, 'seeds' | 'from' | 'json'>): Promise<number> {
  const worlds = await playAll(from, seeds)
  const bites = await bitesOf()
  const strategies = STRATEGIES.map(({ name, party }): StrategyRow => {
    const mine = worlds.filter(({ strategy }) => strategy === name)
    const worst = mine.toSorted((a, b) => b.lostMicros - a.lostMicros)[0]
    const { lostMicros = 0, boundMicros = 0 } = worst ?? {}
    return {
      ...{ name, party, seeds: mine.length, worstHonestLossMicros: lostMicros, boundMicros },
      biteWithoutCheck: bites[name] !== undefined,
    }
  })
  const beyondBound = worlds.filter(({ beyond }) => beyond.length > 0).length
  const toothless = strategies.filter(({ biteWithoutCheck }) => !biteWithoutCheck)
  for (const { name, biteWithoutCheck } of strategies)
    if (!json || !biteWithoutCheck) tell(`${name} without its check: ${bites[name] ?? 'nothing is lost'}`)
  if (json) process.stdout.write(`${JSON.stringify({ seeds, strategies, beyondBound })}\n`)
  else tell(`${seeds} worlds, ${strategies.length} strategies: ${beyondBound} beyond what the design concedes`)
  return beyondBound + toothless.length === 0 ? 0 : 1
}

/** Every seed once, on all cores. A world that breaks is one in which something was lost. */
async function playAll(from: number, seeds: number): Promise<readonly Played[]> {
  const worlds: Played[] = []
  const pool = createPool()
  const progress = createProgress('worlds', seeds)
  try {
    await pool.run(
      Array.from({ length: seeds }, (_, at) => liarWorldOf(from + at)),
      ({ liar, thrown = '' }, job) => {
        progress.step()
        const { lostMicros = 0n, boundMicros = 0n, beyond = [`thrown: ${thrown}`] } = liar ?? {}
        worlds.push({
          ...{ strategy: job.liar, beyond },
          ...{ lostMicros: Number(lostMicros), boundMicros: Number(boundMicros) },
        })
        for (const what of beyond) tell(`seed ${job.seed}, ${job.liar}: ${what}`)
        if (beyond.length > 0) tell(`  ${commandOf(job)}`)
        return true
      },
    )
  } finally {
    progress.stop()
    await pool.close()
  }
  return worlds
}

/** What each lie gains without its check; worked out again whenever a source changed. */
async function bitesOf(): Promise<Bites> {
  const root = dirname(packageRoot())
  const folder = join(packageRoot(), 'dist', 'campaign')
  const file = join(folder, `bites-${await sourcesHash(root)}.json`)
  const kept = await readFile(file, 'utf8').catch(() => undefined)
  if (kept !== undefined) return JSON.parse(kept) as Bites
  const bites: Record<string, string | undefined> = {}
  const rest = STRATEGIES.values()
  const work = (): Promise<void> =>
    withCopy(async (copy) => {
      for (const { name, without } of rest) {
        bites[name] = await biteOf(copy, name, without, BITE_WORLDS)
        progress.step()
      }
    })
  const progress = createProgress('lies without their check', STRATEGIES.length)
  try {
    await Promise.all(Array.from({ length: availableParallelism() }, work))
  } finally {
    progress.stop()
  }
  await mkdir(folder, { recursive: true })
  await writeFile(file, JSON.stringify(bites))
  return bites
}

/** One number for everything the packages are made of. */
async function sourcesHash(root: string): Promise<string> {
  const hash = createHash('sha256')
  for (const name of ['protocol', 'node', 'coordinator', 'sim']) {
    const files = await readdir(join(root, name, 'src'), { recursive: true })
    for (const file of files.filter((one) => one.endsWith('.ts')).sort())
      hash.update(`${name}/${file}\n`).update(await readFile(join(root, name, 'src', file)))
  }
  return hash.digest('hex').slice(0, 16)
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}
