#!/usr/bin/env node
import { Command, InvalidArgumentError, Option } from 'commander'
import { exitCodeOf, printError } from '@orien/node/daemon'
import type { Tamper } from './demo/config.ts'

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

const sim = new Command('orien-sim')
  .description('The whole network on one machine.')
  // What follows a command's name is the command's: --json and --seed are options of both.
  .enablePositionalOptions()
  .showHelpAfterError()

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

interface WorldFlags {
  readonly seeds?: number
  readonly seed?: number
  readonly from: number
  readonly everyIo?: boolean
  readonly mutants?: string | true
  readonly liars?: boolean
  readonly failFast?: boolean
  readonly json?: boolean
}

sim
  .option('--seeds <n>', 'run so many seeds of the deterministic world', wholeNumber)
  .option('--from <seed>', 'begin with this seed', wholeNumber, 1)
  .option('--every-io', 'cut power at every I/O point of each seed')
  .addOption(
    new Option('--liars', 'one party lies in each world, and once more without the check that stops it').conflicts([
      'everyIo',
      'seed',
    ]),
  )
  .addOption(
    new Option('--seed <n>', 'run one seed and print its trace').argParser(wholeNumber).conflicts(['seeds', 'everyIo']),
  )
  .addOption(
    new Option(
      '--mutants [name]',
      'put every known mistake, or those with this in their name, into a copy and see it found',
    ).conflicts(['seeds', 'seed', 'everyIo']),
  )
  .option('--fail-fast', 'stop at the first failing seed')
  .option('--json', 'a summary as the last line of stdout')
  .action(async ({ seeds, seed, from, everyIo, mutants, liars, failFast, json }: WorldFlags) => {
    if (mutants !== undefined) {
      const hunt = await import('./mutants/command.ts')
      process.exitCode = await hunt.mutants({ only: mutants === true ? '' : mutants, json: json === true })
      return
    }
    if (seed === undefined && seeds === undefined && everyIo !== true && liars !== true)
      return sim.help({ error: true })
    const command = await import('./campaign/command.ts')
    const flags = { seeds: seeds ?? 1, from, json: json === true, failFast: failFast === true }
    if (liars === true) process.exitCode = await (await import('./campaign/liars.ts')).liars(flags)
    else if (seed !== undefined) process.exitCode = await command.oneSeed(seed, flags.json)
    else if (everyIo === true) process.exitCode = await command.everyIo(flags)
    else process.exitCode = await command.campaign(flags)
  })

/** A whole number from 0. */
function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('a whole number is wanted')
  return Number(text)
}

sim
  .command('processes')
  .description(
    'Real processes killed by kill -9 at drawn moments, started again, settled to the last cent, and audited.',
  )
  .addOption(new Option('--kills <count>', 'how many').default(20).argParser(wholeNumber))
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
  printError(error)
  process.exitCode = exitCodeOf(error)
}
