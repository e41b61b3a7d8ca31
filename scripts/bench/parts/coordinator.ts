// A coordinator on a real network, store and channel ledger; the settlement chain is in memory.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createCoordinator,
  DEFAULT_COORDINATOR_TIMES,
  DEFAULT_PAYOUT,
  DEFAULT_SETTINGS,
  type Coordinator,
  type CoordinatorConfig,
} from '@orien/coordinator'
import { createVerifyPool, nodeCrypto, systemClock, systemRandom, systemTimers } from '@orien/node/crypto'
import { createLibp2pNetwork, OFFERS_TOPIC, offerRecords, type Network } from '@orien/node/network'
import {
  createYellowRail,
  memoryChain,
  memoryChainRail,
  memoryChannelNetwork,
  memoryChannelRail,
  type ChannelRail,
} from '@orien/node/rails'
import { openLevelStore, type Store } from '@orien/node/store'
import { fromHex, micros, OrienError, type Address } from '@orien/protocol'
import { logLine } from '../log.ts'
import { serve } from '../serve.ts'
import { copySessions, fillReceipts } from './fill.ts'
import { CHAIN_ID, freshIdentity, scope } from './identity.ts'

export interface CoordinatorStart {
  readonly home: string
  /** The ClearNode; without one the ledger is in this process's memory. */
  readonly clearnodeUrl?: string
}

export interface Growth {
  /** Sessions that stand open, in hex. */
  readonly sessions: readonly string[]
  readonly receipts: number
  /** Only works as hard: the receipts go into a store beside, which nobody opens again. */
  readonly rehearsal: boolean
}

export interface CoordinatorReady {
  readonly peer: string
  readonly address: string
  readonly wallet: Address
}

const ASSET = 'usdc'
const PLENTY = micros(1_000_000_000_000n)
const me = freshIdentity()
const [treasury, gas, platform, reserve, token] = [1, 2, 3, 4, 5].map(() => freshIdentity().wallet)
const ledger = memoryChannelNetwork({ clock: systemClock })
const verifier = createVerifyPool()
/** Opens the book and starts a coordinator on it. */
let open: (() => Promise<void>) | undefined
let folder = ''
let parts: { readonly coordinator: Coordinator; readonly network: Network; readonly store: Store } | undefined

function configOf(url: string): CoordinatorConfig {
  if (platform === undefined || reserve === undefined || token === undefined) throw new Error('no wallets')
  const windows = { windowMicros: micros(1_000_000_000n), windowCalls: 1_024 }
  return {
    ...DEFAULT_SETTINGS,
    chainId: CHAIN_ID,
    channel: { url, asset: ASSET },
    token: token.address,
    platform: platform.address,
    reserve: reserve.address,
    floatMicros: PLENTY,
    windows: { first: windows, max: windows },
    times: { ...DEFAULT_COORDINATOR_TIMES, collectMs: 60_000, contestMs: 60_000, retryMs: 100, maxRetryMs: 2_000 },
    payout: { ...DEFAULT_PAYOUT, everyMs: 200, thresholdMicros: micros(1n), maxAgeMs: 200 },
  }
}

function railOf(url: string | undefined): Promise<ChannelRail> {
  if (url === undefined) return Promise.resolve(memoryChannelRail(ledger, me.wallet))
  const ports = { clock: systemClock, timers: systemTimers, random: systemRandom }
  return createYellowRail({ url, asset: ASSET, wallet: me.wallet, ...ports })
}

