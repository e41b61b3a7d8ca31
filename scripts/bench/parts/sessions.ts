// A few agents with many sessions at one provider: the parts of `createAgent`, without its rule that one session serves all calls.
import { join } from 'node:path'
import { DEFAULT_POLICY, type AgentPolicy } from '@orien/node'
import { systemClock, systemRandom, systemTimers } from '@orien/node/crypto'
import { createLibp2pNetwork, OFFERS_TOPIC, offerRecords, PROTOCOLS } from '@orien/node/network'
import { createChannelRails } from '@orien/node/rails'
import { openLevelStore, type Store } from '@orien/node/store'
import { encodeInputs, Grant, micros, OrienError, parsePeer, turnSigner, utf8, type Address } from '@orien/protocol'
import { Finder, LiveSession, openSession, serveCosign, SpendBook } from '../built.mjs'
import { logLine } from '../log.ts'
import { burst } from '../measure.ts'
import { payload, type BurstWish } from '../payload.ts'
import { serve } from '../serve.ts'
import { accountOf, type Account } from './account.ts'
import type { AgentStart } from './agent.ts'
import { CHAIN_ID, freshIdentity, scope, type Identity } from './identity.ts'

const WINDOWS = { windowMicros: micros(16_000n), windowCalls: 8 }
const ALLOWANCE = micros(500_000n)
const CALL_MICROS = micros(1_000n)
const NO_INPUTS = encodeInputs({ files: [] })

/** Agents that share this process, and sessions of each: a coordinator takes 16 receipts streams of one peer, and each session has one. */
const AGENTS = 8

const lives: LiveSession[] = []
const openers: (() => Promise<LiveSession>)[] = []
const closing: (() => Promise<unknown>)[] = []

async function start(options: AgentStart): Promise<{ readonly wallets: readonly Address[] }> {
  const store = await openLevelStore(join(options.home, 'sessions'))
  const wallets: Address[] = []
  for (let at = 0; at < AGENTS; at++) {
    const me = freshIdentity()
    openers.push(await openerOf(options, me, store))
    wallets.push(me.wallet.address)
  }
  closing.push(() => store.close())
  return { wallets }
}

/** One agent: how it opens a session. */
async function openerOf(options: AgentStart, me: Identity, store: Store): Promise<() => Promise<LiveSession>> {
  const network = await createLibp2pNetwork({
    privateKeySeed: me.seed,
    listen: [],
    bootstrap: [options.coordinator.address, options.provider.address],
    role: 'client',
    loopback: true,
    records: offerRecords(scope),
    topics: [OFFERS_TOPIC],
  })
  const channel = { rail: 'yellow-v0', url: options.clearnodeUrl, asset: 'usdc' }
  const ports = { clock: systemClock, timers: systemTimers, random: systemRandom }
  const channels = createChannelRails({ allow: [channel], wallet: me.wallet, ...ports })
  const files = { open: () => Promise.reject(new OrienError('badInputs', { message: 'no files here' })) }
  const parts = {
    network,
    store,
    scope,
    signer: me.signer,
    wallet: me.wallet,
    channels,
    ...ports,
    files,
    log: logLine('sessions'),
  }
  const policy: AgentPolicy = { ...DEFAULT_POLICY, minTier: 'D' }
  const coordinators = [parsePeer(options.coordinator.peer)]
  const config = { chainId: CHAIN_ID, channel, coordinators, policy, bindings: [await me.binding('spend')] }
  const book = new SpendBook(parts)
  const hello = () => ({ documents: [Grant.type], clockMs: Date.now() })
  const of = { config, parts, book, turn: turnSigner(scope, me.signer), hello }
  const liveOf = (key: string): LiveSession | undefined => lives.find((one) => one.session.key === key)
  await network.handle(PROTOCOLS.cosign, (stream) =>
    serveCosign(
      {
        parts,
        book,
        hello,
        onNotice: async (session, bytes) => liveOf(session.key)?.takeNotice(bytes),
        onContest: () => Promise.reject(new OrienError('unknownSession', { message: 'nothing is contested here' })),
      },
      stream,
    ),
  )
  const finder = new Finder(config, parts)
  closing.push(
    async () => finder.stop(),
    () => channels.stop(),
    () => network.stop(),
  )
  return async () => {
    const [found] = await finder.find('echo', { provider: parsePeer(options.provider.peer) })
    if (found === undefined) throw new Error('the provider is not there')
    const live = new LiveSession(of, await openSession(of, { found, allowanceMicros: ALLOWANCE, windows: WINDOWS }))
    await live.start()
    lives.push(live)
    return live
  }
}

/** Every agent opens its share, one session after the other: the sessions of a wallet share a queue. */
async function open(count: number): Promise<void> {
  await Promise.all(
    openers.map(async (opener) => {
      for (let at = 0; at < count / AGENTS; at++) await opener()
    }),
  )
}

async function call(lane: number): Promise<void> {
  const live = lives[lane]
  if (live === undefined) throw new Error('no such session')
  const args = utf8(JSON.stringify(payload()))
  const wish = { toolId: 'echo', args, inputs: NO_INPUTS, capMicros: CALL_MICROS, startByMs: Date.now() + 60_000 }
  const { receipt } = await live.call(wish)
  if (receipt.value.outcome !== 'ok') throw new Error(`the call ended as ${receipt.value.outcome}`)
}

serve({
  start,
  open,
  burst: ({ calls, inFlight }: BurstWish) => burst(calls, inFlight, call),
  async settle(): Promise<Account> {
    await Promise.all(lives.map((live) => live.end()))
    // One after the other: a coordinator serves few statement streams of one peer at a time.
    for (const live of lives) await live.settled()
    return accountOf(lives.map((live) => live.session))
  },
  async stop() {
    await Promise.all(lives.map((live) => live.stop()))
    for (const close of closing) await close()
  },
})
