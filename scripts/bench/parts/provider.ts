// A provider on real parts: network, LevelDB, channel ledger. Only what runs a tool differs: `echo` is a function in this
// process, everything else goes through the runner process.
import { join } from 'node:path'
import { loadCatalogue, startRunner, type Runner } from '@orien/node'
import { systemClock, systemRandom, systemTimers } from '@orien/node/crypto'
import { createLibp2pNetwork, OFFERS_TOPIC, offerRecords, type Network } from '@orien/node/network'
import { createChannelRails, type ChannelRails } from '@orien/node/rails'
import { openLevelStore, type Store } from '@orien/node/store'
import { micros, parsePeer, utf8 } from '@orien/protocol'
import {
  composeProvider,
  createSessionBlobs,
  createToolBox,
  createWorkspaces,
  inProcessRunner,
  systemFiles,
} from '../built.mjs'
import { logLine } from '../log.ts'
import { serve } from '../serve.ts'
import { CHAIN_ID, freshIdentity, scope } from './identity.ts'

export interface ProviderStart {
  readonly home: string
  readonly clearnodeUrl: string
  readonly coordinator: { readonly peer: string; readonly address: string }
  /** Make a folder for each call, as for a tool that is a process. An in-process echo has no use for one. */
  readonly folders: boolean
  /** Held in memory, so that the process is as large as a busy daemon. */
  readonly ballastMib: number
}

export interface ProviderReady {
  readonly peer: string
  readonly address: string
}

const CATALOGUE = loadCatalogue(
  `
[provider]
name = "bench"
maxUnpaid = "1000"
maxWindow = { usdc = "100", calls = 1024 }

[[tools]]
id = "echo"
command = ["echo", "{message}"]
schema = { type = "object", properties = { message = { type = "string", maxLength = 4096 } }, required = ["message"], additionalProperties = false }
price = "0.06"
maxDurationSeconds = 60

[[tools]]
id = "process"
command = ["/bin/echo", "--", "{message}"]
schema = { type = "object", properties = { message = { type = "string", maxLength = 4096 } }, required = ["message"], additionalProperties = false }
price = "0.06"
maxDurationSeconds = 60
`,
  { file: 'bench', format: 'toml' },
)

const me = freshIdentity()
const payout = freshIdentity()
const ballast: Uint8Array[] = []
const closing: (() => Promise<unknown>)[] = []
const ports = { clock: systemClock, timers: systemTimers }

/** Functions for the tools that have one, processes for the others. */
function runnerOf(processes: Runner): Runner {
  const functions = inProcessRunner({ echo: async ({ argv, write }) => write('stdout', utf8(argv[1] ?? '')) }, ports)
  return {
    start: (job, onOutput) => (job.argv[0] === 'echo' ? functions : processes).start(job, onOutput),
    async close() {
      await functions.close()
      await processes.close()
    },
  }
}

async function networkOf(start: ProviderStart): Promise<Network> {
  return createLibp2pNetwork({
    privateKeySeed: me.seed,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: [start.coordinator.address],
    role: 'server',
    loopback: true,
    allowPeers: [parsePeer(start.coordinator.peer)],
    records: offerRecords(scope),
    topics: [OFFERS_TOPIC],
  })
}

/** Windows so wide that no call ever waits for one. */
async function configOf({ coordinator }: ProviderStart) {
  const window = { windowMicros: micros(100_000_000n), windowCalls: 1_024 }
  return {
    chainId: CHAIN_ID,
    name: 'bench',
    description: '',
    tier: 'D' as const,
    capacity: 64,
    queue: 1_024,
    coordinators: [parsePeer(coordinator.peer)],
    maxUnpaidMicros: CATALOGUE.provider.maxUnpaidMicros,
    firstWindow: window,
    maxWindow: window,
    providerWallet: me.wallet.address,
    payoutWallet: payout.wallet.address,
    // The payout wallet differs from the spending one, as a daemon's does.
    bindings: [await me.binding('spend'), await me.binding('payout', payout.wallet)],
    policy: {
      asset: 'usdc',
      minProviderBps: 9_000,
      maxSessionMs: 3_720_000,
      maxCollectMs: 3_600_000,
      maxContestMs: 3_600_000,
      maxPayoutMs: 7 * 24 * 3_600_000,
    },
    offerMs: 3_600_000,
    tickMs: 5_000,
    tickAckMs: 30_000,
  }
}

async function start(options: ProviderStart): Promise<ProviderReady> {
  for (let at = 0; at < options.ballastMib; at++) ballast.push(new Uint8Array(1 << 20).fill(1))
  const network = await networkOf(options)
  const store: Store = await openLevelStore(join(options.home, 'provider'))
  const channel = { rail: 'yellow-v0', url: options.clearnodeUrl, asset: 'usdc' }
  const channels: ChannelRails = createChannelRails({
    allow: [channel],
    wallet: me.wallet,
    ...ports,
    random: systemRandom,
  })
  const runner = runnerOf(await startRunner({ path: process.env['PATH'] ?? '/usr/bin:/bin' }))
  const workspaces = createWorkspaces({ files: systemFiles, root: join(options.home, 'workspaces') })
  const provider = await composeProvider(await configOf(options), {
    network,
    store,
    scope,
    signer: me.signer,
    channels,
    runner,
    tools: createToolBox(CATALOGUE, { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' }),
    files: options.folders
      ? workspaces
      : {
          prepare: () => Promise.resolve('/'),
          collect: () => Promise.resolve([]),
          remove: (key) => workspaces.remove(key),
          sweep: (keep) => workspaces.sweep(keep),
        },
    blobs: createSessionBlobs(workspaces),
    ...ports,
    random: systemRandom,
    log: logLine('provider'),
  })
  closing.push(
    () => provider.stop(),
    () => runner.close(),
    () => channels.stop(),
    () => network.stop(),
    () => store.close(),
  )
  const [address] = network.addresses()
  if (address === undefined) throw new Error('the provider listens nowhere')
  return { peer: me.peer, address }
}

serve({
  start,
  ballast: () => ballast.length,
  async stop() {
    for (const close of closing) await close()
  },
})
