import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import type { Hex } from 'viem'
import { generatePrivateKey } from 'viem/accounts'
import { makeChallenges } from './challenges.ts'
import type { Node } from './context.ts'
import { ClearnodeError } from './errors.ts'
import { credit, serveFaucet } from './faucet.ts'
import { readTextIfAny } from './files.ts'
import { loadKeys } from './keys.ts'
import { defaultAssets, defaultNetworks, type ClearnodeOptions } from './options.ts'
import { brokerOf } from './signing.ts'
import { openSockets } from './sockets.ts'
import { openStore } from './store.ts'

export { readLedger, tamperLedgerEntry } from './audit.ts'
export type { ClearnodeOptions } from './options.ts'

/** A running stand-in of a ClearNode of tag `clearnode/v0.5.2`. */
export interface Clearnode {
  /** `ws://127.0.0.1:…/ws` */
  readonly url: string
  readonly brokerAddress: Hex
  /** `http://127.0.0.1:…/credit`: POST {wallet, asset, amount}. Devnet only. */
  readonly faucetUrl: string
  /** Credits a wallet's unified balance; durable when it resolves. Amount in decimal text. */
  readonly credit: (wallet: string, asset: string, amountText: string) => Promise<void>
  /** Ends every socket, then closes the ledger. */
  readonly stop: () => Promise<void>
}

/**
 * Starts a ClearNode stand-in on loopback.
 *
 * @example
 * const node = await startClearnode({ home })
 * await node.credit(wallet, 'usdc', '10')
 * const socket = new WebSocket(node.url)   // drive it with the SDK
 * await node.stop()
 *
 * Errors: CLEARNODE_LEDGER_DAMAGED, and the system's error when the port is taken.
 */
export const startClearnode = async (options: ClearnodeOptions): Promise<Clearnode> => {
  const nowMs = options.nowMs ?? Date.now
  await mkdir(options.home, { recursive: true, mode: 0o700 })
  const broker = brokerOf(options.brokerKey ?? (await keptKey(options.home)))
  const store = await openStore(options.home, nowMs)
  const faults: unknown[] = []
  const http = createServer()
  const sockets = openSockets(http, (error) => faults.push(error))
  const node: Node = {
    store,
    nowMs,
    broker,
    assets: options.assets ?? defaultAssets,
    networks: options.networks ?? defaultNetworks,
    challenges: makeChallenges(nowMs),
    keyCache: loadKeys(store.tables.keys.values(), nowMs),
    lastActiveMs: new Map(),
    transfersSeen: new Map(),
    history: [],
    pushTo: sockets.pushTo,
  }
  sockets.serve(node)
  http.on('request', (request, response) => {
    serveFaucet(node, request, response).catch((error: unknown) => {
      faults.push(error)
      response.destroy()
    })
  })
  const port = await listen(http, options.port ?? 0)
  return {
    url: `ws://127.0.0.1:${port}/ws`,
    faucetUrl: `http://127.0.0.1:${port}/credit`,
    brokerAddress: broker.address,
    credit: (wallet, asset, amountText) => credit(node, wallet, asset, amountText),
    stop: async () => {
      await sockets.close()
      await new Promise<void>((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
      })
      await store.close()
      if (faults.length > 0) throw new AggregateError(faults, 'requests failed inside the node')
    },
  }
}

const listen = (http: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    http.once('error', reject)
    http.listen(port, '127.0.0.1', () => {
      http.off('error', reject)
      const address = http.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })

/** The broker's key of a home, made at first use: answers and JWTs stay good over restarts. */
const keptKey = async (home: string): Promise<Hex> => {
  const path = join(home, 'broker.key')
  const kept = await readTextIfAny(path)
  if (kept === undefined) {
    const made = generatePrivateKey()
    await writeFile(path, made, { mode: 0o600, flush: true })
    return made
  }
  if (!/^0x[0-9a-f]{64}$/.test(kept))
    throw new ClearnodeError('CLEARNODE_BAD_OPTION', 'broker.key holds no private key', 'delete it or restore it')
  return kept as Hex
}
