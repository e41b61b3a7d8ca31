import { OrienError } from '@orien/protocol'
import { createProgress } from '../progress.ts'
import { withCopy, type Copy } from './copy.ts'
import type { Catch } from './hunt.ts'
import { MUTANTS } from './seeded/all.ts'
import type { Mutant } from './seeded/mutant.ts'

/** What the command line asks for. */
export interface MutantsFlags {
  readonly json: boolean
  /** Only mutants whose name holds this. */
  readonly only: string
}

export interface MutantResult {
  readonly name: string
  readonly area: string
  readonly caught: boolean
  /** The first broken invariant. */
  readonly by?: string
  /** Worlds that were needed. */
  readonly seeds: number
}

export interface MutantsReport {
  readonly mutants: readonly MutantResult[]
  /** `clean`, or what the unpatched copy failed by. */
  readonly control: string
  readonly missed: number
}

const SEEDS_MAX = 1_000
/** The control runs through the worlds that the mutants needed, and no fewer than these. */
const CONTROL_MIN = 10
/** Copies at work at the same time: what the smallest machine we promise has cores for. */
const COPIES = 2
const DETAIL_LETTERS = 300

/** Seeds every mistake into a copy and runs worlds until one shows it. Resolves with the exit code: 1 when one is missed, or the control is not clean. */
export async function mutants({ json, only }: MutantsFlags): Promise<number> {
  const chosen = MUTANTS.filter(({ name }) => name.includes(only))
  const report = await huntAll(chosen)
  if (json) process.stdout.write(`${JSON.stringify(report)}\n`)
  else tell(`${report.mutants.length} mutants, ${report.missed} missed, control ${report.control}`)
  return report.missed === 0 && report.control === 'clean' ? 0 : 1
}

export async function huntAll(chosen: readonly Mutant[]): Promise<MutantsReport> {
  const results = new Map<string, MutantResult>()
  const waiting = [...chosen]
  const work = (): Promise<void> =>
    withCopy(async (copy) => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { result, detail } = await huntOne(copy, next)
        results.set(next.name, result)
        progress.step()
        tell(linesOf(result, detail))
      }
    })
  const progress = createProgress('mistakes', chosen.length)
  try {
    await Promise.all(Array.from({ length: Math.min(COPIES, chosen.length) }, work))
  } finally {
    progress.stop()
  }
  const mutants = chosen.map(({ name }) => results.get(name)).filter((one) => one !== undefined)
  const missed = mutants.filter(({ caught }) => !caught).length
  return { mutants, control: await control(mutants), missed }
}

interface Hunted {
  readonly result: MutantResult
  readonly detail: string | undefined
}

async function huntOne(copy: Copy, { name, area, patches }: Mutant): Promise<Hunted> {
  await copy.patch(patches)
  const { by, detail, seeds } = await runHunt(copy, SEEDS_MAX)
  return { result: { name, area, caught: by !== undefined, ...(by === undefined ? {} : { by }), seeds }, detail }
}

/** What became of a mistake and how it showed, as one text: two copies speak at the same time. */
function linesOf({ name, caught, by, seeds }: MutantResult, detail: string | undefined): string {
  const how = detail === undefined ? '' : `\n  ${detail.slice(0, DETAIL_LETTERS)}`
  return `${name}: ${caught ? `${by} after ${seeds} worlds` : 'MISSED'}${how}`
}

/** The same worlds without a mistake. */
function control(mutants: readonly MutantResult[]): Promise<string> {
  const limit = Math.max(CONTROL_MIN, ...mutants.map(({ seeds }) => seeds))
  tell(`control: up to ${limit} worlds without a mistake`)
  return withCopy(async (copy) => {
    await copy.patch([])
    const { by, detail, seeds } = await runHunt(copy, limit)
    return by === undefined ? 'clean' : `world ${seeds}: ${by}: ${detail}`
  })
}

async function runHunt(copy: Copy, limit: number): Promise<Catch> {
  const { code, stdout, stderr } = await copy.run({ program: 'sim/dist/mutants/hunt-main.js', args: [String(limit)] })
  const line = stdout.trim().split('\n').at(-1) ?? ''
  if (code !== 0 || line === '')
    throw new OrienError('internal', { message: `the worlds of a copy did not end: ${stderr.slice(-2_000)}` })
  return JSON.parse(line) as Catch
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}
