import { delimiter, extname } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { OrienError, parseUsdc } from '@orien/protocol'
import { readText } from '../config/read.ts'
import { EXIT, printError } from '../daemon/exit.ts'
import { announceReady } from '../daemon/ready.ts'
import { lockHome } from '../daemon/lock.ts'
import { openLog } from '../daemon/log.ts'
import { runDaemon } from '../daemon/run.ts'
import { createProvider } from '../provider/create.ts'
import { loadCatalogue, type Catalogue } from '../tools/catalogue.ts'
import { asUsdc, homeOf, profileFor, withCommon, type CommonOptions } from './context.ts'

interface StartFlags extends CommonOptions {
  readonly config: string
  readonly listen: readonly string[]
  readonly unsafeNoSandbox?: boolean
  readonly capacity: number
  readonly firstWindow?: string
  readonly firstWindowCalls: number
  readonly tick: number
  readonly tickAck: number
}

const LISTEN: readonly string[] = ['/ip4/0.0.0.0/tcp/4100']

/** `orien provider …`. */
export function providerCommand(): Command {
  return new Command('provider').description('Rent out tools of this machine.').addCommand(startCommand())
}

function startCommand(): Command {
  return withCommon(new Command('start'))
    .description('Serve the tools of a catalogue until told to stop; prints one ready line.')
    .requiredOption('--config <file>', 'provider.toml, or the JSON form')
    .option('--listen <multiaddr...>', 'where to listen', asListen, LISTEN)
    .option('--capacity <calls>', 'calls run at a time', asWhole, 1)
    .option('--first-window <usdc>', 'what an agent may run ahead before it ever paid', asUsdc)
    .option('--first-window-calls <calls>', 'calls in flight of such an agent', asWhole, 1)
    .option('--tick <ms>', 'how often a running call shows its meter', asWhole, 5_000)
    .option('--tick-ack <ms>', 'how long a call runs without a word of its agent', asWhole, 30_000)
    .option('--unsafe-no-sandbox', 'run tools unconfined (tier D): only on a machine that may be lost')
    .action(async (flags: StartFlags) => {
      if (flags.unsafeNoSandbox !== true) return refuseUnsafe()
      await runDaemon(async () => {
        const home = await homeOf(flags)
        const lock = await lockHome(home)
        const log = openLog().subsystem('provider')
        const { firstWindow } = flags
        const daemon = await createProvider({
          profile: await profileFor(flags),
          catalogue: await readCatalogue(flags.config),
          home,
          listen: flags.listen,
          unsafeNoSandbox: true,
          capacity: flags.capacity,
          tickMs: flags.tick,
          tickAckMs: flags.tickAck,
          path: programPath(),
          // Every step of every call is more than an operator reads.
          log: (event, fields) => (event === 'callState' ? log.debug : log.info)(event, fields),
          ...(firstWindow === undefined
            ? {}
            : { firstWindow: { windowMicros: parseUsdc(firstWindow), windowCalls: flags.firstWindowCalls } }),
        })
        announceReady({ peer: daemon.provider.peer, addrs: daemon.network.addresses(), home })
        return {
          ended: daemon.provider.failed.then((error) => Promise.reject(error)),
          async stop() {
            await daemon.stop()
            await lock.release()
          },
        }
      })
    })
}

/** Said before anything is made or bound: the flag is part of how the command is used. */
function refuseUnsafe(): void {
  printError(
    new OrienError('unsafe', {
      message: 'this version runs tools unconfined (tier D)',
      hint: 'Start it with --unsafe-no-sandbox on a machine that may be lost, or wait for confinement.',
    }),
  )
  process.exitCode = EXIT.usage
}

/** Reads a catalogue file. Throws `badConfig`. */
async function readCatalogue(file: string): Promise<Catalogue> {
  const text = await readText(file, 'Write the file (README, “A provider”), or name another one by --config.')
  return loadCatalogue(text, { file, format: extname(file) === '.json' ? 'json' : 'toml' })
}

/** Absolute folders of our own PATH: where tools named without a slash are found. */
function programPath(): string {
  return (process.env['PATH'] ?? '/usr/bin:/bin')
    .split(delimiter)
    .filter((folder) => folder.startsWith('/'))
    .join(delimiter)
}

function asListen(text: string, before: readonly string[]): readonly string[] {
  if (!text.startsWith('/')) throw new InvalidArgumentError(`write a multiaddr such as ${LISTEN.join()}`)
  return before === LISTEN ? [text] : [...before, text]
}

function asWhole(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('not a whole number above 0')
  return value
}
