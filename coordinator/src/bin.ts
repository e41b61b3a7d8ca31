#!/usr/bin/env node
import { Command, CommanderError, Option } from 'commander'
import { EXIT, exitCodeOf, printError, resolveHome, runDaemon } from '@orien/node/daemon'
import { keepHome } from './home/keep.ts'
import { askResume, isResumable } from './home/resume.ts'
import { readStatus, type StatusFile } from './home/status.ts'
import { startCoordinator } from './start.ts'

interface HomeFlag {
  readonly home?: string
}

const home = (): Option => new Option('--home <folder>', 'keys and book').env('ORIEN_HOME')

const program = new Command('orien-coordinator')
  .description('Collects receipts, debits channels, settles and pays out. Runs nothing, ranks nobody.')
  .showHelpAfterError('Try orien-coordinator --help.')
  .exitOverride()

program
  .command('start')
  .description('Serve until told to stop; prints one ready line.')
  .requiredOption('--config <file>', 'coordinator.toml')
  .addOption(home())
  .exitOverride()
  .action(({ config, home: named }: HomeFlag & { readonly config: string }) =>
    runDaemon(async () => {
      const folder = named ?? resolveHome()
      return keepHome(folder, await startCoordinator({ config, home: folder }))
    }),
  )

program
  .command('status')
  .description('How the daemon of a home stands: addresses to fund, sessions, exposure, payouts, counters.')
  .option('--json', 'one line of JSON')
  .addOption(home())
  .exitOverride()
  .action(async ({ json, home: named }: HomeFlag & { readonly json?: true }) => {
    const status = await readStatus(named ?? resolveHome())
    tellDoubts(status)
    process.stdout.write(`${JSON.stringify(status, undefined, json === true ? undefined : 2)}\n`)
  })

program
  .command('resume')
  .description(
    'Answer for what the book cannot explain (see status), so that the daemon signs again. Can pay twice: read status first.',
  )
  .addOption(home())
  .option('--current', 'the book is the newest there is and our keys were used by hand: withhold nothing')
  .exitOverride()
  .action(async ({ home: named, current }: HomeFlag & { readonly current?: true }) => {
    const folder = named ?? resolveHome()
    const before = await readStatus(folder)
    if (!isResumable(before, current === true)) {
      process.stdout.write('There is nothing to resume: the book is not read-only.\n')
      return
    }
    tellResumed(await askResume(folder, before.pid, current === true))
  })

/** Says how the book stands after a resume; exit 1 when it is read-only all the same. */
function tellResumed(status: StatusFile): void {
  const { readOnly = [], withheld = 0 } = status
  if (readOnly.length > 0) {
    process.stderr.write('The coordinator took it up, and the book is read-only still or again.\n')
    tellDoubts(status)
    process.exitCode = EXIT.failed
    return
  }
  process.stdout.write('Resumed: the book is not read-only.\n')
  if (withheld > 0) process.stdout.write(`Sessions withheld until their Final comes: ${withheld}.\n`)
}

/** Says on stderr why the book is read-only, for people: what was found, what is missing, what to do. */
function tellDoubts({ readOnly = [] }: StatusFile): void {
  for (const { found, missing, next } of readOnly)
    process.stderr.write(`READ-ONLY: ${found}.\n  Missing: ${missing}.\n  Next: ${next}\n`)
}

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander said what is wrong; help is no mistake.
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage
  } else {
    printError(error)
    process.exitCode = exitCodeOf(error)
  }
}
