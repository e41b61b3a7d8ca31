#!/usr/bin/env node
import { Command, Option } from 'commander'
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

const sim = new Command('orien-sim').description('The whole network on one machine.').showHelpAfterError()

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

try {
  await sim.parseAsync()
} catch (error) {
  printError(error)
  process.exitCode = exitCodeOf(error)
}
