#!/usr/bin/env node
import { Command, CommanderError, Option } from 'commander'
import { EXIT, exitCodeOf, printError } from '@orien/node/daemon'
import type { Tamper } from './demo/config.ts'
import { addModes, positive, wholeNumber, type Mode } from './modes.ts'

interface DemoFlags {
  readonly vanish?: boolean
  readonly exhaust?: boolean
  readonly lie?: boolean
  readonly tamper?: Tamper
  readonly json?: boolean
  readonly home?: string
}

interface ProcessesFlags {
  readonly kills: number
  readonly seed: number
  readonly json?: boolean
  readonly home?: string
}

const DURATIONS = `
Two cores run two or three worlds a second: --seeds 300 takes about two minutes,
--every-io one or two a seed, --liars a minute more whenever a source changed,
--mutants four or more. How far they are is told on stderr every ten seconds.
Exit codes: 0 clean · 1 something was broken or left open · 2 usage`

const sim = new Command('orien-sim')
  .description('The whole network on one machine.')
  // What follows a command's name is the command's: --json and --seed are options of both.
  .enablePositionalOptions()
  .showHelpAfterError('Try npm run -s sim -- --help.')
  .helpCommand(true)
  .exitOverride()
  .hook('preSubcommand', refuseBefore)
  .addHelpText('after', DURATIONS)

sim
  .command('demo')
  .description('Two agents rent tools from three providers; a coordinator settles; everybody is paid on a local chain.')
  .addOption(new Option('--vanish', 'an agent disappears in the middle of a call').conflicts(['exhaust', 'lie']))
  .addOption(new Option('--exhaust', 'the allowance runs out in the middle of a call').conflicts(['vanish', 'lie']))
  .addOption(new Option('--lie', 'a provider claims twice the time').conflicts(['vanish', 'exhaust']))
  .addOption(
    new Option('--tamper <what>', 'change one byte before the audit').choices([
      'receipt',
      'ledger',
      'payout',
      'cheque',
    ]),
  )
  .option('--json', 'a summary as the last line of stdout; the story goes to stderr')
  .option('--home <folder>', 'keep everything here')
  .action(async ({ vanish, exhaust, lie, tamper, json, home }: DemoFlags) => {
    const { demo } = await import('./demo/demo.ts')
    const variant = vanish === true ? 'vanish' : exhaust === true ? 'exhaust' : lie === true ? 'lie' : 'plain'
    process.exitCode = await demo({ variant, tamper, json: json === true, home })
  })

sim
  .command('devnet')
  .description('A local Arc and a ClearNode stand-in until told to stop; prints their addresses.')
  .option('--home <folder>', 'keep everything here')
  .option('--json', 'print the addresses as JSON')
  .action(async ({ home, json }: DemoFlags) => {
    const { devnetCommand } = await import('./devnet/command.ts')
    process.exitCode = await devnetCommand({
      ...(home === undefined ? {} : { home }),
      ...(json === true ? { json } : {}),
    })
  })

addModes(sim, async (mode) => {
  process.exitCode = await playWorlds(mode)
})

async function playWorlds(mode: Mode): Promise<number> {
  switch (mode.kind) {
    case 'seeds':
      return (await import('./campaign/command.ts')).campaign(mode)
    case 'everyIo':
      return (await import('./campaign/command.ts')).everyIo(mode)
    case 'liars':
      return (await import('./campaign/liars.ts')).liars(mode)
    case 'seed':
      return (await import('./campaign/one.ts')).oneSeed(mode)
    case 'lie': {
      const { STRATEGIES } = await import('./world/liars/strategies.ts')
      const { lie } = mode
      if (lie !== undefined) known(lie, STRATEGIES, (name) => name === lie)
      return (await import('./campaign/one.ts')).oneLie(mode)
    }
    case 'mutants': {
      const { MUTANTS } = await import('./mutants/seeded/all.ts')
      known(mode.only, MUTANTS, (name) => name.includes(mode.only))
      return (await import('./mutants/command.ts')).mutants(mode)
    }
  }
}

/** A name that fits nothing is a mistake of whoever wrote it. */
function known(name: string, all: readonly { readonly name: string }[], fits: (name: string) => boolean): void {
  const names = all.map((one) => one.name)
  if (!names.some(fits)) sim.error(`error: there is no “${name}”; there are ${names.join(' ')}`)
}

/** An option of the program does nothing for its commands: it stands behind their names. */
function refuseBefore(program: Command, command: Command): void {
  const early = program.options.find((option) => program.getOptionValueSource(option.attributeName()) === 'cli')
  if (early !== undefined)
    program.error(
      `error: ${early.long ?? early.flags} stands before “${command.name()}”: options follow the name of a command`,
    )
}

sim
  .command('processes')
  .description(
    'Real processes killed by kill -9 at drawn moments, started again, settled to the last cent, and audited.',
  )
  .addOption(new Option('--kills <count>', 'how many').default(20).argParser(positive))
  .addOption(new Option('--seed <number>', 'draws the moments').default(1).argParser(wholeNumber))
  .option('--json', 'a summary as the last line of stdout; the story goes to stderr')
  .option('--home <folder>', 'keep everything here')
  .action(async ({ kills, seed, json, home }: ProcessesFlags) => {
    const { processes } = await import('./processes/processes.ts')
    process.exitCode = await processes({ kills, seed, json: json === true, home })
  })

try {
  await sim.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander said what is wrong; help is no mistake.
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage
  } else {
    printError(error)
    process.exitCode = exitCodeOf(error)
  }
}
