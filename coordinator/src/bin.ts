#!/usr/bin/env node
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OrienError } from '@orien/protocol'
import { Command, CommanderError, Option } from 'commander'
import { EXIT, exitCodeOf, printError, resolveHome, runDaemon, type RunningDaemon } from '@orien/node/daemon'
import type { CoordinatorStatus } from './coordinator.ts'
import { startCoordinator, type CoordinatorDaemon } from './start.ts'

interface HomeFlag {
  readonly home?: string
}

/** The daemon tells how it stands in this file of its home, this often. */
const STATUS_FILE = 'status.json'
const STATUS_MS = 2_000
/** What `resume` leaves there for it. */
const RESUME_FILE = 'resume'
const CURRENT = 'current'

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
      return withStatus(folder, await startCoordinator({ config, home: folder }))
    }),
  )

program
  .command('status')
  .description('How the daemon of a home stands: sessions, exposure, payouts, counters.')
  .option('--json', 'one line of JSON')
  .addOption(home())
  .exitOverride()
  .action(async ({ json, home: named }: HomeFlag & { readonly json?: true }) => {
    const text = await statusText(named ?? resolveHome())
    tellDoubts(text)
    process.stdout.write(json === true ? `${text}\n` : `${JSON.stringify(JSON.parse(text), undefined, 2)}\n`)
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
    await statusText(folder)
    await writeFile(join(folder, RESUME_FILE), current === true ? CURRENT : '', { mode: 0o600 })
    process.stdout.write('The daemon takes it up within some seconds; `orien-coordinator status` shows when.\n')
  })

/** Says on stderr why the book is read-only, for people: what was found, what is missing, what to do. */
function tellDoubts(text: string): void {
  const { readOnly = [] } = JSON.parse(text) as Partial<CoordinatorStatus>
  for (const { found, missing, next } of readOnly)
    process.stderr.write(`READ-ONLY: ${found}.\n  Missing: ${missing}.\n  Next: ${next}\n`)
}

/** Keeps the status file of a running daemon; it goes with the daemon. */
function withStatus(folder: string, daemon: CoordinatorDaemon): RunningDaemon {
  const file = join(folder, STATUS_FILE)
  const write = async (): Promise<void> => {
    const status = { atMs: Date.now(), pid: process.pid, ...daemon.status() }
    const text = JSON.stringify(status, (_key, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    )
    try {
      // Whole or not at all, for whoever reads meanwhile.
      await writeFile(`${file}.new`, text, { mode: 0o600 })
      await rename(`${file}.new`, file)
    } catch (cause) {
      const isFull = cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT')
      throw new OrienError(isFull ? 'storeFull' : 'badConfig', { message: `${file} cannot be written`, cause })
    }
  }
  // What an operator said to a process before this one is not about what this one finds.
  let last: Promise<void> = rm(join(folder, RESUME_FILE), { force: true }).then(write)
  const timer = setInterval(() => {
    last = last
      .then(() => resumeIfTold(folder, daemon))
      .then(write)
      .catch(printError)
  }, STATUS_MS)
  return {
    ...(daemon.ended === undefined ? {} : { ended: daemon.ended }),
    async stop() {
      clearInterval(timer)
      await last
      await daemon.stop()
      await rm(file, { force: true })
    },
  }
}

/** Takes up what `resume` left, once. */
async function resumeIfTold(folder: string, daemon: CoordinatorDaemon): Promise<void> {
  const file = join(folder, RESUME_FILE)
  let told: string
  try {
    told = await readFile(file, 'utf8')
  } catch {
    // Nobody told so.
    return
  }
  await rm(file, { force: true })
  await daemon.resume({ current: told === CURRENT })
}

async function statusText(folder: string): Promise<string> {
  try {
    return await readFile(join(folder, STATUS_FILE), 'utf8')
  } catch (cause) {
    throw new OrienError('unreachable', {
      message: `no coordinator runs in ${folder}`,
      details: { home: folder },
      cause,
    })
  }
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
