import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Micros } from '@orien/protocol'
import type { Address } from 'viem'
import { startAnvil, type Anvil } from './anvil.ts'
import { placeArc, type Arc } from './arc.ts'
import { startClearnode, type Clearnode } from './clearnode-process.ts'
import { compileContracts } from './solc.ts'

export interface DevnetOptions {
  /** Folder of everything the devnet writes. Made when absent. */
  readonly home: string
  /** Keep the chain over a restart, of anvil or of the devnet in the same folder; see `stateFile` of anvil. Default true. */
  readonly keepChain?: boolean
  /** Blocks by the clock; default: one per transaction, at once. */
  readonly blockTimeMs?: number
  /** Program of the ClearNode stand-in; default: the built one of this package. */
  readonly clearnodeMain?: string
}

export interface DevnetProcess {
  readonly role: string
  readonly pid: number
}

/** The real parts on one machine: a local Arc and a ClearNode stand-in, each a process of its own on 127.0.0.1. */
export interface Devnet {
  readonly chainId: number
  readonly rpcUrl: string
  readonly token: Address
  readonly multicall3: Address
  readonly clearnodeUrl: string
  readonly broker: string
  /** The parts themselves: to read the chain, to kill and restart a part. */
  readonly anvil: Anvil
  readonly arc: Arc
  readonly clearnode: Clearnode
  /** As they run now. */
  readonly processes: readonly DevnetProcess[]
  /** USDC for an account on the local Arc. */
  fundArc(address: Address, amount: Micros): Promise<void>
  /** Native money for gas on the local Arc. */
  fundGas(address: Address, wei: bigint): Promise<void>
  /** USDC in a wallet's unified balance at the ClearNode stand-in. */
  fundChannelBalance(wallet: Address, amount: Micros): Promise<void>
  /** Ends every process, in order. Safe to call twice. */
  stop(): Promise<void>
  /** Ends every process at once. */
  kill9(): Promise<void>
}

/**
 * Starts a devnet and resolves when all of it answers. When a part fails, the others are stopped and its error thrown:
 * `partMissing`, `timedOut`, `storeCorrupt`, `chainMismatch`. The processes end with their owner, whatever ends it.
 *
 * @example
 * const devnet = await startDevnet({ home: '/tmp/devnet' })
 * await devnet.fundArc('0x00000000000000000000000000000000000000A1', parseUsdc('5'))
 * await devnet.stop()
 */
export async function startDevnet(options: DevnetOptions): Promise<Devnet> {
  mkdirSync(options.home, { recursive: true, mode: 0o700 })
  const anvilHome = join(options.home, 'anvil')
  const block = options.blockTimeMs === undefined ? {} : { blockTimeMs: options.blockTimeMs }
  const main = options.clearnodeMain === undefined ? {} : { main: options.clearnodeMain }
  // All at once: the first compile and the start of a Node process take longest.
  const [compiled, anvil, clearnode] = await Promise.allSettled([
    compileContracts(),
    startAnvil({ home: anvilHome, stateFile: options.keepChain ?? true, ...block }),
    startClearnode({ home: join(options.home, 'clearnode'), ...main }),
  ])
  try {
    const parts = { anvil: valueOf(anvil), clearnode: valueOf(clearnode) }
    return devnetOf(parts, await placeArc(parts.anvil.rpc, valueOf(compiled)))
  } catch (error) {
    for (const part of [anvil, clearnode]) if (part.status === 'fulfilled') await part.value.stop()
    throw error
  }
}

function devnetOf({ anvil, clearnode }: { anvil: Anvil; clearnode: Clearnode }, arc: Arc): Devnet {
  return {
    chainId: anvil.chainId,
    rpcUrl: anvil.url,
    token: arc.token,
    multicall3: arc.multicall3,
    clearnodeUrl: clearnode.url,
    broker: clearnode.broker,
    anvil,
    arc,
    clearnode,
    get processes() {
      return [
        { role: 'anvil', pid: anvil.pid },
        { role: 'clearnode', pid: clearnode.pid },
      ]
    },
    fundArc: (address, amount) => arc.mint(address, amount),
    fundGas: (address, wei) => arc.fundGas(address, wei),
    fundChannelBalance: (wallet, amount) => clearnode.credit(wallet, amount),
    stop: async () => {
      await Promise.all([anvil.stop(), clearnode.stop()])
    },
    kill9: async () => {
      await Promise.all([anvil.kill9(), clearnode.kill9()])
    },
  }
}

function valueOf<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === 'fulfilled') return settled.value
  throw settled.reason
}
