import { InvalidArgumentError, Option, type Command } from 'commander'
import type { CampaignFlags } from './campaign/command.ts'
import type { OneFlags } from './campaign/one.ts'
import type { Changes } from './campaign/worlds.ts'
import { FAULT_KINDS, NO_FAULTS, type FaultKind } from './world/ports/faults.ts'

/** What the options without a command's name ask of the deterministic world. */
export type Mode =
  | ({ readonly kind: 'seeds' | 'everyIo' | 'liars' } & CampaignFlags)
  | ({ readonly kind: 'seed' } & OneFlags & Changes)
  /** `lie`: the one that `--liars` tells for this seed when absent. */
  | ({ readonly kind: 'lie'; readonly lie?: string } & OneFlags)
  | { readonly kind: 'mutants'; readonly only: string; readonly json: boolean }

/** What the command line holds. */
interface WorldFlags {
  readonly seeds?: number
  readonly seed?: number
  readonly from: number
  readonly everyIo?: boolean
  readonly mutants?: string | true
  readonly liars?: boolean
  readonly lie?: string
  readonly cutAt?: number
  readonly faults?: readonly FaultKind[]
  readonly calls?: number
  readonly failFast?: boolean
  readonly json?: boolean
}

const OF_SEED = ['lie', 'cutAt', 'faults', 'calls'] as const

/** Gives the program the options of the deterministic world. What does not go together is refused. */
export function addModes(sim: Command, play: (mode: Mode) => Promise<void>): Command {
  const option = (flags: string, text: string): Option => new Option(flags, text)
  const changes = ['lie', 'liars', 'seeds', 'everyIo', 'mutants']
  return sim
    .addOption(option('--seeds <n>', 'run so many seeds of the deterministic world').argParser(positive))
    .addOption(option('--from <seed>', 'begin with this seed').argParser(wholeNumber).default(1))
    .addOption(option('--every-io', 'cut power at every I/O point of each seed'))
    .addOption(
      option('--liars', 'one party lies in each world; and once more without the check that stops it').conflicts([
        ...['everyIo', 'failFast', 'mutants'],
      ]),
    )
    .addOption(
      option('--seed <n>', 'play what --seeds plays for this seed, or --liars, and print its trace')
        .argParser(wholeNumber)
        .conflicts(['seeds', 'from', 'everyIo', 'failFast', 'mutants']),
    )
    .addOption(option('--lie <name>', 'with --seed: only the world in which this lie is told').conflicts('liars'))
    .addOption(
      option('--cut-at <k>', 'with --seed: the world of --every-io, power cut at this I/O point')
        .argParser(wholeNumber)
        .conflicts(changes),
    )
    .addOption(
      option('--faults <kinds>', `with --seed: only these, with commas between; or ${NO_FAULTS}`)
        .argParser(faultKinds)
        .conflicts(changes),
    )
    .addOption(option('--calls <k>', 'with --seed: so many calls an agent').argParser(positive).conflicts(changes))
    .addOption(
      option(
        '--mutants [name]',
        'put every known mistake, or those with this in their name, into a copy and see it found',
      ).conflicts(['seeds', 'from', 'everyIo', 'failFast']),
    )
    .addOption(option('--fail-fast', 'stop at the first failing seed'))
    .addOption(option('--json', 'a summary as the last line of stdout'))
    .action(async (flags: WorldFlags) => {
      if (Object.entries(flags).every(([name]) => name === 'from')) return sim.help({ error: true })
      await play(modeOf(flags, (text) => sim.error(`error: ${text}`)))
    })
}

function modeOf(flags: WorldFlags, refuse: (text: string) => never): Mode {
  const { seeds = 1, seed, from, liars, lie, cutAt, faults, calls, mutants } = flags
  const json = flags.json === true
  const alone = OF_SEED.find((name) => flags[name] !== undefined)
  if (seed === undefined && alone !== undefined)
    return refuse(`--${alone === 'cutAt' ? 'cut-at' : alone} goes with --seed`)
  if (mutants !== undefined) return { kind: 'mutants', only: mutants === true ? '' : mutants, json }
  if (seed !== undefined) {
    if (liars === true) return { kind: 'lie', seed, json }
    return lie === undefined ? { kind: 'seed', seed, json, cutAt, faults, calls } : { kind: 'lie', seed, json, lie }
  }
  const campaign = { seeds, from, json, failFast: flags.failFast === true }
  if (liars === true) return { kind: 'liars', ...campaign }
  if (flags.everyIo === true) return { kind: 'everyIo', ...campaign }
  if (flags.seeds !== undefined) return { kind: 'seeds', ...campaign }
  return refuse('nothing to run: one of --seeds, --seed, --every-io, --liars, --mutants is wanted')
}

const MAX = 999_999_999

/** A whole number from 0. */
export function wholeNumber(text: string): number {
  return numberFrom(0, text)
}

/** A whole number from 1. */
export function positive(text: string): number {
  return numberFrom(1, text)
}

function numberFrom(min: number, text: string): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1
  if (value < min) throw new InvalidArgumentError(`A whole number from ${min} to ${MAX} is wanted.`)
  return value
}

function faultKinds(text: string): readonly FaultKind[] {
  const names = text === NO_FAULTS ? [] : text.split(',')
  return names.map((name) => {
    const kind = FAULT_KINDS.find((one) => one === name)
    if (kind === undefined) throw new InvalidArgumentError(`There is no “${name}”; there are ${FAULT_KINDS.join(' ')}.`)
    return kind
  })
}
