import {
  createYellowRail,
  localWallet,
  type ChannelRail,
  type Lane,
  type Wallet,
  type YellowEvent,
} from '@orien/node/rails'
import { systemRandom, systemTimers } from '@orien/node/crypto'
import { micros, type Address, type Cheque, type Exit, type Grant } from '@orien/protocol'
import { generatePrivateKey } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ASSET, QUIET_MS, RawSocket, YellowLab } from './rails-yellow-fixture.ts'

/** How the Yellow rail lives with what a real node gets wrong: one test a rule. */
let lab: YellowLab
beforeAll(async () => {
  lab = await YellowLab.open()
})
afterAll(() => lab.close())

const CAPACITY = micros(10_000_000n)
let lastNonce = 0

interface Open {
  readonly agent: Wallet
  readonly coordinator: Wallet
  readonly provider: Wallet
  readonly rail: ChannelRail
  readonly lane: Lane
}

/** An open channel, seen by its coordinator. */
async function openChannel(options: Parameters<YellowLab['rail']>[1] = {}): Promise<Open> {
  const [agent, coordinator, provider] = [fresh(), fresh(), fresh()]
  const rail = await lab.rail(coordinator, options)
  const wallets = {
    agentWallet: agent.address,
    coordinatorWallet: coordinator.address,
    providerWallet: provider.address,
  }
  lastNonce += 1
  const { definition, id } = rail.define(wallets, Uint8Array.of(0, 0, 0, 0, 0, 0, lastNonce, 1))
  const channel = { rail: 'yellow-v0', url: lab.node.url, appSessionId: id, definition }
  const terms = { asset: ASSET, channel, allowanceMicros: CAPACITY, chequeTsMs: lab.clock.wallMs() + 86_400_000 }
  const lane = rail.lane({ ...wallets, ...terms } as Grant, new Uint8Array(32).fill(lastNonce))
  await lab.fund(agent.address, CAPACITY)
  const drafts = rail.draftOpen(lane, { version: 0 }, lab.clock.wallMs())
  const signatures = await Promise.all(drafts.map((draft) => agent.sign(draft)))
  expect(await rail.open(lane, rail.assembleOpen(lane, drafts, signatures))).toBe('open')
  return { agent, coordinator, provider, rail, lane }
}

async function chequeOf({ agent, rail, lane }: Open, chequeSeq: number, amount: bigint): Promise<Cheque> {
  const ceilingMicros = micros(amount)
  const signatures = await Promise.all(rail.draft(lane, chequeSeq, ceilingMicros).map((draft) => agent.sign(draft)))
  return { sessionId: lane.sessionId, chequeSeq, base: 0, ceilingMicros, signatures }
}

async function debit(open: Open, version: number, total: bigint): Promise<unknown> {
  const { agent, rail, lane } = open
  const tsMs = lab.clock.wallMs()
  const totalMicros = micros(total)
  const drafts = rail.draftDebit(lane, version, totalMicros, tsMs)
  const signatures = await Promise.all(drafts.map((draft) => agent.sign(draft)))
  return rail.checkpoint(lane, { version, totalMicros, tsMs, signatures }, await chequeOf(open, 90, 9_000_000n))
}

async function exitOf({ agent, provider, rail, lane }: Open, total: bigint): Promise<Exit> {
  const [totalMicros, tsMs] = [micros(total), lab.clock.wallMs()]
  const sign = (wallet: Wallet) =>
    Promise.all(rail.draftExit(lane, totalMicros, tsMs).map((draft) => wallet.sign(draft)))
  const [agentSignatures, providerSignatures] = [await sign(agent), await sign(provider)]
  return { sessionId: lane.sessionId, base: lane.base, totalMicros, tsMs, agentSignatures, providerSignatures }
}

const fresh = (): Wallet => localWallet(generatePrivateKey())
const count = (seen: readonly string[], line: string): number => seen.filter((one) => one === line).length

/** What a rail of another process is: a new one, on the wallet of a stopped one. */
async function restarted(rail: ChannelRail, wallet: Wallet): Promise<ChannelRail> {
  await rail.stop()
  return lab.rail(wallet)
}

test('behavior: one request at a time awaits its answer, on one socket, however many are asked for', async () => {
  const open = await openChannel()
  const way = await lab.way(open.coordinator.address)
  const cheque = await chequeOf(open, 1, 1_000_000n)
  await Promise.all([
    ...Array.from({ length: 10 }, () => open.rail.read(open.lane)),
    ...Array.from({ length: 10 }, () => open.rail.probe(open.lane, cheque)),
    open.rail.cash(open.lane, cheque),
    open.rail.cash(open.lane, cheque),
  ])
  expect(way.opened).toBe(1)
  expect(way.mostAtOnce).toBe(1)
  expect((await open.rail.holdings(open.coordinator.address)).balanceMicros).toBe(1_000_000n)
})

test('behavior: a second rail of one wallet to one node is refused in this process', async () => {
  const wallet = fresh()
  const rail = await lab.rail(wallet)
  await expect(lab.rail(wallet)).rejects.toMatchObject({ code: 'locked' })
  await rail.stop()
  await expect(lab.rail(wallet)).resolves.toBeDefined()
})

