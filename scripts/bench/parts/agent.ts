// An agent as a program makes one, with `createAgent`: one session, its book on disk.
import { createAgent, type Agent } from '@orien/node'
import { nodeCrypto } from '@orien/node/crypto'
import { micros, parsePeer, type Address } from '@orien/protocol'
import { logLine } from '../log.ts'
import { burst } from '../measure.ts'
import { payload, type BurstWish } from '../payload.ts'
import { serve } from '../serve.ts'
import { accountOf, type Account } from './account.ts'
import { CHAIN_ID, freshIdentity } from './identity.ts'

export interface AgentStart {
  readonly home: string
  readonly clearnodeUrl: string
  readonly coordinator: { readonly peer: string; readonly address: string }
  readonly provider: { readonly peer: string; readonly address: string }
  /** How many agents; 1 when absent. */
  readonly agents?: number
}

/** A call may cost a tenth of a cent; a window of 64 of them is renewed every 64 000 µUSDC, never on a call's path. */
const CALL = { maxCost: '0.001', allowance: '20' } as const
const WINDOW_CALLS = 64
/** getRandomValues gives no more at a time. */
const CHUNK_BYTES = 65_536

const me = freshIdentity()
let agent: Agent | undefined
let provider = ''
let made = 0

function running(): Agent {
  if (agent === undefined) throw new Error('not started')
  return agent
}

async function start(options: AgentStart): Promise<{ readonly wallets: readonly Address[] }> {
  provider = options.provider.peer
  agent = await createAgent({
    profile: {
      chainId: CHAIN_ID,
      domain: `orien/1/eip155:${CHAIN_ID}`,
      channel: { rail: 'yellow-v0', url: options.clearnodeUrl, asset: 'usdc' },
      chain: { rpcUrl: 'http://127.0.0.1:1', token: me.wallet.address, multicall3: me.wallet.address },
      bootstrap: [options.coordinator.address, options.provider.address],
      coordinator: parsePeer(options.coordinator.peer),
    },
    identity: me,
    wallet: me.wallet,
    home: options.home,
    policy: {
      minTier: 'D',
      windowCalls: WINDOW_CALLS,
      sessionMicros: micros(100_000_000n),
      totalMicros: micros(1_000_000_000n),
    },
    log: logLine('agent'),
  })
  return { wallets: [me.wallet.address] }
}

async function call(tool: string): Promise<void> {
  const { outcome, output } = await running().run(tool, payload(), { ...CALL, provider: parsePeer(provider) })
  if (outcome !== 'ok' || output.length < payload().message.length) throw new Error(`the call ended as ${outcome}`)
  made++
}

/** Uploads `bytes` fresh bytes; milliseconds of the transfer itself, from the question whether they are there to the answer that they are. */
async function upload(bytes: number): Promise<number> {
  const [live] = running().sessions()
  if (live === undefined) throw new Error('no session')
  const content = new Uint8Array(bytes)
  for (let at = 0; at < bytes; at += CHUNK_BYTES) crypto.getRandomValues(content.subarray(at, at + CHUNK_BYTES))
  const file = { path: 'file.bin', sha256: nodeCrypto.sha256(content), bytes }
  const read = async function* (offset: number): AsyncGenerator<Uint8Array> {
    for (let at = offset; at < bytes; at += CHUNK_BYTES) yield content.subarray(at, at + CHUNK_BYTES)
  }
  const from = performance.now()
  await live.files.upload({ inputs: { files: [file] }, read: new Map([[file, read]]) })
  return performance.now() - from
}

serve({
  start,
  burst: ({ calls, inFlight, tool = 'echo' }: BurstWish) => burst(calls, inFlight, () => call(tool)),
  upload,
  /** Ends every session and waits for its Statement. */
  async settle(): Promise<Account> {
    // A settled session is no longer among the live ones.
    const sessions = running()
      .sessions()
      .map((live) => live.session)
    await running().settle()
    return accountOf(sessions, made)
  },
  stop: () => agent?.stop(),
})
