import { join } from 'node:path'
import { isDevnet } from '@orien/node/config'
import { createVerifyPool, nodeCrypto, systemClock, systemRandom, systemTimers } from '@orien/node/crypto'
import {
  announceReady,
  ensureHome,
  loadOrCreateKey,
  loadOrCreateWalletKey,
  lockHome,
  openLog,
  type PeerKey,
  type RunningDaemon,
} from '@orien/node/daemon'
import { createLibp2pNetwork, offerGossip, OFFERS_TOPIC, offerRecords, type Network } from '@orien/node/network'
import {
  bindWallet,
  createArcRail,
  createChannelRails,
  localWallet,
  type ChainRail,
  type ChannelRail,
  type Wallet,
} from '@orien/node/rails'
import { openLevelStore } from '@orien/node/store'
import { scopeOf, type Address } from '@orien/protocol'
import { loadOperatorConfig, type OperatorConfig } from './config.ts'
import { createCoordinator, type CoordinatorStatus, type ResumeOptions } from './coordinator.ts'

const YEAR_MS = 365 * 24 * 3_600_000

/** What `orien-coordinator start` is told. */
export interface StartOptions {
  readonly config: string
  readonly home: string
}

/** Where its money lies, and who pays for its transactions: the public halves of the home's wallet keys. */
export interface DaemonAddresses {
  /** In the channel ledger: closes pay it, refunds leave it. */
  readonly channelWallet: Address
  /** On the settlement chain: pays out, in the token. */
  readonly treasury: Address
  /** On the settlement chain: sends the transactions, in native money. */
  readonly gas: Address
}

/** A coordinator that runs, and tells how it stands. */
export interface CoordinatorDaemon extends RunningDaemon {
  readonly addresses: DaemonAddresses
  status(): CoordinatorStatus
  /** As Coordinator.resume. */
  resume(options?: ResumeOptions): Promise<void>
}

/**
 * Starts a coordinator on real parts: its keys and book under `home`, libp2p as a bootstrap peer, the channel ledger and the chain of its
 * file. Prints the ready line. Throws `badConfig`, `locked`, `chainMismatch`, `unreachable`, `storeCorrupt`.
 */
export async function startCoordinator({ config: file, home }: StartOptions): Promise<CoordinatorDaemon> {
  const config = await loadOperatorConfig(file)
  await ensureHome(home)
  const lock = await lockHome(home)
  const log = openLog().subsystem('coordinator').info
  const identity = await loadOrCreateKey(home, 'coordinator', config.coordinator.chainId)
  const store = await openLevelStore(join(home, 'book'))
  const wallets = await loadWallets(config, home)
  const addresses = addressesOf(wallets)
  // Before anything that needs them funded, or a ledger or chain that answers.
  log('addresses', { ...addresses })
  const rails = await openRails(config, wallets)
  const network = await openNetwork(config, identity)
  const verifier = createVerifyPool()
  const coordinator = createCoordinator({
    ...TIME,
    config: config.coordinator,
    signer: identity.signer,
    wallet: wallets.channel,
    bindings: [await bindingOf(config, identity, wallets.channel)],
    network,
    store,
    crypto: nodeCrypto,
    verifier,
    channel: rails.channel,
    chain: rails.chain,
    log: (event, fields) => log(event, fields),
  })
  await coordinator.start()
  announceReady({ peer: identity.peer, addrs: network.addresses(), home })
  return {
    addresses,
    status: () => coordinator.status(),
    resume: (options) => coordinator.resume(options),
    ended: coordinator.failed.then((error) => Promise.reject(error)),
    async stop() {
      await coordinator.stop()
      await verifier.close()
      await network.stop()
      await rails.stop()
      await store.close()
      await lock.release()
    },
  }
}

const TIME = { clock: systemClock, timers: systemTimers, random: systemRandom }

/** Three keys of this home. */
interface Wallets {
  readonly channel: Wallet
  readonly treasury: Wallet
  readonly gas: Wallet
}

async function loadWallets({ coordinator: { chainId } }: OperatorConfig, home: string): Promise<Wallets> {
  const walletOf = async (name: string): Promise<Wallet> =>
    localWallet(await loadOrCreateWalletKey(home, name, chainId))
  return { channel: await walletOf('coordinator'), treasury: await walletOf('treasury'), gas: await walletOf('gas') }
}

function addressesOf({ channel, treasury, gas }: Wallets): DaemonAddresses {
  return { channelWallet: channel.address, treasury: treasury.address, gas: gas.address }
}

interface OpenRails {
  readonly channel: ChannelRail
  readonly chain: ChainRail
  stop(): Promise<void>
}

/** The channel ledger by our wallet, and the chain by treasury and gas key. */
async function openRails(config: OperatorConfig, { channel: wallet, treasury, gas }: Wallets): Promise<OpenRails> {
  const { chainId, token, channel } = config.coordinator
  const { rpcUrl, multicall3 } = config
  const chain = await createArcRail({ rpcUrl, chainId, token, multicall3, treasury, gas })
  const channels = createChannelRails({ allow: [{ rail: config.rail, ...channel }], wallet, ...TIME })
  return {
    chain,
    channel: await channels.use(config.rail, channel.url),
    async stop() {
      await channels.stop()
      await chain.stop()
    },
  }
}

/** A bootstrap peer: serves records, and passes on only the newest well-signed offer of each provider. */
async function openNetwork(config: OperatorConfig, identity: PeerKey): Promise<Network> {
  const { chainId } = config.coordinator
  const scope = scopeOf(chainId, nodeCrypto)
  const network = await createLibp2pNetwork({
    privateKeySeed: identity.seed,
    listen: config.listen,
    bootstrap: config.bootstrap,
    role: 'server',
    loopback: isDevnet(chainId),
    records: offerRecords(scope),
    topics: [OFFERS_TOPIC],
  })
  network.subscribe(OFFERS_TOPIC, offerGossip({ scope, clock: systemClock }))
  return network
}

async function bindingOf(config: OperatorConfig, identity: PeerKey, wallet: Wallet): Promise<Uint8Array> {
  const notBeforeMs = systemClock.wallMs()
  const statement = {
    peer: identity.peer,
    wallet: wallet.address,
    role: 'spend' as const,
    notBeforeMs,
    expiresAtMs: notBeforeMs + YEAR_MS,
  }
  const scope = scopeOf(config.coordinator.chainId, nodeCrypto)
  return (await bindWallet(scope, identity.signer, wallet, statement)).bytes
}