test('behavior: after a lost answer a new socket is opened, logged in by the JWT', async () => {
  const open = await openChannel()
  const way = await lab.way(open.coordinator.address)
  lab.lose(open.coordinator.address, 'request')
  expect(await open.rail.cash(open.lane, await chequeOf(open, 1, 1_000_000n))).toBe('unknown')
  await open.rail.read(open.lane)
  expect(way.opened).toBe(2)
  expect(count(way.seen, '> auth_request')).toBe(1)
  expect(count(way.seen, '> auth_verify')).toBe(2)
})

test('behavior: after a lost close the channel stays quiet: no second close races the first', async () => {
  const open = await openChannel()
  const way = await lab.way(open.coordinator.address)
  const cheque = await chequeOf(open, 1, 1_000_000n)
  lab.lose(open.coordinator.address, 'request')
  for (let asked = 0; asked < 5; asked++) expect(await open.rail.cash(open.lane, cheque)).toBe('unknown')
  expect(await debit(open, 2, 1_000_000n)).toBe('unknown')
  expect(count(way.seen, '> close_app_session')).toBe(1)
  expect(count(way.seen, '> submit_app_state')).toBe(0)
  lab.advance(QUIET_MS)
  expect(await open.rail.cash(open.lane, cheque)).toBe('settled')
  expect(count(way.seen, '> close_app_session')).toBe(2)
})

test('behavior: after a restart an Exit waits: another one may be under way', async () => {
  const open = await openChannel()
  const way = await lab.way(open.provider.address)
  const first = await lab.rail(open.provider)
  lab.advance(QUIET_MS)
  lab.lose(open.provider.address, 'request')
  expect(await first.cash(open.lane, await exitOf(open, 1_000_000n))).toBe('unknown')
  const rail = await restarted(first, open.provider)
  lab.advance(QUIET_MS - 1)
  expect(await rail.cash(open.lane, await exitOf(open, 1_000_000n))).toBe('unknown')
  expect(count(way.seen, '> close_app_session')).toBe(1)
  lab.advance(1)
  expect(await rail.cash(open.lane, await exitOf(open, 1_000_000n))).toBe('settled')
})

test('behavior: a logged-in wallet cannot be claimed by another', async () => {
  const { wallet } = await lab.party()
  const stranger = await RawSocket.open(lab.node.url)
  await expect(stranger.logIn(fresh(), wallet.address, lab.clock.wallMs())).rejects.toThrow(/already in use/)
  stranger.close()
})

test('error: a wallet that somebody claimed before its first log-in says so', async () => {
  const wallet = fresh()
  const claimer = await RawSocket.open(lab.node.url)
  await claimer.logIn(fresh(), wallet.address, lab.clock.wallMs())
  claimer.close()
  await expect(lab.rail(wallet)).rejects.toMatchObject({ code: 'railRefused', details: { why: 'keyTaken' } })
})

test('error: a node that is not there is unreachable', async () => {
  const { clock } = lab
  const common = { asset: ASSET, clock, timers: systemTimers, random: systemRandom, wallet: fresh() }
  await expect(createYellowRail({ url: 'ws://127.0.0.1:1/ws', ...common })).rejects.toMatchObject({
    code: 'unreachable',
  })
})

test('behavior: a node that restarts is found again, and cheques outlive it', async () => {
  const open = await openChannel()
  const cheque = await chequeOf(open, 1, 2_000_000n)
  await lab.restartNode()
  expect(await open.rail.read(open.lane)).toMatchObject({ status: 'open', version: 1 })
  expect(await open.rail.probe(open.lane, cheque)).toBe('alive')
  expect(await open.rail.cash(open.lane, cheque)).toBe('settled')
})

test('behavior: a stored transfer is not executed again by a restarted node and a restarted rail', async () => {
  const [payer, payee] = [await lab.party(), fresh()]
  await lab.fund(payer.wallet.address, micros(10_000_000n))
  const bytes = await payer.rail.draftPayout(payee.address, micros(3_000_000n), lab.clock.wallMs())
  expect(await payer.rail.pay(bytes)).toBe('paid')
  await lab.restartNode()
  const again = await restarted(payer.rail, payer.wallet)
  expect(await again.pay(bytes)).toBe('paid')
  expect((await again.holdings(payee.address)).balanceMicros).toBe(3_000_000n)
})

test('behavior: a stored transfer that a crash kept back is unknown until it can no longer land, then dead', async () => {
  const [payer, payee] = [await lab.party(), fresh()]
  await lab.fund(payer.wallet.address, micros(10_000_000n))
  const bytes = await payer.rail.draftPayout(payee.address, micros(3_000_000n), lab.clock.wallMs())
  const again = await restarted(payer.rail, payer.wallet)
  expect(await again.pay(bytes)).toBe('unknown')
  lab.advance(60_001)
  expect(await again.pay(bytes)).toBe('unknown')
  lab.advance(10_000)
  expect(await again.pay(bytes)).toBe('dead')
  expect((await again.holdings(payee.address)).balanceMicros).toBe(0n)
})

