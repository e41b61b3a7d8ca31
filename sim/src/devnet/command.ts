import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OrienError } from '@orien/protocol'
import { startDevnet, type Devnet } from './devnet.ts'

export interface DevnetCommandOptions {
  /** Folder to use and keep; default: a temporary one, removed at the end. */
  readonly home?: string
  /** One JSON line instead of text. */
  readonly json?: boolean
  /** Blocks by the clock. */
  readonly blockTimeMs?: number
  /** Program of the ClearNode stand-in; default: the built one. */
  readonly clearnodeMain?: string
}

const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const
type Signal = keyof typeof SIGNAL_NUMBERS

/**
 * `orien-sim devnet`: starts a devnet, prints its addresses on stdout, runs until a signal; a second signal ends it at
 * once. Resolves to the exit code, 128 + the signal's number. Throws what `startDevnet` throws, and `stopped` when a
 * part ends by itself.
 */
export async function devnetCommand(options: DevnetCommandOptions = {}): Promise<number> {
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'orien-devnet-'))
  const signals = watchSignals()
  try {
    // A signal during the start, which is bounded, is answered after it.
    const devnet = await startDevnet({ ...options, home })
    try {
      process.stdout.write(options.json === true ? jsonOf(devnet, home) : textOf(devnet, home))
      const signal = await Promise.race([signals.first, partEnded(devnet)])
      return 128 + SIGNAL_NUMBERS[signal]
    } finally {
      await Promise.race([devnet.stop(), signals.second.then(() => devnet.kill9())])
    }
  } finally {
    signals.off()
    if (options.home === undefined) rmSync(home, { recursive: true, force: true })
  }
}

/** Rejects with `stopped` when a part ends without having been asked. */
async function partEnded(devnet: Devnet): Promise<never> {
  const role = await Promise.race([
    devnet.anvil.exit.then(() => 'anvil'),
    devnet.clearnode.exit.then(() => 'the ClearNode stand-in'),
  ])
  throw new OrienError('stopped', {
    message: `${role} ended by itself`,
    hint: 'Its log is in the devnet folder; name one with --home to keep it.',
  })
}

interface Signals {
  readonly first: Promise<Signal>
  readonly second: Promise<Signal>
  off(): void
}

function watchSignals(): Signals {
  const first = Promise.withResolvers<Signal>()
  const second = Promise.withResolvers<Signal>()
  let seen = 0
  const listener = (signal: NodeJS.Signals): void => {
    if (!isSignal(signal)) return
    seen += 1
    ;(seen === 1 ? first : second).resolve(signal)
  }
  const names = Object.keys(SIGNAL_NUMBERS).filter(isSignal)
  for (const name of names) process.on(name, listener)
  return {
    first: first.promise,
    second: second.promise,
    off: () => {
      for (const name of names) process.off(name, listener)
    },
  }
}

function isSignal(name: string): name is Signal {
  return Object.hasOwn(SIGNAL_NUMBERS, name)
}

function jsonOf(devnet: Devnet, home: string): string {
  const { chainId, rpcUrl, token, multicall3, clearnodeUrl, broker, processes } = devnet
  const faucetUrl = devnet.clearnode.faucetUrl
  const shown = { event: 'ready', chainId, rpcUrl, token, multicall3, clearnodeUrl, faucetUrl, broker, home, processes }
  return `${JSON.stringify(shown)}\n`
}

function textOf(devnet: Devnet, home: string): string {
  const rows: [string, string][] = [
    ['local Arc', `${devnet.rpcUrl}  (chain id ${devnet.chainId})`],
    ['USDC', devnet.token],
    ['Multicall3', devnet.multicall3],
    ['ClearNode', devnet.clearnodeUrl],
    ['  faucet', `${devnet.clearnode.faucetUrl}  (POST {wallet, asset, amount})`],
    ['  broker', devnet.broker],
    ['folder', home],
    ['processes', devnet.processes.map(({ role, pid }) => `${role} ${pid}`).join(', ')],
  ]
  return [...rows.map(([name, value]) => `${name.padEnd(12)}${value}`), 'Ctrl-C ends it.', ''].join('\n')
}
