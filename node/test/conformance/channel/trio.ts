import { micros, type Cheque, type Exit, type Grant, type Id, type Micros } from '@orien/protocol'
import { expect } from 'vitest'
import type { Lane, Reading, SignedDebit, Unsigned, Wallet } from '../../../src/rails/channel.ts'
import type { ChannelWorld, Party } from './world.ts'

/** Agent, coordinator, provider and a lane between them. */
export interface Trio {
  readonly agent: Party
  readonly coordinator: Party
  readonly provider: Party
  readonly grant: Grant
  readonly lane: Lane
  /** Of the lane's definition. */
  readonly nonce: Uint8Array
}

export const CAPACITY = micros(10_000_000n)
const DAY_MS = 86_400_000
let lastSession = 0

export const usd = (text: number): Micros => micros(BigInt(text) * 1_000_000n)

export async function signAll(wallet: Wallet, drafts: readonly Unsigned[]): Promise<readonly Uint8Array[]> {
  return Promise.all(drafts.map((draft) => wallet.sign(draft)))
}

export function nonceOf(seed: number): Uint8Array {
  const nonce = new Uint8Array(8).fill(0xff)
  new DataView(nonce.buffer).setUint32(4, seed)
  return nonce
}

export function sessionIdOf(seed: number): Id {
  const id = new Uint8Array(32).fill(7)
  new DataView(id.buffer).setUint32(0, seed)
  return id
}

/** The fields of a Grant that a rail reads; the rest is the coordinator's business. */
function grantOf(
  world: ChannelWorld,
  parties: Pick<Trio, 'agent' | 'coordinator' | 'provider'>,
  nonce: Uint8Array,
): Grant {
  const { agent, coordinator, provider } = parties
  const wallets = {
    agentWallet: agent.wallet.address,
    coordinatorWallet: coordinator.wallet.address,
    providerWallet: provider.wallet.address,
  }
  const { definition, id } = agent.rail.define(wallets, nonce)
  const channel = { rail: agent.rail.capabilities.rail, url: world.grantUrl, appSessionId: id, definition }
  const chequeTsMs = world.nowMs() + 30 * DAY_MS
  return { ...wallets, asset: world.asset, channel, allowanceMicros: CAPACITY, chequeTsMs } as Grant
}

export async function trio(world: ChannelWorld): Promise<Trio> {
  const parties = { agent: await world.party(), coordinator: await world.party(), provider: await world.party() }
  lastSession += 1
  const nonce = nonceOf(lastSession)
  const grant = grantOf(world, parties, nonce)
  return { ...parties, grant, nonce, lane: parties.coordinator.rail.lane(grant, sessionIdOf(lastSession)) }
}

export async function openMessages({ agent, lane }: Trio, tsMs: number): Promise<readonly Uint8Array[]> {
  const drafts = agent.rail.draftOpen(lane, await agent.rail.walletState(agent.wallet.address), tsMs)
  return agent.rail.assembleOpen(lane, drafts, await signAll(agent.wallet, drafts))
}

/** A trio whose channel stands open, full, with the agent. */
export async function opened(world: ChannelWorld): Promise<Trio> {
  const all = await trio(world)
  await world.fund(all.agent.wallet.address, CAPACITY)
  expect(await all.coordinator.rail.open(all.lane, await openMessages(all, world.nowMs()))).toBe('open')
  return all
}

export async function chequeOf({ agent }: Trio, lane: Lane, chequeSeq: number, ceilingMicros: Micros): Promise<Cheque> {
  const signatures = await signAll(agent.wallet, agent.rail.draft(lane, chequeSeq, ceilingMicros))
  return { sessionId: lane.sessionId, chequeSeq, base: lane.base, ceilingMicros, signatures }
}

export async function debitOf(
  world: ChannelWorld,
  { agent }: Trio,
  lane: Lane,
  version: number,
  totalMicros: Micros,
): Promise<SignedDebit> {
  const tsMs = world.nowMs()
  const signatures = await signAll(agent.wallet, agent.rail.draftDebit(lane, version, totalMicros, tsMs))
  return { version, totalMicros, tsMs, signatures }
}

/** The lane that a cheque after the debit of that version (default: the next) is drawn on. */
export function afterDebit({ agent }: Trio, lane: Lane, version = lane.base + 1): Lane {
  return agent.rail.capabilities.debitMovesBase ? { ...lane, base: version } : lane
}

export async function exitOf(
  world: ChannelWorld,
  { agent, provider }: Trio,
  lane: Lane,
  totalMicros: Micros,
): Promise<Exit> {
  const tsMs = world.nowMs()
  const drafts = agent.rail.draftExit(lane, totalMicros, tsMs)
  const agentSignatures = await signAll(agent.wallet, drafts)
  const providerSignatures = await signAll(provider.wallet, drafts)
  return { sessionId: lane.sessionId, base: lane.base, totalMicros, tsMs, agentSignatures, providerSignatures }
}

export const shares = (agent: number, coordinator: number, provider: number): Reading['allocations'] => ({
  agentMicros: usd(agent),
  coordinatorMicros: usd(coordinator),
  providerMicros: usd(provider),
})

export async function balance({ rail, wallet }: Party): Promise<Micros> {
  return (await rail.holdings(wallet.address)).balanceMicros
}

/** Debits once and returns the lane after it. */
export async function debited(world: ChannelWorld, all: Trio, lane: Lane, total: Micros): Promise<Lane> {
  const { version } = await all.coordinator.rail.read(lane)
  const debit = await debitOf(world, all, lane, version + 1, total)
  const next = await all.coordinator.rail.checkpoint(
    lane,
    debit,
    await chequeOf(all, afterDebit(all, lane), 90, CAPACITY),
  )
  if (typeof next === 'string') throw new Error(`the debit was ${next}`)
  return next
}

/** Asks until the rail knows, moving the clock past every wait it has. */
export async function settle<T extends string>(world: ChannelWorld, ask: () => Promise<T>): Promise<T> {
  for (let attempt = 0; attempt < 10; attempt++) {
    const answer = await ask()
    if (answer !== 'unknown') return answer
    world.advance(30_000)
  }
  throw new Error('unknown for ever')
}

export const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))
export const code = (value: string): unknown => expect.objectContaining({ code: value })
export const run = (act: () => unknown): (() => unknown) => act