async function start({ home, clearnodeUrl }: CoordinatorStart): Promise<CoordinatorReady> {
  if (treasury === undefined || gas === undefined) throw new Error('no wallets')
  const chain = memoryChain({ clock: systemClock })
  chain.fund(treasury.address, PLENTY)
  chain.fundGas(gas.address, 10n ** 24n)
  const network = await createLibp2pNetwork({
    privateKeySeed: me.seed,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: [],
    role: 'server',
    loopback: true,
    records: offerRecords(scope),
    topics: [OFFERS_TOPIC],
  })
  const fixed = {
    config: configOf(clearnodeUrl ?? 'memory:'),
    signer: me.signer,
    wallet: me.wallet,
    bindings: [await me.binding('spend')],
    network,
    crypto: nodeCrypto,
    verifier,
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    channel: await railOf(clearnodeUrl),
    chain: memoryChainRail(chain, { treasury, gas: gas.address }),
    log: logLine('coordinator'),
  }
  folder = join(home, 'coordinator')
  open = async () => {
    const store = await openLevelStore(folder)
    const coordinator = createCoordinator({ ...fixed, store })
    await coordinator.start()
    parts = { coordinator, network, store }
  }
  await open()
  const [address] = network.addresses()
  if (address === undefined) throw new Error('the coordinator listens nowhere')
  return { peer: me.peer, address, wallet: me.wallet.address }
}

function running(): Coordinator {
  if (parts === undefined) throw new OrienError('stopped', { message: 'not started' })
  return parts.coordinator
}

/** Everybody is to be paid by then. */
const PAID_MS = 20_000
const LOOK_MS = 100

/** Waits until nothing moves any more: the books are read entry by entry, and a payout in between would look like an error. */
async function paid(sessions: readonly string[]): Promise<void> {
  for (let waited = 0; waited < PAID_MS; waited += LOOK_MS) {
    const views = await Promise.all(sessions.map((sid) => running().session(fromHex(sid) ?? new Uint8Array())))
    if (views.every((view) => view?.state === 'PAID')) return
    await sleep(LOOK_MS)
  }
}

/** What the ledger settled of these sessions, µUSDC, and what is wrong with the books. */
async function settled(
  sessions: readonly string[],
): Promise<{ readonly micros: bigint; readonly faults: readonly string[] }> {
  await paid(sessions)
  let sum = 0n
  const faults: string[] = []
  for (const sid of sessions) {
    const view = await running().session(fromHex(sid) ?? new Uint8Array())
    if (view?.state !== 'PAID') {
      faults.push(`session ${sid} is ${view?.state ?? 'unknown'}`)
      continue
    }
    sum += view.money.maxMicros
  }
  faults.push(...(await running().check()))
  return { micros: sum, faults }
}

/** Receipts collected and posted of these sessions, and what is wrong with the books. */
async function collected(sessions: readonly string[]) {
  let all = 0
  let acked = 0
  for (const sid of sessions) {
    const view = await running().session(fromHex(sid) ?? new Uint8Array())
    all += view?.collectedThrough ?? 0
    acked += view?.ackedThrough ?? 0
  }
  return { collected: all, acked, faults: await running().check() }
}

/** Stops, puts receipts into the book, starts again. Seconds that the start took, from opening the book until the coordinator serves. */
async function grow({ sessions, receipts, rehearsal }: Growth): Promise<number> {
  if (parts === undefined || open === undefined) throw new Error('not started')
  await parts.coordinator.stop()
  if (rehearsal) await rehearse(parts.store, sessions, receipts)
  else await fillReceipts(parts.store, sessions, receipts)
  await parts.store.close()
  parts = undefined
  const from = performance.now()
  await open()
  return (performance.now() - from) / 1_000
}

async function rehearse(own: Store, sessions: readonly string[], receipts: number): Promise<void> {
  const beside = await openLevelStore(`${folder}-rehearsal`)
  await copySessions(own, beside, sessions)
  await fillReceipts(beside, sessions, receipts)
  await beside.close()
}

serve({
  start,
  fund: (wallet: Address) => ledger.fund(wallet, PLENTY),
  status: () => running().status(),
  settled,
  collected,
  grow,
  async stop() {
    if (parts === undefined) return
    await parts.coordinator.stop()
    await verifier.close()
    await parts.network.stop()
    await parts.store.close()
  },
})