test('behavior: an equal transfer of before is not taken for this one', async () => {
  const [payer, payee] = [await lab.party(), fresh()]
  await lab.fund(payer.wallet.address, micros(10_000_000n))
  const first = await payer.rail.draftPayout(payee.address, micros(3_000_000n), lab.clock.wallMs())
  expect(await payer.rail.pay(first)).toBe('paid')
  const second = await payer.rail.draftPayout(payee.address, micros(3_000_000n), lab.clock.wallMs())
  lab.lose(payer.wallet.address, 'request')
  expect(await payer.rail.pay(second)).toBe('unknown')
  lab.advance(80_000)
  expect(await payer.rail.pay(second)).toBe('dead')
})

test('behavior: sessions of strangers that name our wallet, also beside nonsense, do not hide ours', async () => {
  const open = await openChannel({ limits: { pageSize: 10 } })
  const stranger = await RawSocket.open(lab.node.url)
  await stranger.logIn(fresh(), undefined, lab.clock.wallMs())
  for (let nonce = 1; nonce <= 25; nonce++) {
    const other = nonce === 20 ? 'no address' : fresh().address
    const definition = `{"application":"spam","protocol":"NitroRPC/0.4","participants":["${open.lane.agentWallet}","${other}"],"weights":[1,1],"quorum":1,"challenge":0,"nonce":${nonce}}`
    const made = await stranger.request(
      'create_app_session',
      `"definition":${definition},"allocations":[]`,
      lab.clock.wallMs(),
    )
    expect(made).toMatchObject({ status: 'open' })
  }
  stranger.close()
  expect(await open.rail.read(open.lane)).toMatchObject({ status: 'open', definitionMatches: true })
})

test('behavior: ledgers are paged to the end', async () => {
  const open = await openChannel({ limits: { pageSize: 2 } })
  for (let version = 2; version <= 8; version++) {
    expect(await debit(open, version, BigInt(version) * 100_000n)).toEqual(open.lane)
  }
  expect(await open.rail.read(open.lane)).toMatchObject({
    version: 8,
    allocations: { agentMicros: 9_200_000n, coordinatorMicros: 800_000n, providerMicros: 0n },
  })
})

test('behavior: dust below a micro is counted together and shown as movements of 0', async () => {
  const [payee, stranger] = [await lab.party(), fresh()]
  await lab.fund(stranger.address, micros(1_000_000n))
  const socket = await RawSocket.open(lab.node.url)
  await socket.logIn(stranger, undefined, lab.clock.wallMs())
  for (let sent = 0; sent < 3; sent++) {
    const params = `"destination":"${payee.wallet.address}","allocations":[{"asset":"${ASSET}","amount":"0.0000005"}]`
    expect(await socket.request('transfer', params, lab.clock.wallMs(), [stranger])).toHaveProperty('transactions')
  }
  socket.close()
  const own = await payee.rail.holdings(payee.wallet.address)
  expect(own.balanceMicros).toBe(1n)
  expect(own.movements.map((one) => one.micros)).toEqual([0n, 0n, 0n])
  const seen = await (await lab.party()).rail.holdings(payee.wallet.address)
  expect(seen.balanceMicros).toBe(1n)
})

test('behavior: a close names its withdrawals as evidence, and pushes are told', async () => {
  const events: YellowEvent[] = []
  const open = await openChannel({ onEvent: (event) => events.push(event) })
  expect(await open.rail.cash(open.lane, await chequeOf(open, 1, 2_500_000n))).toBe('settled')
  const { evidence } = await open.rail.read(open.lane)
  const words = (address: Address, amount: string): RegExp => new RegExp(`\\d+:${address}:${amount}(?: |$)`)
  expect(evidence).toMatch(words(open.agent.address, '7\\.5'))
  expect(evidence).toMatch(words(open.coordinator.address, '2\\.5'))
  expect(events).toContainEqual({ event: 'connected' })
  expect(events).toContainEqual({ event: 'pushed', method: 'bu' })
})

test('error: an old cheque after a withdrawal by agent and provider is superseded', async () => {
  const open = await openChannel()
  const { lane, agent } = open
  const cheque = await chequeOf(open, 1, 2_000_000n)
  const socket = await RawSocket.open(lab.node.url)
  await socket.logIn(agent, undefined, lab.clock.wallMs())
  const rows = [
    [lane.agentWallet, '9'],
    [lane.coordinatorWallet, '0'],
    [lane.providerWallet, '0'],
  ].map(([participant, amount]) => `{"participant":"${participant}","asset":"${ASSET}","amount":"${amount}"}`)
  const params = `"app_session_id":"${lane.id}","intent":"withdraw","version":2,"allocations":[${rows.join(',')}]`
  const signers = [agent, open.provider]
  expect(await socket.request('submit_app_state', params, lab.clock.wallMs(), signers)).toMatchObject({ version: 2 })
  socket.close()
  expect(await open.rail.read(lane)).toMatchObject({ version: 2, allocations: { agentMicros: 9_000_000n } })
  expect(await open.rail.cash(lane, cheque)).toBe('superseded')
  expect((await open.rail.read(lane)).status).toBe('open')
})
