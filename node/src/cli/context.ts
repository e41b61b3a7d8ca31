import { join } from 'node:path'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { isOrienError, OrienError, parsePeer, parseUsdc, type PeerText } from '@orien/protocol'
import { createAgent } from '../agent/create.ts'
import type { Agent } from '../agent/agent.ts'
import type { AgentPolicy } from '../agent/ports.ts'
import { loadProfile, type Profile } from '../config/profile.ts'
import { exitCodeOf, printable, printError } from '../daemon/exit.ts'
import { ensureHome, resolveHome } from '../daemon/home.ts'
import { loadOrCreateKey, loadOrCreateWalletKey } from '../daemon/keys.ts'
import { localWallet } from '../rails/wallet.ts'
import { withFlags } from './hints.ts'

/** Options every command that touches the network has. */
export interface CommonOptions {
  readonly home?: string
  readonly profile?: string
  readonly json?: boolean
}

export function withCommon(command: Command): Command {
  return command
    .addOption(new Option('--home <folder>', 'keys and books').env('ORIEN_HOME'))
    .addOption(new Option('--profile <file>', 'the network to use, TOML').env('ORIEN_PROFILE'))
    .option('--json', 'print the result as JSON')
}

export async function homeOf(options: CommonOptions): Promise<string> {
  const home = options.home ?? resolveHome()
  await ensureHome(home)
  return home
}

/** Throws `badConfig`; where there is no file, with the ways to name one. */
export async function profileFor(options: CommonOptions): Promise<Profile> {
  const file = options.profile ?? join(await homeOf(options), 'profile.toml')
  try {
    return await loadProfile(file)
  } catch (error) {
    if (!isOrienError(error, 'badConfig') || !isMissing(error.cause)) throw error
    throw new OrienError('badConfig', {
      message: `there is no profile at ${file}`,
      hint: 'A profile says which network to use (README, “A profile”): write one there, or name one by --profile or ORIEN_PROFILE.',
      details: { file },
      cause: error,
    })
  }
}

/** True for what the system answers when a file is not there. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/** Runs a command to its end and ends the process; mistakes are explained, never traced. */
export async function finish(work: () => Promise<void>): Promise<void> {
  try {
    await work()
    // A command may have set its own: a tool that failed, a signal.
    process.exitCode ??= 0
  } catch (error) {
    printError(withFlags(error))
    process.exitCode ??= exitCodeOf(error)
  }
  // What was said is out; nothing that is left, such as the timer of an old session, keeps a shell waiting.
  await Promise.all([process.stdout, process.stderr].map((stream) => flushed(stream)))
  process.exit()
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()))
}

/** An agent of the home's keys, for one command. SIGINT aborts; a second one ends at once. */
export async function withAgent<T>(
  options: CommonOptions,
  policy: Partial<AgentPolicy>,
  use: (agent: Agent, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const home = await homeOf(options)
  const profile = await profileFor(options)
  const identity = await loadOrCreateKey(home, 'agent', profile.chainId)
  const wallet = localWallet(await loadOrCreateWalletKey(home, 'agent', profile.chainId))
  const abort = new AbortController()
  const onSignal = (signal: NodeJS.Signals): void => {
    const code = signal === 'SIGINT' ? 130 : 143
    if (abort.signal.aborted) process.exit(code)
    process.exitCode = code
    abort.abort(new OrienError('cancelled', { message: 'interrupted' }))
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  const agent = await createAgent({ profile, identity, wallet, policy, home })
  try {
    return await use(agent, abort.signal)
  } finally {
    await agent.stop()
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}

/** Commander parsers: a bad value is a usage error (exit 2). */
export const asPeer = (text: string): PeerText => parsed(() => parsePeer(text), 'not a PeerId such as 12D3KooW…')
export const asUsdc = (text: string): string =>
  parsed(() => {
    parseUsdc(text)
    return text
  }, 'not an amount in USDC such as 0.05')

function parsed<T>(parse: () => T, words: string): T {
  try {
    return parse()
  } catch (error) {
    if (isOrienError(error)) throw new InvalidArgumentError(words)
    throw error
  }
}

/** Text of a peer for a terminal: line by line, without what steers it. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

/** One line of JSON; money as decimal strings of micro-USDC, bytes as hex. */
export function printJson(value: unknown): void {
  const text = JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'bigint' ? one.toString() : one instanceof Uint8Array ? Buffer.from(one).toString('hex') : one,
  )
  process.stdout.write(`${text}\n`)
}
